import { describe, expect, it } from 'vitest';
import { completeDrafts, type DraftMethod } from '../../../../src/core/decoding/completeDrafts';
import { conditionedGumbel } from '../../../../src/core/decoding/exactDrafts';
import { gumbel, seededRandom } from '../../../../src/core/decoding/seededRandom';
import { BytePairTokenizer } from '../../../../src/core/tokenizers/bytePairTokenizer';
import { buildTables } from '../../../../src/core/tokenizers/bytePairTables';
import { vocabularyFromTokens } from '../../../../src/core/tokenizers/bytePairVocabulary';
import { patternOf } from '../../../../src/core/tokenizers/splitScanners';
import type { LanguageModel } from '../../../../src/core/model/languageModel';
import { ToySession } from '../../../../src/core/model/toySession';

const tokenizer = new BytePairTokenizer(
  buildTables(vocabularyFromTokens(Array.from({ length: 256 }, (_, byte) => Buffer.from([byte])))),
  {
    name: 'bytes',
    pattern: patternOf('gpt2'),
    provenance: { exactness: 'exact', source: 'test' },
    specialTokens: new Map([['<end>', 256]]),
  },
);

/** Each text is two letters of x, y, z; the second depends on the first. */
const first = [0.6, 0.3, 0.1];
const second = [
  [0.7, 0.2, 0.1],
  [0.1, 0.1, 0.8],
  [0.3, 0.4, 0.3],
];
const letters = ['x', 'y', 'z'];
const model: LanguageModel = {
  info: { name: 'letters', vocabularySize: 257, contextLength: 512, embeddingSize: 0, endTokens: [256] },
  stepCost: undefined,
  openSession() {
    return new ToySession<number>(this.info, {
      start: -1,
      advance: (_, input) => (typeof input === 'number' ? input - 120 : -1),
      logits(state) {
        const row = new Float64Array(257).fill(-Infinity);
        (state >= 0 && state < 3 ? second[state]! : first).forEach((p, i) => (row[120 + i] = Math.log(p)));
        return row;
      },
      embeddingRow: () => new Float32Array(0),
    });
  },
};

const texts = letters.flatMap((a, i) =>
  letters.map((b, j) => ({ text: a + b, p: first[i]! * second[i]![j]! })),
);

/** Probability that a text is among `count` draws without replacement. */
function inclusion(target: string, count: number): number {
  const walk = (left: readonly { text: string; p: number }[], mass: number, draws: number): number =>
    draws === 0
      ? 0
      : left.reduce((sum, item) => {
          const share = item.p / mass;
          if (item.text === target) return sum + share;
          return (
            sum +
            share *
              walk(
                left.filter((other) => other !== item),
                mass - item.p,
                draws - 1,
              )
          );
        }, 0);
  return walk(texts, 1, count);
}

async function frequencies(method: DraftMethod, count: number, runs: number): Promise<Map<string, number>> {
  const session = model.openSession();
  const seen = new Map<string, number>();
  for (let seed = 0; seed < runs; seed++) {
    const result = await completeDrafts(session, tokenizer, {
      prefix: '',
      suffix: '',
      method,
      count,
      maxTokens: 2,
      seed,
      temperature: 1,
    });
    if (!result.ok) throw new Error(result.message);
    expect(result.drafts).toHaveLength(count);
    for (const { text } of result.drafts) seen.set(text, (seen.get(text) ?? 0) + 1 / runs);
  }
  return seen;
}

describe('stochastic beam search', () => {
  it('draws whole drafts without replacement: inclusion probabilities fit the enumeration', async () => {
    const runs = 4000;
    const seen = await frequencies('stochasticBeam', 3, runs);
    for (const { text } of texts) {
      const p = inclusion(text, 3);
      // Five standard deviations of a binomial share.
      const slack = 5 * Math.sqrt((p * (1 - p)) / runs);
      expect(Math.abs((seen.get(text) ?? 0) - p), `${text}: expected ${p}`).toBeLessThan(slack);
    }
  });

  it('conditions Gumbels on their maximum: none exceeds it and the largest is it', () => {
    const random = seededRandom(4);
    for (let n = 0; n < 500; n++) {
      const scores = Array.from({ length: 6 }, () => -5 * random() + gumbel(random));
      const largest = Math.max(...scores);
      const target = 4 * random() - 2;
      const moved = scores.map((score) => conditionedGumbel(target, largest, score));
      expect(Math.max(...moved)).toBeCloseTo(target, 9);
      expect([...moved.keys()].sort((a, b) => moved[b]! - moved[a]!)).toEqual(
        [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!),
      );
    }
  });
});

describe('Gumbel-top-k', () => {
  it('draws distinct first tokens', async () => {
    const session = model.openSession();
    for (let seed = 0; seed < 50; seed++) {
      const result = await completeDrafts(session, tokenizer, {
        prefix: '',
        suffix: '',
        method: 'gumbel',
        count: 3,
        maxTokens: 2,
        seed,
      });
      if (!result.ok) throw new Error(result.message);
      expect(new Set(result.drafts.map((d) => d.text[0])).size).toBe(3);
    }
  });
});

describe('nucleus', () => {
  it('with mass 0.5 keeps only the letters that are needed', async () => {
    const result = await completeDrafts(model.openSession(), tokenizer, {
      prefix: '',
      suffix: '',
      method: 'nucleus',
      count: 16,
      topP: 0.5,
      maxTokens: 2,
    });
    expect(result.ok && result.drafts.map((d) => d.text)).toEqual(['xx']);
  });
});
