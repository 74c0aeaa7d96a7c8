// The language-model tools as an agent calls them, through vscode.lm.invokeTool.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { TOOLS } from '../../src/ids';
import { askToolForFacts, openFile, prose, referenceIds, tokensOf } from './editorSession';

describe('the tools for agents', () => {
  it('count a text exactly', async () => {
    const result = await askToolForFacts(TOOLS.countTokens, { text: prose, encoding: 'cl100k_base' });
    assert.equal(result['tokens'], referenceIds('cl100k_base', prose).length);
    assert.equal(result['exact'], true);
  });

  it('count an open file with its unsaved text, and price it', async () => {
    const editor = await openFile('agent.txt', prose);
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), 'unsaved '));
    const result = await askToolForFacts(TOOLS.countTokens, { filePath: 'agent.txt', model: 'gpt-5' });
    const tokens = tokensOf(editor.document.getText());
    assert.equal(result['tokens'], tokens);
    assert.ok(Math.abs(Number(result['inputCost']) - (tokens * 1.25) / 1e6) < 1e-12);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('compare tokenizers', async () => {
    const result = await askToolForFacts(TOOLS.compareTokenizers, {
      text: prose,
      encodings: ['o200k_base', 'gpt2'],
    });
    const rows = result['tokenizers'] as { tokenizer: string; tokens: number }[];
    assert.deepEqual(
      rows.map((row) => row.tokens),
      [tokensOf(prose), referenceIds('gpt2', prose).length],
    );
  });

  it('say what to send when the input is wrong', async () => {
    await assert.rejects(askToolForFacts(TOOLS.countTokens, {}), /text.*filePath/);
    await assert.rejects(askToolForFacts(TOOLS.countTokens, { text: 'x', model: 'gpt5' }), /gpt-5/);
    await assert.rejects(askToolForFacts(TOOLS.countTokens, { filePath: '/etc/passwd' }), /workspace/);
    await assert.rejects(askToolForFacts(TOOLS.countTokens, { filePath: '../../etc/passwd' }), /workspace/);
    await assert.rejects(
      askToolForFacts(TOOLS.countTokens, { filePath: 'no-such-file.txt' }),
      /no-such-file\.txt/,
    );
    await assert.rejects(askToolForFacts(TOOLS.countTokens, { text: 5 }), /"text" must be a string/);
    await assert.rejects(
      askToolForFacts(TOOLS.countTokens, { text: 'x', encoding: 'cl200k' }),
      /Use one of: .*o200k_base/,
    );
    await assert.rejects(askToolForFacts(TOOLS.compareTokenizers, { text: 'x', encodings: 'gpt2' }), /list/);
    await assert.rejects(askToolForFacts(TOOLS.compareTokenizers, { text: 'x', encodings: [] }), /empty/);
    await assert.rejects(
      askToolForFacts(TOOLS.compareTokenizers, { text: 'x', encodings: [7] }),
      /Unknown encoding "7"/,
    );
  });

  it('leave out what the caller has no room for', async () => {
    const ask = async (tokenBudget: number): Promise<string> => {
      const result = await vscode.lm.invokeTool(TOOLS.compareTokenizers, {
        input: { text: prose, encodings: ['o200k_base', 'gpt2'] },
        toolInvocationToken: undefined,
        tokenizationOptions: { tokenBudget, countTokens: (text) => Promise.resolve(text.length) },
      });
      const [part] = result.content;
      assert.ok(part instanceof vscode.LanguageModelTextPart);
      return part.value;
    };
    assert.match(await ask(100_000), /mostDifferentLines/);
    assert.doesNotMatch(await ask(100), /mostDifferentLines/);
  });
});
