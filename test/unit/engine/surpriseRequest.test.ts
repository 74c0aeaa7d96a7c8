// Ugly texts scored by the model in the box: every token has its place in the text, every number is a number, and the bits add up,
// whatever the text is made of.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedModelFolder } from '../../../src/engine/embeddedModel';
import { DEFAULT_LOAD_OPTIONS, loadLanguageModel } from '../../../src/engine/languageModelLoader';
import type { LoadedParts } from '../../../src/engine/modelHandlers';
import { loadModelTokenizer } from '../../../src/engine/modelTokenizer';
import { scoreText } from '../../../src/engine/surpriseRequest';

const texts: Readonly<Record<string, string>> = {
  'an empty text': '',
  'one letter': 'x',
  'nothing but line ends of every kind': '\r\n\n\r\u2028\u2029\r\n',
  'half a surrogate pair': 'a\ud83d b\ude00',
  'emoji joined and coloured': '👩🏽‍🚀👨‍👩‍👧‍👦'.repeat(12),
  'NUL and control characters': '\u0000\u0001\u001b[31m\u007f',
  'right-to-left text with marks': 'שלום \u202eolleh\u202c مرحبا',
  'special-token text': '<|endoftext|><fim_prefix>a<fim_suffix>b<fim_middle>',
  'one letter three thousand times': 'a'.repeat(3000),
  'scripts without spaces': '東京都渋谷区は今日も雨です。'.repeat(40),
};

describe('scores of ugly texts', () => {
  let parts: LoadedParts;
  beforeAll(async () => {
    const loading = await loadLanguageModel(embeddedModelFolder('nowhere'), {
      ...DEFAULT_LOAD_OPTIONS,
      threads: 1,
    });
    if (!loading.ok) throw new Error(loading.reason);
    const { model } = loading;
    const read = await loadModelTokenizer(model);
    if (!read.ok) throw new Error(read.reason);
    parts = { model, tokenizer: read.tokenizer, session: model.openSession() };
  });
  afterAll(async () => {
    await parts.model.release();
  });

  it.each(Object.entries(texts))('are whole for %s', async (_, text) => {
    let counted = 0;
    const context = { cancellation: { cancelled: false }, progress: () => undefined };
    const result = await scoreText({ text }, parts, context, (tokens) => (counted += tokens));
    const { ids, utf16Ends, byteEnds, logProbs, ranks, entropies, choices, bitsPerByte } = result;
    expect(counted).toBe(ids.length);
    expect([utf16Ends.length, byteEnds.length, logProbs.length, choices.length]).toEqual(
      Array(4).fill(ids.length),
    );
    const bytes = new TextEncoder().encode(text).length;
    if (ids.length > 0) expect([utf16Ends.at(-1), byteEnds.at(-1)]).toEqual([text.length, bytes]);
    expect([result.totalTokens, result.totalBytes]).toEqual([ids.length, bytes]);
    const scored = [...logProbs].slice(1);
    expect(scored.every((value) => Number.isFinite(value) && value <= 0)).toBe(true);
    expect([...ranks].slice(1).every((rank) => rank >= 1 && rank <= result.vocabularySize)).toBe(true);
    expect([...entropies].slice(1).every((value) => value >= 0)).toBe(true);
    expect([...result.choiceLogProbs].slice(1).every((best, i) => best >= scored[i]! - 1e-12)).toBe(true);
    if (ids.length < 2) expect(bitsPerByte).toBeNaN();
    else {
      const bits = -scored.reduce((sum, value) => sum + value, 0) / Math.LN2;
      expect(bitsPerByte).toBeCloseTo(bits / (bytes - byteEnds[0]!), 9);
    }
  });
});
