// Corrections for looking more than once: Holm over keys and schemes, and a union bound with unequal weights for
// several tests of one text.
import type { Probability } from './tails';
import { probabilityFromLog } from './tails';

/** Holm's step-down adjustment (Holm 1979), in the order given. */
export function holm(pValues: readonly Probability[]): Probability[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a]!.log10P - pValues[b]!.log10P);
  const adjusted = new Array<Probability>(pValues.length);
  let largest = -Infinity;
  order.forEach((index, rank) => {
    const log = pValues[index]!.log10P * Math.LN10 + Math.log(pValues.length - rank);
    largest = Math.max(largest, log);
    adjusted[index] = probabilityFromLog(largest);
  });
  return adjusted;
}

/** Smallest of several p-values after giving each test its share of the level; shares must sum to 1 or less. */
export function weightedUnion(tests: readonly { readonly logP: number; readonly share: number }[]): number {
  return Math.min(0, ...tests.map((test) => test.logP - Math.log(test.share)));
}
