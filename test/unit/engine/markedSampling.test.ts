// Marks planted by the model in the box: found in the text once it is tokenized again, not under another key, and at a cost
// in log-probability that is none on average for distortion-free schemes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LmSession } from '../../../src/core/model/languageModel';
import type { Tokenizer } from '../../../src/core/tokenizers/tokenizer';
import { sampleDrafts } from '../../../src/core/watermark/planting/markedSampling';
import { markSurvival } from '../../../src/core/watermark/planting/markSurvival';
import type { Scheme } from '../../../src/core/watermark/scheme';
import { schemeFromSettings } from '../../../src/core/watermark/schemeCatalogue';
import {
  DEFAULT_LOAD_OPTIONS,
  loadLanguageModel,
  type LoadedModel,
} from '../../../src/engine/languageModelLoader';
import { loadModelTokenizer } from '../../../src/engine/modelTokenizer';

const FOLDER = new URL('../../../models/tessera-tiny', import.meta.url).pathname;
const LENGTH = 200;
const SEED = 20261125;
const KEYS = [654, 400, 836, 123, 340, 443, 597, 160, 57, 29];

const SCHEMES: readonly (readonly [Record<string, unknown>, otherKey: string])[] = [
  [{ scheme: 'kuditipudi-exp', key: '99', n: 256 }, '98'],
  [{ scheme: 'synthid-hf', keys: KEYS }, KEYS.map((key) => key + 1000).join(',')],
  [{ scheme: 'hf-kgw', hashing_key: '77', bias: 3 }, '78'],
];

let model: LoadedModel;
let session: LmSession;
let tokenizer: Tokenizer;
beforeAll(async () => {
  const loaded = await loadLanguageModel(FOLDER, { ...DEFAULT_LOAD_OPTIONS, threads: 1 });
  if (!loaded.ok) throw new Error(loaded.reason);
  model = loaded.model;
  session = model.openSession();
  const read = await loadModelTokenizer(model);
  if (!read.ok) throw new Error(read.reason);
  tokenizer = read.tokenizer;
}, 120_000);
afterAll(async () => {
  session.close();
  await model.release();
});

function build(settings: Record<string, unknown>, key?: string, vocabularySize = 4096): Scheme {
  const scheme = schemeFromSettings(settings, { key, vocabularySize });
  if (!scheme.ok) throw new Error(scheme.reason);
  return scheme.value;
}

describe('marks planted by the model in the box', () => {
  const prompt = (): number[] => Array.from(tokenizer.encode('// Reads a file and counts its words.\n'));

  for (const [settings, otherKey] of SCHEMES) {
    it(`${String(settings['scheme'])}: 200 tokens are found after tokenizing again (seed ${SEED})`, async () => {
      const scheme = build(settings);
      const outcome = await sampleDrafts(session, {
        prompts: [prompt(), prompt()],
        length: LENGTH,
        scheme,
        temperature: 1,
        seed: SEED,
      });
      if (!outcome.ok) throw new Error(outcome.reason);
      for (const { ids, costPerToken } of outcome.value) {
        expect(ids.length).toBe(LENGTH);
        const survival = markSurvival(scheme, ids, tokenizer);
        if (!survival.ok) throw new Error(survival.reason);
        const { asDrawn, retokenized, sameTokens } = survival.value;
        expect(asDrawn.verdict).toBe('found');
        expect(retokenized.verdict, `p ${retokenized.correctedP.p}, ${sameTokens} tokens the same`).toBe(
          'found',
        );
        expect(sameTokens).toBeGreaterThan(0.7 * LENGTH);
        const other = markSurvival(build(settings, otherKey), ids, tokenizer);
        if (!other.ok) throw new Error(other.reason);
        expect(other.value.retokenized.verdict).not.toBe('found');
        // Gains and losses by turns; under one key a bias may even raise the probability of what is drawn.
        if (scheme.distortionFree) expect(Math.abs(costPerToken)).toBeLessThan(0.5);
      }
    }, 300_000);
  }

  it(`a bias costs log-probability on average over keys (seed ${SEED})`, async () => {
    const costs: number[] = [];
    for (let key = 1; key <= 12; key += 1) {
      const outcome = await sampleDrafts(session, {
        prompts: [prompt()],
        length: 100,
        scheme: build({ scheme: 'hf-kgw', hashing_key: String(1000 + key), bias: 3 }),
        temperature: 1,
        seed: SEED + key,
      });
      if (!outcome.ok) throw new Error(outcome.reason);
      costs.push(outcome.value[0]!.costPerToken);
    }
    const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
    expect(mean, costs.map((cost) => cost.toFixed(3)).join(' ')).toBeGreaterThan(0);
  }, 300_000);

  it('refuses another vocabulary with the size to set', async () => {
    const scheme = build({ scheme: 'hf-kgw' }, undefined, 50257);
    const request = { prompts: [[]], length: 5, scheme, temperature: 1, seed: 1 };
    const outcome = await sampleDrafts(session, request);
    expect(outcome.ok ? '' : outcome.reason).toContain('set it to 4096');
  });
});
