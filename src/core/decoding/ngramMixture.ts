// The draft-specific part of superposed decoding: q(v | history) as a sum of n-gram shares of orders 2 to 6
// (Superposed Decoding, arXiv 2405.18400, section 4.2 and its settings). Live counts of the open document come first;
// shipped tables are the back-off for contexts that the document has not seen.
import type { LiveNgrams } from './liveNgrams';
import { LONGEST_CONTEXT } from './liveNgrams';
import type { PackedNgrams } from './packedNgrams';

/** Weights of orders 2 to 6. They sum to 0.5 in paper and code and are not normalised; the rest stays unassigned. */
export const PAPER_LAMBDAS: readonly number[] = [0.01, 0.04, 0.15, 0.18, 0.12];

/** q for candidate tokens after a history. */
export interface NgramModel {
  /** One value for each candidate; a context that was never seen adds 0. */
  shares(history: ArrayLike<number>, candidates: readonly number[]): Float64Array;
}

/** Live counts with shipped tables behind them. */
export function ngramMixture(
  live: LiveNgrams,
  shipped?: PackedNgrams,
  lambdas: readonly number[] = PAPER_LAMBDAS,
): NgramModel {
  return {
    shares(history, candidates) {
      const q = new Float64Array(candidates.length);
      const { totals, counts } = live.after(history);
      for (let o = 0; o < LONGEST_CONTEXT; o++) {
        const order = o + 2;
        if (totals[o]! > 0) {
          candidates.forEach((id, i) => (q[i]! += (lambdas[o]! * (counts[o]!.get(id) ?? 0)) / totals[o]!));
        } else if (shipped !== undefined && (order === 2 || order === 3 || order === 4)) {
          shipped.shares(order, history, candidates)?.forEach((share, i) => (q[i]! += lambdas[o]! * share));
        }
      }
      return q;
    },
  };
}
