// Where in the text is the mark? Dyadic windows of counted tokens (32, 64, ..., every quarter of a window), each tested
// against the scheme's own null model, the best one corrected for their number (Bonferroni). The reported range then
// grows or shrinks to the run of tokens that best separates marked from unmarked; the p-value stays that of the window.
import type { NullModel } from './nullModel';
import { logNullTail, nullMean } from './nullModel';

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
 * The stretch with the largest sum of (value - threshold) that overlaps the window, the threshold half-way between the
 * null mean and the window's own mean: a change-point estimate of both ends.
 */
function refinedRange(
  model: NullModel,
  sums: Float64Array,
  start: number,
  end: number,
): { start: number; end: number } {
  const mean = (sums[end]! - sums[start]!) / (end - start);
  const threshold = (mean + nullMean(model)) / 2;
  const excess = (i: number): number => sums[i]! - threshold * i;
  const middle = Math.floor((start + end) / 2);
  let first = middle;
  for (let i = middle; i >= 0; i -= 1) if (excess(i) < excess(first)) first = i;
  let last = middle;
  for (let i = middle; i < sums.length; i += 1) if (excess(i) > excess(last)) last = i;
  return first < last ? { start: first, end: last } : { start, end };
}
