// Planting against recorded steps of the reference processors, and round trips: what is planted must be found.
import { describe, expect, it } from 'vitest';
import { plantingCost, softmax } from '../../../../src/core/watermark/planting/distribution';
import {
  createWatermarkProcessor,
  favouredTokens,
  topTokens,
} from '../../../../src/core/watermark/planting/watermarkProcessor';
import { MersenneTwister } from '../../../../src/core/watermark/random/mersenneTwister';
import type { Scheme } from '../../../../src/core/watermark/scheme';
import { schemeFromSettings } from '../../../../src/core/watermark/schemeCatalogue';
import { checkWatermark } from '../../../../src/core/watermark/watermarkCheck';
import plant from '../../../fixtures/watermark/plant.json';

interface Step {
  readonly scheme: string;
  readonly config: Record<string, unknown>;
  readonly logits_index?: number;
  readonly boosted_ids?: readonly number[];
  readonly offset?: number;
  readonly tokens?: readonly number[];
  readonly sequence?: readonly {
    readonly logits_index: number;
    readonly next: number;
    readonly probs_top12?: readonly (readonly [number, number])[];
    readonly top_k_ids?: readonly number[];
    readonly probs?: readonly number[];
  }[];
}

function build(name: string, config: Record<string, unknown>, vocabularySize = plant.vocab_size): Scheme {
  const scheme = schemeFromSettings({ ...config, scheme: name }, { vocabularySize });
  if (!scheme.ok) throw new Error(scheme.reason);
  return scheme.value;
}
const logitsAt = (index: number): Float32Array =>
  Float32Array.from(plant.logits[index % plant.logits.length]!);

describe('planting steps of the references', () => {
  (plant.steps as readonly Step[]).forEach((step, number) => {
    it(`${number}: ${step.scheme} ${JSON.stringify(step.config)}`, () => {
      const scheme = build(step.scheme, step.config);
      const processor = createWatermarkProcessor(scheme, { offset: step.offset ?? 0 });
      if (step.boosted_ids !== undefined) {
        const logits = logitsAt(step.logits_index!);
        if (scheme.family === 'green-list') {
          expect(favouredTokens(scheme, plant.context, logits)).toEqual(step.boosted_ids);
        }
        const after = logits.slice();
        processor.apply(plant.context, after);
        const changed = Array.from(after.keys()).filter((token) => after[token] !== logits[token]);
        expect(changed).toEqual(step.boosted_ids);
      }
      step.tokens?.forEach((token, i) => {
        const logits = logitsAt(i);
        processor.apply(plant.context, logits);
        expect(topTokens(logits, 1)).toEqual([token]);
      });
      const ids = [...plant.context];
      for (const { logits_index, next, probs_top12, top_k_ids, probs } of step.sequence ?? []) {
        const logits = logitsAt(logits_index);
        processor.apply(ids, logits);
        const probabilities = softmax(logits);
        for (const [token, p] of probs_top12 ?? [])
          expect(Math.abs(probabilities[token]! - p)).toBeLessThan(2e-5);
        top_k_ids?.forEach((token, i) =>
          expect(Math.abs(probabilities[token]! - probs![i]!)).toBeLessThan(2e-5),
        );
        ids.push(next);
      }
    });
  });
});

const SIZE = 1000;
const ROUND_TRIPS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['hf-kgw', { bias: 4 }],
  ['hf-kgw', { bias: 6, seeding_scheme: 'selfhash', context_width: 2 }],
  ['lm-watermarking', { seeding_scheme: 'minhash', delta: 4 }],
  ['lm-watermarking', { seeding_scheme: 'ff-position_prf-3-False', delta: 4, select_green_tokens: false }],
  ['unigram', { strength: 4 }],
  ['synthid-hf', { keys: [654, 400, 836, 123, 340, 443, 597, 160] }],
  ['synthid-text', { keys: [654, 400, 836, 123, 340, 443, 597, 160] }],
  ['kuditipudi-exp', { key: '99', n: 64 }],
  ['kuditipudi-its', { key: '99', n: 64 }],
  ['kuditipudi-demo-exp', { key: 42, n: 64 }],
  ['markllm-KGW', { delta: 4, f_scheme: 'min', prefix_length: 2 }],
  ['markllm-SWEET', { delta: 4 }],
  ['markllm-EXP', { top_k: SIZE }],
];

/** Text from a distribution of about five nats, marked by the scheme. */
function draft(scheme: Scheme, length: number, seed: number): number[] {
  const random = new MersenneTwister(seed);
  const processor = createWatermarkProcessor(scheme, { offset: 5 });
  const ids = [1, 2, 3, 4, 5];
  for (let i = 0; i < length; i += 1) {
    const logits = Float32Array.from({ length: SIZE }, () => 3 * random.unitFromWord());
    processor.apply(ids, logits);
    const p = softmax(logits);
    let left = random.unitFromWord();
    let token = 0;
    while (token < SIZE - 1 && (left -= p[token]!) > 0) token += 1;
    ids.push(token);
  }
  return ids;
}

describe('round trips', () => {
  for (const [name, config] of ROUND_TRIPS) {
    it(`${name} ${JSON.stringify(config)}: planted and found, not found under another key`, () => {
      const scheme = build(name, config, SIZE);
      const ids = draft(scheme, 160, 11);
      const keys = scheme.family === 'tournament' ? '1,2,3,4,5,6,7,8' : '123457';
      const other = schemeFromSettings({ ...config, scheme: name }, { vocabularySize: SIZE, key: keys });
      if (!other.ok) throw new Error(other.reason);
      const verdict = (checked: Scheme): string => {
        const report = checkWatermark({ ids, schemes: [checked], tokenizer: 'test' });
        if (report?.ok !== true) throw new Error('refused');
        return report.value.verdict;
      };
      expect(verdict(scheme)).toBe('found');
      expect(verdict(other.value)).not.toBe('found');
    });
  }

  it('forks keep the state of a draft', () => {
    const scheme = build('synthid-hf', { keys: [1, 2, 3], ngram_len: 3 });
    const one = createWatermarkProcessor(scheme);
    one.apply([7], logitsAt(0));
    const two = one.fork();
    const a = logitsAt(1);
    const b = logitsAt(1);
    one.apply([7, 8], a);
    two.apply([7, 8], b);
    expect(b).toEqual(a);
  });
});

describe('planting cost', () => {
  it('is 0 without a change and what the change of a two-token distribution gives', () => {
    expect(plantingCost([0, 0], [0, 0])).toBe(0);
    // From (3/4, 1/4) to (1/4, 3/4): (1/2) log 3.
    expect(plantingCost([Math.log(3), 0], [0, Math.log(3)])).toBeCloseTo(0.5 * Math.log(3), 12);
  });
});
