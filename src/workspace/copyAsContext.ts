// "Copy as context": the chosen files and folders as one text for a prompt. The tokens of the text are shown, and the
// user agrees, before anything reaches the clipboard.
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import { contextBundle, type BundledFile } from '../core/files/contextBundle';
import { decodeFile } from '../core/files/textDetection';
import { formatMoney, modelTokenCount, requestCost } from '../core/pricing/requestCost';
import type { EngineClient } from '../engine/engineClient';
import { type TokenTreeNode, uriOf } from './tokenTreeView';
import { scanMaxBytes, type TokenizerOfFolder } from './workspaceSettings';

export interface ContextText {
  readonly text: string;
  readonly files: number;
  /** Paths that were left out: binary, too large or unreadable. */
  readonly leftOut: readonly string[];
}

/** The text of files and of all counted files below folders, in the order of their paths. */
export async function contextTextOf(nodes: readonly TokenTreeNode[]): Promise<ContextText> {
  const uris = new Map<string, vscode.Uri>();
  for (const node of nodes) {
    if (node.entry.kind === 'file') uris.set(uriOf(node).toString(), uriOf(node));
    else {
      for (const file of node.counts.tree.files()) {
        const inside = node.entry.path === '' || file.path.startsWith(`${node.entry.path}/`);
        const uri = uriOf({ counts: node.counts, entry: file });
        if (inside) uris.set(uri.toString(), uri);
      }
    }
  }
  const files: BundledFile[] = [];
  const leftOut: string[] = [];
  let room = scanMaxBytes();
  for (const uri of [...uris.values()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const path = vscode.workspace.asRelativePath(uri);
    // Unsaved changes are what the user sees, so they are what is copied.
    const key = uri.toString();
    const edited = vscode.workspace.textDocuments.find((each) => each.isDirty && each.uri.toString() === key);
    if (edited !== undefined) {
      files.push({ path, content: edited.getText() });
      continue;
    }
    try {
      const { size } = await vscode.workspace.fs.stat(uri);
      const decoded = size > room ? undefined : decodeFile(await vscode.workspace.fs.readFile(uri));
      if (decoded?.kind !== 'text') leftOut.push(path);
      else {
        room -= size;
        files.push({ path, content: decoded.text });
      }
    } catch {
      leftOut.push(path);
    }
  }
  return { text: contextBundle(files), files: files.length, leftOut };
}

export async function copyAsContext(
  nodes: readonly TokenTreeNode[],
  engine: EngineClient,
  models: ChosenModels,
  tokenizerOf: TokenizerOfFolder,
): Promise<void> {
  const [first] = nodes;
  if (first === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Choose files or folders in the Tokens view first, then copy them as context.'),
    );
    return;
  }
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const bundle = await contextTextOf(nodes);
  const folder = first.counts.folder.uri;
  const reply = await engine.request('countText', { tokenizer: tokenizerOf(folder), text: bundle.text });
  if (!reply.ok) throw new Error(reply.error.message);
  const model = models.forScope(folder);
  const count = model === undefined ? undefined : modelTokenCount(model.tokenizer, reply.value.tokens);
  const tokens = `${count?.exact === false ? '≈ ' : ''}${numbers.format(count?.tokens ?? reply.value.tokens)}`;
  const cost = model === undefined ? undefined : requestCost(model, { input: count?.tokens ?? 0 });
  const details = [
    vscode.l10n.t(
      '{0} files, {1} characters',
      numbers.format(bundle.files),
      numbers.format(reply.value.characters),
    ),
  ];
  if (cost !== undefined)
    details.push(vscode.l10n.t('{0} as input', formatMoney(cost.total, cost.currency, vscode.env.language)));
  if (bundle.leftOut.length > 0) {
    const named = bundle.leftOut.slice(0, 5).join(', ') + (bundle.leftOut.length > 5 ? ', …' : '');
    details.push(vscode.l10n.t('Left out (binary, too large or unreadable): {0}', named));
  }
  const copy = vscode.l10n.t('Copy');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('Copy {0} tokens to the clipboard?', tokens),
    { modal: true, detail: details.join('\n') },
    copy,
  );
  if (answer === copy) await vscode.env.clipboard.writeText(bundle.text);
}
