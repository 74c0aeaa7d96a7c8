import { beforeAll, describe, expect, it } from 'vitest';
import { countInPieces } from '../../../../src/core/tokenizers/pieceCount';
import type { Tokenizer } from '../../../../src/core/tokenizers/tokenizer';
import { loadEncoding } from '../../../../src/engine/tiktokenLoader';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadEncoding('o200k_base');
});
const never = (): boolean => false;

describe('counting in pieces', () => {
  it.each([
    ['', 'nothing'],
    ['short text', 'a short text'],
    [
      'The model reads 東京タワー, naïve café and 👩🏽‍🚀 at 12,345.67 per line.\r\n'.repeat(4000),
      'lines of many scripts',
    ],
    ['a'.repeat(200_000), 'one word without any border'],
    ['   \n\t  '.repeat(40_000), 'white space'],
    ['👩🏽‍🚀'.repeat(30_000), 'emoji'],
  ])('gives the count of the whole: %#', (text) => {
    expect(countInPieces(tokenizer, text, never)).toBe(tokenizer.count(text));
  });

  it('stops when the caller gives up, and only then', () => {
    let asked = 0;
    const text = 'one two three four five six seven\n'.repeat(20_000);
    expect(countInPieces(tokenizer, text, () => ++asked === 3)).toBeUndefined();
    expect(asked).toBe(3);
  });
});
