// A window with two folders: the first counts with cl100k_base, the second for a model without a public tokenizer. Both
// come from the folders' own settings (scripts/integrationTests.mjs writes them).
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { COMMANDS, SETTINGS, TOOLS } from '../../../src/ids';
import {
  askToolForFacts,
  closeAllEditors,
  countedTokens,
  eventually,
  prose,
  referenceIds,
  scannedTokens,
  setSetting,
  statusShowing,
  tessera,
  tokensLabel,
} from '../editorSession';

const [small, large] = [
  referenceIds('cl100k_base', prose.repeat(3)).length,
  referenceIds('o200k_base', prose.repeat(5)).length,
];
const inFolder = (index: number, ...path: string[]): vscode.Uri => {
  const folder = vscode.workspace.workspaceFolders?.[index];
  assert.ok(folder, `folder ${index}`);
  return vscode.Uri.joinPath(folder.uri, ...path);
};

describe('in a window with two folders', () => {
  before(async () => {
    await vscode.workspace.fs.writeFile(inFolder(0, 'a.txt'), Buffer.from(prose.repeat(3)));
    await vscode.workspace.fs.writeFile(inFolder(1, 'b.txt'), Buffer.from(prose.repeat(5)));
  });
  after(async () => {
    await setSetting(SETTINGS.workspaceBudget, undefined);
    await closeAllEditors();
  });

  it('each file is counted by the settings of its folder', async () => {
    const first = await vscode.window.showTextDocument(inFolder(0, 'a.txt'));
    assert.equal(await countedTokens(first.document), small);
    await statusShowing(tokensLabel(small));
    await vscode.window.showTextDocument(inFolder(1, 'b.txt'));
    const { status } = await tessera();
    const estimate = tokensLabel(Math.round(large * 1.53));
    await eventually('the estimate', () => status.shown?.text.startsWith(`≈ ${estimate}`));
  });

  it('the tree shows both folders and adds up no tokens of different tokenizers', async () => {
    const { surfaces } = await tessera();
    await vscode.commands.executeCommand(COMMANDS.scanWorkspace);
    assert.deepEqual(
      surfaces.counts.counts.map(({ state, tokenizer }) => [state, tokenizer]),
      [
        ['complete', 'cl100k_base'],
        ['complete', 'o200k_base'],
      ],
    );
    const [first, second] = surfaces.counts.counts;
    assert.deepEqual([scannedTokens(first, 'a.txt'), scannedTokens(second, 'b.txt')], [small, large]);
    const roots = (await surfaces.tree.provider.getChildren()) ?? [];
    assert.deepEqual(
      roots.map(({ entry }) => entry.name),
      ['first', 'second'],
    );
    assert.match(surfaces.tree.view.message ?? '', /different tokenizers/);
    const item = await surfaces.tree.provider.getTreeItem(roots[1]!);
    assert.match(String(item.description), /^≈ /);
  });

  it('a saved file of the second folder is counted again', async () => {
    const { surfaces } = await tessera();
    const editor = await vscode.window.showTextDocument(inFolder(1, 'b.txt'));
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), prose));
    await editor.document.save();
    const expected = referenceIds('o200k_base', editor.document.getText()).length;
    await eventually('the new count', () => scannedTokens(surfaces.counts.counts[1], 'b.txt') === expected);
  });

  it('agents may name files of either folder', async () => {
    const encodingOf = async (filePath: string): Promise<unknown> =>
      (await askToolForFacts(TOOLS.countTokens, { filePath }))['encoding'];
    assert.equal(await encodingOf(inFolder(0, 'a.txt').fsPath), 'cl100k_base');
    assert.equal(await encodingOf('b.txt'), 'o200k_base');
  });

  it('a budget for the workspace that makes no sense is named, one that is passed warns', async () => {
    const { surfaces } = await tessera();
    await setSetting(SETTINGS.workspaceBudget, 1.5);
    await eventually('the mistake to be named', () =>
      /must be a whole number/.test(surfaces.tree.view.message ?? ''),
    );
    await setSetting(SETTINGS.workspaceBudget, 10);
    await eventually('the warning', () => surfaces.tree.view.badge?.value === 1);
    await setSetting(SETTINGS.workspaceBudget, 0);
    await eventually('no warning', () => surfaces.tree.view.badge === undefined);
  });
});
