// Reports on a document in the real editor: tokens changed since HEAD or between two sides, and where tokens go.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import * as vscode from 'vscode';
import { diffTexts } from '../../src/editor/diffPick';
import { headDiff, sidesDiff } from '../../src/editor/headDiff';
import { wasteItems } from '../../src/editor/wastePick';
import {
  closeAllEditors,
  eventually,
  openFile,
  prose,
  tessera,
  tokensOf,
  workspaceUri,
} from './editorSession';

describe('changes since HEAD', () => {
  it('are counted in tokens through the Git extension', async function () {
    const folder = workspaceUri('repository').fsPath;
    mkdirSync(folder, { recursive: true });
    const git = (...args: string[]): void => {
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.test', ...args], { cwd: folder });
    };
    git('init', '-q');
    await vscode.workspace.fs.writeFile(workspaceUri('repository', 'a.txt'), Buffer.from('one two three\n'));
    git('add', '.');
    git('commit', '-qm', 'first');
    await vscode.workspace.fs.writeFile(
      workspaceUri('repository', 'a.txt'),
      Buffer.from('one two more three\n'),
    );
    const uri = workspaceUri('repository', 'a.txt');
    const extension = vscode.extensions.getExtension<{
      getAPI(version: 1): { openRepository?(root: vscode.Uri): Promise<unknown> };
    }>('vscode.git');
    assert.ok(extension, 'the Git extension');
    const api = (await extension.activate()).getAPI(1);
    await api.openRepository?.(vscode.Uri.file(folder));
    const { engine, models } = await tessera();
    const result = await headDiff(uri, engine, models);
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual([result.diff.added, result.diff.removed], [1, 0]);
    const { title, items } = diffTexts('a.txt', 'HEAD', result.diff);
    assert.equal(title, 'a.txt: +1 −0 tokens since HEAD (4 → 5)');
    assert.deepEqual(items, [{ label: '+1 −0', description: 'line 1', detail: 'more', start: 7, end: 12 }]);
    const outside = await headDiff(vscode.Uri.file('/etc/hostname'), engine, models);
    assert.equal(outside.ok, false);
    await vscode.workspace.fs.delete(uri);
    const gone = await headDiff(uri, engine, models);
    assert.ok(gone.ok, JSON.stringify(gone));
    assert.deepEqual([gone.diff.added, gone.diff.removed], [0, 4]);
  });

  it('are counted between the two sides of an open diff editor', async () => {
    await openFile('left.txt', prose);
    await openFile('right.txt', `${prose}one more line\n`);
    await vscode.commands.executeCommand('vscode.diff', workspaceUri('left.txt'), workspaceUri('right.txt'));
    const input = await eventually('the diff editor', () => {
      const tab = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return tab instanceof vscode.TabInputTextDiff ? tab : undefined;
    });
    const { engine, models } = await tessera();
    const result = await sidesDiff(input, engine, models);
    assert.ok(result.ok, JSON.stringify(result));
    assert.equal(
      result.diff.added - result.diff.removed,
      tokensOf(`${prose}one more line\n`) - tokensOf(prose),
    );
    await closeAllEditors();
  });
});

describe('where tokens go', () => {
  it('is a list of shares and of places to jump to', async () => {
    const line = 'You must answer politely and briefly.\n';
    const text = `${line}x\n${line}antidisestablishmentarianism 𐎠\n`;
    const editor = await openFile('waste.txt', text);
    const { engine } = await tessera();
    const reply = await engine.request('wasteReport', { tokenizer: 'o200k_base', text });
    assert.ok(reply.ok);
    const { document } = editor;
    const items = wasteItems(reply.value, {
      lineStart: (number) => document.offsetAt(new vscode.Position(number, 0)),
      lineOf: (offset) => document.positionAt(offset).line,
      slice: (start, end) => document.getText().slice(start, end),
    });
    const repeated = items.find(({ label }) => label === line.trim());
    assert.equal(repeated?.start, text.lastIndexOf(line));
    assert.match(repeated.description ?? '', /^2 times, \d+ tokens repeated · line 3$/);
    const word = items.find(({ label }) => label === 'antidisestablishmentarianism');
    assert.equal(text.slice(word?.start, word?.end), 'antidisestablishmentarianism');
    assert.ok(
      items.some(({ label, description }) => label === '𐎠' && /part of a character/.test(description ?? '')),
    );
  });
});
