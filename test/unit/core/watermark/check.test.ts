// The whole check: verdicts, counting, ranges, correction over keys, bad input and cancellation, on the shared texts.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Fixture } from '../../../../src/core/watermark/fixtures/fixtureShapes';
import { MersenneTwister } from '../../../../src/core/watermark/random/mersenneTwister';
import { logBinomialTail } from '../../../../src/core/watermark/significance/tails';
import type { Scheme } from '../../../../src/core/watermark/scheme';
import { schemeFromSettings, schemeFromText } from '../../../../src/core/watermark/schemeCatalogue';
import { parseSettingsText } from '../../../../src/core/watermark/settings';
import { AlignedText } from '../../../../src/core/watermark/alignment/alignedText';
import { CheckCache, checkWatermark, type CheckOptions } from '../../../../src/core/watermark/watermarkCheck';
import {
  chanceInWords,
  keyFingerprint,
  type WatermarkReport,
} from '../../../../src/core/watermark/watermarkReport';

function load(name: string, key?: string): { scheme: Scheme; fixture: Fixture } {
  const file = new URL(`../../../fixtures/watermark/${name}.json`, import.meta.url);
  const parsed = parseSettingsText(readFileSync(file, 'utf8'));
  if (!parsed.ok) throw new Error(parsed.reason);
  const fixture = parsed.value as unknown as Fixture;
  const scheme = schemeFromSettings({ ...fixture.config, scheme: fixture.scheme }, { key });
  if (!scheme.ok) throw new Error(scheme.reason);
  return { scheme: scheme.value, fixture };
}
const idsOf = (fixture: Fixture, label: string): readonly number[] =>
  fixture.cases.find((item) => item.label === label)!.ids;
function report(
  ids: ArrayLike<number>,
  schemes: readonly Scheme[],
  options: CheckOptions = {},
): WatermarkReport {
  const outcome = checkWatermark({ ids, schemes, tokenizer: 'r50k_base', options });
  if (outcome?.ok !== true) throw new Error(outcome?.reason ?? 'stopped');
  return outcome.value;
}

describe('verdicts on the shared texts', () => {
  for (const name of [
    'hf-kgw-lefthash-r50k',
    'unigram-r50k-key0',
    'synthid-hf-30keys-r50k',
    'synthid-dm-30keys-r50k',
    'lmw-minhash-r50k',
  ]) {
    it(`${name}: marked texts are found, human ones are not`, () => {
      const { scheme, fixture } = load(name);
      for (const item of fixture.cases) {
        if (item.label === 'wm-200' || item.label === 'wm-1000')
          expect(report(item.ids, [scheme]).verdict, item.label).toBe('found');
        if (item.label?.startsWith('human') === true)
          expect(report(item.ids, [scheme]).verdict, item.label).toBe('not-found');
      }
    });
  }

  it('Kuditipudi: found after 20 % edits by permutation or blocks, not in plain text', () => {
    const { scheme, fixture } = load('kuditipudi-demo-key42-r50k');
    expect(report(idsOf(fixture, 'wm-200-edit20'), [scheme]).verdict).toBe('found');
    const plain = report(idsOf(fixture, 'plain-200'), [scheme], { maximumRuns: 99 });
    expect(plain.verdict).not.toBe('found');
    expect(plain.results[0]!.tests).toBeLessThan(100);
  });

  it('the marked stretch between unmarked ones is bracketed', () => {
    for (const name of [
      'hf-kgw-lefthash-o200k-code',
      'hf-kgw-lefthash-r50k',
      'synthid-hf-30keys-r50k',
      'synthid-dm-30keys-r50k',
    ]) {
      const { scheme, fixture } = load(name);
      const ids = idsOf(fixture, 'mixed-plain300-wm200-plain300');
      const { range, correctedP } = report(ids, [scheme]).results[0]!;
      const overlap = Math.max(0, Math.min(500, range!.end) - Math.max(300, range!.start));
      const union = Math.max(500, range!.end) - Math.min(300, range!.start);
      expect(overlap / union, `${name} ${range!.start}..${range!.end}`).toBeGreaterThan(0.85);
      expect(correctedP.log10P, name).toBeLessThan(-10);
    }
  });
});

