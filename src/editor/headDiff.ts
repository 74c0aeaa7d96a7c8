// Tokens that the working copy of a file adds to and removes from its version in git's HEAD, through the API of VS
// Code's own Git extension (https://github.com/microsoft/vscode/blob/main/extensions/git/src/api/git.d.ts).
import * as vscode from 'vscode';
import type { EngineClient } from '../engine/engineClient';
import type { TokenDiff } from '../core/analysis/tokenDiff';
import type { ChosenModels } from '../chosenModel';

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
  | { readonly ok: true; readonly diff: TokenDiff; readonly isNew: boolean }
  | { readonly ok: false; readonly reason: string };

/** Compares a file with HEAD; a file that HEAD does not have counts as all new. */
export async function headDiff(
  uri: vscode.Uri,
  engine: EngineClient,
  models: ChosenModels,
): Promise<HeadDiff> {
  const git = vscode.extensions.getExtension<GitExtension>('vscode.git');
  if (git === undefined)
    return { ok: false, reason: vscode.l10n.t('The Git extension of VS Code is turned off.') };
  const api = (git.isActive ? git.exports : await git.activate()).getAPI(1);
  const repository = api.getRepository(uri);
  if (repository === null) return { ok: false, reason: vscode.l10n.t('This file is in no git repository.') };
  const document = await vscode.workspace.openTextDocument(uri);
  let before = '';
  let isNew = false;
  try {
    before = await repository.show('HEAD', uri.fsPath);
  } catch {
    isNew = true;
  }
  const after = document.getText();
  // Git gives the text as stored; a checkout with CRLF differs from it in every line without being edited.
  const stored =
    after.includes('\r\n') && !before.includes('\r\n') ? before.replaceAll('\n', '\r\n') : before;
  const reply = await engine.request('tokenDiff', {
    tokenizer: models.encodingFor(document),
    before: stored,
    after,
  });
  return reply.ok ? { ok: true, diff: reply.value, isNew } : { ok: false, reason: reply.error.message };
}

/** The command: tells the user about the active editor, or about the resource of the source control view. */
export async function showHeadDiff(
  engine: EngineClient,
  models: ChosenModels,
  resource: unknown,
): Promise<void> {
  const fromView = (resource as { resourceUri?: vscode.Uri } | undefined)?.resourceUri;
  const uri = fromView ?? vscode.window.activeTextEditor?.document.uri;
  if (uri === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Open a file first: it is compared with its version in git.'),
    );
    return;
  }
  const result = await headDiff(uri, engine, models);
  if (!result.ok) {
    void vscode.window.showInformationMessage(result.reason);
    return;
  }
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const { added, removed, before, after, method } = result.diff;
  const name = vscode.workspace.asRelativePath(uri);
  const change = vscode.l10n.t(
    '{0}: {1} tokens added, {2} removed since HEAD ({3} → {4}).',
    name,
    numbers.format(added),
    numbers.format(removed),
    numbers.format(before),
    numbers.format(after),
  );
  const bounds =
    method === 'bounds'
      ? ` ${vscode.l10n.t('The texts differ too much for a shortest edit; the net change is exact.')}`
      : '';
  const opened = vscode.l10n.t('Open Changes');
  const answer = await vscode.window.showInformationMessage(
    change + bounds,
    ...(result.isNew ? [] : [opened]),
  );
  if (answer === opened) await vscode.commands.executeCommand('git.openChange', uri);
}
