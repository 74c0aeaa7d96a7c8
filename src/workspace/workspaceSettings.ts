// The settings of the workspace view, typed and with their units.
import * as vscode from 'vscode';
import type { TokenizerId } from '../engine/engineProtocol';
import { SETTINGS } from '../ids';

const BYTES_PER_MEGABYTE = 1_000_000;

/** Files larger than this are skipped by a scan and named. */
export function scanMaxBytes(): number {
  const megabytes = vscode.workspace.getConfiguration().get<number>(SETTINGS.scanMaxMegabytes, 20);
  return (Number.isFinite(megabytes) && megabytes > 0 ? megabytes : 20) * BYTES_PER_MEGABYTE;
}

/** Tokens the whole workspace should stay below; undefined for none (0), 'invalid' for a value that is no budget. */
export function workspaceBudget(): number | 'invalid' | undefined {
  const budget = vscode.workspace.getConfiguration().get<unknown>(SETTINGS.workspaceBudget, 0);
  if (budget === 0 || budget === undefined || budget === null) return undefined;
  return typeof budget === 'number' && Number.isInteger(budget) && budget > 0 ? budget : 'invalid';
}

/** One tokenizer for all files of a folder: totals of different tokenizers cannot be added up. */
export type TokenizerOfFolder = (folder: vscode.Uri) => TokenizerId;
