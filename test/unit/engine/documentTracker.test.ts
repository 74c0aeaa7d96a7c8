// Documents in the real worker: totals follow every edit, and survive restarts, time-outs and crashes.
import { get_encoding, type Tiktoken } from 'tiktoken';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createDocumentTracker,
  type DocumentState,
  type DocumentTracker,
} from '../../../src/engine/documentTracker';
import { createEngineClient, type EngineClient } from '../../../src/engine/engineClient';
import { buildTokenWorker, type BuiltBundle } from './builtWorker';
import { seededRandom } from '../core/text/seededRandom';
import { editedText } from './textSource';

let worker: BuiltBundle;
let oracle: Tiktoken;
let client: EngineClient;
let tracker: DocumentTracker;

beforeAll(() => {
  worker = buildTokenWorker();
  // One worker for most tests, because loading the tables takes longer than all they do.
  client = createEngineClient({ workerPath: worker.path, tableFolder: 'assets/tables' });
  oracle = get_encoding('o200k_base');
});
afterAll(async () => {
  await client.dispose();
  worker.remove();
  oracle.free();
});
beforeEach(() => {
  tracker = createDocumentTracker(client, { exactLimit: () => 1_000_000 });
});
afterEach(() => {
  for (const key of ['a', 'b', 'c', 'd']) tracker.untrack(key);
});

/** Waits until the document's state satisfies `wanted`. */
async function until(key: string, wanted: (state: DocumentState) => boolean): Promise<DocumentState> {
  for (;;) {
    const state = tracker.state(key);
    if (state !== undefined && wanted(state)) return state;
    await new Promise<void>((resolve) => {
      const listening = tracker.onDidChange(() => {
        listening.dispose();
        resolve();
      });
    });
  }
}
const counted = async (key: string, version: number) => {
  const state = await until(key, (each) => each.kind === 'counted' && each.totals.version === version);
  if (state.kind !== 'counted') throw new Error('unreachable');
  return state.totals;
};
const expected = (text: string): number => oracle.encode_ordinary(text).length;

/** An editor's text with the tracker already following it. */
function followed(key: string, text: string, tokenizer = 'o200k_base') {
  const document = editedText(key, text);
  tracker.track(document.source, tokenizer);
  return document;
}

