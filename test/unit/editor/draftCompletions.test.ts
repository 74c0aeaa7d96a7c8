// What inline completions decide: when the model is asked, what comes from the cache, what is replaced, where they are silent.
import { beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('vscode', () => import('./vscodeStandIn'));

import type * as vscode from 'vscode';
import { createDraftCompletions, type DraftCompletions } from '../../../src/editor/draftCompletions';
import type { DraftService } from '../../../src/editor/draftService';
import { InlineCompletionTriggerKind, Position, Range, TextDocument, window, world } from './vscodeStandIn';

const { Automatic, Invoke } = InlineCompletionTriggerKind;
const BEFORE = 'let total = 0;\ntotal += item.le';
const AFTER = ';\n';

interface Asked {
  readonly prefix: string;
  readonly insertedFirst: string | undefined;
}

describe('draft completions', () => {
  let answers: readonly (readonly [text: string, logProb: number])[] | { readonly error: string };
  let asked: Asked[];
  let told: string[];
  let completions: DraftCompletions;
  const service: Pick<DraftService, 'drafts'> = {
    drafts: (document, position, options = {}, token) => {
      const before = document.getText().slice(0, document.offsetAt(position));
      asked.push({ prefix: before, insertedFirst: options.insertedFirst });
      if (token?.isCancellationRequested === true)
        return Promise.resolve({ ok: false, error: { code: 'cancelled', message: 'Cancelled.' } });
      if ('error' in answers)
        return Promise.resolve({ ok: false, error: { code: 'failed', message: answers.error } });
      const drafts = answers.map(([text, logProb]) => ({ text, tokens: [{ logProb }] }));
      return Promise.resolve({ ok: true, value: { drafts } } as unknown as Awaited<
        ReturnType<DraftService['drafts']>
      >);
    },
  };
  const provide = async (
    before: string,
    after: string,
    triggerKind: 0 | 1,
    more: {
      readonly selected?: { range: Range; text: string };
      readonly name?: string;
      readonly cancelled?: boolean;
    } = {},
  ): Promise<{ readonly text: string; readonly range: Range }[]> => {
    const document = new TextDocument(before + after, more.name);
    const position = document.positionAt(before.length);
    const token = {
      isCancellationRequested: more.cancelled === true,
      onCancellationRequested: () => ({ dispose: () => undefined }),
    };
    const items = await completions.provideInlineCompletionItems(
      document as unknown as vscode.TextDocument,
      position as unknown as vscode.Position,
      { triggerKind, selectedCompletionInfo: more.selected } as unknown as vscode.InlineCompletionContext,
      token,
    );
    return items.map(({ insertText, range }) => ({
      text: typeof insertText === 'string' ? insertText : insertText.value,
      range: range as unknown as Range,
    }));
  };
  const textsOf = (items: readonly { readonly text: string }[]): string[] => items.map(({ text }) => text);

  beforeEach(() => {
    world.settings = new Map<string, unknown>([
      ['tessera.drafts.trigger', 'onRequest'],
      ['tessera.drafts.count', 3],
      ['tessera.drafts.method', 'forked'],
    ]);
    world.writable = new Map([['file', true]]);
    world.readOnlyFiles.clear();
    window.activeTextEditor = undefined;
    answers = [
      ['ngth + 1', -0.1],
      ['ngth', -0.2],
      ['vel', -1],
    ];
    asked = [];
    told = [];
    completions = createDraftCompletions(service, {
      problem: (message) => told.push(message),
      note: (message) => told.push(message),
    });
  });

  it('asks only when asked, and replaces the partial word', async () => {
    expect(await provide(BEFORE, AFTER, Automatic)).toEqual([]);
    expect(asked).toEqual([]);
    const items = await provide(BEFORE, AFTER, Invoke);
    expect(textsOf(items)).toEqual(['length + 1', 'length', 'level']);
    expect(items[0]!.range).toEqual(new Range(new Position(1, 14), new Position(1, 16)));
    expect(asked).toHaveLength(1);
    // Asked again at the same place: the same list in the same order, from the cache.
    expect(textsOf(await provide(BEFORE, AFTER, Invoke))).toEqual(textsOf(items));
    expect(asked).toHaveLength(1);
  });

  it('follows what is typed, key by key or word by word, without the model', async () => {
    await provide(BEFORE, AFTER, Invoke);
    expect(textsOf(await provide(`${BEFORE}n`, AFTER, Automatic))).toEqual(['length + 1']);
    expect(textsOf(await provide(`${BEFORE}ngth`, AFTER, Automatic))).toEqual(['length + 1']);
    expect(textsOf(await provide(`${BEFORE}ngth +`, AFTER, Automatic))).toEqual([' 1']);
    // Something else is typed: nothing more, until the user asks again.
    expect(await provide(`${BEFORE}x`, AFTER, Automatic)).toEqual([]);
    expect(await provide(`${BEFORE}n`, AFTER, Automatic)).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it('does not offer a draft for another text behind the cursor, but keeps it through an added bracket', async () => {
    answers = [['call(a)', -0.1]];
    await provide('x = ', AFTER, Invoke);
    expect(await provide('x = c', ` + 1${AFTER}`, Automatic)).toEqual([]);
    await provide('x = ', AFTER, Invoke);
    const [item] = await provide('x = call(', `)${AFTER}`, Automatic);
    expect(item!.text).toBe('a)');
    expect(item!.range.end).toEqual(new Position(0, 10));
  });

  it('asks while typing when set to, offers one, and all with the same first one on request', async () => {
    world.settings.set('tessera.drafts.trigger', 'automatic');
    expect(textsOf(await provide(BEFORE, AFTER, Automatic))).toEqual(['length + 1']);
    expect(textsOf(await provide(BEFORE, AFTER, Invoke))).toEqual(['length + 1', 'length', 'level']);
    expect(asked).toHaveLength(1);
    answers = [];
    expect(await provide('other', AFTER, Automatic)).toEqual([]);
    expect(await provide('other', AFTER, Automatic)).toEqual([]);
    expect(asked).toHaveLength(2);
    expect(told).toEqual([]);
  });

  it('puts new drafts behind those that are on the screen', async () => {
    await provide(BEFORE, AFTER, Invoke);
    answers = [
      ['ts', -0.1],
      ['gth', -0.1],
    ];
    expect(textsOf(await provide(`${BEFORE}n`, AFTER, Invoke))).toEqual(['length + 1', 'length', 'lents']);
  });

  it('offers no draft that the model finds impossible', async () => {
    answers = [
      ['ngth', -0.1],
      ['zzz', -12],
    ];
    expect(textsOf(await provide(BEFORE, AFTER, Invoke))).toEqual(['length']);
  });

  it('goes on from the item chosen in the suggest list, or says nothing', async () => {
    const range = new Range(new Position(1, 14), new Position(1, 16));
    answers = [[' * 2', -0.1]];
    const items = await provide(BEFORE, AFTER, Invoke, { selected: { range, text: 'length' } });
    expect(asked[0]!.insertedFirst).toBe('ngth');
    expect(items).toEqual([{ text: 'length * 2', range }]);
  });

  it('tells failures in the status item only, and cancelling is none', async () => {
    answers = { error: 'The model is damaged.' };
    expect(await provide(BEFORE, AFTER, Invoke)).toEqual([]);
    expect(told).toEqual(['The model is damaged.']);
    expect(await provide(BEFORE, AFTER, Invoke, { cancelled: true })).toEqual([]);
    expect(told).toHaveLength(1);
    answers = [];
    expect(await provide('nothing', AFTER, Invoke)).toEqual([]);
    expect(told).toHaveLength(2);
  });

  it('is silent with several cursors, in what cannot be written, and inside a character', async () => {
    world.writable.set('archive', false);
    expect(await provide(BEFORE, AFTER, Invoke, { name: 'archive:///code.ts' })).toEqual([]);
    expect(await provide(BEFORE, AFTER, Invoke, { name: 'output:///log' })).toEqual([]);
    world.readOnlyFiles.add('file:///locked.ts');
    expect(await provide(BEFORE, AFTER, Invoke, { name: 'file:///locked.ts' })).toEqual([]);
    expect(await provide('face = "\ud83d', '\ude00";', Invoke)).toEqual([]);
    expect(await provide('', 'x'.repeat(100_001), Invoke)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('serves CRLF and empty documents, and forgets when another model answers', async () => {
    const windows = BEFORE.replaceAll('\n', '\r\n');
    expect(textsOf(await provide(windows, '\r\n', Invoke))).toEqual(['length + 1', 'length', 'level']);
    expect((await provide('', '', Invoke)).length).toBe(3);
    completions.forget();
    expect(await provide(`${windows}n`, '\r\n', Automatic)).toEqual([]);
    await provide(windows, '\r\n', Invoke);
    expect(asked).toHaveLength(3);
  });
});
