// Where in the text is the mark? Windows from 64 tokens on, each a third of an octave longer than the last and moved by
// an eighth of itself, every one tested against the scheme's own null model; the best is corrected for their number
// (Bonferroni). Each window counts its own distinct pairs once: a pair seen before the window says as much inside it as
// a new one, and the exact tail of a single window stays exact.
import type { Stepwise } from '../progress';
import { markedRange, type PositionRange } from './changePoints';
import type { NullModel } from './nullModel';
import { logNullTail } from './nullModel';

/** Evidence of every scored position. */
export interface ScoredPositions {
  /** Entry i: evidence of position i. */
  readonly values: Float64Array;
  /** Equal numbers (from 0 up, below the length) for repeats of one pair or n-gram, -1 for what is never counted. */
  readonly identities: Int32Array;
}

export interface WindowScan {
  /** Number of windows tried. */
  readonly windows: number;
  /** ln of the best window's p-value times the number of windows; at most 0. */
  readonly logCorrectedP: number;
  /** Estimates the marked range of positions; worth its milliseconds only where a mark was found. */
  readonly locate: () => PositionRange;
}

interface Window {
  readonly logP: number;
  readonly start: number;
  readonly end: number;
}

const SHORTEST_WINDOW = 64;
const WIDTHS_AN_OCTAVE = 3;
const STEPS_A_WIDTH = 8;

/** Undefined where the text is not longer than one window. Yields after each width. */
export function* scanWindows(model: NullModel, positions: ScoredPositions): Stepwise<WindowScan | undefined> {
  const length = positions.values.length;
  let windows = 0;
  const bestOfOctave: Window[] = [];
  for (let i = 0; ; i += 1) {
    const width = Math.round(SHORTEST_WINDOW * 2 ** (i / WIDTHS_AN_OCTAVE));
    if (width >= length) break;
    const { tried, best } = slide(model, positions, width);
    windows += tried;
    const octave = Math.floor(i / WIDTHS_AN_OCTAVE);
    const before = bestOfOctave[octave];
    if (before === undefined || best.logP < before.logP) bestOfOctave[octave] = best;
    yield { done: width, total: length };
  }
  if (windows === 0) return undefined;
  const least = Math.min(...bestOfOctave.map(({ logP }) => logP));
  const seeds = [...bestOfOctave, { start: 0, end: length }];
  return {
    windows,
    logCorrectedP: Math.min(0, least + Math.log(windows)),
    locate: () => markedRange(model, positions, seeds),
  };
}

/** All windows of one width, with running counts of their distinct pairs. */
function slide(
  model: NullModel,
  { values, identities }: ScoredPositions,
  width: number,
): { readonly tried: number; readonly best: Window } {
  const step = Math.max(1, Math.floor(width / STEPS_A_WIDTH));
  const inside = new Int32Array(values.length);
  const known = new Map<number, number>();
  let distinct = 0;
  let sum = 0;
  let tried = 0;
  let best: Window = { logP: Infinity, start: 0, end: width };
  for (let end = 1; end <= values.length; end += 1) {
    const entering = identities[end - 1]!;
    if (entering >= 0) {
      if (inside[entering] === 0) {
        distinct += 1;
        sum += values[end - 1]!;
      }
      inside[entering] = inside[entering]! + 1;
    }
    const start = end - width;
    const leaving = start > 0 ? identities[start - 1]! : -1;
    if (leaving >= 0) {
      inside[leaving] = inside[leaving]! - 1;
      if (inside[leaving] === 0) {
        distinct -= 1;
        sum -= values[start - 1]!;
      }
    }
    if (start < 0 || start % step !== 0) continue;
    tried += 1;
    if (cannotBeat(model, distinct, sum, best.logP)) continue;
    const logP = tailOf(model, distinct, sum, known);
    if (logP < best.logP) best = { logP, start, end };
  }
  return { tried, best };
}

/** A binomial tail is at least exp(-n KL) / sqrt(8 n q (1 - q)), q = sum / n (Ash 1965): most windows need no sum of terms. */
function cannotBeat(model: NullModel, distinct: number, sum: number, best: number): boolean {
  if (model.kind !== 'binomial' || best === Infinity) return false;
  const n = distinct * model.trials;
  const share = sum / n;
  if (!(share > model.rate)) return best < -3;
  if (share >= 1) return false;
  const divergence =
    share * Math.log(share / model.rate) + (1 - share) * Math.log((1 - share) / (1 - model.rate));
  return -n * divergence - 0.5 * Math.log(8 * n * share * (1 - share)) > best;
}

/** Sums of whole numbers repeat from window to window; those of exponentials do not. */
function tailOf(model: NullModel, distinct: number, sum: number, known: Map<number, number>): number {
  if (model.kind === 'gamma') return logNullTail(model, distinct, Math.max(0, sum));
  const name = distinct * 2 ** 24 + sum;
  const logP = known.get(name) ?? logNullTail(model, distinct, sum);
  known.set(name, logP);
  return logP;
}
