// How much of a model's context window, or of a budget that the user set, a text takes.
// Tokens of different tokenizers must not be compared as such, so the gauge also speaks in characters: at the text's
// own characters per token, how many more characters fit.

export interface ContextGauge {
  readonly limit: number;
  readonly used: number;
  /** Tokens left; negative when over. */
  readonly left: number;
  /** used / limit; above 1 when over. */
  readonly share: number;
  /** Characters that still fit if the rest is like the text so far; undefined for an empty text. */
  readonly charactersLeft?: number;
}

/** Gauge of `used` tokens (in `characters` characters) against a window of `limit` tokens, limit > 0. */
export function contextGauge(limit: number, used: number, characters: number): ContextGauge {
  if (!(limit > 0)) throw new RangeError('A context window must be above 0 tokens.');
  const left = limit - used;
  return {
    limit,
    used,
    left,
    share: used / limit,
    ...(used > 0 ? { charactersLeft: Math.trunc((left * characters) / used) } : {}),
  };
}

export type BudgetState = 'unset' | 'within' | 'near' | 'over';

/** Share of a budget from which it counts as nearly used. */
export const BUDGET_NEAR_SHARE = 0.9;

/**
 * State of a budget in tokens. A budget of undefined or 0 means none is set; a negative, fractional or non-finite
 * one is a mistake and throws RangeError.
 */
export function budgetState(budget: number | undefined, used: number): BudgetState {
  if (budget === undefined || budget === 0) return 'unset';
  if (!Number.isInteger(budget) || budget < 0)
    throw new RangeError('A budget must be a whole number of tokens, 0 for none.');
  if (used > budget) return 'over';
  return used >= budget * BUDGET_NEAR_SHARE ? 'near' : 'within';
}
