// The inspector panel: opens beside the editor, its page comes alive, asks for tokens and gets them, and follows the editor.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { COMMANDS, VIEWS } from '../../src/ids';
import type { PanelDocument } from '../../src/shared/panelProtocol';
import type { PanelExchange } from '../../src/panel/inspectorPanel';
import { closeAllEditors, eventually, openFile, referenceIds, tessera, workspaceUri } from './editorSession';

const text = 'The inspector shows every token of this file: naïve, 東京, 👩🏽‍🚀.\n'.repeat(40);

const panelTab = (): vscode.Tab | undefined =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .find(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(VIEWS.inspector));

describe('the inspector panel', () => {
  let exchanges: PanelExchange[] = [];
  let listener: vscode.Disposable | undefined;

  beforeEach(async () => {
    exchanges = [];
    listener = (await tessera()).inspector.onDidExchange((exchange) => exchanges.push(exchange));
  });
  afterEach(async () => {
    await closeAllEditors();
    listener?.dispose();
  });

  const received = (type: string) =>
    exchanges.filter(({ direction, message }) => direction === 'received' && message.type === type);

  /** The newest document the panel was told about, when it satisfies `accept`. */
  const shownDocument = (what: string, accept: (document: PanelDocument) => boolean) =>
    eventually(what, () => {
      const documents = exchanges.flatMap((exchange) =>
        exchange.direction === 'posted' && exchange.message.type === 'document'
          ? [exchange.message.document]
          : [],
      );
      const last = documents.at(-1);
      return last !== undefined && accept(last) ? last : undefined;
    });
  const ready = (name: string, content: string) =>
    shownDocument(
      `${name} in the panel`,
      (document) =>
        document.state === 'ready' &&
        document.file.name === name &&
        document.tokens === referenceIds('o200k_base', content).length,
    );

  it('opens beside the editor and shows the totals of the file', async () => {
    const editor = await openFile('inspected.txt', text);
    await vscode.commands.executeCommand(COMMANDS.openInspector);
    const shown = await ready('inspected.txt', text);
    assert.ok(shown.state === 'ready');
    assert.equal(shown.bytes, Buffer.byteLength(text));
    assert.equal(shown.characters, Array.from(text).length);
    assert.equal(shown.exactness, 'exact');
    assert.notEqual(panelTab()?.group.viewColumn, editor.viewColumn);
  });

  it('answers the page that asks for its tokens with the ids of the reference', async () => {
    await openFile('paged.txt', text);
    await vscode.commands.executeCommand(COMMANDS.openInspector);
    await ready('paged.txt', text);
    const page = await eventually('a page of tokens', () => {
      const reply = exchanges.flatMap((exchange) =>
        exchange.direction === 'posted' && exchange.message.type === 'reply' && exchange.message.reply.ok
          ? [exchange.message.reply.result]
          : [],
      );
      return reply.find(
        (result): result is { first: number; ids: Uint32Array } =>
          typeof result === 'object' && result !== null && 'ids' in result && 'first' in result,
      );
    });
    const expected = referenceIds('o200k_base', text).subarray(page.first, page.first + page.ids.length);
    assert.ok(page.ids.length > 0);
    assert.deepEqual([...page.ids], [...expected]);
  });

  it('follows the active editor and its edits', async () => {
    await openFile('one.txt', text);
    await vscode.commands.executeCommand(COMMANDS.openInspector);
    await ready('one.txt', text);
    const editor = await openFile('two.txt', 'only these five words\n');
    await ready('two.txt', 'only these five words\n');
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), 'not '));
    await ready('two.txt', 'not only these five words\n');
  });

  it('tells the page which tokens the selection covers', async () => {
    const editor = await openFile('cursor.txt', 'one two three four\n');
    await vscode.commands.executeCommand(COMMANDS.openInspector);
    await ready('cursor.txt', 'one two three four\n');
    editor.selection = new vscode.Selection(0, 4, 0, 13);
    await eventually('the selected tokens', () =>
      exchanges.some(({ message }) => message.type === 'cursor' && message.first <= 1 && message.last === 3),
    );
  });

  it('comes back with its content after it was hidden', async () => {
    const editor = await openFile('hidden.txt', text);
    await vscode.commands.executeCommand(COMMANDS.openInspector);
    await ready('hidden.txt', text);
    const beside = panelTab()?.group.viewColumn ?? vscode.ViewColumn.Two;
    const other = await vscode.workspace.openTextDocument(workspaceUri('inspected.txt'));
    await vscode.window.showTextDocument(other, { viewColumn: beside, preview: false });
    await vscode.window.showTextDocument(editor.document, editor.viewColumn);
    exchanges = [];
    await vscode.commands.executeCommand(COMMANDS.openInspector);
    await eventually('the page to be ready again', () => received('ready').length > 0);
    await ready('hidden.txt', text);
  });

  it('is one panel however often it is opened, and closes', async () => {
    await openFile('single.txt', text);
    await vscode.commands.executeCommand(COMMANDS.openInspector);
    await vscode.commands.executeCommand(COMMANDS.openInspector);
    await ready('single.txt', text);
    const panels = vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .filter(({ input }) => input instanceof vscode.TabInputWebview);
    assert.equal(panels.length, 1);
    await closeAllEditors();
    assert.equal(panelTab(), undefined);
  });
});
