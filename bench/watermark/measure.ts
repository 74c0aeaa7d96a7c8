// Measures the watermark detectors: speed against the plain method in the same run, power after edits, localisation and
// the stealability audit; false positives have a bench of their own. CPU time throughout. Run: npx esbuild bench/watermark/measure.ts --bundle
// --platform=node --external:highs --outfile=out/bench/measure.cjs && node out/bench/measure.cjs PART, which writes
// bench/results/DATE-watermark-PART.json.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyticBlocks } from '../../src/core/watermark/alignment/analyticBlocks';
import { AlignedText } from '../../src/core/watermark/alignment/alignedText';
import type { Fixture } from '../../src/core/watermark/fixtures/fixtureShapes';
import { GreenFlagCache, greenFlags } from '../../src/core/watermark/greenListEvidence';
import { complete } from '../../src/core/watermark/progress';
import { MersenneTwister } from '../../src/core/watermark/random/mersenneTwister';
import { TorchGenerator } from '../../src/core/watermark/random/torchGenerator';
import type {
  AlignedKeyScheme,
  FixedListScheme,
  GreenListScheme,
  Scheme,
} from '../../src/core/watermark/scheme';
import { schemeFromSettings } from '../../src/core/watermark/schemeCatalogue';
import { parseSettingsText } from '../../src/core/watermark/settings';
import { auditStealability } from '../../src/core/watermark/stealing/stealabilityAudit';
import { CheckCache, checkWatermark, type CheckOptions } from '../../src/core/watermark/watermarkCheck';
import type { WatermarkReport } from '../../src/core/watermark/watermarkReport';
import { solveProgram } from '../../src/engine/highsSolver';
import { humanTexts } from './humanTexts';
import { keysFrom } from './keyedTests';
import { biased, sample, TrigramModel } from './trigramModel';

const SIZE = 50257;
const SEED = 20261125;

function scheme(settings: Record<string, unknown>): Scheme {
  const built = schemeFromSettings({ vocab_size: SIZE, ...settings });
  if (!built.ok) throw new Error(built.reason);
  return built.value;
}

