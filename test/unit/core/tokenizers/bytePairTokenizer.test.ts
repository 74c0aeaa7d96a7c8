// Every OpenAI encoding must give npm tiktoken's ids, token for token, whatever the text.
import { createRequire } from 'node:module';
import { get_encoding, Tiktoken } from 'tiktoken';
import { describe, expect, it } from 'vitest';
import type { BytePairTokenizer } from '../../../../src/core/tokenizers/bytePairTokenizer';
import { ENCODING_NAMES, type EncodingName } from '../../../../src/core/tokenizers/encodings';
import { loadEncoding } from '../../../../src/engine/tiktokenLoader';
import { mixedCorpus } from './mixedCorpus';
import { randomText, seededRandom } from './seededRandom';

const SEED = 1124;
const STRINGS = 10_000;
const corpus = mixedCorpus();

interface EncoderFile {
  readonly pat_str: string;
  readonly bpe_ranks: string;
}

/** npm tiktoken has no o200k_harmony; it is o200k_base's ranks and pattern with other special tokens. */
function reference(name: EncodingName, specials: ReadonlyMap<string, number>): Tiktoken {
  if (name !== 'o200k_harmony') return get_encoding(name);
  const file = createRequire(import.meta.url)('tiktoken/encoders/o200k_base.json') as EncoderFile;
  return new Tiktoken(file.bpe_ranks, Object.fromEntries(specials), file.pat_str);
}

/** Fails with the first place where two id lists differ, not with a diff of a million numbers. */
function expectSameIds(actual: Uint32Array, expected: Uint32Array, about: string): void {
  const at = expected.findIndex((id, i) => actual[i] !== id);
  if (at < 0 && actual.length === expected.length) return;
  const shown = (ids: Uint32Array): string => ids.slice(Math.max(0, at - 3), at + 5).join(' ');
  expect.fail(
    `${about}: token ${at} of ${expected.length} differs: ${shown(actual)} instead of ${shown(expected)}`,
  );
}

function checkRandomStrings(tokenizer: BytePairTokenizer, tiktoken: Tiktoken): void {
  const random = seededRandom(SEED);
  for (let i = 0; i < STRINGS; i++) {
    const text = randomText(random);
    const about = `${tokenizer.name}, seed ${SEED}, string ${i}: ${JSON.stringify(text)}`;
    const ids = tokenizer.encode(text);
    expectSameIds(ids, tiktoken.encode_ordinary(text), about);
    if (tokenizer.count(text) !== ids.length) expect.fail(`${about}: counted ${tokenizer.count(text)}`);
    const bytes = Buffer.from(tokenizer.decodeBytes(ids));
    if (!bytes.equals(Buffer.from(text, 'utf8'))) expect.fail(`${about}: decodes to other bytes`);
  }
}

