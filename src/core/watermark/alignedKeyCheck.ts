// The check of Kuditipudi's schemes: an analytic pass first (exponential sampling only), then a permutation test that
// stops early on unmarked text. The two share the level: a tenth for the analytic pass, the rest for the permutations.
import { analyticBlocks } from './alignment/analyticBlocks';
import { AlignedText } from './alignment/alignedText';
import type { Stepwise } from './progress';
import type { AlignedKeyScheme } from './scheme';
import { weightedUnion } from './significance/multipleTests';
import { powerAtLength } from './significance/power';
import { sequentialPermutationTest } from './significance/sequentialPermutation';
import { probabilityFromLog } from './significance/tails';
import type { CheckOptions } from './watermarkCheck';
import { keyFingerprint, type SchemeResult } from './watermarkReport';

const ANALYTIC_SHARE = 0.1;
/** Up to this many table cells a statistic, 999 permutations take about a second. */
const CHEAP_CELLS = 4_000_000;
const FEWEST_TOKENS = 4;
/** Mean of -log(1 - xi) that an ordinary marked text shows, for the power statement. */
const ASSUMED_MEAN = 1.9;

export function* checkAlignedKey(
  scheme: AlignedKeyScheme,
  ids: ArrayLike<number>,
  options: CheckOptions,
  level: number,
): Stepwise<SchemeResult> {
  if (ids.length < FEWEST_TOKENS) return tooShort(scheme, ids);
  const text = new AlignedText(scheme, ids);
  yield { done: 0, total: 1 };
  const { tokens, keyLength: n, blockSize } = text.shape;
  const { costs, clamped } = text.stream;
  const exponential = scheme.sampling === 'exponential';
  const analytic = exponential ? analyticBlocks(tokens, costs, n) : undefined;
  const decided = analytic !== undefined && analytic.logCorrectedP <= Math.log(ANALYTIC_SHARE * level * 0.01);
  const rows = text.rows(costs);
  const statistic = text.statistic(costs);
  const cells = (ids.length - blockSize + 1) * n * blockSize * blockSize;
  const runs = options.maximumRuns ?? (cells <= CHEAP_CELLS ? 999 : 199);
  const permutation = decided
    ? undefined
    : yield* sequentialPermutationTest(statistic, text.nullStatistics(options.nullSeed ?? 1), runs);
  const corrected = weightedUnion([
    ...(permutation === undefined
      ? []
      : [{ logP: Math.log(permutation.p), share: exponential ? 1 - ANALYTIC_SHARE : 1 }]),
    ...(analytic === undefined ? [] : [{ logP: analytic.logCorrectedP, share: ANALYTIC_SHARE }]),
  ]);
  const shift = analytic?.row ?? bestShift(rows, n);
  const start = analytic?.start ?? 0;
  // Evidence along one diagonal: exact where nothing was inserted or deleted, indicative elsewhere.
  const values = Float64Array.from(tokens, (t, i) => -costs[t * n + ((((shift + i - start) % n) + n) % n)]!);
  return {
    schemeId: scheme.id,
    scheme: scheme.name,
    keyFingerprint: keyFingerprint(scheme),
    vocabularySize: scheme.vocabularySize,
    scored: ids.length,
    ignored: 0,
    statisticName: `alignment cost (edit cost ${scheme.editCost}, block ${blockSize}, key length ${n})`,
    statistic,
    z: null,
    p:
      permutation === undefined
        ? probabilityFromLog(analytic!.logCorrectedP)
        : probabilityFromLog(Math.log(permutation.p)),
    pKind: permutation === undefined ? 'analytic blocks' : 'permutation',
    correctedP: probabilityFromLog(corrected),
    tests: (permutation?.runs ?? 0) + (analytic === undefined ? 0 : 1),
    range:
      analytic === undefined ? { start: 0, end: ids.length } : { start: analytic.start, end: analytic.end },
    windows: analytic?.tests ?? 0,
    power: powerAtLength({ kind: 'gamma' }, ids.length, ASSUMED_MEAN, level / n),
    tokens: {
      first: 0,
      values,
      counted: new Uint8Array(ids.length).fill(1),
      nullMean: exponential ? 1 : -1 / 3,
      most: exponential ? 6 : 0,
    },
    verdict: 'not-found',
    notes: [
      ...scheme.notes,
      permutation === undefined
        ? 'The analytic test was decisive, so no permutations were drawn.'
        : `p from ${permutation.runs} random keys, ${permutation.asExtreme} of them at least as extreme${permutation.stoppedEarly ? '; stopped early' : ''}. The smallest p that ${runs} runs can show is ${(1 / (runs + 1)).toPrecision(2)}.`,
      ...(clamped > 0
        ? [
            `${clamped} key cells round to 1 in float32, where the reference would call any text marked; they are held at 2^-32.`,
          ]
        : []),
    ],
  };
}

function bestShift(rows: Float64Array, n: number): number {
  let best = 0;
  for (let i = 1; i < rows.length; i += 1) if (rows[i]! < rows[best]!) best = i;
  return best % n;
}

function tooShort(scheme: AlignedKeyScheme, ids: ArrayLike<number>): SchemeResult {
  return {
    schemeId: scheme.id,
    scheme: scheme.name,
    keyFingerprint: keyFingerprint(scheme),
    vocabularySize: scheme.vocabularySize,
    scored: ids.length,
    ignored: 0,
    statisticName: 'alignment cost',
    statistic: 0,
    z: null,
    p: probabilityFromLog(0),
    pKind: 'permutation',
    correctedP: probabilityFromLog(0),
    tests: 0,
    range: null,
    windows: 0,
    power: { probability: 0, assumedMean: ASSUMED_MEAN, detectableMean: Infinity },
    tokens: {
      first: 0,
      values: new Float64Array(ids.length),
      counted: new Uint8Array(ids.length),
      nullMean: 1,
      most: 6,
    },
    verdict: 'too-little-text',
    notes: [`${ids.length} tokens cannot be aligned with a key. Select at least 35.`],
  };
}