function check(
  ids: ArrayLike<number>,
  one: Scheme,
  options: CheckOptions = {},
  cache?: CheckCache,
): WatermarkReport {
  const outcome = checkWatermark({ ids, schemes: [one], tokenizer: 'r50k_base', options }, {}, cache);
  if (outcome?.ok !== true) throw new Error('the check was refused');
  return outcome.value;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
/** Median CPU milliseconds of a few runs. */
function cpu(run: () => void, times = 5): number {
  return median(
    Array.from({ length: times }, () => {
      const start = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    }),
  );
}

async function speed(): Promise<unknown> {
  const random = new MersenneTwister(SEED);
  const rows: Record<string, unknown>[] = [];
  const ids = (length: number, size: number): number[] => Array.from({ length }, () => random.word() % size);
  for (const size of [50257, 200019]) {
    const kgw = scheme({ scheme: 'hf-kgw', vocab_size: size }) as GreenListScheme;
    const text = ids(1000, size);
    complete(greenFlags(kgw, text.slice(0, 50)));
    const cold = cpu(() => void complete(greenFlags(kgw, text)));
    const cache = new GreenFlagCache(kgw);
    complete(greenFlags(kgw, text, cache));
    let token = 7;
    const edited = cpu(() => {
      text[500] = token += 1;
      complete(greenFlags(kgw, text, cache));
    }, 15);
    // The plain method: the whole permutation for each token, on 50 tokens.
    const plain =
      20 *
      cpu(() => {
        for (let i = 0; i < 50; i += 1)
          new TorchGenerator(text[i]! * 15485863)
            .permutation(size)
            .subarray(0, kgw.listSize)
            .includes(text[i + 1]!);
      }, 3);
    rows.push({
      what: `KGW, 1000 distinct tokens, vocabulary ${size}, cold`,
      ms: cold,
      plainMs: plain,
      ratio: plain / cold,
    });
    rows.push({ what: `KGW, vocabulary ${size}, flags after one changed token`, ms: edited });
    const kept = new CheckCache();
    check(text, kgw, {}, kept);
    const checked = cpu(() => {
      text[500] = token += 1;
      check(text, kgw, {}, kept);
    }, 15);
    rows.push({ what: `KGW, vocabulary ${size}, whole check after one changed token`, ms: checked });
  }
  const synth = scheme({ scheme: 'synthid-hf', keys: keysFrom(1) });
  if (synth.family !== 'tournament') throw new Error('unexpected family');
  const text = ids(1000, SIZE);
  for (let i = 0; i < 50; i += 1) synth.allBits(text);
  rows.push({
    what: 'SynthID transformers, 1000 tokens x 30 layers, g-values',
    ms:
      cpu(() => {
        for (let i = 0; i < 100; i += 1) synth.allBits(text);
      }) / 100,
  });
  const exp = scheme({ scheme: 'kuditipudi-demo-exp', key: 42 }) as AlignedKeyScheme;
  for (const length of [200, 1000]) {
    const { texts } = await humanTexts('prose', 15, length);
    const aligned = new AlignedText(exp, texts[0]!);
    const draw = aligned.nullStatistics(1);
    draw();
    const one = cpu(draw, 5);
    rows.push({ what: `EXP n 256, ${length} tokens, one permutation`, ms: one, ms99: 99 * one });
    rows.push({
      what: `EXP n 256, ${length} tokens, analytic blocks`,
      ms: cpu(() => void analyticBlocks(aligned.shape.tokens, aligned.stream.costs, 256)),
    });
    rows.push({
      what: `EXP n 256, ${length} tokens, key stream of 12.9 million draws`,
      ms: cpu(() => new AlignedText(exp, texts[0]!)),
    });
    if (length === 200) {
      const slow = new AlignedText(exp, texts[0]!, false);
      const plain = cpu(slow.nullStatistics(1), 3);
      rows.push({ what: 'the same permutation in the plain loop', ms: plain, ratio: plain / one });
    }
    // Every text is another p and so another number of runs until the test stops.
    const runs: number[] = [];
    const whole = texts.map((ids) =>
      cpu(() => void runs.push(check(ids, exp, { maximumRuns: 99 }).results[0]!.tests - 1), 1),
    );
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    rows.push({
      what: `EXP n 256, ${length} unmarked tokens, whole check (key stream, analytic, permutations), mean of ${texts.length} human texts`,
      ms: mean(whole),
      medianMs: median([...whole]),
      runs: mean(runs),
      shareOf99Runs: mean(whole) / (99 * one),
    });
  }
  return rows;
}

/** The trigram model of human prose that stands in for a language model. */
async function model(): Promise<TrigramModel> {
  const { texts } = await humanTexts('prose', 700, 400);
  return new TrigramModel(texts.flat());
}

/** Nats a token of the fixed set: with more, every row is 1 and says nothing; with less, no test can see 35 tokens. */
const TARGET_ENTROPY = 2.16;

/** Power of the probabilities at which texts that `language` draws have `TARGET_ENTROPY` nats a token, and their entropy. */
function sharpness(language: TrigramModel): { readonly power: number; readonly entropy: number } {
  const entropyAt = (power: number): number => {
    const random = new MersenneTwister(SEED);
    let [nats, tokens] = [0, 0];
    for (let text = 0; text < 60; text += 1) {
      language.draw(35, random, (candidates, p) => {
        const sharp = sharpened(p, power);
        nats += sharp.reduce((sum, each) => sum - (each > 0 ? each * Math.log(each) : 0), 0);
        tokens += 1;
        return sample(candidates, sharp, random);
      });
    }
    return nats / tokens;
  };
  let [low, high] = [0.5, 6];
  for (let step = 0; step < 12; step += 1) {
    const middle = (low + high) / 2;
    if (entropyAt(middle) > TARGET_ENTROPY) low = middle;
    else high = middle;
  }
  return { power: high, entropy: entropyAt(high) };
}

function sharpened(probabilities: readonly number[], power: number): number[] {
  const raised = probabilities.map((p) => p ** power);
  const sum = raised.reduce((total, p) => total + p, 0);
  return raised.map((p) => p / sum);
}

/** True positives at 1 % of 35-token texts marked with EXP, after mixed edits. */
async function power(): Promise<unknown> {
  const language = await model();
  const sharp = sharpness(language);
  const exp = scheme({ scheme: 'kuditipudi-demo-exp', key: 42 }) as AlignedKeyScheme;
  const random = new MersenneTwister(SEED);
  const rows = exp.keyRows();
  const key = Array.from({ length: 256 }, (_, j) => Float32Array.from(rows(j)));
  const texts = Array.from({ length: 150 }, () => {
    let row = random.word() % 256;
    return language.draw(35, random, (tokens, probabilities) => {
      const p = sharpened(probabilities, sharp.power);
      const xi = key[row]!;
      row = (row + 1) % 256;
      let best = 0;
      tokens.forEach((token, i) => {
        if (Math.log(xi[token]!) / p[i]! > Math.log(xi[tokens[best]!]!) / p[best]!) best = i;
      });
      return tokens[best]!;
    });
  });
  const points = [0, 0.2, 0.4, 0.5].map((share) => {
    let [found, alone] = [0, 0];
    for (const text of texts) {
      const ids = edited(text, share, language, random);
      const aligned = new AlignedText(exp, ids);
      const statistic = aligned.statistic(aligned.stream.costs);
      const draw = aligned.nullStatistics(random.word());
      let below = 0;
      for (let run = 0; run < 199; run += 1) below += Number(draw() <= statistic);
      alone += Number((below + 1) / 200 <= 0.01);
      found += Number(check(ids, exp).verdict === 'found');
    }
    const point = { edits: share, defaultTest: found / texts.length, permutation199: alone / texts.length };
    process.stderr.write(`${JSON.stringify(point)}\n`);
    return point;
  });
  return {
    what: 'EXP, n 256, key 42, texts of 35 tokens of a sharpened trigram model of prose, mixed edits: share found at 1 %',
    texts: texts.length,
    natsAToken: sharp.entropy,
    sharpening: sharp.power,
    points,
  };
}

/** Substitutions, insertions and deletions in equal shares. */
function edited(
  text: readonly number[],
  share: number,
  language: TrigramModel,
  random: MersenneTwister,
): number[] {
  const ids = [...text];
  for (let edit = Math.round(share * text.length); edit > 0; edit -= 1) {
    const at = random.word() % ids.length;
    const fresh = language.draw(1, random);
    const kind = random.word() % 3;
    ids.splice(at, kind === 1 ? 0 : 1, ...(kind === 2 ? [] : fresh));
  }
  return ids;
}

/** Ranges on the fixtures whose marked tokens are 300 to 499; beside them what a test told the range could reach. */
function localisation(): unknown[] {
  const folder = 'test/fixtures/watermark';
  return readdirSync(folder).flatMap((name): unknown[] => {
    if (!name.endsWith('.json')) return [];
    const parsed = parseSettingsText(readFileSync(join(folder, name), 'utf8'));
    const fixture = (parsed.ok ? parsed.value : {}) as unknown as Partial<Fixture>;
    const mixed = fixture.cases?.find((item) => item.label?.startsWith('mixed') === true);
    if (mixed === undefined) return [];
    const one = scheme({ ...fixture.config, scheme: fixture.scheme });
    const { range, correctedP } = check(mixed.ids, one).results[0]!;
    const told = check(mixed.ids.slice(300, 500), one, { scan: false }).results[0]!;
    const row = {
      fixture: name,
      range,
      log10P: correctedP.log10P,
      log10PToldTheRange: told.p.log10P,
      countedInRange: told.scored,
    };
    if (range === null) return [row];
    const overlap = Math.max(0, Math.min(500, range.end) - Math.max(300, range.start));
    const union = Math.max(500, range.end) - Math.min(300, range.start);
    return [{ ...row, overlap: overlap / union }];
  });
}

async function audit(): Promise<unknown> {
  const language = await model();
  const unigram = scheme({
    scheme: 'unigram',
    fraction: 0.25,
    strength: 4,
    watermark_key: 11,
  }) as FixedListScheme;
  const random = new MersenneTwister(SEED);
  const mask = unigram.mask();
  const marked = (count: number): number[][] =>
    Array.from({ length: count }, () => language.draw(80, random, biased(mask, 4, random)));
  const plain = (count: number): number[][] =>
    Array.from({ length: count }, () => language.draw(80, random, (t, p) => sample(t, p, random)));
  const request = {
    scheme: unigram,
    marked: marked(300),
    plain: plain(300),
    heldOut: marked(200),
    control: plain(300),
    attackers: ['frequency', 'lp', 'lp-with-labels'] as const,
    timeLimitSeconds: 60,
    seed: 1,
  };
  const parts: unknown[] = [];
  for (const size of [50, 100, 200, 300]) {
    const start = process.cpuUsage();
    const outcome = await auditStealability({ ...request, sizes: [size] }, solveProgram);
    const { user, system } = process.cpuUsage(start);
    if (!outcome.ok) throw new Error(outcome.reason);
    parts.push({ completions: size, cpuSeconds: (user + system) / 1e6, results: outcome.value });
  }
  return parts;
}

const PARTS: Readonly<Record<string, () => unknown>> = {
  speed,
  power,
  localisation,
  audit,
};
const part = process.argv[2] ?? 'speed';
const run = PARTS[part];
if (run === undefined) throw new Error(`Parts: ${Object.keys(PARTS).join(', ')}`);
void Promise.resolve(run()).then((result) => {
  const date = new Date().toISOString().slice(0, 10);
  const text = JSON.stringify({ part, date, node: process.version, seed: SEED, result }, null, 1);
  writeFileSync(`bench/results/${date}-watermark-${part}.json`, `${text}\n`);
});
