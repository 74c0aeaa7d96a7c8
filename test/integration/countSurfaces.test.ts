// Everywhere a count helps: model and cost in the status bar, lenses, hints, the workspace tree, badges, reports, the
// comparison with git's HEAD and the tools for agents, all in the real editor.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { diffTexts } from '../../src/editor/diffPick';
import { headDiff, sidesDiff } from '../../src/editor/headDiff';
import { wasteItems } from '../../src/editor/wastePick';
import { COMMANDS, SETTINGS, TOOLS } from '../../src/ids';
import { contextTextOf } from '../../src/workspace/copyAsContext';
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
  workspaceUri,
} from './editorSession';

const prose = 'You are a helpful assistant. Naïve café, 東京タワー and 1,234.5 tokens.\n';
const tokensOf = (text: string): number => referenceIds('o200k_base', text).length;

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

  const allTitles = async (uri: vscode.Uri): Promise<string[]> => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      uri,
      100,
    );
    return lenses.map((lens) => lens.command?.title ?? '').filter((title) => title.includes('tokens'));
  };
  const lensesOf = async (uri: vscode.Uri): Promise<string[]> =>
    (await allTitles(uri)).filter((title) => title.endsWith('tokens'));

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
      const found = await allTitles(editor.document.uri);
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
      const [summary] = await allTitles(editor.document.uri);
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
      (await allTitles(prompty.document.uri)).some((title) => title.startsWith('Chat prompt, 2 messages')),
    );
    const promptMd = await openFile('demo.prompt.md', '---\nmode: agent\n---\n# Goal\nDo it.\n');
    await eventually('one message and its heading', async () => {
      const titles = await allTitles(promptMd.document.uri);
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

describe('the tools for agents', () => {
  const invoke = async (name: string, input: object): Promise<Record<string, unknown>> => {
    const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
    const [part] = result.content;
    assert.ok(part instanceof vscode.LanguageModelTextPart);
    return JSON.parse(part.value) as Record<string, unknown>;
  };

  it('count a text exactly', async () => {
    const result = await invoke(TOOLS.countTokens, { text: prose, encoding: 'cl100k_base' });
    assert.equal(result['tokens'], referenceIds('cl100k_base', prose).length);
    assert.equal(result['exact'], true);
  });

  it('count an open file with its unsaved text, and price it', async () => {
    const editor = await openFile('agent.txt', prose);
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), 'unsaved '));
    const result = await invoke(TOOLS.countTokens, { filePath: 'agent.txt', model: 'gpt-5' });
    const tokens = tokensOf(editor.document.getText());
    assert.equal(result['tokens'], tokens);
    assert.ok(Math.abs(Number(result['inputCost']) - (tokens * 1.25) / 1e6) < 1e-12);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('compare tokenizers', async () => {
    const result = await invoke(TOOLS.compareTokenizers, { text: prose, encodings: ['o200k_base', 'gpt2'] });
    const rows = result['tokenizers'] as { tokenizer: string; tokens: number }[];
    assert.deepEqual(
      rows.map((row) => row.tokens),
      [tokensOf(prose), referenceIds('gpt2', prose).length],
    );
  });

  it('say what to send when the input is wrong', async () => {
    await assert.rejects(invoke(TOOLS.countTokens, {}), /text.*filePath/);
    await assert.rejects(invoke(TOOLS.countTokens, { text: 'x', model: 'gpt5' }), /gpt-5/);
    await assert.rejects(invoke(TOOLS.countTokens, { filePath: '/etc/passwd' }), /workspace/);
    await assert.rejects(invoke(TOOLS.countTokens, { filePath: '../../etc/passwd' }), /workspace/);
    await assert.rejects(invoke(TOOLS.countTokens, { filePath: 'no-such-file.txt' }), /no-such-file\.txt/);
    await assert.rejects(invoke(TOOLS.countTokens, { text: 5 }), /"text" must be a string/);
    await assert.rejects(
      invoke(TOOLS.countTokens, { text: 'x', encoding: 'cl200k' }),
      /Use one of: .*o200k_base/,
    );
    await assert.rejects(invoke(TOOLS.compareTokenizers, { text: 'x', encodings: 'gpt2' }), /list/);
    await assert.rejects(invoke(TOOLS.compareTokenizers, { text: 'x', encodings: [] }), /empty/);
    await assert.rejects(
      invoke(TOOLS.compareTokenizers, { text: 'x', encodings: [7] }),
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
