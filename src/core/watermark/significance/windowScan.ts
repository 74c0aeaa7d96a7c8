// Where in the text is the mark? Dyadic windows of counted tokens (32, 64, ..., every quarter of a window), each tested
// against the scheme's own null model, the best one corrected for their number (Bonferroni). The reported range then
// grows or shrinks to the run of tokens that best separates marked from unmarked; the p-value stays that of the window.
import type { NullModel } from './nullModel';
import { logNullTail, nullDeviation, nullMean } from './nullModel';

export interface WindowScan {
  /** Number of windows tried. */
  readonly windows: number;
  /** ln of the best window's p-value times the number of windows. */
  readonly logCorrectedP: number;
  /** Range of positions in the list of counted tokens, end exclusive. */
  readonly start: number;
  readonly end: number;
}

const SHORTEST_WINDOW = 32;

/** @param values evidence of the counted tokens in text order. Undefined where the text is shorter than one window. */
export function scanWindows(model: NullModel, values: Float64Array): WindowScan | undefined {
  const count = values.length;
  const sums = new Float64Array(count + 1);
  for (let i = 0; i < count; i += 1) sums[i + 1] = sums[i]! + values[i]!;
  let windows = 0;
  let best = { logP: Infinity, start: 0, end: 0 };
  const memo = new Map<number, number>();
  for (let width = SHORTEST_WINDOW; width < count; width *= 2) {
    memo.clear();
    const step = width / 4;
    for (let start = 0; start + width <= count; start += step) {
      const sum = sums[start + width]! - sums[start]!;
      const logP = memo.get(sum) ?? logNullTail(model, width, sum);
      memo.set(sum, logP);
      windows += 1;
      if (logP < best.logP) best = { logP, start, end: start + width };
    }
  }
  if (windows === 0) return undefined;
  const range = refinedRange(model, sums, best.start, best.end);
  return { windows, logCorrectedP: Math.min(0, best.logP + Math.log(windows)), ...range };
}

/**
 * Change points on both sides of the window's middle: the posterior median of each, under a flat prior and a shift of the
 * mean from the null's to the window's own. The median errs less than the likeliest point, which chance moves far out.
 */
function refinedRange(
  model: NullModel,
  sums: Float64Array,
  start: number,
  end: number,
): { start: number; end: number } {
  const shift = (sums[end]! - sums[start]!) / (end - start) - nullMean(model);
  if (!(shift > 0)) return { start, end };
  const threshold = nullMean(model) + shift / 2;
  const perUnit = shift / nullDeviation(model, 1) ** 2;
  const evidence = (i: number): number => perUnit * (sums[i]! - threshold * i);
  const middle = Math.floor((start + end) / 2);
  const before = Array.from({ length: middle + 1 }, (_, i) => -evidence(middle - i));
  const after = Array.from({ length: sums.length - middle }, (_, i) => evidence(middle + i));
  return { start: middle - medianIndex(before), end: Math.max(middle + 1, middle + medianIndex(after)) };
}

/** Index at which half of the weight exp(logWeights) is reached. */
function medianIndex(logWeights: readonly number[]): number {
  const largest = logWeights.reduce((most, value) => Math.max(most, value), -Infinity);
  const weights = logWeights.map((value) => Math.exp(value - largest));
  const half = weights.reduce((sum, weight) => sum + weight, 0) / 2;
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) {
    sum += weights[i]!;
    if (sum >= half) return i;
  }
  return weights.length - 1;
}
