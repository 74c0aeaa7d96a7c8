// The settings as the code uses them: typed, with their units, read when needed so that they are never stale.
import * as vscode from 'vscode';
import type { TokenizerId } from './engine/engineProtocol';
import { SETTINGS, type SettingId } from './ids';

const BYTES_PER_MEGABYTE = 1_000_000;

/** The tokenizer chosen for a document, its language's override included. */
export function tokenizerFor(document: vscode.TextDocument): TokenizerId {
  return read(SETTINGS.encoding, 'o200k_base', document);
}

/** The tokenizer set for a folder as a whole, whatever the languages of its files, or for a file that is no document. */
export function tokenizerForFolder(folder: vscode.Uri): TokenizerId {
  return read(SETTINGS.encoding, 'o200k_base', folder);
}

export function statusBarShown(): boolean {
  return read(SETTINGS.statusBarShow, true);
}

/** UTF-16 units above which a document is estimated; the setting's megabytes are taken as one byte a unit. */
export function exactLimitUnits(): number {
  const megabytes = read<number>(SETTINGS.exactLimitMegabytes, 50);
  return (Number.isFinite(megabytes) && megabytes > 0 ? megabytes : 50) * BYTES_PER_MEGABYTE;
}

/**
 * Stores a choice of tokenizer: for one language where the document's language already has its own or `forLanguage`
 * asks for it, otherwise in the narrowest place that already has a value, user settings by default.
 */
export async function storeTokenizer(
  tokenizer: TokenizerId,
  document: vscode.TextDocument | undefined,
  forLanguage: boolean,
): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(undefined, document);
  const found = configuration.inspect<string>(SETTINGS.encoding);
  const inLanguage = forLanguage || (found?.languageIds?.includes(document?.languageId ?? '') ?? false);
  const [inFolder, inWorkspace] = inLanguage
    ? [found?.workspaceFolderLanguageValue, found?.workspaceLanguageValue]
    : [found?.workspaceFolderValue, found?.workspaceValue];
  const target =
    inFolder !== undefined
      ? vscode.ConfigurationTarget.WorkspaceFolder
      : inWorkspace !== undefined
        ? vscode.ConfigurationTarget.Workspace
        : vscode.ConfigurationTarget.Global;
  await configuration.update(SETTINGS.encoding, tokenizer, target, inLanguage);
}

/** Tokens a single file should stay below, as set; undefined for none. */
export function fileBudget(document: vscode.TextDocument): number | undefined {
  const budget = read<number>(SETTINGS.fileBudget, 0, document);
  return budget === 0 ? undefined : budget;
}

/** True when an optional surface (a lens, hints, heat, badges) is turned on for a document or folder. */
export function isOn(setting: SettingId, scope?: vscode.ConfigurationScope): boolean {
  return read(setting, false, scope);
}

/** Turns an optional surface on or off, in the place that already decides about it. */
export async function toggle(setting: SettingId): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  const target =
    configuration.inspect(setting)?.workspaceValue === undefined
      ? vscode.ConfigurationTarget.Global
      : vscode.ConfigurationTarget.Workspace;
  await configuration.update(setting, !isOn(setting), target);
}

function read<T>(setting: SettingId, fallback: T, scope?: vscode.ConfigurationScope): T {
  return vscode.workspace.getConfiguration(undefined, scope).get<T>(setting, fallback);
}
