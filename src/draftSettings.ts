// The settings of drafts as the code uses them: checked, with their units; a value that makes no sense becomes the default.
import * as vscode from 'vscode';
import { DRAFT_METHODS, type DraftMethod } from './core/decoding/completeDrafts';
import { SETTINGS, type SettingId } from './ids';

export interface DraftSettings {
  readonly trigger: 'onRequest' | 'automatic';
  readonly count: number;
  readonly method: DraftMethod;
  readonly maxTokens: number;
  readonly multiLine: boolean;
  /** Weight of the document's byte n-grams beside the model's 1; 0 for the model alone. */
  readonly documentWeight: number;
}

export const MOST_DRAFTS = 16;

export function draftSettings(scope?: vscode.ConfigurationScope): DraftSettings {
  // One configuration for all of them: making it takes a good part of a millisecond.
  const configuration = vscode.workspace.getConfiguration(undefined, scope);
  const read = (setting: SettingId): unknown => configuration.get<unknown>(setting);
  const method = read(SETTINGS.draftsMethod);
  return {
    trigger: read(SETTINGS.draftsTrigger) === 'automatic' ? 'automatic' : 'onRequest',
    count: Math.round(within(read(SETTINGS.draftsCount), 3, 1, MOST_DRAFTS)),
    method: DRAFT_METHODS.find((known) => known === method) ?? 'forked',
    maxTokens: Math.round(within(read(SETTINGS.draftsMaxTokens), 24, 1, 256)),
    multiLine: read(SETTINGS.draftsMultiLine) === true,
    documentWeight: within(read(SETTINGS.draftsDocumentWeight), 0, 0, 10),
  };
}

function within(value: unknown, fallback: number, least: number, most: number): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? Math.min(most, Math.max(least, value))
    : fallback;
}
