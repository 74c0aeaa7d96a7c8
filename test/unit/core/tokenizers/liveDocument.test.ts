// A live document must always equal a scratch encode of the same text. The oracle applies edits to a plain string.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { LiveDocument, type TextEdit } from '../../../../src/core/tokenizers/liveDocument';
import type { Tokenizer } from '../../../../src/core/tokenizers/tokenizer';
import { loadEncoding } from '../../../../src/engine/tiktokenLoader';
import { randomText, seededRandom, type SeededRandom } from './seededRandom';

const SEED = 20261124;
let o200k: Tokenizer;
let gpt2: Tokenizer;

beforeAll(async () => {
  o200k = await loadEncoding('o200k_base');
  gpt2 = await loadEncoding('gpt2');
});

const source = (path: string, length: number): string =>
  readFileSync(new URL(`../../../../node_modules/typescript/lib/${path}`, import.meta.url), 'utf8').slice(
    0,
    length,
  );

function edited(text: string, edits: readonly TextEdit[]): string {
  for (const edit of [...edits].sort((a, b) => b.offset - a.offset)) {
    text = text.slice(0, edit.offset) + edit.text + text.slice(edit.offset + edit.deletedLength);
  }
  return text;
}

/** One to three edits that do not overlap, as one change event brings them. */
function randomEdits(text: string, random: SeededRandom): TextEdit[] {
  const edits: TextEdit[] = [];
  let from = 0;
  for (let i = 1 + random.integer(3); i > 0 && from <= text.length; i--) {
    const offset = from + random.integer(text.length - from + 1);
    const most = random.integer(20) === 0 ? 1500 : random.integer(8) === 0 ? 60 : 3;
    const deletedLength = Math.min(
      text.length - offset,
      random.integer(3) === 0 ? random.integer(most + 1) : 0,
    );
    const typed = random.pick([
      randomText(random),
      ' ',
      'x',
      '\n',
      '\r\n',
      "'s",
      '7',
      '日',
      '\ud83d',
      '\udc69',
      '',
    ]);
    edits.push({ offset, deletedLength, text: typed });
    from = offset + deletedLength + 1;
  }
  return edits;
}

function checkEverything(
  document: LiveDocument,
  text: string,
  tokenizer: Tokenizer,
  random: SeededRandom,
): void {
  const whole = tokenizer.encodeSpans(text);
  expect(document.text).toBe(text);
  expect(document.utf16Length).toBe(text.length);
  expect(document.byteLength).toBe(Buffer.byteLength(text, 'utf8'));
  expect(document.characterCount).toBe(Array.from(text).length);
  const all = document.spansByIndex(0, Infinity);
  expect(all.spans).toEqual(whole);
  const first = random.integer(whole.ids.length + 1);
  const some = document.spansByIndex(first, 20);
  expect(some.spans.ids).toEqual(whole.ids.slice(first, first + 20));
  expect([...some.spans.byteEnds].map((end) => end + some.startByte)).toEqual([
    ...whole.byteEnds.slice(first, first + 20),
  ]);
  expect([...some.spans.utf16Ends].map((end) => end + some.startUtf16)).toEqual([
    ...whole.utf16Ends.slice(first, first + 20),
  ]);
  // Tokens that a range touches, by bytes of a Buffer rather than by the code under test.
  const start = random.integer(text.length + 1);
  const end = start + random.integer(text.length - start + 1);
  const byteOf = (offset: number): number => Buffer.byteLength(text.slice(0, offset), 'utf8');
  const splits = (offset: number): boolean =>
    /[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(offset - 1, offset + 1)) && offset > 0;
  const startByte = byteOf(splits(start) ? start - 1 : start);
  const endByte = byteOf(splits(end) ? end + 1 : end);
  const touched = [...whole.byteEnds.keys()].filter(
    (i) => whole.byteEnds[i]! > startByte && (i === 0 ? 0 : whole.byteEnds[i - 1]!) < endByte,
  );
  const expectCount = end > start ? touched.length : 0;
  expect(document.countRange(start, end)).toBe(expectCount);
  const range = document.spansByOffset(start, end);
  expect(range.spans.ids).toEqual(Uint32Array.from(touched.slice(0, expectCount), (i) => whole.ids[i]!));
  if (expectCount > 0) expect(range.firstToken).toBe(touched[0]);
  const lines = text.split(/\r\n|\r|\n/);
  expect(document.lineCount).toBe(lines.length);
  const counts = document.lineCounts(0, lines.length);
  expect(counts.length).toBe(lines.length);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(whole.ids.length);
  const line = random.integer(lines.length);
  const lineStart = document.lineStart(line);
  expect(text.slice(lineStart, lineStart + lines[line]!.length)).toBe(lines[line]);
  const lineByte = byteOf(lineStart);
  const nextByte = line + 1 < lines.length ? byteOf(document.lineStart(line + 1)) : Infinity;
  const starting = [...whole.byteEnds.keys()].filter((i) => {
    const tokenStart = i === 0 ? 0 : whole.byteEnds[i - 1]!;
    return tokenStart >= lineByte && tokenStart < nextByte;
  });
  expect(counts[line]).toBe(starting.length);
}

