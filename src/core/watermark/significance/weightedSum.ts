// Exact tail of a weighted count of independent yes-or-no values, for entropy-weighted detection (EWD, Lu et al. 2024;
// SWEET, Lee et al. 2024, is the case of weights 0 and 1). Weights are first rounded to whole steps, and the test is the
// one with the rounded weights, so the p-value is exact for what is tested.

const STEPS = 63;

export interface WeightedTail {
  readonly logP: number;
  readonly z: number;
  /** Weighted count and its largest possible value, in the unit of the weights given. */
  readonly statistic: number;
  readonly total: number;
}

/** @param flags 1 where the value is yes. @param weights non-negative, same length. @param rate P(yes) without a mark. */
export function weightedTail(
  flags: ArrayLike<number>,
  weights: ArrayLike<number>,
  rate: number,
): WeightedTail {
  let largest = 0;
  for (let i = 0; i < weights.length; i += 1) largest = Math.max(largest, weights[i]!);
  const unit = largest / STEPS;
  let statistic = 0;
  let total = 0;
  let squares = 0;
  const steps: number[] = [];
  let reached = 0;
  for (let i = 0; i < weights.length; i += 1) {
    statistic += flags[i] === 1 ? weights[i]! : 0;
    total += weights[i]!;
    squares += weights[i]! ** 2;
    const step = unit > 0 ? Math.round(weights[i]! / unit) : 0;
    if (step === 0) continue;
    steps.push(step);
    if (flags[i] === 1) reached += step;
  }
  const z = squares > 0 ? (statistic - rate * total) / Math.sqrt(squares * rate * (1 - rate)) : 0;
  return { logP: logSumTail(steps, reached, rate), z, statistic, total };
}

/** ln P(sum of step_i * Bernoulli(rate) >= reached) by convolution, in place from the top down. */
function logSumTail(steps: readonly number[], reached: number, rate: number): number {
  const size = steps.reduce((sum, step) => sum + step, 0) + 1;
  const mass = new Float64Array(size);
  mass[0] = 1;
  let top = 0;
  for (const step of steps) {
    top += step;
    for (let s = top; s >= step; s -= 1) mass[s] = mass[s]! * (1 - rate) + mass[s - step]! * rate;
    for (let s = step - 1; s >= 0; s -= 1) mass[s] = mass[s]! * (1 - rate);
  }
  let tail = 0;
  for (let s = size - 1; s >= reached; s -= 1) tail += mass[s]!;
  return Math.log(Math.max(Number.MIN_VALUE, Math.min(1, tail)));
}