describe('counting', () => {
  it('pairs by default; other rules say what they are', () => {
    const { scheme, fixture } = load('hf-kgw-lefthash-r50k');
    const ids = idsOf(fixture, 'wm-1000');
    const pairs = report(ids, [scheme]).results[0]!;
    expect(pairs).toMatchObject({ scored: 531, ignored: 468, statistic: 303, pKind: 'exact binomial' });
    const all = report(ids, [scheme], { counting: 'all' }).results[0]!;
    expect(all).toMatchObject({ scored: 999, statistic: 731 });
    expect(all.notes.join(' ')).toContain('for comparison');
  });

  it('entropies choose or weight tokens, and are named', () => {
    const { scheme, fixture } = load('hf-kgw-lefthash-r50k');
    const ids = idsOf(fixture, 'wm-200');
    const entropies = ids.map((_, i) => (i % 2 === 0 ? 3 : 0.1));
    const sweet = report(ids, [scheme], {
      entropy: { rule: 'sweet', entropies, threshold: 1, model: 'tiny' },
    });
    const plain = report(ids, [scheme]).results[0]!;
    expect(sweet.results[0]!.scored).toBeLessThan(plain.scored);
    expect(sweet.results[0]!.notes.join(' ')).toContain('tiny');
    // All weights equal but for the first scored token, which has the smallest entropy and so the weight 0.
    const even = report(ids, [scheme], {
      entropy: { rule: 'ewd', entropies: ids.map((_, i) => Number(i > 1)), model: 'tiny' },
    }).results[0]!;
    const green = plain.statistic - plain.tokens.values[0]!;
    expect(even.scored).toBe(plain.scored - 1);
    const rate = Math.trunc(50257 / 4) / 50257;
    expect(even.p.log10P).toBeCloseTo(logBinomialTail(even.scored, green, rate) / Math.LN10, 6);
  });
});

describe('several keys and schemes', () => {
  it('are corrected for one another', () => {
    const { scheme, fixture } = load('hf-kgw-lefthash-r50k');
    const others = ['1', '2', '3', '4', '5'].map((key) => load('hf-kgw-lefthash-r50k', key).scheme);
    const ids = idsOf(fixture, 'wm-200');
    const alone = report(ids, [scheme]).results[0]!;
    const six = report(ids, [...others, scheme]);
    expect(six.strongest).toBe(5);
    expect(six.results[5]!.correctedP.log10P).toBeCloseTo(alone.correctedP.log10P + Math.log10(6), 9);
    expect(six.summary).toContain('6 keys or schemes');
  });
  it('keys appear as fingerprints only', () => {
    const { scheme, fixture } = load('hf-kgw-lefthash-r50k');
    const text = JSON.stringify(report(idsOf(fixture, 'wm-35'), [scheme]));
    expect(text).not.toContain('15485863');
    expect(keyFingerprint(scheme)).toMatch(/^[0-9a-f]{8}$/);
    expect(keyFingerprint(load('hf-kgw-lefthash-r50k', '15485864').scheme)).not.toBe(keyFingerprint(scheme));
  });
});

describe('bad input', () => {
  const kgw = '{"greenlist_ratio": 0.25, "hashing_key": 15485863, "vocab_size": 50257}';
  const reason = (text: string, overrides = {}): string => {
    const outcome = schemeFromText(text, overrides);
    return outcome.ok ? 'accepted' : outcome.reason;
  };
  it('says what to do', () => {
    expect(reason(kgw)).toBe('accepted');
    expect(reason('{"greenlist_ratio": 0.25}')).toContain('config.vocab_size');
    expect(reason('{"scheme": "kuditipudi-demo-exp", "key": "4294967296", "vocab_size": 100}')).toContain(
      'below 2^32',
    );
    expect(reason('{"scheme": "stegano"}')).toContain('Known schemes');
    expect(reason('{"algorithm_name": "UPV"}')).toContain('trained network');
    expect(reason('{"hello": 1}')).toContain('"scheme"');
    expect(reason('{"hashing_key": ')).toContain('not valid JSON');
    expect(reason('[1]')).toContain('one JSON object');
    expect(reason(kgw.replace('}', ', "device": "cuda:0"}'))).toContain('CPU');
    expect(reason(kgw.replace('0.25', '1.5'))).toContain('between 0 and 1');
    expect(reason(kgw, { key: 'secret' })).toContain('whole number');
    expect(reason('{"seeding_scheme": "ff-nothing_prf-4-False", "gamma": 0.5, "vocab_size": 9}')).toContain(
      'minhash_prf',
    );
  });
  it('ids beyond the vocabulary are refused with both explanations', () => {
    const outcome = checkWatermark({
      ids: [1, 2, 60000],
      schemes: [load('hf-kgw-lefthash-r50k').scheme],
      tokenizer: 'x',
    });
    expect(outcome?.ok === false && outcome.reason).toContain('config.vocab_size');
  });
  it('a text of three tokens is too little, with advice', () => {
    for (const name of [
      'hf-kgw-lefthash-r50k',
      'unigram-r50k-key0',
      'synthid-hf-30keys-r50k',
      'markllm-exp-4',
      'kuditipudi-lib-its-r50k',
    ]) {
      const result = report([5, 6, 7], [load(name).scheme]);
      expect(result.verdict, name).toBe('too-little-text');
      expect(result.results[0]!.notes.join(' '), name).toMatch(/[Ss]elect/);
      expect(result.results[0]!.p.p, name).toBeGreaterThan(0);
    }
    expect(report([], [load('hf-kgw-lefthash-r50k').scheme]).verdict).toBe('too-little-text');
  });
});

