// Everywhere a count helps: model and cost in the status bar, lenses, hints and notebook cells, all in the real editor.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { COMMANDS, SETTINGS } from '../../src/ids';
import {
  closeAllEditors,
  countedTokens,
  eventually,
  lensTitles,
  openFile,
  prose,
  referenceIds,
  setSetting,
  statusShowing,
  tessera,
  tokensLabel,
  tokensOf,
} from './editorSession';

describe('the chosen model', () => {
  afterEach(async () => {
    for (const name of [SETTINGS.model, SETTINGS.models, SETTINGS.fileBudget])
      await setSetting(name, undefined);
    await closeAllEditors();
  });

  it('brings its encoding and price into the status bar', async () => {
    const text = prose.repeat(300);
    const editor = await openFile('priced.txt', text);
    await setSetting(SETTINGS.model, 'gpt-4');
    const tokens = referenceIds('cl100k_base', text).length;
    const cost = new Intl.NumberFormat('en', {
      style: 'currency',
      currency: 'USD',
      maximumFractionDigits: 3,
    }).format((tokens * 30) / 1e6);
    const shown = await statusShowing(`${tokensLabel(tokens)} · ${cost}`);
    assert.match(shown.tooltip.join('\n'), /Price of \d{4}-\d{2}-\d{2}/);
    assert.match(shown.tooltip.join('\n'), /context window of 8,192 tokens/);
    assert.equal(editor.document.getText(), text);
  });

  it('is marked as an estimate where no tokenizer is public', async () => {
    await openFile('estimated.txt', prose.repeat(50));
    await setSetting(SETTINGS.model, 'claude-sonnet-5');
    const estimate = Math.round(tokensOf(prose.repeat(50)) * 1.53);
    const { status } = await tessera();
    const shown = await eventually('an estimate', () =>
      status.shown?.text.startsWith(`≈ ${tokensLabel(estimate)}`) === true ? status.shown : undefined,
    );
    assert.match(shown.tooltip.join('\n'), /o200k_base × 1\.53/);
  });

  it('survives settings that make no sense, and says what is wrong', async () => {
    await setSetting(SETTINGS.models, [
      { id: 'gpt-4', price: { input: 'free', output: 1 } },
      { id: 'mine', tokenizer: 'gpt2', price: { input: 1, output: 1 } },
    ]);
    const { models } = await tessera();
    await eventually('the settings to be read', () =>
      models.catalogue.models.some((model) => model.id === 'mine'),
    );
    assert.equal(models.catalogue.problems.length, 1);
    assert.match(models.catalogue.problems[0] ?? '', /tessera\.models\[0\].*price\.input/);
    await setSetting(SETTINGS.model, 'no-such-model');
    const editor = await openFile('unknown-model.txt', prose);
    assert.equal(await countedTokens(editor.document), tokensOf(prose));
    // Both mistakes are told where the number stands, and nothing is counted for a model that does not exist.
    const shown = await statusShowing(`$(warning) ${tokensLabel(tokensOf(prose))}`);
    assert.match(shown.tooltip.join('\n'), /names "no-such-model", which is no known model/);
    assert.match(shown.tooltip.join('\n'), /tessera\.models\[0\].*price\.input/);
  });

  it('warns when the file is over its budget', async () => {
    await openFile('budget.txt', prose.repeat(10));
    const { status } = await tessera();
    await setSetting(SETTINGS.fileBudget, 20);
    const shown = await statusShowing(`$(warning) ${tokensLabel(tokensOf(prose.repeat(10)))}`);
    assert.match(shown.tooltip.join('\n'), /Over the file budget of 20 tokens/);
    const tokens = tokensOf(prose.repeat(10));
    await setSetting(SETTINGS.fileBudget, Math.ceil(tokens / 0.95));
    const near = await eventually('the warning near the budget', () =>
      status.shown?.tooltip.join('\n').includes('Near the file budget') === true ? status.shown : undefined,
    );
    assert.equal(near.text, `$(warning) ${tokensLabel(tokens)}`);
    await setSetting(SETTINGS.fileBudget, 0);
    await statusShowing(tokensLabel(tokens));
    await setSetting(SETTINGS.fileBudget, -3);
    await eventually(
      'the mistake to be named',
      () => status.shown?.tooltip.join('\n').includes('must be a whole number') === true,
    );
  });
});

