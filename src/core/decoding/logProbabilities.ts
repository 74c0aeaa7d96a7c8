// Numerics shared by the decoders: everything is kept in natural logarithms and in float64, whatever the runtime gives.
import type { Logits } from '../model/languageModel';

/** log(sum(exp(values))) over a logits row. -Infinity for a row without mass. */
export function logSumExp(values: ArrayLike<number>): number {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!;
  if (most === -Infinity) return -Infinity;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - most);
  return most + Math.log(sum);
}

/** log(exp(a) + exp(b)). */
export function logAdd(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === -Infinity ? -Infinity : most + Math.log1p(Math.exp(Math.min(a, b) - most));
}

/** Index of the largest value; the lowest index among equals. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Indices of the `count` largest values in order, lowest index first among equals; `skip` leaves indices out. */
export function topIndices(
  values: ArrayLike<number>,
  count: number,
  skip?: (index: number) => boolean,
): number[] {
  const best: number[] = [];
  let floor = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === -Infinity || (best.length === count && value <= floor)) continue;
    if (skip?.(i) === true) continue;
    let at = best.length;
    while (at > 0 && values[best[at - 1]!]! < value) at--;
    best.splice(at, 0, i);
    if (best.length > count) best.pop();
    floor = values[best[best.length - 1]!]!;
  }
  return best;
}

/** log softmax(logits / temperature) of one entry, given `logSumExp` of the scaled row. */
export function logProbability(logits: Logits, id: number, logTotal: number): number {
  return logits[id]! - logTotal;
}