describe('ids equal npm tiktoken', () => {
  it('on more than 5 MB of real text', () => {
    const bytes = [...corpus.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    expect(bytes).toBeGreaterThan(5_000_000);
  });

  for (const name of ENCODING_NAMES) {
    it(`${name}: mixed real text, ${STRINGS} random strings, all special tokens`, async () => {
      const tokenizer = await loadEncoding(name);
      const tiktoken = reference(name, tokenizer.specialTokens);
      for (const [part, text] of corpus) {
        expectSameIds(tokenizer.encode(text), tiktoken.encode_ordinary(text), `${name}, ${part}`);
      }
      checkRandomStrings(tokenizer, tiktoken);
      for (const [text, id] of tokenizer.specialTokens) {
        expect(tiktoken.encode(text, 'all')).toEqual(Uint32Array.of(id));
        expect(Buffer.from(tokenizer.tokenBytes(id)).toString()).toBe(
          // 200018 has two names upstream; the later one is the one that is decoded.
          [...tokenizer.specialTokens].findLast(([, other]) => other === id)![0],
        );
      }
      tiktoken.free();
    });
  }
});

describe('the TypeScript and the WebAssembly kernel agree', () => {
  for (const name of ['o200k_base', 'cl100k_base', 'gpt2'] as const) {
    it(`${name}: learned and first-seen pieces, ids and counts`, async () => {
      const wasm = await loadEncoding(name);
      const script = await loadEncoding(name, { kernel: 'script' });
      expect([wasm.kernelKind, script.kernelKind]).toEqual(['wasm', 'script']);
      const random = seededRandom(SEED + 1);
      for (let i = 0; i < 4000; i++) {
        const text = randomText(random).repeat(1 + random.integer(12));
        const expected = script.encode(text);
        expectSameIds(wasm.encode(text), expected, `seed ${SEED + 1}, string ${i}: ${JSON.stringify(text)}`);
        expect(wasm.count(text)).toBe(expected.length);
      }
      for (const [part, text] of corpus) expectSameIds(wasm.encode(text), script.encode(text), part);
      // Enough new pieces to fill the table, so that what was learned is dropped on the way.
      for (let round = 0; round < 6; round++) {
        const noise = Array.from({ length: 60_000 }, () => random.integer(2 ** 40).toString(36)).join(' ');
        expectSameIds(wasm.encode(noise), script.encode(noise), `noise, round ${round}`);
      }
    });
  }
});

describe('spans', () => {
  it('end at the bytes and units of the text they stand for', async () => {
    const tokenizer = await loadEncoding('o200k_base');
    const random = seededRandom(SEED + 2);
    for (let i = 0; i < 500; i++) {
      const text = randomText(random);
      const { ids, byteEnds, utf16Ends } = tokenizer.encodeSpans(text);
      let bytes = 0;
      for (let token = 0; token < ids.length; token++) {
        bytes += tokenizer.tokenBytes(ids[token]!).length;
        expect(byteEnds[token]).toBe(bytes);
        const units = utf16Ends[token]!;
        // The text up to the UTF-16 end is the longest whole-character text within the bytes.
        expect(Buffer.byteLength(text.slice(0, units), 'utf8')).toBeLessThanOrEqual(bytes);
        const next = text.codePointAt(units);
        if (next !== undefined) {
          const whole = text.slice(0, units) + String.fromCodePoint(next);
          expect(Buffer.byteLength(whole, 'utf8')).toBeGreaterThan(bytes);
        }
      }
      expect(bytes).toBe(Buffer.byteLength(text, 'utf8'));
    }
  });
});

describe('hard inputs', () => {
  it('are encoded as tiktoken encodes a shorter one of the same kind, and decode to themselves', async () => {
    const tokenizer = await loadEncoding('o200k_base');
    const tiktoken = get_encoding('o200k_base');
    const kinds: Readonly<Record<string, (length: number) => string>> = {
      letters: (length) => 'a'.repeat(length),
      spaces: (length) => ' '.repeat(length),
      'equal signs': (length) => '='.repeat(length),
      dashes: (length) => '-'.repeat(length),
      newlines: (length) => '\r\n'.repeat(length / 2),
      CJK: (length) =>
        Array.from({ length }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7919) % 5000))).join(''),
      'joined emoji': (length) => '\u{1f469}\u200d\u{1f4bb}'.repeat(length / 5),
      marks: (length) => 'e' + '\u0301'.repeat(length),
      'lone surrogates': (length) => '\udc00\ud800'.repeat(length / 2),
      'letters of two kinds': (length) => 'ab'.repeat(length / 2) + 'ba'.repeat(length / 2),
    };
    for (const [kind, make] of Object.entries(kinds)) {
      for (const length of [1500, 1501]) {
        const text = make(length);
        expectSameIds(tokenizer.encode(text), tiktoken.encode_ordinary(text), `${length} ${kind}`);
      }
      const long = make(200_000);
      const ids = tokenizer.encode(long);
      expect(tokenizer.count(long)).toBe(ids.length);
      expect(Buffer.from(tokenizer.decodeBytes(ids)).equals(Buffer.from(long, 'utf8'))).toBe(true);
    }
    tiktoken.free();
  });

  it('has no token for an id outside the vocabulary', async () => {
    const tokenizer = await loadEncoding('p50k_base');
    for (const id of [50281, 50283, -1, 0.5, NaN]) {
      expect(() => tokenizer.tokenBytes(id)).toThrow(RangeError);
      expect(() => tokenizer.decodeBytes([id])).toThrow(RangeError);
    }
    expect(tokenizer.encode('')).toEqual(new Uint32Array(0));
  });
});