describe('a live document equals a scratch encode', () => {
  const starts: Readonly<Record<string, () => string>> = {
    'TypeScript code': () => source('lib.es5.d.ts', 6000),
    Japanese: () => source('ja/diagnosticMessages.generated.json', 5000),
    'an empty text': () => '',
    'white space': () => ' \n\t\r\n  '.repeat(300),
    'one long piece': () => 'a'.repeat(1500) + '日本語'.repeat(400),
  };
  for (const [name, start] of Object.entries(starts)) {
    it(`after 4 000 random edits of ${name}`, () => {
      const random = seededRandom(SEED);
      const tokenizer = name === 'Japanese' ? gpt2 : o200k;
      let text = start();
      const document = new LiveDocument(tokenizer, text);
      for (let step = 0; step < 4000; step++) {
        const edits = randomEdits(text, random);
        document.applyEdits(edits);
        const before = text;
        text = edited(text, edits);
        if (document.tokenCount !== tokenizer.count(text)) {
          throw new Error(`seed ${SEED}, step ${step}: ${JSON.stringify({ before, edits })}`);
        }
        if (step % 200 === 0) checkEverything(document, text, tokenizer, random);
        // Keeps the text near its first length, by undoing everything: one edit that replaces the whole text.
        if (text.length > 12_000 || (text.length < 40 && step % 50 === 49)) {
          const fresh = start();
          document.applyEdits([{ offset: 0, deletedLength: text.length, text: fresh }]);
          text = fresh;
        }
      }
      checkEverything(document, text, tokenizer, random);
    });
  }
});

describe('a live document', () => {
  it('joins and parts a surrogate pair by edits', () => {
    const document = new LiveDocument(o200k, 'a\ud83d b');
    document.applyEdits([{ offset: 2, deletedLength: 0, text: '\udc69' }]);
    expect(document.text).toBe('a\u{1f469} b');
    expect(document.characterCount).toBe(4);
    document.applyEdits([{ offset: 1, deletedLength: 1, text: '' }]);
    expect(document.tokenCount).toBe(o200k.count('a\udc69 b'));
  });

  it('gives every token of a character that several tokens share', () => {
    const text = 'x \u{1f9d1}\u200d\u{1f680} y';
    const document = new LiveDocument(gpt2, text);
    const { spans } = document.spansByOffset(2, 4);
    expect(spans.ids.length).toBeGreaterThan(1);
    expect(document.countRange(3, 4)).toBe(spans.ids.length);
  });

  it('keeps a tokenizer without certain borders in one block, and exact', () => {
    const whole: Tokenizer = {
      name: 'halves',
      kind: 'unigram',
      vocabularySize: 1,
      provenance: { exactness: 'exact', source: 'test' },
      specialTokens: new Map(),
      encode: (text) => new Uint32Array(Math.ceil(text.length / 2)),
      encodeSpans: (text) => ({
        ids: new Uint32Array(Math.ceil(text.length / 2)),
        byteEnds: Uint32Array.from({ length: Math.ceil(text.length / 2) }, (_, i) =>
          Math.min(text.length, 2 * i + 2),
        ),
        utf16Ends: Uint32Array.from({ length: Math.ceil(text.length / 2) }, (_, i) =>
          Math.min(text.length, 2 * i + 2),
        ),
      }),
      count: (text) => Math.ceil(text.length / 2),
      decodeBytes: () => new Uint8Array(0),
      tokenBytes: () => new Uint8Array(0),
    };
    const document = new LiveDocument(whole, 'word '.repeat(1001));
    document.applyEdits([{ offset: 0, deletedLength: 2, text: '' }]);
    expect(document.tokenCount).toBe(Math.ceil((5005 - 2) / 2));
  });

  it('tokenizes a block as a continuation only when it does not start the document', () => {
    const marked = (extra: number): Tokenizer => ({ ...stub, count: (text) => text.length + extra });
    const stub: Tokenizer = {
      name: 'prefix',
      kind: 'bpe',
      vocabularySize: 1,
      provenance: { exactness: 'exact', source: 'test' },
      specialTokens: new Map(),
      encode: (text) => new Uint32Array(text.length),
      encodeSpans: () => ({
        ids: new Uint32Array(0),
        byteEnds: new Uint32Array(0),
        utf16Ends: new Uint32Array(0),
      }),
      count: (text) => text.length,
      decodeBytes: () => new Uint8Array(0),
      tokenBytes: () => new Uint8Array(0),
    };
    const tokenizer = {
      ...marked(1),
      continuation: marked(0),
      isCertainBorder: (_: number, after: number) => after === 0x20,
    };
    const text = ' word'.repeat(400);
    const document = new LiveDocument(tokenizer, text);
    expect(document.tokenCount).toBe(2001);
    document.applyEdits([{ offset: 0, deletedLength: 400, text: '' }]);
    expect(document.tokenCount).toBe(1601);
  });

  it('refuses an edit outside its text', () => {
    expect(() =>
      new LiveDocument(o200k, 'abc').applyEdits([{ offset: 2, deletedLength: 2, text: '' }]),
    ).toThrow(RangeError);
  });
});