describe('a followed document', () => {
  it('is counted as tiktoken counts it', async () => {
    const text = 'const answer = 42;\n// 日本語 and 🙂\n';
    followed('a', text);
    const totals = await counted('a', 1);
    expect(totals.tokens).toBe(expected(text));
    expect(totals.bytes).toBe(Buffer.byteLength(text));
    expect(totals.characters).toBe(Array.from(text).length);
    expect(totals.provenance.exactness).toBe('exact');
  });

  it('is first "counting", without totals', () => {
    followed('a', 'x');
    expect(tracker.state('a')).toEqual({ kind: 'counting', totals: null });
  });

  it('may be empty', async () => {
    followed('a', '');
    expect(await counted('a', 1)).toMatchObject({ tokens: 0, characters: 0, bytes: 0 });
  });

  it('follows 200 random edits, several at a time, without a pause', async () => {
    const seed = 5;
    const random = seededRandom(seed);
    const parts = [
      'word ',
      '\n',
      '  ',
      '日本',
      '🙂',
      '\ud83d',
      '12345',
      '<|endoftext|>',
      "don't",
      '\r\n',
      '',
    ];
    const document = followed('a', 'function f() {\n  return 1;\n}\n'.repeat(40));
    for (let i = 0; i < 200; i++) {
      const half = Math.floor(document.text().length / 2);
      const edit = (from: number, to: number) => {
        const offset = from + Math.floor(random() * (to - from));
        return {
          offset,
          deletedLength: Math.min(Math.floor(random() * 8), to - offset),
          text: parts[Math.floor(random() * parts.length)]!,
        };
      };
      document.edit(tracker, [edit(0, half), edit(half, document.text().length)]);
    }
    const totals = await counted('a', 201);
    expect(totals.utf16Length).toBe(document.text().length);
    expect(totals.tokens, `seed ${seed}`).toBe(expected(document.text()));
  });

  it('never goes back to totals of an older version', async () => {
    const document = followed('a', 'one ');
    const seen: number[] = [];
    tracker.onDidChange((key) => {
      const state = tracker.state(key);
      if (state?.kind === 'counted') seen.push(state.totals.version);
    });
    for (let i = 0; i < 20; i++) document.edit(tracker, [{ offset: 0, deletedLength: 0, text: 'a' }]);
    await counted('a', 21);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it('can change its tokenizer', async () => {
    const document = followed('a', 'indivisible');
    await counted('a', 1);
    tracker.track(document.source, 'gpt2');
    expect((await counted('a', 1)).tokenizer).toBe('gpt2');
  });

  it('names special-token text, which it counts as ordinary text', async () => {
    followed('a', 'x <|endoftext|>');
    const totals = await counted('a', 1);
    expect(totals.specialTexts).toEqual(['<|endoftext|>']);
    expect(totals.tokens).toBe(expected('x <|endoftext|>'));
  });

  it('reports replacement characters and lone surrogates', async () => {
    followed('a', 'bad \ufffd and \ud800');
    expect((await counted('a', 1)).replacementCharacters).toBe(2);
  });

  it('is sent in pieces when it is long, and counted whole', async () => {
    const text = 'The quick brown fox jumps over the lazy dog.\n'.repeat(15_000);
    followed('a', text);
    expect((await counted('a', 1)).tokens).toBe(expected(text));
  });

  it('edited while its text is on the way is counted as edited', async () => {
    const document = followed('a', 'word '.repeat(150_000));
    document.edit(tracker, [{ offset: 0, deletedLength: 5, text: 'other ' }]);
    expect((await counted('a', 2)).tokens).toBe(expected(document.text()));
  });

  it('with an unknown tokenizer is unavailable, with the reason', async () => {
    followed('a', 'x', 'no_such_encoding');
    const state = await until('a', (each) => each.kind === 'unavailable');
    expect(state).toMatchObject({
      error: { code: 'badRequest', message: 'Unknown tokenizer "no_such_encoding".' },
    });
  });

  it('closed while it is being counted is forgotten without a trace', async () => {
    followed('a', 'word '.repeat(50_000));
    tracker.untrack('a');
    followed('b', 'x');
    await counted('b', 1);
    expect(tracker.state('a')).toBeUndefined();
  });
});

describe('an estimate', () => {
  it('stands for a document above the limit, and says so', async () => {
    const text = 'Sphinx of black quartz, judge my vow. '.repeat(30_000);
    followed('a', text);
    const state = await until('a', (each) => each.kind === 'estimated');
    if (state.kind !== 'estimated') throw new Error('unreachable');
    const truth = expected(text.slice(0, 38_000)) * (text.length / 38_000);
    expect(state.reason).toBe('tooLarge');
    expect(Math.abs(state.tokens - truth) / truth).toBeLessThan(0.05);
  });

  it('gives way to a count when the document shrinks below the limit', async () => {
    const document = followed('a', 'x '.repeat(600_000));
    await until('a', (each) => each.kind === 'estimated');
    document.edit(tracker, [{ offset: 4, deletedLength: document.text().length - 4, text: '' }]);
    expect((await counted('a', 2)).tokens).toBe(expected('x x '));
  });

  it('refuses questions about single tokens', async () => {
    followed('a', 'x '.repeat(600_000));
    await until('a', (each) => each.kind === 'estimated');
    const reply = await tracker.query('tokensAt', 'a', { offset: 0 });
    expect(reply).toMatchObject({ ok: false, error: { code: 'notOpen' } });
  });

  it('stands for a document that takes too long, until it is asked to try again', async () => {
    let budget = 1;
    tracker = createDocumentTracker(client, { exactLimit: () => 10_000_000, openBudgetMs: () => budget });
    const text = 'lorem ipsum '.repeat(200_000);
    followed('a', text);
    const state = await until('a', (each) => each.kind === 'estimated');
    expect(state).toMatchObject({ reason: 'timeout' });
    budget = 60_000;
    tracker.retryFailed();
    expect((await counted('a', 1)).tokens).toBe(expected(text));
  });
});

describe('after a restart of the worker', () => {
  it('an edit opens the document again', async () => {
    const document = followed('a', 'hello ');
    await counted('a', 1);
    client.restart();
    document.edit(tracker, [{ offset: 6, deletedLength: 0, text: 'world' }]);
    expect((await counted('a', 2)).tokens).toBe(expected('hello world'));
  });

  it('a question opens the document again', async () => {
    followed('a', 'hello world');
    await counted('a', 1);
    client.restart();
    const reply = await tracker.query('spans', 'a', { query: { by: 'index', first: 0, limit: 10 } });
    expect(reply).toMatchObject({ ok: true, value: { totalTokens: 2, firstIndex: 0 } });
  });

  it('a document whose opening was lost is counted all the same', async () => {
    followed('a', 'hello world');
    client.restart();
    expect((await counted('a', 1)).tokens).toBe(2);
  });

  it('the worker that stopped for idleness is no loss', async () => {
    const brief = createEngineClient({ workerPath: worker.path, tableFolder: 'assets/tables', idleMs: 30 });
    try {
      tracker = createDocumentTracker(brief, { exactLimit: () => 1e6 });
      const document = followed('a', 'one two');
      await counted('a', 1);
      while (brief.state !== 'idle') await new Promise((done) => setTimeout(done, 10));
      document.edit(tracker, [{ offset: 7, deletedLength: 0, text: ' three' }]);
      expect((await counted('a', 2)).tokens).toBe(expected('one two three'));
      expect(brief.generation).toBe(2);
    } finally {
      await brief.dispose();
    }
  });
});

describe('questions about a document', () => {
  it('see the edits made before them', async () => {
    const document = followed('a', 'alpha beta');
    document.edit(tracker, [{ offset: 10, deletedLength: 0, text: ' gamma delta' }]);
    const reply = await tracker.query('spans', 'a', { query: { by: 'index', first: 0, limit: 100 } });
    if (!reply.ok) throw new Error(reply.error.message);
    expect(reply.value.version).toBe(2);
    expect(Array.from(reply.value.ids)).toEqual(Array.from(oracle.encode_ordinary(document.text())));
  });

  it('by offset give exactly the tokens that touch the range', async () => {
    const text = 'alpha beta gamma delta epsilon';
    followed('a', text);
    const reply = await tracker.query('spans', 'a', {
      query: { by: 'offset', start: 8, end: 17, limit: 100 },
    });
    if (!reply.ok) throw new Error(reply.error.message);
    const { firstUtf16, utf16Ends } = reply.value;
    expect(text.slice(firstUtf16, utf16Ends.at(-1))).toBe(' beta gamma delta');
  });

  it('obey their limit', async () => {
    followed('a', 'one two three four');
    const reply = await tracker.query('spans', 'a', { query: { by: 'offset', start: 0, end: 18, limit: 2 } });
    expect(reply).toMatchObject({ ok: true, value: { totalTokens: 4 } });
    if (reply.ok) expect(reply.value.ids).toHaveLength(2);
  });

  it('tell which tokens end inside a character, and find all tokens of one', async () => {
    const text = 'a𓀀b';
    followed('a', text);
    const ids = oracle.encode_ordinary(text);
    const spans = await tracker.query('spans', 'a', { query: { by: 'index', first: 0, limit: 100 } });
    const touching = await tracker.query('tokensAt', 'a', { offset: 1 });
    if (!spans.ok || !touching.ok) throw new Error('no answer');
    const boundaries = new Set([0, 1, 5, 6]);
    const cut = Array.from(spans.value.byteEnds).flatMap((end, i) => (boundaries.has(end) ? [] : [i]));
    expect(cut.length).toBeGreaterThan(0);
    expect(Array.from(spans.value.cutEnds)).toEqual(cut);
    const inside = touching.value.filter(({ byteStart, byteEnd }) => byteStart < 5 && byteEnd > 1);
    expect(touching.value).toEqual(inside);
    expect(touching.value.length).toBe(cut.length + 1);
    expect(touching.value.map(({ id }) => id)).toEqual(
      Array.from(ids).slice(touching.value[0]!.index, touching.value[0]!.index + cut.length + 1),
    );
  });

  it('count several ranges, each as a text of its own', async () => {
    followed('a', 'hello world, hello moon');
    const reply = await tracker.query('countRanges', 'a', {
      ranges: [
        [0, 7],
        [13, 18],
      ],
    });
    expect(reply).toMatchObject({
      ok: true,
      value: { tokens: expected('hello w') + expected('hello'), characters: 12, bytes: 12 },
    });
  });

  it('list rows whose number is the number of tokens', async () => {
    followed('a', 'one\n two\n');
    const reply = await tracker.query('tokenRows', 'a', { first: 0, limit: 1000 });
    if (!reply.ok) throw new Error(reply.error.message);
    const rows = reply.value.text.trimEnd().split('\n');
    expect(rows).toHaveLength(expected('one\n two\n'));
    expect(rows.find((row) => row.includes('·two'))).toMatch(/ 2:1 .* 20 74 77 6F$/);
  });

  it('about a document that is not followed are refused', async () => {
    expect(await tracker.query('tokensAt', 'nowhere', { offset: 0 })).toMatchObject({
      ok: false,
      error: { code: 'notOpen' },
    });
  });

  it('work for more documents than the worker keeps', async () => {
    tracker = createDocumentTracker(client, { exactLimit: () => 1e6, maxOpen: 2 });
    for (const key of ['a', 'b', 'c', 'd']) {
      followed(key, `${key} text`);
      await counted(key, 1);
    }
    for (const key of ['a', 'b', 'c', 'd'])
      expect(await tracker.query('tokenByIndex', key, { index: 0 })).toMatchObject({
        ok: true,
        value: { id: oracle.encode_ordinary(key)[0] },
      });
  });
});
