// Tokens that one version of a text adds to another: the working copy of a file against git's HEAD, through the API of VS
// Code's own Git extension (https://github.com/microsoft/vscode/blob/main/extensions/git/src/api/git.d.ts), or the two
// sides of whatever diff editor is open.
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import type { TokenDiff } from '../core/analysis/tokenDiff';
import type { EngineClient } from '../engine/engineClient';

interface GitRepository {
  show(ref: string, path: string): Promise<string>;
}
interface GitApi {
  getRepository(uri: vscode.Uri): GitRepository | null;
}
interface GitExtension {
  getAPI(version: 1): GitApi;
}

export type HeadDiff =
  | {
      readonly ok: true;
      readonly diff: TokenDiff;
      /** True for a file that HEAD does not have. */
      readonly isNew: boolean;
      /** The text that the hunks are about; undefined for a file that is gone. */
      readonly document: vscode.TextDocument | undefined;
    }
  | { readonly ok: false; readonly reason: string };

/** Compares a file with HEAD; a file that HEAD does not have counts as all new, one that is gone as all removed. */
export async function headDiff(
  uri: vscode.Uri,
  engine: EngineClient,
  models: ChosenModels,
): Promise<HeadDiff> {
  const git = vscode.extensions.getExtension<GitExtension>('vscode.git');
  if (git === undefined)
    return {
      ok: false,
      reason: vscode.l10n.t('The Git extension of VS Code is turned off, or this folder is not trusted.'),
    };
  let repository: GitRepository | null;
  try {
    repository = (git.isActive ? git.exports : await git.activate()).getAPI(1).getRepository(uri);
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
  if (repository === null) return { ok: false, reason: vscode.l10n.t('This file is in no git repository.') };
  // Asked for first: a deleted file can still be open, and then has its old text.
  const document = await vscode.workspace.fs
    .stat(uri)
    .then(
      () => vscode.workspace.openTextDocument(uri),
      () => undefined,
    )
    .then(
      (opened) => opened,
      () => undefined,
    );
  const stored = await repository.show('HEAD', uri.fsPath).then(
    (text) => text,
    () => undefined,
  );
  if (document === undefined && stored === undefined)
    return { ok: false, reason: vscode.l10n.t('This file cannot be read as text.') };
  const after = document?.getText() ?? '';
  const before = stored ?? '';
  // Git gives the text as stored; a checkout with CRLF differs from it in every line without being edited.
  const sameEnds =
    after.includes('\r\n') && !before.includes('\r\n') ? before.replaceAll('\n', '\r\n') : before;
  const diff = await compare(sameEnds, after, document, engine, models);
  return diff.ok ? { ...diff, isNew: stored === undefined, document } : diff;
}

/** Compares the two sides of a diff editor, whatever they are: index, commit, another file. */
export async function sidesDiff(
  { original, modified }: vscode.TabInputTextDiff,
  engine: EngineClient,
  models: ChosenModels,
): Promise<HeadDiff> {
  try {
    const before = await vscode.workspace.openTextDocument(original);
    const document = await vscode.workspace.openTextDocument(modified);
    const diff = await compare(before.getText(), document.getText(), document, engine, models);
    return diff.ok ? { ...diff, isNew: false, document } : diff;
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function compare(
  before: string,
  after: string,
  document: vscode.TextDocument | undefined,
  engine: EngineClient,
  models: ChosenModels,
): Promise<{ ok: true; diff: TokenDiff } | { ok: false; reason: string }> {
  const open = document ?? vscode.window.activeTextEditor?.document;
  const tokenizer = open === undefined ? 'o200k_base' : models.encodingFor(open);
  const reply = await engine.request('tokenDiff', { tokenizer, before, after }, { budgetMs: 30_000 });
  return reply.ok ? { ok: true, diff: reply.value } : { ok: false, reason: reply.error.message };
}
