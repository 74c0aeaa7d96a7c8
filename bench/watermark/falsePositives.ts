// False positives of every default test: each human text under a random key, so that every rejection is false. One row a
// test and kind of text; rows are kept in out/bench/false-positives, so a stopped run goes on where it was, and several
// may share the work. Run: npx esbuild bench/watermark/falsePositives.ts --bundle --platform=node
// --outfile=out/bench/falsePositives.cjs && node out/bench/falsePositives.cjs [PART OF A NAME]
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shannonEntropy } from '../../src/core/watermark/entropyDetection';
import { MersenneTwister } from '../../src/core/watermark/random/mersenneTwister';
import type { TournamentScheme } from '../../src/core/watermark/scheme';
import { logBinomialTail } from '../../src/core/watermark/significance/tails';
import { tournamentEvidence, tournamentScores } from '../../src/core/watermark/tournamentEvidence';
import { CheckCache, checkWatermark, type CheckOptions } from '../../src/core/watermark/watermarkCheck';
import { humanTexts, type TextKind } from './humanTexts';
import { KEYED_TESTS, keyedScheme, type KeyedTest } from './keyedTests';
import { TrigramModel } from './trigramModel';

const SEED = 20261125;
const TEXTS = 1050;
const TOKENS = 200;
/** z that a normal test at 1 % asks for. */
const Z_AT_ONE_PERCENT = 2.3263;
const ROWS = 'out/bench/false-positives';
const TODAY = new Date().toISOString().slice(0, 10);
const RESULT = `bench/results/${TODAY}-watermark-false-positives.json`;

interface Row {
  readonly test: string;
  readonly texts: TextKind;
  readonly count: number;
  readonly tokens: number;
  /** Texts with corrected p at or below 1 % and 0.1 %. */
  readonly rejected: number;
  readonly percent: number;
  readonly rejectedAtTenth: number;
  /** Two-sided 95 % interval of the share, in percent. */
  readonly interval: readonly [number, number];
  /** SynthID's weighted mean at z >= 2.326: shown in the notes, not the default test. */
  readonly weightedPercent?: number;
  readonly cpuSeconds: number;
  readonly date: string;
}

function measure(test: KeyedTest, kind: TextKind, texts: readonly (readonly number[])[]): Row {
  const random = new MersenneTwister(SEED);
  const language = test.entropy === undefined ? undefined : new TrigramModel(texts.slice(0, 400).flat());
  const start = process.cpuUsage();
  let [rejected, atTenth, weighted] = [0, 0, 0];
  let scheme = keyedScheme(test, random.word());
  let cache = new CheckCache();
  texts.forEach((text, i) => {
    if (i > 0 && i % test.textsAKey === 0) {
      scheme = keyedScheme(test, random.word());
      cache = new CheckCache();
    }
    const ids = text.slice(0, test.tokens);
    const options: CheckOptions = { nullSeed: random.word(), ...entropyOptions(test, ids, language) };
    const outcome = checkWatermark({ ids, schemes: [scheme], tokenizer: 'r50k_base', options }, {}, cache);
    if (outcome?.ok !== true) throw new Error('the check was refused');
    const { p } = outcome.value.results[0]!.correctedP;
    rejected += Number(p <= 0.01);
    atTenth += Number(p <= 0.001);
    if (scheme.family === 'tournament') weighted += Number(weightedZ(scheme, ids) >= Z_AT_ONE_PERCENT);
  });
  const { user, system } = process.cpuUsage(start);
  return {
    test: test.name,
    texts: kind,
    count: texts.length,
    tokens: test.tokens,
    rejected,
    percent: (100 * rejected) / texts.length,
    rejectedAtTenth: atTenth,
    interval: interval(rejected, texts.length),
    ...(scheme.family === 'tournament' ? { weightedPercent: (100 * weighted) / texts.length } : {}),
    cpuSeconds: Math.round((user + system) / 1e6),
    date: TODAY,
  };
}

function entropyOptions(
  { entropy }: KeyedTest,
  ids: readonly number[],
  language: TrigramModel | undefined,
): CheckOptions {
  if (entropy === undefined || language === undefined) return {};
  const entropies = ids.map((_, i) =>
    i < 2 ? NaN : shannonEntropy(language.next(ids[i - 2]!, ids[i - 1]!).probabilities),
  );
  return { entropy: { rule: entropy, entropies, model: 'trigram model of the texts' } };
}

const weightedZ = (scheme: TournamentScheme, ids: readonly number[]): number =>
  tournamentScores(tournamentEvidence(scheme, ids), scheme.depth, scheme.onesRate()).weightedZ;

/** Clopper-Pearson bounds by bisection on the exact binomial tail. */
function interval(found: number, count: number): [number, number] {
  const bound = (tail: (rate: number) => number): number => {
    let [low, high] = [0, 1];
    for (let step = 0; step < 50; step += 1) {
      const middle = (low + high) / 2;
      if (tail(middle) < 0.025) low = middle;
      else high = middle;
    }
    return Math.round(1e4 * low) / 100;
  };
  const atLeast = (k: number, rate: number): number => Math.exp(logBinomialTail(count, k, rate));
  const low = found === 0 ? 0 : bound((rate) => atLeast(found, rate));
  return [low, bound((rate) => 0.05 - Math.max(0, 1 - atLeast(found + 1, rate)))];
}

/** All rows done so far, as one result. */
function collect(sources: Readonly<Record<string, unknown>>): void {
  const order = KEYED_TESTS.map(({ name }) => name);
  const rows = readdirSync(ROWS).map((name) => JSON.parse(readFileSync(join(ROWS, name), 'utf8')) as Row);
  rows.sort((a, b) => order.indexOf(a.test) - order.indexOf(b.test) || (a.texts < b.texts ? -1 : 1));
  const result = {
    part: 'false positives',
    date: TODAY,
    node: process.version,
    seed: SEED,
    note: 'Share of human texts with corrected p at or below 1 % under a random key (default settings, window scan or permutation test included). At most one text a file; r50k ids. A row keeps the date on which it was measured, on the packages installed that day; the sources are those of the last run.',
    sources,
    missing: KEYED_TESTS.flatMap(({ name }) =>
      ['code', 'prose']
        .filter((kind) => !rows.some((row) => row.test === name && row.texts === kind))
        .map((kind) => `${name}, ${kind}`),
    ),
    largestPercent: Math.max(...rows.map((row) => row.percent)),
    rows,
  };
  writeFileSync(RESULT, `${JSON.stringify(result, null, 1)}\n`);
}

async function main(wanted = ''): Promise<void> {
  mkdirSync(ROWS, { recursive: true });
  const corpora = {
    code: await humanTexts('code', TEXTS, TOKENS),
    prose: await humanTexts('prose', TEXTS, TOKENS),
  };
  for (const test of KEYED_TESTS.filter(({ name }) => name.includes(wanted))) {
    for (const kind of ['code', 'prose'] as const) {
      const file = join(ROWS, `${test.name.replace(/[^\w]+/g, '-')}-${kind}.json`);
      if (existsSync(file)) continue;
      const row = measure(test, kind, corpora[kind].texts);
      writeFileSync(file, JSON.stringify(row));
      process.stderr.write(`${JSON.stringify(row)}\n`);
    }
  }
  collect({ code: corpora.code.sources, prose: corpora.prose.sources });
}

void main(process.argv[2]);