describe('counts in the text', () => {
  afterEach(async () => {
    for (const name of [SETTINGS.lens, SETTINGS.lineHints, SETTINGS.model, SETTINGS.notebookCells])
      await setSetting(name, undefined);
    await closeAllEditors();
  });

  const lensesOf = async (uri: vscode.Uri): Promise<string[]> =>
    (await lensTitles(uri)).filter((title) => title.endsWith('tokens'));

  it('are off until a command turns them on', async () => {
    const editor = await openFile('lenses.md', '# One\ntext\n## Two\nmore text\n');
    assert.deepEqual(await lensesOf(editor.document.uri), []);
    await vscode.commands.executeCommand(COMMANDS.toggleLens);
    await eventually('lenses', async () => (await lensesOf(editor.document.uri)).length === 2);
    await vscode.commands.executeCommand(COMMANDS.toggleLens);
    await eventually('no lenses', async () => (await lensesOf(editor.document.uri)).length === 0);
  });

  it('stand above Markdown headings with the tokens of the whole section', async () => {
    const text = `# One\n${prose}## Two\n${prose}${prose}\n# Three\n`;
    const editor = await openFile('sections.md', text);
    await setSetting(SETTINGS.lens, true);
    const titles = await eventually('three lenses', async () => {
      const found = await lensesOf(editor.document.uri);
      return found.length === 3 ? found : undefined;
    });
    const sections = [
      text.slice(0, text.indexOf('# Three')),
      text.slice(text.indexOf('## Two'), text.indexOf('# Three')),
      '# Three\n',
    ];
    assert.deepEqual(
      titles,
      sections.map((section) => `${tokensOf(section)} tokens`),
    );
  });

  it('stand above the messages of a chat prompt, the chat format apart from the content', async () => {
    const messages = [
      { role: 'system', content: prose },
      { role: 'user', content: 'Hi "you"' },
    ];
    const editor = await openFile('chat.json', JSON.stringify(messages, null, 2));
    await setSetting(SETTINGS.lens, true);
    const titles = await eventually('a lens for the prompt and each message', async () => {
      const found = await lensTitles(editor.document.uri);
      return found.length === 3 ? found : undefined;
    });
    // OpenAI's format: 3 a message and 1 for the role's name, 3 for the reply.
    const [first, second] = [tokensOf(prose), tokensOf('Hi "you"')];
    assert.deepEqual(titles, [
      `Chat prompt, 2 messages: ${first + second} tokens + 11 of the chat format`,
      `system: ${first} tokens + 4 of the chat format`,
      `user: ${second} tokens + 4 of the chat format`,
    ]);
    await setSetting(SETTINGS.model, 'claude-sonnet-5');
    await eventually('no made-up overhead', async () => {
      const [summary] = await lensTitles(editor.document.uri);
      return summary === `Chat prompt, 2 messages: ≈ ${Math.round((first + second) * 1.53)} tokens`;
    });
  });

  it('stand above sections of .prompty and .prompt.md files', async () => {
    await setSetting(SETTINGS.lens, true);
    const prompty = await openFile(
      'demo.prompty',
      '---\nname: d\n---\nsystem:\nBe terse.\n\nuser:\n{{question}}\n',
    );
    await eventually('two messages', async () =>
      (await lensTitles(prompty.document.uri)).some((title) => title.startsWith('Chat prompt, 2 messages')),
    );
    const promptMd = await openFile('demo.prompt.md', '---\nmode: agent\n---\n# Goal\nDo it.\n');
    await eventually('one message and its heading', async () => {
      const titles = await lensTitles(promptMd.document.uri);
      return titles.length === 3 && titles[0]?.startsWith('Chat prompt, 1 messages') === true;
    });
  });

  it('stand above functions and long templates in code', async () => {
    const template = 'You are careful. '.repeat(12);
    const text = `def ask():\n  return """${template}"""\n`;
    // Symbols of its own: a language server that still reads the large files of other tests would be waited for.
    const symbols = vscode.languages.registerDocumentSymbolProvider(
      { language: 'python' },
      {
        provideDocumentSymbols: (document) => [
          new vscode.DocumentSymbol(
            'ask',
            '',
            vscode.SymbolKind.Function,
            document.lineAt(0).range.union(document.lineAt(1).range),
            document.lineAt(0).range,
          ),
        ],
      },
    );
    try {
      const editor = await openFile('templates.py', text);
      await setSetting(SETTINGS.lens, true);
      await eventually('a lens for the template and one for the function', async () => {
        const titles = await lensesOf(editor.document.uri);
        return titles.includes(`${tokensOf(template)} tokens`) && titles.length >= 2;
      });
    } finally {
      symbols.dispose();
    }
  });

  it('stand in the status bar of notebook cells', async () => {
    const cells = [
      new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, `# Title\n${prose}`, 'markdown'),
      new vscode.NotebookCellData(vscode.NotebookCellKind.Code, 'print("東京タワー")\n', 'python'),
    ];
    const notebook = await vscode.workspace.openNotebookDocument(
      'jupyter-notebook',
      new vscode.NotebookData(cells),
    );
    await vscode.window.showNotebookDocument(notebook);
    const { surfaces } = await tessera();
    assert.equal(await surfaces.notebookCells.itemOf(notebook.cellAt(1)), undefined);
    await vscode.commands.executeCommand(COMMANDS.toggleNotebookCells);
    const item = await surfaces.notebookCells.itemOf(notebook.cellAt(1));
    const counts = notebook.getCells().map(({ document }) => tokensOf(document.getText()));
    assert.equal(item?.text, `${counts[1]} tokens`);
    assert.match(item.tooltip as string, new RegExp(`of ${counts[0]! + counts[1]!} tokens in the cells`));
    await vscode.commands.executeCommand(COMMANDS.toggleNotebookCells);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('stand at the end of lines as hints, which add up to the document', async () => {
    const text = `${prose}\n  indented = [1, 2, 3];\n${prose}`;
    const editor = await openFile('hints.txt', text);
    await setSetting(SETTINGS.lineHints, true);
    const total = await countedTokens(editor.document);
    const everything = new vscode.Range(0, 0, editor.document.lineCount, 0);
    const hints = await eventually('hints', async () => {
      const found = await vscode.commands.executeCommand<vscode.InlayHint[]>(
        'vscode.executeInlayHintProvider',
        editor.document.uri,
        everything,
      );
      return found.length >= 3 ? found : undefined;
    });
    const sum = hints.reduce((tokens, hint) => tokens + Number(hint.label as string), 0);
    assert.ok(sum <= total && sum >= total - 2, `${sum} of ${total}`);
  });
});
