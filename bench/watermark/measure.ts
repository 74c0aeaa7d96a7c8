// Measures the watermark detectors: false positives on human texts, speed against the plain method in the same run, power
// after edits, localisation and the stealability audit. Run: npx esbuild bench/watermark/measure.ts --bundle
// --platform=node --external:highs --outfile=out/bench/measure.cjs && node out/bench/measure.cjs PART [TEST] > result.json
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
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
import { checkWatermark, type CheckOptions } from '../../src/core/watermark/watermarkCheck';
import type { WatermarkReport } from '../../src/core/watermark/watermarkReport';
import { solveProgram } from '../../src/engine/highsSolver';
import { loadEncoding } from '../../src/engine/tiktokenLoader';
import { biased, sample, TrigramModel } from './trigramModel';

const SIZE = 50257;
const SEED = 20261124;

function scheme(settings: Record<string, unknown>): Scheme {
  const built = schemeFromSettings({ vocab_size: SIZE, ...settings });
  if (!built.ok) throw new Error(built.reason);
  return built.value;
}

function check(ids: ArrayLike<number>, one: Scheme, options: CheckOptions = {}): WatermarkReport {
  const outcome = checkWatermark({ ids, schemes: [one], tokenizer: 'r50k_base', options });
  if (outcome?.ok !== true) throw new Error('the check was refused');
  return outcome.value;
}

/** Files below a folder by name pattern, in a fixed order. */
function* files(folder: string, pattern: RegExp, depth = 8): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 0) yield* files(path, pattern, depth - 1);
    else if (entry.isFile() && pattern.test(entry.name) && statSync(path).size < 400_000) yield path;
  }
}

/** Token texts of a fixed length, the first of each file and at most one a file. */
async function corpus(kind: 'code' | 'prose', count: number, length: number): Promise<Uint32Array[]> {
  const tokenizer = await loadEncoding('r50k_base');
  const pattern = kind === 'code' ? /\.(js|mjs|cjs|ts|py)$/ : /\.(md|txt|rst)$|^copyright$|^LICENSE/i;
  const folders =
    kind === 'code'
      ? ['node_modules', '/usr/lib/python3']
      : ['node_modules', '/usr/share/doc', '/usr/lib/python3'];
  const texts: Uint32Array[] = [];
  const seen = new Set<string>();
  for (const folder of folders) {
    for (const path of files(folder, pattern)) {
      if (texts.length === count) return texts;
      if (/\.min\.|\.d\.ts$/.test(path)) continue;
      const text = readFileSync(path, 'utf8').slice(0, length * 12);
      // The same licence lies in many packages; one copy says as much as all.
      const head = text.replace(/\s+/g, ' ').slice(200, 500);
      if (text.includes('\ufffd') || seen.has(head)) continue;
      const ids = tokenizer.encode(text).subarray(0, length);
      if (ids.length < length) continue;
      seen.add(head);
      texts.push(ids);
    }
  }
  return texts;
}

const KEYED: readonly (readonly [string, (key: number) => Record<string, unknown>, freshEvery: number])[] = [
  ['transformers KGW lefthash', (key) => ({ scheme: 'hf-kgw', hashing_key: key }), 1],
  [
    'transformers KGW selfhash, width 4',
    (key) => ({ scheme: 'hf-kgw', hashing_key: key, seeding_scheme: 'selfhash', context_width: 4 }),
    25,
  ],
  ['lm-watermarking selfhash', (key) => ({ scheme: 'lm-watermarking', hash_key: key }), 25],
  [
    'lm-watermarking minhash',
    (key) => ({ scheme: 'lm-watermarking', hash_key: key, seeding_scheme: 'minhash' }),
    25,
  ],
  ['Unigram', (key) => ({ scheme: 'unigram', watermark_key: key }), 5],
  [
    'SynthID transformers, 30 keys',
    (key) => ({ scheme: 'synthid-hf', keys: keysFrom(key), sampling_table_seed: key }),
    1,
  ],
  ['SynthID DeepMind, 30 keys', (key) => ({ scheme: 'synthid-text', keys: keysFrom(key) }), 1],
  ['MarkLLM KGW', (key) => ({ scheme: 'markllm-KGW', hash_key: key }), 1],
  ['MarkLLM EXP', (key) => ({ scheme: 'markllm-EXP', hash_key: key }), 1],
  ['Kuditipudi exponential, n 64', (key) => ({ scheme: 'kuditipudi-exp', key, n: 64 }), 1],
  ['Kuditipudi inverse transform, n 64', (key) => ({ scheme: 'kuditipudi-its', key, n: 64 }), 1],
];

function keysFrom(key: number): number[] {
  const random = new MersenneTwister(key);
  return Array.from({ length: 30 }, () => random.word());
}

