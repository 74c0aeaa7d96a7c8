// A folder that the user has not trusted: everything that only counts works, and nothing of the folder is run.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { headDiff } from '../../../src/editor/headDiff';
import { COMMANDS, SETTINGS, TOOLS } from '../../../src/ids';
import {
  closeAllEditors,
  countedTokens,
  eventually,
  openFile,
  referenceIds,
  setSetting,
  statusShowing,
  tessera,
  tokensLabel,
} from '../editorSession';

const prose = '# You\nYou are a helpful assistant. Naïve café, 東京タワー and 1,234.5 tokens.\n';
// The folder's own settings say cl100k_base: choosing an encoding is no danger.
const tokens = referenceIds('cl100k_base', prose).length;

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
    const editor = await openFile('prose.md', prose);
    assert.equal(await countedTokens(editor.document), tokens);
    await statusShowing(tokensLabel(tokens));
    await setSetting(SETTINGS.lens, true);
    await eventually('the lens', async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        editor.document.uri,
        10,
      );
      return lenses.some(({ command }) => command?.title === `${tokens} tokens`);
    });
  });

  it('the workspace is counted', async () => {
    const { surfaces } = await tessera();
    await vscode.commands.executeCommand(COMMANDS.scanWorkspace);
    const [counts] = surfaces.counts.counts;
    assert.equal(counts?.state, 'complete');
    const outcome = counts.tree.file('prose.md')?.outcome;
    assert.ok(outcome?.kind === 'counted');
    assert.equal(outcome.tokens, tokens);
  });

  it('the tools answer', async () => {
    const { content } = await vscode.lm.invokeTool(TOOLS.countTokens, {
      input: { filePath: 'prose.md' },
      toolInvocationToken: undefined,
    });
    const [part] = content;
    assert.ok(part instanceof vscode.LanguageModelTextPart);
    assert.equal((JSON.parse(part.value) as { readonly tokens: number }).tokens, tokens);
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
