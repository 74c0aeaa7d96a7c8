// The settings of the local model as the code uses them: checked, with their units. A value that makes no sense is replaced
// by the default, because a completion that fails for a typo in the settings helps nobody.
import { isAbsolute, join } from 'node:path';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { SETTINGS, type SettingId } from './ids';

/** What answers: the model in the box, a folder of the user's, or a server. */
export type ModelChoice =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'server'; readonly url: string; readonly model: string };

export interface RunSettings {
  readonly runtime: 'auto' | 'native' | 'wasm';
  readonly threads: number;
  readonly memoryBudgetMb: number;
}

const DEFAULT_HUB = 'https://huggingface.co';

/** The chosen model. A folder or server that is chosen but not named falls back to the model in the box. */
export function modelChoice(): ModelChoice {
  const use = read<unknown>(SETTINGS.localModelUse, 'embedded');
  const path = text(SETTINGS.localModelPath);
  if (use === 'folder' && path !== '') return { kind: 'folder', path: absolute(path) };
  const server = use === 'server' ? rememberedServer() : undefined;
  return server ?? { kind: 'embedded' };
}

/** The server in the settings, chosen or not. */
export function rememberedServer(): Extract<ModelChoice, { kind: 'server' }> | undefined {
  const url = text(SETTINGS.localModelServerUrl);
  return url === '' ? undefined : { kind: 'server', url, model: text(SETTINGS.localModelServerModel) };
}

export function runSettings(): RunSettings {
  const runtime = read<unknown>(SETTINGS.localModelRuntime, 'auto');
  return {
    runtime: runtime === 'native' || runtime === 'wasm' ? runtime : 'auto',
    threads: Math.round(within(SETTINGS.localModelThreads, 0, 0, 64)),
    memoryBudgetMb: within(SETTINGS.localModelMemory, 4096, 64, 1_000_000),
  };
}

/** Folder of the model that votes beside the chosen one in drafts; undefined when there is none. */
export function secondModelFolder(): string | undefined {
  const path = text(SETTINGS.draftsSecondModel);
  return path === '' ? undefined : absolute(path);
}

/** Base address of the hub that models are downloaded from. */
export function hubAddress(): string {
  return text(SETTINGS.localModelHub) || DEFAULT_HUB;
}

/** Stores a choice in the user's settings, where machine settings live; nothing of it can come from a workspace. */
export async function storeModelChoice(choice: ModelChoice): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  const store = (setting: SettingId, value: string): Thenable<void> =>
    configuration.update(setting, value, vscode.ConfigurationTarget.Global);
  // The details first: `use` then switches to something complete.
  if (choice.kind === 'folder') await store(SETTINGS.localModelPath, choice.path);
  if (choice.kind === 'server') {
    await store(SETTINGS.localModelServerUrl, choice.url);
    await store(SETTINGS.localModelServerModel, choice.model);
  }
  await store(SETTINGS.localModelUse, choice.kind);
}

function absolute(path: string): string {
  if (path === '~' || path.startsWith('~/') || path.startsWith('~\\')) return join(homedir(), path.slice(1));
  return isAbsolute(path) ? path : join(homedir(), path);
}

function within(setting: SettingId, fallback: number, lowest: number, highest: number): number {
  const value = read<unknown>(setting, fallback);
  return typeof value === 'number' && value >= lowest && value <= highest ? value : fallback;
}

function text(setting: SettingId): string {
  const value = read<unknown>(setting, '');
  return typeof value === 'string' ? value.trim() : '';
}

function read<T>(setting: SettingId, fallback: T): T {
  return vscode.workspace.getConfiguration().get<T>(setting, fallback);
}
