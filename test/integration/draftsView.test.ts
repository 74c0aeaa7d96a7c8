// The host's part of the Drafts view in a real VS Code, with the model in the box: drafts arrive in the page, an accepted one
// changes the document once, and what cannot be drafted or accepted is refused with a reason. Real keys: test/page.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/ids';
import type { PanelExchange } from '../../src/panel/inspectorPanel';
import type { PanelDrafts } from '../../src/shared/draftsProtocol';
import type { PanelReply } from '../../src/shared/panelProtocol';
import { closeAllEditors, eventually, openFile, tessera, undoUntil } from './editorSession';

const text =
  'export function countTokens(text: string): number {\n  const tokens = tokenizer.encode(text);\n  return tok\n}\n';

describe('the drafts view', () => {
  let exchanges: PanelExchange[] = [];
  let listener: vscode.Disposable | undefined;
  /** Ids far from those of the page itself. */
  let nextId = 900_000;

  beforeEach(async () => {
    exchanges = [];
    listener = (await tessera()).inspector.onDidExchange((exchange) => exchanges.push(exchange));
  });
  afterEach(async () => {
    await closeAllEditors();
    listener?.dispose();
  });

  const replies = (): { readonly id: number; readonly reply: PanelReply }[] =>
    exchanges.flatMap(({ direction, message }) =>
      direction === 'posted' && message.type === 'reply' ? [message] : [],
    );
  const isDrafts = (value: unknown): value is PanelDrafts =>
    typeof value === 'object' && value !== null && 'drafts' in value && 'run' in value;

  /** What the page was answered when it asked for drafts by itself. */
  const shownDrafts = () =>
    eventually(
      'drafts in the page',
      () => {
        for (const { reply } of replies().reverse())
          if (reply.ok && isDrafts(reply.result)) return reply.result;
        return undefined;
      },
      90,
    );

  async function ask(name: string, params: unknown): Promise<PanelReply> {
    const { inspector } = await tessera();
    const id = nextId++;
    inspector.receive({ type: 'request', id, generation: 0, name, params });
    return eventually(`an answer to ${name}`, () => replies().find((reply) => reply.id === id)?.reply, 90);
  }

  async function openDrafts(name: string, content = text): Promise<[vscode.TextEditor, PanelDrafts]> {
    const editor = await openFile(name, content);
    const at = editor.document.positionAt(content.indexOf('return tok') + 'return tok'.length);
    editor.selection = new vscode.Selection(at, at);
    await vscode.commands.executeCommand(COMMANDS.openDraftsView);
    return [editor, await shownDrafts()];
  }

  it('opens by its command and gets drafts of the model in the box, with everything that explains them', async () => {
    const [, answer] = await openDrafts('view.ts');
    assert.equal(answer.model, 'tessera-tiny');
    assert.ok(answer.drafts.length > 1);
    assert.deepEqual([answer.line, answer.column, answer.before], [2, 12, '  return tok']);
    const { why } = answer;
    assert.ok(why);
    const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum(why.nextByte.exact) - 1) < 1e-6);
    assert.ok(Math.abs(sum(why.covers.map(({ share }) => share)) - 1) < 1e-6);
    for (const draft of answer.drafts)
      assert.ok(Math.abs(draft.logProb - sum(draft.tokens.map(({ logProb }) => logProb))) < 1e-6);
  });

  it('inserts an accepted draft once, at the cursor; undo restores the document', async () => {
    const [editor, answer] = await openDrafts('viewAccept.ts');
    const before = editor.document.version;
    const draft = answer.drafts[1]!;
    const reply = await ask('acceptDraft', { run: answer.run, draft: 1 });
    assert.deepEqual(reply, { ok: true, result: { inserted: draft.text.length } });
    const expected = text.replace('return tok', `return tok${draft.text}`);
    assert.equal(editor.document.getText(), expected);
    assert.equal(editor.document.version, before + 1);
    const end = text.indexOf('return tok') + 'return tok'.length + draft.text.length;
    const now = vscode.window.activeTextEditor;
    assert.equal(editor.document.offsetAt(now!.selection.active), end);
    await undoUntil(editor, text);
  });

  it('refuses a draft when the document has changed since, and one that never was', async () => {
    const [editor, answer] = await openDrafts('stale.ts');
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), '// new\n'));
    const reply = await ask('acceptDraft', { run: answer.run, draft: 0 });
    assert.ok(!reply.ok && reply.code === 'refused' && /changed since/.test(reply.message));
    assert.equal(editor.document.getText(), `// new\n${text}`);
    const never = await ask('acceptDraft', { run: 4_000_000, draft: 0 });
    assert.ok(!never.ok && never.code === 'refused');
  });

  it('keeps the line ends of a CRLF document', async () => {
    const [editor, answer] = await openDrafts('crlf.ts', text.replaceAll('\n', '\r\n'));
    await ask('acceptDraft', { run: answer.run, draft: 0 });
    assert.equal(editor.document.eol, vscode.EndOfLine.CRLF);
    assert.doesNotMatch(editor.document.getText(), /[^\r]\n/);
  });

  it('says why there is nothing to draft with several cursors', async () => {
    const [editor] = await openDrafts('cursors.ts');
    editor.selections = [new vscode.Selection(0, 0, 0, 0), new vscode.Selection(1, 0, 1, 0)];
    const reply = await ask('drafts', { method: 'forked', count: 3, seed: 0 });
    assert.ok(!reply.ok && reply.code === 'refused' && /one cursor/.test(reply.message));
  });

  it('makes drafts with every method, all from one prompt', async () => {
    await openDrafts('methods.ts');
    for (const method of ['greedy', 'forked', 'beam', 'nucleus', 'gumbel', 'stochasticBeam', 'superposed']) {
      const reply = await ask('drafts', { method, count: 3, seed: 7 });
      assert.ok(reply.ok && isDrafts(reply.result), `${method}: ${JSON.stringify(reply)}`);
      assert.equal(reply.result.method, method);
      assert.equal(reply.result.seed, 7);
      assert.equal(reply.result.why!.steps.length > 0, method === 'superposed');
    }
  });
});
