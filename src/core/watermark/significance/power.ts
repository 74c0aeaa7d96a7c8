// How likely this much text would have shown a mark of the scheme's usual strength. Without it "not found" says
// nothing: 20 scored tokens find nearly no mark at all.
import type { NullModel } from './nullModel';
import { logNullTail } from './nullModel';
import { logBinomialTail, logGammaTail } from './tails';

export interface Power {
  /** Probability of p <= level if every counted token carried a mark of the assumed strength. */
  readonly probability: number;
  /** Mean evidence per token that is assumed, in the unit of the scheme's per-token values. */
  readonly assumedMean: number;
  /** Smallest mean evidence per token that would reach the level at this length; infinite where none can. */
  readonly detectableMean: number;
}

/**
 * @param tokens counted tokens.
 * @param assumedMean mean evidence per token of marked text (share of green tokens, mean of ones, mean exponential).
 * @param level p-value asked for.
 */
export function powerAtLength(model: NullModel, tokens: number, assumedMean: number, level: number): Power {
  const logLevel = Math.log(level);
  const perToken = model.kind === 'binomial' ? model.trials : 1;
  const most = model.kind === 'gamma' ? tokens * 50 + 200 : tokens * perToken;
  let low = 0;
  let high = most;
  if (tokens === 0 || logNullTail(model, tokens, most) > logLevel) {
    return { probability: 0, assumedMean, detectableMean: Infinity };
  }
  // Smallest sum whose tail is at or below the level; the tail falls with the sum.
  const resolution = model.kind === 'gamma' ? 1e-6 : 1;
  while (high - low > resolution) {
    const middle = model.kind === 'gamma' ? (low + high) / 2 : Math.floor((low + high) / 2);
    if (logNullTail(model, tokens, middle) <= logLevel) high = middle;
    else low = middle;
  }
  const logProbability =
    model.kind === 'gamma'
      ? logGammaTail(tokens, high / assumedMean)
      : logBinomialTail(tokens * perToken, high, Math.min(0.999999, assumedMean / perToken));
  return { probability: Math.exp(logProbability), assumedMean, detectableMean: high / tokens };
}
