// Drafts in the real editor with the model in the box: what the user sees of them is the text that the document has after
// accepting; VS Code tells extensions nothing else about ghost text.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { closeAllEditors, eventually, openFile, tessera, workspaceUri } from './editorSession';

const HEAD = 'export function totalLength(items: string[]): number {\n  let total = 0;\n';
const CODE = `${HEAD}  for (const item of items) {\n    total += item.len`;
const REST = ';\n  }\n  return total;\n}\n';
const set = (name: string, value: unknown): Thenable<void> =>
  vscode.workspace.getConfiguration('tessera.drafts').update(name, value, vscode.ConfigurationTarget.Global);
const run = (command: string): Thenable<unknown> =>
  vscode.commands.executeCommand(`editor.action.inlineSuggest.${command}`);
const type = (text: string): Thenable<unknown> => vscode.commands.executeCommand('type', { text });

/** Opens a document with the cursor where `prefix` ends. */
async function at(name: string, prefix: string, suffix = ''): Promise<vscode.TextEditor> {
  const editor = await openFile(name, prefix + suffix);
  const position = editor.document.positionAt(prefix.length);
  editor.selection = new vscode.Selection(position, position);
  return editor;
}

/** What the provider offers at the cursor, as VS Code asks it. */
async function offered(
  editor: vscode.TextEditor,
  trigger = vscode.InlineCompletionTriggerKind.Invoke,
  selected?: vscode.SelectedCompletionInfo,
): Promise<vscode.InlineCompletionItem[]> {
  const { drafts } = await tessera();
  const source = new vscode.CancellationTokenSource();
  const context = { triggerKind: trigger, selectedCompletionInfo: selected };
  const { document, selection } = editor;
  return await drafts.completions.provideInlineCompletionItems(
    document,
    selection.active,
    context,
    source.token,
  );
}

const texts = (items: readonly vscode.InlineCompletionItem[]): string[] =>
  items.map(({ insertText }) => (typeof insertText === 'string' ? insertText : insertText.value));

/** Asks for drafts and waits until VS Code has the answer: from then on accepting inserts it. */
async function requested(editor: vscode.TextEditor): Promise<string[]> {
  await offered(editor);
  await vscode.commands.executeCommand('tessera.showDrafts');
  const items = await offered(editor);
  assert.ok(items.length > 0, 'no draft came');
  return texts(items);
}

/** Accepts with `command` until the text has changed: ghost text is on the screen a moment after it was asked for. */
async function accepted(editor: vscode.TextEditor, command: string): Promise<string> {
  const before = editor.document.getText();
  return await eventually(`an edit by ${command}`, async () => {
    await run(command);
    const after = editor.document.getText();
    return after !== before && after;
  });
}