/** Share of texts with corrected p at or below 1 %, each under a random key. */
async function falsePositives(only = process.argv[3]): Promise<unknown> {
  const random = new MersenneTwister(SEED);
  const rows: unknown[] = [];
  for (const kind of ['code', 'prose'] as const) {
    const texts = await corpus(kind, 1050, 200);
    for (const [name, settings, freshEvery] of KEYED) {
      if (only !== undefined && !name.includes(only)) continue;
      let found = 0;
      let one = scheme(settings(random.word()));
      texts.forEach((ids, i) => {
        if (i > 0 && i % freshEvery === 0) one = scheme(settings(random.word()));
        found += Number(check(ids, one, { maximumRuns: 199 }).results[0]!.correctedP.p <= 0.01);
      });
      rows.push({
        test: name,
        texts: kind,
        count: texts.length,
        tokens: 200,
        rejected: found,
        percent: (100 * found) / texts.length,
      });
      process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
    }
  }
  return rows;
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

function speed(): unknown {
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
    rows.push({ what: `KGW, vocabulary ${size}, after one changed token`, ms: edited });
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
    const tokens = Array.from({ length }, (_, i) => (i * 7919) % 400);
    const aligned = new AlignedText(exp, tokens);
    const draw = aligned.nullStatistics(1);
    draw();
    const one = cpu(draw, 5);
    rows.push({ what: `EXP n 256, ${length} tokens, one permutation`, ms: one, ms99: 99 * one });
    rows.push({
      what: `EXP n 256, ${length} tokens, analytic blocks`,
      ms: cpu(() => void analyticBlocks(aligned.shape.tokens, aligned.stream.costs, 256)),
    });
    if (length === 200) {
      const slow = new AlignedText(exp, tokens, false);
      const plain = cpu(slow.nullStatistics(1), 3);
      rows.push({ what: 'the same permutation in the plain loop', ms: plain, ratio: plain / one });
    }
    rows.push({
      what: `EXP n 256, ${length} unmarked tokens, whole check with key stream`,
      ms: cpu(() => void check(tokens, exp, { maximumRuns: 99 }), 3),
    });
  }
  return rows;
}

/** The trigram model of human prose that stands in for a language model. */
async function model(): Promise<TrigramModel> {
  const texts = await corpus('prose', 700, 400);
  return new TrigramModel(texts.flatMap((text) => Array.from(text)));
}

/** True positives at 1 % of 35-token texts marked with EXP, after mixed edits. */
async function power(): Promise<unknown> {
  const language = await model();
  const exp = scheme({ scheme: 'kuditipudi-demo-exp', key: 42 }) as AlignedKeyScheme;
  const random = new MersenneTwister(SEED);
  const rows = exp.keyRows();
  const key = Array.from({ length: 256 }, (_, j) => Float32Array.from(rows(j)));
  const texts = Array.from({ length: 150 }, () => {
    let row = random.word() % 256;
    return language.draw(35, random, (tokens, p) => {
      const xi = key[row]!;
      row = (row + 1) % 256;
      let best = 0;
      tokens.forEach((token, i) => {
        if (Math.log(xi[token]!) / p[i]! > Math.log(xi[tokens[best]!]!) / p[best]!) best = i;
      });
      return tokens[best]!;
    });
  });
  return [0, 0.2, 0.4, 0.5].map((share) => {
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
    return {
      edits: share,
      texts: texts.length,
      defaultTest: found / texts.length,
      permutation199: alone / texts.length,
    };
  });
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

/** Ranges on the fixtures whose marked tokens are 300 to 499. */
function localisation(): unknown[] {
  const folder = 'test/fixtures/watermark';
  return readdirSync(folder).flatMap((name): unknown[] => {
    if (!name.endsWith('.json')) return [];
    const parsed = parseSettingsText(readFileSync(join(folder, name), 'utf8'));
    const fixture = (parsed.ok ? parsed.value : {}) as unknown as Partial<Fixture>;
    const mixed = fixture.cases?.find((item) => item.label?.startsWith('mixed') === true);
    if (mixed === undefined) return [];
    const { range, correctedP } = check(mixed.ids, scheme({ ...fixture.config, scheme: fixture.scheme }))
      .results[0]!;
    if (range === null) return [{ fixture: name, range, log10P: correctedP.log10P }];
    const overlap = Math.max(0, Math.min(500, range.end) - Math.max(300, range.start));
    const union = Math.max(500, range.end) - Math.min(300, range.start);
    return [{ fixture: name, range, overlap: overlap / union, log10P: correctedP.log10P }];
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
  const start = performance.now();
  const outcome = await auditStealability(
    {
      scheme: unigram,
      marked: marked(300),
      plain: plain(300),
      heldOut: marked(200),
      control: plain(300),
      sizes: [100, 300],
      attackers: ['frequency', 'lp', 'lp-with-labels'],
      timeLimitSeconds: 60,
      seed: 1,
    },
    solveProgram,
  );
  return { outcome, seconds: (performance.now() - start) / 1000 };
}

const PARTS: Readonly<Record<string, () => unknown>> = {
  falsePositives: () => falsePositives(),
  speed,
  power,
  localisation,
  audit,
};
const part = process.argv[2] ?? 'speed';
const run = PARTS[part];
if (run === undefined) throw new Error(`Parts: ${Object.keys(PARTS).join(', ')}`);
void Promise.resolve(run()).then((result) =>
  process.stdout.write(
    `${JSON.stringify({ part, date: new Date().toISOString().slice(0, 10), node: process.version, seed: SEED, result }, null, 1)}\n`,
  ),
);
