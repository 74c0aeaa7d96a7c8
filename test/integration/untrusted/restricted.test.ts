// A folder that the user has not trusted: everything that only counts works, and nothing of the folder is run.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { headDiff } from '../../../src/editor/headDiff';
import { COMMANDS, SETTINGS, TOOLS } from '../../../src/ids';
import {
  askToolForFacts,
  closeAllEditors,
  countedTokens,
  eventually,
  lensTitles,
  openFile,
  prose,
  referenceIds,
  scannedTokens,
  setSetting,
  statusShowing,
  tessera,
  tokensLabel,
} from '../editorSession';

const text = `# You\n${prose}`;
// The folder's own settings say cl100k_base: choosing an encoding is no danger.
const tokens = referenceIds('cl100k_base', text).length;

describe('in an untrusted folder', () => {
  after(async () => {
    await setSetting(SETTINGS.lens, undefined);
    await closeAllEditors();
  });

  it('the window is in restricted mode, and Tessera runs', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    await tessera();
  });

  it('files are counted exactly, in status bar and lens', async () => {
    const editor = await openFile('prose.md', text);
    assert.equal(await countedTokens(editor.document), tokens);
    await statusShowing(tokensLabel(tokens));
    await setSetting(SETTINGS.lens, true);
    await eventually('the lens', async () =>
      (await lensTitles(editor.document.uri)).includes(`${tokens} tokens`),
    );
  });

  it('the workspace is counted', async () => {
    const { surfaces } = await tessera();
    await vscode.commands.executeCommand(COMMANDS.scanWorkspace);
    const [counts] = surfaces.counts.counts;
    assert.equal(counts?.state, 'complete');
    assert.equal(scannedTokens(counts, 'prose.md'), tokens);
  });

  it('the tools answer', async () => {
    const { tokens: answered } = await askToolForFacts(TOOLS.countTokens, { filePath: 'prose.md' });
    assert.equal(answered, tokens);
  });

  it('the comparison with git, which runs only in trusted folders, says so instead of failing', async () => {
    const { engine, models } = await tessera();
    const result = await headDiff(
      vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, 'prose.md'),
      engine,
      models,
    );
    assert.equal(result.ok, false);
    assert.ok(result.reason.length > 10);
  });
});