describe('drafts in the editor', function () {
  this.timeout(120_000);
  afterEach(async () => {
    for (const name of ['trigger', 'count', 'method', 'multiLine', 'documentWeight'])
      await set(name, undefined);
    await closeAllEditors();
  });

  it('accepts the first draft whole, at the end of the word the cursor stands in', async () => {
    const editor = await at('accept.ts', CODE, REST);
    const [first] = await requested(editor);
    assert.ok(first!.startsWith('length'), first);
    assert.equal(await accepted(editor, 'commit'), CODE.slice(0, -3) + first! + REST);
  });

  it('offers all drafts on request, each text once, and one while typing, in the same order', async () => {
    await set('trigger', 'automatic');
    const editor = await at('order.ts', `${HEAD}  for (const item of `, REST);
    const one = texts(await offered(editor, vscode.InlineCompletionTriggerKind.Automatic));
    const all = texts(await offered(editor));
    assert.equal(one.length, 1);
    assert.ok(all.length > 1 && all.length <= 3, String(all.length));
    assert.equal(new Set(all).size, all.length);
    assert.equal(all[0], one[0]);
  });

  it('cycles to the second draft', async () => {
    const editor = await at('cycle.ts', `${HEAD}  for (const item of `, REST);
    const [first, second] = await requested(editor);
    await eventually('the second draft in the document', async () => {
      await run('showNext');
      await run('commit');
      const inserted = editor.document.getText().slice(`${HEAD}  for (const item of `.length, -REST.length);
      if (inserted === '') return false;
      assert.notEqual(second, undefined);
      assert.ok(inserted === second || inserted === first, inserted);
      if (inserted === second) return true;
      // Committed before the next one was shown: once more.
      await vscode.commands.executeCommand('undo');
      await vscode.commands.executeCommand('tessera.showDrafts');
      return false;
    });
  });

  it('keeps the draft while it is typed and asks no model for the rest', async () => {
    const editor = await at('typed.ts', CODE, REST);
    const [first] = await requested(editor);
    const { localModel } = await tessera();
    const { drafts } = await tessera();
    let asked = 0;
    const listening = drafts.service.onDidChangeBusy(() => asked++);
    await type('g');
    const rest = texts(await offered(editor, vscode.InlineCompletionTriggerKind.Automatic));
    listening.dispose();
    assert.deepEqual(rest, [first]);
    assert.equal(asked, 0, 'the model was asked');
    assert.equal(localModel.state, 'ready');
    assert.equal(await accepted(editor, 'commit'), CODE.slice(0, -3) + first! + REST);
  });

  it('accepts word by word: each step is an edit, the rest stays on offer', async () => {
    const prefix = `${HEAD}  for (const item of `;
    const editor = await at('words.ts', prefix, REST);
    const [first] = await requested(editor);
    const after = await accepted(editor, 'acceptNextWord');
    const inserted = after.slice(prefix.length, -REST.length);
    assert.ok(inserted !== '' && first!.startsWith(inserted), `${inserted} of ${first}`);
    if (inserted !== first) {
      const [rest] = texts(await offered(editor, vscode.InlineCompletionTriggerKind.Automatic));
      const word = /[\p{L}\p{N}_$]*$/u.exec(inserted)![0];
      assert.equal(rest, word + first!.slice(inserted.length));
    }
  });

  it('asks no model while typing unless it is set to, and starts none', async () => {
    const editor = await at('quiet.ts', `${HEAD}  for (const other of `, REST);
    const { drafts } = await tessera();
    let asked = 0;
    const listening = drafts.service.onDidChangeBusy(() => asked++);
    await type('i');
    assert.deepEqual(await offered(editor, vscode.InlineCompletionTriggerKind.Automatic), []);
    assert.equal(asked, 0);
    listening.dispose();
  });

  it('gives nothing and no message when cancelled, and answers the next request', async () => {
    const editor = await at('cancel.ts', `${HEAD}  return items.`, REST);
    const { drafts } = await tessera();
    const source = new vscode.CancellationTokenSource();
    const reply = drafts.service.drafts(
      editor.document,
      editor.selection.active,
      { maxTokens: 200, singleLine: false, seed: 3, method: 'nucleus' },
      source.token,
    );
    source.cancel();
    const cancelled = await reply;
    assert.equal(cancelled.ok ? 'answered' : cancelled.error.code, 'cancelled');
    assert.equal(drafts.status.text, undefined);
    assert.ok((await offered(editor)).length > 0);
  });

  it('goes on from what is chosen in the suggest list', async () => {
    const editor = await at('selected.ts', CODE, REST);
    const end = editor.selection.active;
    const range = new vscode.Range(end.translate(0, -3), end);
    const items = await offered(editor, vscode.InlineCompletionTriggerKind.Invoke, { range, text: 'length' });
    for (const item of items) {
      assert.ok(texts([item])[0]!.startsWith('length'));
      assert.ok(item.range!.isEqual(range));
    }
  });

  it('is silent with several cursors, in a read-only document and between the halves of a character', async () => {
    const several = await at('several.ts', CODE, REST);
    several.selections = [several.selection, new vscode.Selection(0, 0, 0, 0)];
    assert.deepEqual(await offered(several), []);

    const content = { provideTextDocumentContent: () => CODE };
    const provided = vscode.workspace.registerTextDocumentContentProvider('tessera-test-readonly', content);
    const document = await vscode.workspace.openTextDocument(
      vscode.Uri.parse('tessera-test-readonly:/code.ts'),
    );
    const readOnly = await vscode.window.showTextDocument(document);
    readOnly.selection = new vscode.Selection(3, 17, 3, 17);
    assert.deepEqual(await offered(readOnly), []);
    provided.dispose();

    const emoji = await at('emoji.ts', 'const face = "\ud83d\ude00', '";\n');
    const half = emoji.selection.active.translate(0, -1);
    const { drafts } = await tessera();
    const reply = await drafts.service.drafts(emoji.document, half);
    assert.match(reply.ok ? '' : reply.error.message, /inside a character/);
    emoji.selection = new vscode.Selection(half, half);
    if (emoji.selection.active.isEqual(half)) assert.deepEqual(await offered(emoji), []);
  });

  it('serves documents with CRLF, empty ones, and lines of 10 000 characters', async () => {
    const windows = await at('windows.ts', CODE.replaceAll('\n', '\r\n'), REST.replaceAll('\n', '\r\n'));
    const [first] = await requested(windows);
    assert.ok(first!.startsWith('length'), first);
    const after = await accepted(windows, 'commit');
    assert.equal(after.replaceAll('\r\n', '\n'), CODE.slice(0, -3) + first! + REST);
    assert.ok(!/[^\r]\n/.test(after), 'a bare line end in a CRLF document');

    const empty = await at('nothing.ts', '');
    const { drafts } = await tessera();
    const reply = await drafts.service.drafts(empty.document, empty.selection.active);
    assert.ok(reply.ok, JSON.stringify(reply));

    const long = await at('long.ts', `const text = "${'word '.repeat(2000)}`, '";\n');
    const answered = await drafts.service.drafts(long.document, long.selection.active);
    assert.ok(answered.ok, JSON.stringify(answered));
  });

  it('takes the text of special tokens as text, with the cursor behind it or inside it', async () => {
    const { drafts } = await tessera();
    for (const [name, prefix, suffix] of [
      ['special-behind.ts', 'const mark = "<|endoftext|>', '";\n'],
      ['special-inside.ts', 'const mark = "<fim_suf', 'fix>";\n'],
      ['special-begun.ts', 'const mark = "<fim_middle', '";\n'],
    ] as const) {
      const editor = await at(name, prefix, suffix);
      const reply = await drafts.service.drafts(editor.document, editor.selection.active);
      assert.ok(reply.ok, `${name}: ${JSON.stringify(reply)}`);
      const next = await drafts.service.nextByte(editor.document, editor.selection.active);
      assert.ok(next.ok && next.value.rows.length > 0, name);
      assert.equal(editor.document.getText(), prefix + suffix);
    }
  });

  it('never offers a part of a character where the cursor stands among the tokens of one', async () => {
    const { drafts } = await tessera();
    // Each of these characters is several tokens of the model in the box.
    for (const [name, prefix] of [
      ['tower.ts', 'const city = "東京'],
      ['face.ts', 'const faces = ["\u{1f600}", "\u{1f600}'],
    ] as const) {
      const editor = await at(name, prefix, '";\n');
      const reply = await drafts.service.drafts(editor.document, editor.selection.active);
      assert.ok(reply.ok && reply.value.drafts.length > 0, JSON.stringify(reply));
      for (const { text } of reply.value.drafts) assert.ok(!text.includes('\ufffd'), text);
      assert.equal(editor.document.getText(), `${prefix}";\n`);
    }
  });

  it('never changes a document by itself, and never offers one text twice, with any method', async () => {
    const editor = await at('methods.ts', `${HEAD}  for (const item of `, REST);
    const before = editor.document.getText();
    for (const method of ['greedy', 'beam', 'nucleus', 'gumbel', 'stochasticBeam', 'superposed']) {
      await set('method', method);
      const all = texts(await offered(editor));
      assert.ok(all.length > 0, method);
      assert.equal(new Set(all).size, all.length, method);
    }
    await set('method', undefined);
    await set('documentWeight', 1);
    assert.ok((await offered(editor)).length > 0, 'ensemble');
    assert.equal(editor.document.getText(), before);
  });

  it('compares the next byte under exact, token-level and healed prompting', async () => {
    const editor = await at('nextByte.ts', CODE, REST);
    const { drafts } = await tessera();
    const reply = await drafts.service.nextByte(editor.document, editor.selection.active);
    assert.ok(reply.ok, JSON.stringify(reply));
    assert.equal(reply.value.rows[0]!.byte, 'g'.charCodeAt(0));
    await vscode.workspace.fs.delete(workspaceUri('nextByte.ts'));
  });
});
