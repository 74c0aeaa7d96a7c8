// A fast answer for exponential sampling before the permutation test: sums of -log(1 - xi) over k consecutive tokens on a
// diagonal are Gamma(k, 1) in unmarked text. Blocks of 16, 32, 64 and the whole text, every start and shift, Bonferroni.
// It gives p-values far below 1/(runs + 1) but does not see through insertions inside a block.
import { logGammaTail } from '../significance/tails';

export interface AnalyticBlocks {
  /** ln of the best block's p times the number of blocks looked at. */
  readonly logCorrectedP: number;
  readonly tests: number;
  /** Best block: text positions [start, end) against key rows from `row` on. */
  readonly start: number;
  readonly end: number;
  readonly row: number;
}

const BLOCKS = [16, 32, 64];

/**
 * @param tokens text as indices into its distinct tokens.
 * @param costs entry t * n + j, log(1 - xi) of token t at row j (negative).
 * A block is never longer than the key: within n tokens every row occurs once, so the draws are independent.
 */
export function analyticBlocks(
  tokens: Int32Array,
  costs: Float64Array,
  n: number,
): AnalyticBlocks | undefined {
  const m = tokens.length;
  if (m < 4) return undefined;
  const sizes = [...new Set([...BLOCKS.filter((k) => k < m && k <= n), Math.min(m, n)])];
  const best = sizes.map(() => ({ sum: -1, start: 0, row: 0 }));
  const prefix = new Float64Array(m + 1);
  for (let row = 0; row < n; row += 1) {
    for (let i = 0, j = row; i < m; i += 1, j = j + 1 === n ? 0 : j + 1) {
      prefix[i + 1] = prefix[i]! - costs[tokens[i]! * n + j]!;
    }
    sizes.forEach((k, s) => {
      const record = best[s]!;
      for (let i = k; i <= m; i += 1) {
        const sum = prefix[i]! - prefix[i - k]!;
        if (sum > record.sum) {
          record.sum = sum;
          record.start = i - k;
          record.row = (row + i - k) % n;
        }
      }
    });
  }
  const tests = sizes.reduce((total, k) => total + (m - k + 1) * n, 0);
  const logPs = sizes.map((k, s) => logGammaTail(k, best[s]!.sum));
  const winner = logPs.indexOf(Math.min(...logPs));
  const { start, row } = best[winner]!;
  return {
    logCorrectedP: Math.min(0, logPs[winner]! + Math.log(tests)),
    tests,
    start,
    end: start + sizes[winner]!,
    row,
  };
}
