// Numerics shared by the decoders: everything is kept in natural logarithms and in float64, whatever the runtime gives.
import type { Logits } from '../model/languageModel';

// Every forward ends in one exponential for each of its tokens and vocabulary entries, and Math.exp was a third of the time
// outside the model. e^-x = 2^(-k / STEPS) * e^r with |r| <= ln(2) / 128: a table and five terms, exact to 4e-16.
const STEPS = 64;
const STEPS_PER_NAT = STEPS / Math.LN2;
const STEP_NATS = Math.LN2 / STEPS;
/** Entries this far below the largest add less than 2e-18 each. */
const DEEPEST_NATS = 41;
const POWERS = Float64Array.from(
  { length: Math.ceil(DEEPEST_NATS * STEPS_PER_NAT) + 1 },
  (_, k) => 2 ** (-k / STEPS),
);

/** log(sum(exp(values))) over a logits row, `most` its largest value. -Infinity for a row without mass. */
export function logSumExp(values: ArrayLike<number>, most = largest(values)): number {
  if (most === -Infinity) return -Infinity;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const x = most - values[i]!;
    if (x > DEEPEST_NATS) continue;
    const k = (x * STEPS_PER_NAT + 0.5) | 0;
    const r = k * STEP_NATS - x;
    sum += POWERS[k]! * (1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r / 120)))));
  }
  return most + Math.log(sum);
}

/** The largest value; -Infinity when there is none. */
export function largest(values: ArrayLike<number>): number {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!;
  return most;
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