describe('settings files as their owners have them', () => {
  it('transformers generation config, MarkLLM files and large keys keep every digit', () => {
    const inner =
      '{"watermarking_config": {"greenlist_ratio": 0.25, "bias": 2.0, "hashing_key": 9007199254740993, "seeding_scheme": "lefthash", "context_width": 1}}';
    const big = schemeFromText(inner, { vocabularySize: 32000 });
    expect(big.ok && big.value.key).toBe('9007199254740993');
    const synth = schemeFromText(
      '{"ngram_len": 5, "keys": [654, 400], "context_history_size": 1024, "sampling_table_seed": 0, "sampling_table_size": 65536}',
      { vocabularySize: 100 },
    );
    expect(synth.ok && synth.value.family).toBe('tournament');
    for (const [algorithm, family] of [
      ['KGW', 'green-list'],
      ['Unigram', 'fixed-list'],
      ['EXP', 'exponential'],
      ['EXPEdit', 'aligned-key'],
      ['ITSEdit', 'aligned-key'],
      ['SWEET', 'green-list'],
      ['EWD', 'green-list'],
    ] as const) {
      const scheme = schemeFromText(JSON.stringify({ algorithm_name: algorithm }), { vocabularySize: 100 });
      expect(scheme.ok && scheme.value.family, algorithm).toBe(family);
    }
  });
});

describe('running in steps', () => {
  it('stops when asked and reports progress', () => {
    const { scheme, fixture } = load('hf-kgw-lefthash-r50k');
    const request = { ids: idsOf(fixture, 'wm-1000'), schemes: [scheme], tokenizer: 'r50k_base' };
    let asked = 0;
    let progress = 0;
    const stopped = checkWatermark(request, {
      shouldStop: () => (asked += 1) > 5,
      onProgress: () => (progress += 1),
    });
    expect(stopped).toBeUndefined();
    expect(progress).toBeGreaterThan(0);
  });
  it('a cache changes nothing but time', () => {
    const { scheme, fixture } = load('lmw-minhash-r50k');
    const ids = idsOf(fixture, 'wm-200');
    const cache = new CheckCache();
    const request = { ids, schemes: [scheme], tokenizer: 'r50k_base' };
    expect(checkWatermark(request, {}, cache)).toEqual(checkWatermark(request, {}, cache));
  });
});

describe('alignment kernel', () => {
  it('WebAssembly and the plain loop give the same bits', () => {
    const random = new MersenneTwister(12);
    for (const [scheme, m, k] of [
      ['kuditipudi-exp', 60, 0],
      ['kuditipudi-its', 45, 0],
      ['kuditipudi-exp', 70, 20],
      ['kuditipudi-its', 5, 2],
      ['kuditipudi-demo-exp', 50, 0],
      ['kuditipudi-demo-exp', 50, 20],
    ] as const) {
      for (const n of [16, 37, 5]) {
        const built = schemeFromSettings({
          scheme,
          key: 9,
          n,
          k,
          vocab_size: 50,
          gamma: scheme === 'kuditipudi-its' ? 0.4 : 0,
          // The JavaScript demo computes in doubles.
          ...(scheme === 'kuditipudi-demo-exp' ? { variant: 'js' } : {}),
        });
        if (!built.ok || built.value.family !== 'aligned-key') throw new Error('refused');
        const ids = Array.from({ length: m }, () => random.word() % 50);
        const fast = new AlignedText(built.value, ids);
        const plain = new AlignedText(built.value, ids, false);
        expect(fast.kernel).toBe('wasm');
        expect(fast.rows(fast.stream.costs), `${scheme} m ${m} n ${n}, seed 12`).toEqual(
          plain.rows(plain.stream.costs),
        );
      }
    }
  });
});

describe('words for chances', () => {
  it('round in the careful direction', () => {
    const words = (p: number): string => chanceInWords({ p, log10P: Math.log10(p) });
    expect(words(0.5)).toBe('unmarked texts often look like this');
    expect(words(1 / 23_456)).toBe('about 1 in 20,000 unmarked texts or fewer look like this');
    expect(words(1e-30)).toBe('fewer than 1 in 10^30 unmarked texts look like this');
  });
});
