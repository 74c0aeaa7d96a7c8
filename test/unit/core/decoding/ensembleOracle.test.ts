// Two models of different byte-pair vocabularies vote on every byte. The oracle enumerates every token path of both models
// (pathEnumeration.ts), averages the two next-byte distributions and chooses by itself; the texts must agree byte for byte.
import { describe, expect, it } from 'vitest';
import { ByteLevelState } from '../../../../src/core/decoding/byteDistribution';
import { averageSource, modelSource, writeBytes } from '../../../../src/core/decoding/byteEnsemble';
import { seededRandom } from '../../../../src/core/decoding/seededRandom';
import { ToyHashModel } from '../../../../src/core/model/toyHashModel';
import { normalised, PathOracle } from './pathEnumeration';
import { ToyByteTokenizer } from './toyByteTokenizer';

const MAX_TOKENS = 6;
const LENGTH = 4;
const vocabularies = [
  new ToyByteTokenizer([
    ['a', 'b'],
    ['ab', 'c'],
    [' ', 'a'],
    ['\u00c3', '\u00a9'],
  ]),
  new ToyByteTokenizer([
    ['b', 'c'],
    ['a', 'bc'],
    ['c', 'c'],
    [' ', 'b'],
    ['\n', '\n'],
    ['a', 'a'],
  ]),
];
const weightings = [
  [1, 1],
  [3, 1],
];
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

const oracles = vocabularies.map((tokenizer) => new PathOracle(tokenizer, MAX_TOKENS));
const known = new Map<string, number[][]>();

/** 257 numbers: what the average of both models gives after `text`. */
function expectedAfter(text: string, weights: readonly number[]): number[] {
  let each = known.get(text);
  if (each === undefined) {
    each = oracles.map((oracle) => normalised(oracle.mass(text, true)).p);
    known.set(text, each);
  }
  const total = weights.reduce((sum, w) => sum + w, 0);
  return each[0]!.map((_, b) => each.reduce((sum, p, m) => sum + (weights[m]! / total) * p[b]!, 0));
}

function sources(text: string) {
  return vocabularies.map((tokenizer) => {
    const endToken = tokenizer.vocabulary.length;
    const model = new ToyHashModel({ vocabularySize: endToken + 1, endToken, maxTokens: MAX_TOKENS });
    return modelSource(
      new ByteLevelState(model.openSession(), tokenizer.byteVocabulary(), [], bytesOf(text)),
    );
  });
}

const mostProbable = (p: ArrayLike<number>): number =>
  Array.from(p).reduce((best, value, b) => (value > p[best]! + 1e-12 ? b : best), 0);

/** The outcome at which the running sum of `p` passes `share`. */
function drawnBy(p: ArrayLike<number>, share: number): number {
  let sum = 0;
  for (let b = 0; b < 257; b++) if ((sum += p[b]!) > share) return b;
  return 256;
}

describe('an ensemble of two vocabularies', () => {
  const rules = {
    singleLine: false,
    maxTokens: Infinity,
    maxBytes: LENGTH,
    indentation: 0,
    suffixLine: '',
  };
  const prefixes = ['a', 'ab', ' ', 'b c', '\u00c3'];

  it('gives the average of the two enumerated next-byte distributions', async () => {
    for (const prefix of prefixes) {
      for (const weights of weightings) {
        const p = await averageSource(sources(prefix), weights).next();
        const expected = expectedAfter(prefix, weights);
        p.forEach((value, b) => expect(value, `${prefix}, byte ${b}`).toBeCloseTo(expected[b]!, 9));
      }
    }
  });

  it('writes the most probable bytes, byte for byte', async () => {
    for (const prefix of prefixes) {
      for (const weights of weightings) {
        const draft = await writeBytes(averageSource(sources(prefix), weights), rules);
        let written = '';
        let expectedLogProb = 0;
        for (let i = 0; i < LENGTH; i++) {
          const p = expectedAfter(prefix + written, weights);
          const byte = mostProbable(p);
          expectedLogProb += Math.log(p[byte]!);
          if (byte === 256) break;
          written += String.fromCharCode(byte);
        }
        expect(String.fromCharCode(...draft.written), prefix).toBe(written);
        expect(draft.logProb).toBeCloseTo(expectedLogProb, 9);
      }
    }
  });

  it('draws the bytes that the enumerated average draws from the same random numbers', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const prefix = prefixes[seed % prefixes.length]!;
      const weights = weightings[seed % 2]!;
      const random = seededRandom(seed);
      const draft = await writeBytes(averageSource(sources(prefix), weights), rules, {
        choose: (p) => drawnBy(p, random()),
      });
      const again = seededRandom(seed);
      let written = '';
      for (let i = 0; i < LENGTH; i++) {
        const byte = drawnBy(expectedAfter(prefix + written, weights), again());
        if (byte === 256) break;
        written += String.fromCharCode(byte);
      }
      expect(String.fromCharCode(...draft.written), `seed ${seed}, after ${JSON.stringify(prefix)}`).toBe(
        written,
      );
    }
  });
});
