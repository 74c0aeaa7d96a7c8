// The token worker may die at any time: over its time budget, restarted by the user, stopped when idle. The count comes back.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/ids';
import { closeAllEditors, countedTokens, openFile, referenceIds, tessera } from './editorSession';

const text = 'The engine may be killed; the numbers must come back.\n'.repeat(50);

describe('the token engine', () => {
  afterEach(closeAllEditors);

  it('is killed when a request is over its time budget, and counts again afterwards', async () => {
    const { engine } = await tessera();
    const editor = await openFile('killed.txt', text);
    await countedTokens(editor.document);
    const generation = engine.generation;
    const reply = await engine.request(
      'countText',
      { tokenizer: 'o200k_base', text: text.repeat(4000) },
      { budgetMs: 1 },
    );
    assert.equal(reply.ok ? 'counted' : reply.error.code, 'timeout');
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), 'Again. '));
    const expected = referenceIds('o200k_base', editor.document.getText()).length;
    assert.equal(await countedTokens(editor.document), expected);
    assert.ok(engine.generation > generation, 'a new worker was started');
  });

  it('keeps its answers right across a restart by the user', async () => {
    const { documents, engine } = await tessera();
    const editor = await openFile('restarted.txt', text);
    const tokens = await countedTokens(editor.document);
    const generation = engine.generation;
    await vscode.commands.executeCommand(COMMANDS.restartEngine);
    const reply = await documents.query('tokenByIndex', editor.document, { index: tokens - 1 });
    assert.ok(reply.ok, JSON.stringify(reply));
    assert.equal(reply.value?.utf16End, text.length);
    assert.ok(engine.generation > generation, 'a new worker was started');
  });

  it('answers a request that is cancelled at once', async () => {
    const { engine } = await tessera();
    const source = new vscode.CancellationTokenSource();
    const pending = engine.request(
      'countText',
      { tokenizer: 'o200k_base', text: text.repeat(2000) },
      { cancellation: source.token },
    );
    source.cancel();
    const reply = await pending;
    assert.equal(reply.ok ? 'counted' : reply.error.code, 'cancelled');
    source.dispose();
  });
});
