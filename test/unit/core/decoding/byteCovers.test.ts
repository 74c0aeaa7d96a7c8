import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { findCovers } from '../../../../src/core/decoding/byteCovers';
import { vocabularyIndex, type ByteVocabulary } from '../../../../src/core/decoding/byteVocabulary';
import { bytePairView } from '../../../../src/core/decoding/bytePairView';
import { seededRandom } from '../../../../src/core/decoding/seededRandom';
import { BytePairTokenizer } from '../../../../src/core/tokenizers/bytePairTokenizer';
import { buildTables } from '../../../../src/core/tokenizers/bytePairTables';
import { vocabularyFromTokens } from '../../../../src/core/tokenizers/bytePairVocabulary';
import { patternOf } from '../../../../src/core/tokenizers/splitScanners';
import type { PatternKind } from '../../../../src/core/tokenizers/encodings';
import { loadEncoding } from '../../../../src/engine/tiktokenLoader';

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

/** Characters that the patterns treat differently. */
const characters = ['a', 'l', 's', 'B', '1', ' ', '\n', "'", '.', '/', 'é', '日'];

function randomTokenizer(seed: number, pattern: PatternKind): BytePairTokenizer {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const pieces = characters.map((c) => utf8(c));
  const tokens = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]));
  const known = new Set(tokens.map((token) => token.toString('latin1')));
  const used = [...new Set(pieces.flatMap((piece) => Array.from(piece)))].map((byte) => Buffer.from([byte]));
  const count = 6 + Math.floor(random() * 18);
  while (used.length < 16 + count) {
    const joined = Buffer.concat([pick(used), pick(used)]);
    if (joined.length > 6 || known.has(joined.toString('latin1'))) continue;
    known.add(joined.toString('latin1'));
    tokens.push(joined);
    used.push(joined);
  }
  return new BytePairTokenizer(buildTables(vocabularyFromTokens(tokens)), {
    name: `random ${seed}`,
    pattern: patternOf(pattern),
    provenance: { exactness: 'exact', source: 'test' },
    specialTokens: new Map(),
  });
}

/** Token paths that cover `text` and that some longer text really encodes to, found by trying. */
class CoverOracle {
  readonly #tokens: readonly { readonly id: number; readonly bytes: Buffer }[];
  readonly #continuations: readonly Buffer[];
  readonly #viable = new Map<string, boolean>();

  constructor(readonly tokenizer: BytePairTokenizer) {
    const alphabet = new Set(characters.flatMap((c) => Array.from(utf8(c))));
    const tokens: { id: number; bytes: Buffer }[] = [];
    for (let id = 0; id < tokenizer.vocabularySize; id++) {
      const bytes = Buffer.from(tokenizer.tokenBytes(id));
      if (bytes.every((byte) => alphabet.has(byte))) tokens.push({ id, bytes });
    }
    this.#tokens = tokens;
    const letters = characters.map((c) => utf8(c));
    const shorts = [
      Buffer.alloc(0),
      ...letters,
      ...letters.flatMap((a) => letters.map((b) => Buffer.concat([a, b]))),
    ];
    const merged = tokens.filter(({ id }) => id >= 256).map(({ bytes }) => bytes);
    const more = [...shorts, ...['111', 'sa', 'la', 'lla', ' .'].map(utf8), ...merged];
    more.push(...merged.flatMap((token) => letters.map((letter) => Buffer.concat([token, letter]))));
    // A path may stop inside a character: every way to complete two bytes, some of the ways to complete three.
    const ends = Array.from({ length: 64 }, (_, i) => Buffer.from([0x80 + i]));
    const twoMore = ends.flatMap((end) =>
      [0x80, 0x96, 0x97, 0x98, 0xa9].map((b) => Buffer.concat([Buffer.from([b]), end])),
    );
    const cuts = [...ends, ...twoMore].flatMap((cut) =>
      ['', 'a', 'é', '日'].map((c) => Buffer.concat([cut, utf8(c)])),
    );
    this.#continuations = [...more, ...cuts];
  }

  isViable(ids: readonly number[]): boolean {
    const key = ids.join();
    let known = this.#viable.get(key);
    if (known === undefined) {
      const bytes = Buffer.from(this.tokenizer.decodeBytes(ids));
      known = this.#continuations.some((rest) => {
        const whole = Buffer.concat([bytes, rest]);
        const text = whole.toString('utf8');
        if (!utf8(text).equals(whole)) return false;
        const encoded = this.tokenizer.encode(text);
        return ids.every((id, i) => encoded[i] === id);
      });
      this.#viable.set(key, known);
    }
    return known;
  }

  covers(text: Buffer): string[] {
    const found: string[] = [];
    const walk = (path: readonly number[], at: number): void => {
      for (const { id, bytes } of this.#tokens) {
        const common = Math.min(bytes.length, text.length - at);
        if (!bytes.subarray(0, common).equals(text.subarray(at, at + common))) continue;
        if (!this.isViable([...path, id])) continue;
        if (bytes.length > text.length - at) found.push([...path, id].join());
        else walk([...path, id], at + bytes.length);
      }
    };
    walk([], 0);
    return found.sort();
  }
}

function coversOf(tokenizer: BytePairTokenizer, view: ByteVocabulary, text: Buffer): string[] {
  const { safe, lefts } = findCovers(view, text);
  const trunk = Array.from(tokenizer.encode(text.subarray(0, safe).toString('utf8')));
  const index = vocabularyIndex(view);
  const found: string[] = [];
  for (const left of lefts) {
    for (let i = left.low; i < left.high; i++) {
      const token = index.order[i]!;
      if (left.isViable(token)) found.push([...trunk, ...left.tokens, token].join());
    }
  }
  return found.sort();
}

