// The workspace tree in the real editor: counts, updates on save, prices, copying as context, cancelling.
import { strict as assert } from 'node:assert';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS, SETTINGS } from '../../src/ids';
import { contextTextOf } from '../../src/workspace/copyAsContext';
import {
  closeAllEditors,
  eventually,
  openFile,
  prose,
  setSetting,
  tessera,
  tokensOf,
  workspaceUri,
} from './editorSession';

describe('the workspace tree', () => {
  before(async () => {
    const files = {
      'tree/big.md': prose.repeat(40),
      'tree/src/a.ts': 'export const a = 1;\n',
      'tree/src/b.bin': '\u0000\u0001',
      'tree/ignored/x.txt': prose,
      'tree/.gitignore': 'ignored/\n',
    };
    for (const [path, content] of Object.entries(files)) {
      await vscode.workspace.fs.writeFile(workspaceUri(...path.split('/')), Buffer.from(content));
    }
    symlinkSync('.', join(workspaceUri('tree').fsPath, 'loop'));
  });
  after(async () => {
    await setSetting(SETTINGS.model, undefined);
    await vscode.workspace.fs.delete(workspaceUri('tree'), { recursive: true });
    await closeAllEditors();
  });

  it('counts files as tiktoken does, leaves ignored ones out and sorts by tokens', async () => {
    const { surfaces } = await tessera();
    await vscode.commands.executeCommand(COMMANDS.scanWorkspace);
    const [counts] = surfaces.counts.counts;
    assert.ok(counts);
    assert.equal(counts.state, 'complete');
    const outcome = counts.tree.file('tree/big.md')?.outcome;
    assert.ok(outcome?.kind === 'counted');
    assert.equal(outcome.tokens, tokensOf(prose.repeat(40)));
    assert.equal(counts.tree.file('tree/ignored/x.txt'), undefined);
    assert.deepEqual(
      counts.tree.children('tree').map((entry) => entry.name),
      ['big.md', 'src', '.gitignore'],
    );
    assert.deepEqual(counts.tree.file('tree/src/b.bin')?.outcome, { kind: 'skipped', reason: 'binary' });
    const total = counts.tree
      .children('')
      .reduce(
        (sum, entry) =>
          sum +
          (entry.kind === 'folder'
            ? entry.tokens
            : entry.outcome.kind === 'counted'
              ? entry.outcome.tokens
              : 0),
        0,
      );
    assert.equal(counts.tree.total.tokens, total);
  });

  it('updates when a file is saved, and when one is deleted', async () => {
    const { surfaces } = await tessera();
    const [counts] = surfaces.counts.counts;
    assert.ok(counts);
    const editor = await openFile('tree/src/a.ts', 'export const a = 1;\n');
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), prose));
    await editor.document.save();
    await eventually('the new count', () => {
      const outcome = counts.tree.file('tree/src/a.ts')?.outcome;
      return outcome?.kind === 'counted' && outcome.tokens === tokensOf(editor.document.getText());
    });
    const edit = new vscode.WorkspaceEdit();
    edit.deleteFile(workspaceUri('tree', 'src', 'b.bin'));
    await vscode.workspace.applyEdit(edit);
    await eventually('the file to be gone', () => counts.tree.file('tree/src/b.bin') === undefined);
  });

  it('describes its items with tokens, share and, with a model, cost', async () => {
    await setSetting(SETTINGS.model, 'gpt-5');
    const { surfaces } = await tessera();
    const { provider } = surfaces.tree;
    const roots = (await provider.getChildren()) ?? [];
    const tree = roots.find((node) => node.entry.name === 'tree');
    assert.ok(tree);
    const [biggest] = (await provider.getChildren(tree)) ?? [];
    assert.ok(biggest);
    const item = await provider.getTreeItem(biggest);
    assert.match(String(item.description), /^[\d,]+ · [\d.]+% · \$/);
    assert.match(item.accessibilityInformation?.label ?? '', /big\.md, [\d,]+ tokens/);
  });

  it('bundles chosen files into one text that counts what it says', async () => {
    const { surfaces } = await tessera();
    const roots = (await surfaces.tree.provider.getChildren()) ?? [];
    const tree = roots.filter((node) => node.entry.name === 'tree');
    const bundle = await contextTextOf(tree);
    assert.match(bundle.text, /^tree\/\.gitignore\n```/);
    assert.ok(bundle.text.includes(prose.repeat(40)));
    assert.equal(bundle.files, 3);
    const editor = await openFile('tree/src/a.ts', 'export const a = 1;\n');
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), '// not saved yet\n'));
    const edited = await contextTextOf(tree);
    assert.ok(edited.text.includes('// not saved yet'));
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('stops when cancelled and says that it is not complete', async () => {
    const { surfaces } = await tessera();
    const cancellation = new vscode.CancellationTokenSource();
    const scan = surfaces.counts.scan(() => cancellation.cancel(), cancellation.token);
    assert.equal(await scan, false);
    assert.equal(surfaces.counts.isScanning, false);
  });
});
