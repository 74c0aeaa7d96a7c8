// What counted tokens of unmarked text look like to a scheme: the exact distribution of their summed evidence. One
// model serves the whole text, every window of the scan and the power at a length.
import { logBinomialTail, logGammaTail, logHypergeometricTail } from './tails';

export type NullModel =
  /** Each token gives `trials` independent yes-or-no values, yes with probability `rate`. */
  | { readonly kind: 'binomial'; readonly trials: number; readonly rate: number }
  /** Distinct tokens drawn from a vocabulary in which `marked` of `population` are green. */
  | { readonly kind: 'hypergeometric'; readonly population: number; readonly marked: number }
  /** Each token gives a unit exponential. */
  | { readonly kind: 'gamma' };

export type PValueKind =
  | 'exact binomial'
  | 'exact hypergeometric'
  | 'exact gamma'
  | 'exact weighted sum'
  | 'permutation'
  | 'analytic blocks';

export const P_KIND: Readonly<Record<NullModel['kind'], PValueKind>> = {
  binomial: 'exact binomial',
  hypergeometric: 'exact hypergeometric',
  gamma: 'exact gamma',
};

/** ln P(sum >= observed) for `tokens` counted tokens of unmarked text. */
export function logNullTail(model: NullModel, tokens: number, sum: number): number {
  if (tokens === 0) return 0;
  switch (model.kind) {
    case 'binomial':
      return logBinomialTail(tokens * model.trials, sum, model.rate);
    case 'hypergeometric':
      return logHypergeometricTail(model.population, model.marked, tokens, sum);
    case 'gamma':
      return logGammaTail(tokens, sum);
  }
}

/** Mean of one token's evidence in unmarked text. */
export function nullMean(model: NullModel): number {
  switch (model.kind) {
    case 'binomial':
      return model.trials * model.rate;
    case 'hypergeometric':
      return model.marked / model.population;
    case 'gamma':
      return 1;
  }
}

/** Standard deviation of the sum over `tokens` tokens. */
export function nullDeviation(model: NullModel, tokens: number): number {
  switch (model.kind) {
    case 'binomial':
      return Math.sqrt(tokens * model.trials * model.rate * (1 - model.rate));
    case 'hypergeometric': {
      const rate = model.marked / model.population;
      return Math.sqrt((tokens * rate * (1 - rate) * (model.population - tokens)) / (model.population - 1));
    }
    case 'gamma':
      return Math.sqrt(tokens);
  }
}