describe('covers under the real split patterns', () => {
  it.each(['gpt2', 'cl100k', 'o200k'] as const)(
    '%s: 12 random vocabularies agree with trying every path',
    (pattern) => {
      for (let seed = 1; seed <= 12; seed++) {
        const random = seededRandom(seed * 7919);
        const tokenizer = randomTokenizer(seed, pattern);
        const view = bytePairView(tokenizer);
        const oracle = new CoverOracle(tokenizer);
        const alphabet = new Set(characters.flatMap((c) => Array.from(utf8(c))));
        for (let n = 0; n < 4; n++) {
          const length = 1 + Math.floor(random() * 4);
          const whole = utf8(
            Array.from({ length }, () => characters[Math.floor(random() * characters.length)]!).join(''),
          );
          // One text in four stops inside its last character, when that has several bytes.
          const text = n === 0 && whole[whole.length - 1]! >= 0x80 ? whole.subarray(0, -1) : whole;
          const expected = oracle.covers(text);
          // The engine also finds tokens outside the small alphabet; the oracle cannot try those.
          const actual = coversOf(tokenizer, view, text).filter((cover) =>
            cover
              .split(',')
              .every((id) => tokenizer.tokenBytes(Number(id)).every((byte) => alphabet.has(byte))),
          );
          expect(
            actual,
            `pattern ${pattern}, seed ${seed}, text ${JSON.stringify(text.toString('latin1'))}`,
          ).toEqual(expected);
        }
      }
    },
  );
});

describe('covers in a real vocabulary', () => {
  let tokenizer: BytePairTokenizer;
  let view: ByteVocabulary;
  beforeAll(async () => {
    tokenizer = await loadEncoding('cl100k_base');
    view = bytePairView(tokenizer);
  });

  const texts = (): string[] =>
    ['src/core/decoding/byteCovers.ts', 'test/fixtures/byte-level/bytelevel_oracle.py', 'package.json'].map(
      (path) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8').slice(0, 600),
    );

  /** O6: whatever the text goes on with, its own tokens are among the covers. */
  it('contain the tokens of the whole text at every byte of real files', () => {
    const mixed = "let s = 'it''ll';\r\n\tif (x123456) {\n\n    return \"日本語 é 👍🏽\" + I'm + DON'T;   \n }";
    for (const text of [mixed, ...texts()]) {
      const bytes = utf8(text);
      const { ids, byteEnds } = tokenizer.encodeSpans(text);
      const startOf = (i: number): number => (i === 0 ? 0 : byteEnds[i - 1]!);
      let reach = 0;
      for (let n = 1; n < bytes.length; n++) {
        while (byteEnds[reach]! <= n) reach++;
        const { safe, lefts } = findCovers(view, bytes.subarray(0, n));
        const first = Array.from(byteEnds).findIndex((_, i) => startOf(i) === safe);
        expect(first, `safe boundary ${safe} before ${n} is not a token start`).toBeGreaterThanOrEqual(0);
        const left = Array.from(ids.subarray(first, reach)).join();
        const found = lefts.find((l) => l.tokens.join() === left && n - l.overhang === startOf(reach));
        expect(
          found?.isViable(ids[reach]!),
          `byte ${n}: ${JSON.stringify(text.slice(Math.max(0, n - 12), n))}`,
        ).toBe(true);
      }
    }
  }, 120_000);

  it('refuse bytes that no text starts with', () => {
    expect(() => findCovers(view, Uint8Array.of(0x61, 0xff))).toThrow(RangeError);
  });

  it('has one left context and an empty tail after a certain boundary', () => {
    const { tail, lefts } = findCovers(view, utf8('value = items.map\n'));
    expect(lefts.length).toBeGreaterThan(0);
    expect(tail.length).toBeLessThan(6);
    const empty = findCovers(view, new Uint8Array(0));
    expect(empty.lefts).toHaveLength(1);
    expect(empty.lefts[0]!.tokens).toEqual([]);
  });

  it('keeps CRLF, digit groups, contractions and indentation apart as the pattern does', () => {
    const id = (text: string): number => vocabularyIndex(view).find(utf8(text))!;
    const viable = (before: string, left: readonly string[], next: string): boolean => {
      const { lefts, tail } = findCovers(view, utf8(before));
      const wanted = left.map(id).join();
      const found = lefts.find((l) => l.tokens.join() === wanted);
      expect(
        found,
        `left ${left.join('|')} of ${JSON.stringify(before)} (tail ${tail.length})`,
      ).toBeDefined();
      return found!.isViable(id(next));
    };
    expect(viable('x\r', ['\r'], '\n')).toBe(false); // \r\n is one token
    expect(viable('x\r', [], '\r\n')).toBe(true);
    expect(viable('n = 12', ['12'], '345')).toBe(false); // digits group in threes from the left
    expect(viable('n = 12', [], '123')).toBe(true);
    expect(viable("it'", ["'"], 'll')).toBe(false); // 'll is one token
    expect(viable("it'", [], "'ll")).toBe(true);
    expect(viable('  ', [' '], ' return')).toBe(true); // the last space joins the word
    expect(viable('  ', ['  '], 'return')).toBe(false);
  });
});
