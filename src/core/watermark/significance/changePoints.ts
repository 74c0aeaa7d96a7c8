// The two ends of a marked stretch. Evidence outside has the null's mean and inside a raised one; given the mean, each
// end has a posterior under a flat prior, and given the ends, the mean follows from what lies between them: a few rounds
// of both settle. Of the pairs (start, end) that the posterior thinks likely, the range with the largest expected overlap
// (intersection over union) is reported. It plays no part in any p-value.
import type { NullModel } from './nullModel';
import { nullMean } from './nullModel';
import type { ScoredPositions } from './windowScan';

export interface PositionRange {
  readonly start: number;
  readonly end: number;
}

const ROUNDS = 4;
/** Points by which a posterior is represented when overlaps are averaged. */
const ATOMS = 16;
/** No share of marked tokens is assumed above this, so that a single unmarked one cannot end a range. */
const LARGEST_RATE = 0.97;

/** Best range over several starting windows: the one whose evidence against "no mark", over all its ends, is largest. */
export function markedRange(
  model: NullModel,
  positions: ScoredPositions,
  seeds: readonly PositionRange[],
): PositionRange {
  let best: PositionRange = seeds[0] ?? { start: 0, end: positions.values.length };
  let mostEvidence = -Infinity;
  const tried = new Set<string>();
  for (const seed of seeds) {
    const range = settledRange(model, positions, seed);
    const name = `${range.start} ${range.end}`;
    if (tried.has(name)) continue;
    tried.add(name);
    const evidence = endPosteriors(model, positions, range)?.logEvidence ?? -Infinity;
    if (evidence > mostEvidence) [best, mostEvidence] = [range, evidence];
  }
  return widestExpectedOverlap(model, positions, best);
}

function settledRange(model: NullModel, positions: ScoredPositions, seed: PositionRange): PositionRange {
  let range = seed;
  for (let round = 0; round < ROUNDS; round += 1) {
    const ends = endPosteriors(model, positions, range);
    if (ends === undefined) return range;
    const [start, end] = [ends.middle - quantile(ends.left, 0.5), ends.middle + quantile(ends.right, 0.5)];
    const next = { start, end: Math.max(start + 1, end) };
    if (next.start === range.start && next.end === range.end) return range;
    range = next;
  }
  return range;
}

interface EndPosteriors {
  readonly middle: number;
  /** Entry d: probability that the stretch begins d positions before the middle. */
  readonly left: Float64Array;
  /** Entry d: probability that it ends d positions after the middle. */
  readonly right: Float64Array;
  /** ln of the likelihood ratio against unmarked text, summed over all ends on either side of the middle. */
  readonly logEvidence: number;
}

/** Undefined where the range shows no more than unmarked text. */
function endPosteriors(
  model: NullModel,
  positions: ScoredPositions,
  { start, end }: PositionRange,
): EndPosteriors | undefined {
  const mean = raisedMean(model, positions, start, end);
  if (mean === undefined) return undefined;
  const ratio = logRatioOf(model, mean);
  const middle = Math.floor((start + end) / 2);
  const left = outward(positions, middle - 1, -1, ratio);
  const right = outward(positions, middle, 1, ratio);
  return {
    middle,
    left: posterior(left),
    right: posterior(right),
    logEvidence: logSum(left) + logSum(right),
  };
}

/** Mean evidence of the distinct pairs in a range, drawn towards the null by one token; undefined if not above it. */
function raisedMean(
  model: NullModel,
  { values, identities }: ScoredPositions,
  start: number,
  end: number,
): number | undefined {
  const seen = new Uint8Array(values.length);
  let [count, sum] = [1, nullMean(model)];
  for (let i = start; i < end; i += 1) {
    const identity = identities[i]!;
    if (identity < 0 || seen[identity] === 1) continue;
    seen[identity] = 1;
    count += 1;
    sum += values[i]!;
  }
  return sum / count > nullMean(model) ? sum / count : undefined;
}

/** ln of the likelihood of one value in marked text with this mean over that in unmarked text. */
function logRatioOf(model: NullModel, mean: number): (value: number) => number {
  if (model.kind === 'gamma') return (value) => value * (1 - 1 / mean) - Math.log(mean);
  const trials = model.kind === 'binomial' ? model.trials : 1;
  const before = nullMean(model) / trials;
  const after = Math.min(LARGEST_RATE, mean / trials);
  const [yes, no] = [Math.log(after / before), Math.log((1 - after) / (1 - before))];
  return (value) => value * yes + (trials - value) * no;
}

/** Running log ratio from a position on, each pair once. Entry d: after d positions. */
function outward(
  { values, identities }: ScoredPositions,
  from: number,
  direction: 1 | -1,
  ratio: (value: number) => number,
): Float64Array {
  const length = direction === 1 ? values.length - from : from + 1;
  const sums = new Float64Array(length + 1);
  const seen = new Uint8Array(values.length);
  for (let d = 0; d < length; d += 1) {
    const i = from + direction * d;
    const identity = identities[i]!;
    const counts = identity >= 0 && seen[identity] === 0;
    if (counts) seen[identity] = 1;
    sums[d + 1] = sums[d]! + (counts ? ratio(values[i]!) : 0);
  }
  return sums;
}

function logSum(logWeights: Float64Array): number {
  const largest = logWeights.reduce((most, value) => Math.max(most, value), -Infinity);
  return largest + Math.log(logWeights.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

function posterior(logWeights: Float64Array): Float64Array {
  const total = logSum(logWeights);
  return logWeights.map((value) => Math.exp(value - total));
}

function quantile(weights: Float64Array, share: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) {
    sum += weights[i]!;
    if (sum >= share) return i;
  }
  return weights.length - 1;
}

function widestExpectedOverlap(
  model: NullModel,
  positions: ScoredPositions,
  range: PositionRange,
): PositionRange {
  const ends = endPosteriors(model, positions, range);
  if (ends === undefined) return range;
  const atoms = (weights: Float64Array): number[] =>
    Array.from({ length: ATOMS }, (_, k) => quantile(weights, (k + 0.5) / ATOMS));
  const [lefts, rights] = [atoms(ends.left), atoms(ends.right)];
  let best = range;
  let bestOverlap = -1;
  for (const left of new Set(lefts)) {
    for (const right of new Set(rights)) {
      let overlap = 0;
      for (const l of lefts) {
        for (const r of rights) {
          const union = Math.max(left, l) + Math.max(right, r);
          overlap += union === 0 ? 0 : (Math.min(left, l) + Math.min(right, r)) / union;
        }
      }
      if (overlap <= bestOverlap) continue;
      bestOverlap = overlap;
      best = { start: ends.middle - left, end: Math.max(ends.middle - left + 1, ends.middle + right) };
    }
  }
  return best;
}
