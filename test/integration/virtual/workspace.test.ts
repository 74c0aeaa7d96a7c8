// A workspace of which no file is on disk.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { headDiff } from '../../../src/editor/headDiff';
import { COMMANDS, SETTINGS, TOOLS } from '../../../src/ids';
import { contextTextOf } from '../../../src/workspace/copyAsContext';
import {
  askToolForFacts,
  closeAllEditors,
  countedTokens,
  eventually,
  lensTitles,
  prose,
  scannedTokens,
  setSetting,
  statusShowing,
  tessera,
  tokensLabel,
  tokensOf,
} from '../editorSession';
import { MemoryFiles } from './memoryFiles';

const at = (path: string): vscode.Uri => vscode.Uri.parse(`tessera-memory:/project/${path}`);

describe('in a virtual workspace', () => {
  const files = new MemoryFiles();
  let registration: vscode.Disposable;

  before(async () => {
    files.put('/project/big.md', prose.repeat(40));
    files.put('/project/headed.md', `# Title\n${prose}`);
    files.put('/project/src/a.ts', 'export const a = 1;\n');
    files.put('/project/src/image.png', Uint8Array.of(0x89, 0x50, 0, 0));
    files.put('/project/out/built.js', prose);
    files.put('/project/.gitignore', 'out/\n');
    files.put('/project/secret/key.txt', 'x');
    files.broken.add('/project/secret');
    registration = vscode.workspace.registerFileSystemProvider('tessera-memory', files);
    await eventually('the folder of the workspace', () => vscode.workspace.workspaceFolders?.length === 1);
    assert.equal(vscode.workspace.workspaceFolders?.[0]?.uri.scheme, 'tessera-memory');
  });
  after(async () => {
    await setSetting(SETTINGS.lens, undefined);
    await closeAllEditors();
    registration.dispose();
  });

  it('open files are counted exactly, with lenses', async () => {
    const editor = await vscode.window.showTextDocument(at('big.md'));
    assert.equal(await countedTokens(editor.document), tokensOf(prose.repeat(40)));
    await statusShowing(tokensLabel(tokensOf(prose.repeat(40))));
    await vscode.window.showTextDocument(at('headed.md'));
    await setSetting(SETTINGS.lens, true);
    await eventually('a lens', async () =>
      (await lensTitles(at('headed.md'))).some((title) => title.endsWith('tokens')),
    );
  });

  it('the whole workspace is counted through the file system of the window', async () => {
    const { surfaces } = await tessera();
    await vscode.commands.executeCommand(COMMANDS.scanWorkspace);
    const [counts] = surfaces.counts.counts;
    assert.equal(counts?.state, 'complete');
    assert.equal(scannedTokens(counts, 'big.md'), tokensOf(prose.repeat(40)));
    assert.deepEqual(counts.tree.file('src/image.png')?.outcome, { kind: 'skipped', reason: 'binary' });
    assert.equal(counts.tree.file('out/built.js'), undefined);
    const secret = counts.tree.children('').find(({ name }) => name === 'secret');
    assert.ok(secret?.kind === 'file' && secret.outcome.kind === 'skipped');
    assert.equal(secret.outcome.reason, 'unreadable');
    assert.match(surfaces.tree.view.message ?? '', /not counted/);
  });

  it('a saved file is counted again', async () => {
    const { surfaces } = await tessera();
    const editor = await vscode.window.showTextDocument(at('src/a.ts'));
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), prose));
    await editor.document.save();
    await eventually(
      'the new count',
      () => scannedTokens(surfaces.counts.counts[0], 'src/a.ts') === tokensOf(editor.document.getText()),
    );
  });

  it('chosen files are bundled for a prompt', async () => {
    const { surfaces } = await tessera();
    const roots = (await surfaces.tree.provider.getChildren()) ?? [];
    const { text, files: bundled } = await contextTextOf(
      roots.filter(({ entry }) => entry.name === 'big.md'),
    );
    assert.equal(bundled, 1);
    assert.ok(text.includes(prose.repeat(40)));
  });

  it('agents may name its files, absolute and relative, and nothing else', async () => {
    const count = async (filePath: string): Promise<unknown> =>
      (await askToolForFacts(TOOLS.countTokens, { filePath }))['tokens'];
    assert.equal(await count('big.md'), tokensOf(prose.repeat(40)));
    assert.equal(await count('/project/big.md'), tokensOf(prose.repeat(40)));
    await assert.rejects(count('/etc/passwd'), /workspace/);
  });

  it('a comparison with git says that there is none', async () => {
    const { engine, models } = await tessera();
    const result = await headDiff(at('big.md'), engine, models);
    assert.equal(result.ok, false);
  });
});
