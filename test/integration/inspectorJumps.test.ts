// From the inspector to the editor: a chosen token is selected there, Escape goes back, the encoding changes, a selection is
// shown alone, and messages that the page should never send are ignored.
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS, SETTINGS } from '../../src/ids';
import { closeAllEditors, eventually, openFile, tessera } from './editorSession';
import type { PanelExchange } from '../../src/panel/inspectorPanel';
import type { PanelDocument, WebviewNotice } from '../../src/shared/panelProtocol';

type Ready = Extract<PanelDocument, { state: 'ready' }>;
const text = 'one two three four\nfive naïve 🦊 six\n';

describe('jumps from the inspector', () => {
  let exchanges: PanelExchange[] = [];
  let listener: vscode.Disposable | undefined;

  beforeEach(async () => {
    exchanges = [];
    listener = (await tessera()).inspector.onDidExchange((exchange) => exchanges.push(exchange));
  });
  afterEach(async () => {
    await vscode.workspace.getConfiguration().update(SETTINGS.encoding, undefined, true);
    await closeAllEditors();
    listener?.dispose();
  });

  const send = async (notice: WebviewNotice | object): Promise<void> =>
    (await tessera()).inspector.receive(notice);

  /** The newest document event, when it is ready and satisfies `accept`. */
  const ready = (what: string, accept: (document: Ready) => boolean = () => true): Promise<Ready> =>
    eventually(what, () => {
      const last = exchanges
        .flatMap(({ direction, message }) =>
          direction === 'posted' && message.type === 'document' ? [message.document] : [],
        )
        .at(-1);
      return last?.state === 'ready' && accept(last) ? last : undefined;
    });

  const opened = async (name: string): Promise<{ editor: vscode.TextEditor; document: Ready }> => {
    const editor = await openFile(name, text);
    await vscode.commands.executeCommand(COMMANDS.openInspector);
    return { editor, document: await ready(name, ({ file }) => file.name === name) };
  };

  it('select a token in the editor', async () => {
    const { editor, document } = await opened('jump.txt');
    await send({ type: 'reveal', generation: document.generation, index: 1, focus: false });
    await eventually('the selection', () => editor.document.getText(editor.selection) === ' two');
  });

  it('select the whole character for a token that holds a part of it', async () => {
    const { editor, document } = await opened('cut.txt');
    const selected: string[] = [];
    for (let index = 0; index < document.tokens; index++) {
      editor.selection = new vscode.Selection(0, 0, 0, 0);
      await send({ type: 'reveal', generation: document.generation, index, focus: false });
      await eventually(`token ${index}`, () => !editor.selection.isEmpty);
      selected.push(editor.document.getText(editor.selection));
    }
    assert.ok(selected.some((part) => part.includes('🦊')));
  });

  it('ignore a token of an older version', async () => {
    const { editor, document } = await opened('old.txt');
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), 'zero '));
    await ready('the new version', ({ generation }) => generation > document.generation);
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    await send({ type: 'reveal', generation: document.generation, index: 3, focus: false });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(editor.selection.isEmpty);
  });

  it('go back to the editor on Escape', async () => {
    const { editor } = await opened('back.txt');
    await vscode.commands.executeCommand('workbench.action.focusNextGroup');
    await send({ type: 'focusEditor' });
    await eventually('the editor', () => vscode.window.activeTextEditor?.document === editor.document);
  });

  it('change the encoding, and refuse one that was not offered', async () => {
    await opened('encoding.txt');
    await send({ type: 'setEncoding', encoding: 'no_such_encoding' });
    await send({ type: 'setEncoding', encoding: 'gpt2' });
    const document = await ready('gpt2', ({ encoding }) => encoding === 'gpt2');
    assert.equal(document.file.name, 'encoding.txt');
    assert.equal(vscode.workspace.getConfiguration().get(SETTINGS.encoding), 'gpt2');
  });

  it('show the tokens of a selection alone, and the whole file again', async () => {
    const { editor } = await opened('part.txt');
    editor.selection = new vscode.Selection(0, 4, 0, 13);
    await vscode.commands.executeCommand(COMMANDS.showSelectionTokens);
    const { scope } = await ready('the part', (document) => document.scope !== null);
    assert.deepEqual(scope && [scope.first, scope.last, scope.tokens], [1, 3, 2]);
    // The tokens ' two' and ' three' that the selection touches.
    assert.deepEqual(scope && [scope.characters, scope.bytes], [10, 10]);
    await send({ type: 'showWholeFile' });
    await ready('the whole', (document) => document.scope === null);
  });

  it('keep a pinned file while another is opened', async () => {
    const { document } = await opened('pinned.txt');
    await send({ type: 'setPinned', pinned: true });
    await openFile('other.txt', 'something else\n');
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal((await ready('the pinned file')).file.uri, document.file.uri);
    await send({ type: 'setPinned', pinned: false });
    await ready('the other file', ({ file }) => file.name === 'other.txt');
  });

  it('take no message that is not one of theirs', async () => {
    await opened('odd.txt');
    const before = exchanges.filter(({ direction }) => direction === 'received').length;
    for (const odd of [{ type: 'run', command: 'x' }, { type: 'reveal', index: -1 }, { type: 'setPinned' }])
      await send(odd);
    assert.equal(exchanges.filter(({ direction }) => direction === 'received').length, before);
  });
});
