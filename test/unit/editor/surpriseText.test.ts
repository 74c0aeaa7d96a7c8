// What the heat map marks and what the hover says, without an editor.
import { describe, expect, it } from 'vitest';
import {
  bitsOf,
  describeSurprise,
  scoredTokenAt,
  STEP_BITS,
  surpriseStep,
} from '../../../src/editor/surpriseText';
import type { TextSurpriseResult } from '../../../src/engine/modelProtocol';
import { fillIn as translate } from './translation';

const result: TextSurpriseResult = {
  model: 'small',
  totalTokens: 9,
  totalBytes: 30,
  vocabularySize: 4096,
  window: 1024,
  first: 3,
  firstUtf16: 10,
  firstByte: 12,
  ids: Uint32Array.of(7, 8, 9),
  // The second token ends inside the character that the third one completes.
  utf16Ends: Uint32Array.of(13, 13, 15),
  byteEnds: Uint32Array.of(15, 17, 21),
  logProbs: Float64Array.of(Math.log(1 / 8), NaN, Math.log(0.5)),
  ranks: Uint32Array.of(4, 0, 1),
  entropies: Float64Array.of(2 * Math.LN2, NaN, Math.LN2),
  choices: [' value', '', 'x'],
  choiceLogProbs: Float64Array.of(Math.log(0.25), NaN, Math.log(0.5)),
  bitsPerByte: 1,
};

describe('the steps of surprise', () => {
  it('begin where the table says, and nothing is marked below or without a score', () => {
    const atBits = (bits: number): string | undefined => surpriseStep(-bits * Math.LN2);
    expect(STEP_BITS.map((bits) => atBits(bits + 1e-9))).toEqual(['slight', 'clear', 'strong', 'extreme']);
    expect(atBits((STEP_BITS[0] ?? 0) - 0.01)).toBeUndefined();
    expect(surpriseStep(NaN)).toBeUndefined();
    expect(surpriseStep(-Infinity)).toBe('extreme');
  });

  it('count in bits: a probability of 1/8 is 3 bits, certainty is 0', () => {
    expect(bitsOf(Math.log(1 / 8))).toBeCloseTo(3, 12);
    expect(Object.is(bitsOf(0), 0)).toBe(true);
  });
});

describe('the hover', () => {
  it('gives bits, nats, probability, rank, entropy and what the model would have written', () => {
    const { token, lines } = describeSurprise(result, 0, 'tab\t', 'en', translate);
    expect(token).toBe('"tab\\t"');
    expect(lines).toEqual([
      '3.00 bits of surprise (log-probability -2.08 nats, probability 12.5%)',
      'Rank 4 of 4,096; entropy of the choice 2.00 bits',
      'The model would have written " value" (25%)',
      'small, with up to 1,023 tokens of context',
    ]);
  });

  it('names no other choice for the model’s own, and no number for a token without context', () => {
    expect(describeSurprise(result, 2, 'x', 'en', translate).lines).toHaveLength(3);
    expect(describeSurprise(result, 1, '', 'en', translate).lines[0]).toContain('nothing before it');
  });

  it('finds the token under an offset, the one with a width where several share a place', () => {
    expect([10, 12, 13, 14].map((offset) => scoredTokenAt(result, offset))).toEqual([0, 0, 2, 2]);
    expect(scoredTokenAt(result, 9)).toBeUndefined();
    expect(scoredTokenAt(result, 15)).toBeUndefined();
  });
});
