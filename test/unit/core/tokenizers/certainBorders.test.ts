// Wherever the tokenizer calls a border certain, the two parts tokenize as the whole does. Oracle: tiktoken on the whole.
import { get_encoding } from 'tiktoken';
import { describe, expect, it } from 'vitest';
import type { IncrementalTokenizer, Tokenizer } from '../../../../src/core/tokenizers/tokenizer';
import { loadEncoding } from '../../../../src/engine/tiktokenLoader';
import { seededRandom } from '../text/seededRandom';

const TEXTS = 4000;
/** Letters of all cases, marks, numbers of all kinds, contractions, blanks, breaks, and characters of two units. */
const ALPHABET = [
  ...['a', 'B', 's', 't', 'LL', 're', 'é', 'ß', 'ǅ', 'ʰ', '日', 'क', 'ि', '\u0301', '𝐀', '𞤀'],
  ...['1', '23', '4567', '٣', '²', 'Ⅷ', '½', '𝟗'],
  ...["'", "'s", "'T", '’', ' ', '  ', '\t', '\n', '\r\n', '\u00a0', '+', '/', '_', '=', '.', '🙂', '\u200d'],
];

/** One family of split patterns each. */
describe.each(['o200k_base', 'cl100k_base', 'gpt2'] as const)('certain borders of %s', (name) => {
  it(`separate what is tokenized apart, in ${TEXTS} random texts`, async () => {
    const seed = 71;
    const random = seededRandom(seed);
    const tokenizer = (await loadEncoding(name)) as Tokenizer & IncrementalTokenizer;
    const oracle = get_encoding(name);
    let between = 0;
    for (let i = 0; i < TEXTS; i++) {
      const text = Array.from(
        { length: 2 + Math.floor(random() * 10) },
        () => ALPHABET[Math.floor(random() * ALPHABET.length)]!,
      ).join('');
      const whole = Array.from(oracle.encode(text, [], []));
      for (let at = 1; at < text.length; at++) {
        if (!tokenizer.isCertainBorder(text.charCodeAt(at - 1), text.charCodeAt(at))) continue;
        between++;
        const parts = [...tokenizer.encode(text.slice(0, at)), ...tokenizer.encode(text.slice(at))];
        expect(parts, `seed ${seed}, ${JSON.stringify(text)} at ${at}`).toEqual(whole);
      }
    }
    oracle.free();
    expect(between).toBeGreaterThan(TEXTS);
  });

  it('lie between letters and numbers in both orders', async () => {
    const tokenizer = (await loadEncoding(name)) as Tokenizer & IncrementalTokenizer;
    const isBorder = (before: string, after: string): boolean =>
      tokenizer.isCertainBorder(before.charCodeAt(0), after.charCodeAt(0));
    expect([isBorder('a', '1'), isBorder('1', 'a'), isBorder('日', '2')]).toEqual([true, true, true]);
    expect([isBorder('a', 'b'), isBorder('1', '2'), isBorder('1', "'"), isBorder('1', '\u0301')]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
