// Permutation test that stops early (Besag and Clifford 1991): after `enough` nulls at least as extreme as the text,
// p = enough / runs is valid at every size, so unmarked text costs about 20 of 99 runs. p is never below 1 / (runs + 1).

/** Runs on unmarked text grow as ENOUGH * (1 + ln(maximum / ENOUGH)); below 5 the p-value becomes coarse. */
const ENOUGH = 5;

export interface PermutationResult {
  readonly p: number;
  readonly runs: number;
  readonly asExtreme: number;
  readonly stoppedEarly: boolean;
}

/**
 * @param statistic of the text; lower is more watermarked.
 * @param drawNull statistic under a fresh random key.
 * @param maximumRuns runs when nothing stops the test; the floor of p is 1 / (maximumRuns + 1).
 */
export function* sequentialPermutationTest(
  statistic: number,
  drawNull: () => number,
  maximumRuns: number,
  mayStop = true,
): Generator<{ readonly done: number; readonly total: number }, PermutationResult> {
  let asExtreme = 0;
  for (let run = 1; run <= maximumRuns; run += 1) {
    if (drawNull() <= statistic) asExtreme += 1;
    if (mayStop && asExtreme === ENOUGH)
      return { p: ENOUGH / run, runs: run, asExtreme, stoppedEarly: run < maximumRuns };
    yield { done: run, total: maximumRuns };
  }
  return { p: (asExtreme + 1) / (maximumRuns + 1), runs: maximumRuns, asExtreme, stoppedEarly: false };
}
