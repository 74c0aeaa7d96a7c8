// The methods that draftQuality.ts compares. All of them branch from one cached prompt; what the same drafts would cost as a
// batch of prompts of their own is measured beside (part "oneStep").
import type { DraftRequest } from '../../src/core/decoding/completeDrafts';
import type { NgramModel } from '../../src/core/decoding/ngramMixture';
import { LINEAGE_SETTINGS, PAPER_SETTINGS } from '../../src/core/decoding/superposition';

export interface Method {
  readonly name: string;
  readonly k: number;
  readonly wishes: (ngrams: NgramModel) => Partial<DraftRequest>;
}

/** Verification that reports exact probabilities and cuts nothing, so that methods are compared at the same length. */
const uncut = { minShare: 0 };

function methodsFor(k: number, seed: number): Method[] {
  const plain = (
    name: string,
    method: NonNullable<DraftRequest['method']>,
    more: Partial<DraftRequest> = {},
  ): Method => ({ name, k, wishes: () => ({ method, count: k, seed, ...more }) });
  const superposed = (
    name: string,
    settings: typeof PAPER_SETTINGS,
    verify: NonNullable<DraftRequest['verify']>,
  ): Method => ({
    name: `superposed, ${name}`,
    k,
    wishes: (ngrams) => ({
      method: 'superposed',
      count: k,
      superposed: { ...settings, candidates: 3 * k },
      ngrams,
      verify,
    }),
  });
  return [
    plain('forked', 'forked'),
    plain('beam', 'beam'),
    plain('nucleus', 'nucleus', { temperature: 1 }),
    plain('nucleus, T 0.2', 'nucleus', { temperature: 0.2 }),
    plain('gumbel', 'gumbel'),
    plain('stochastic beam', 'stochasticBeam'),
    superposed('published', PAPER_SETTINGS, uncut),
    superposed('no n-grams', { ...PAPER_SETTINGS, alpha: 0 }, uncut),
    superposed('lineage', LINEAGE_SETTINGS, uncut),
    superposed('lineage, cut', LINEAGE_SETTINGS, true),
  ];
}

/** Greedy first, then three drafts by every method, then ten by those that show what ten cost. */
export function comparedMethods(seed: number): readonly Method[] {
  const greedy: Method = { name: 'greedy', k: 1, wishes: () => ({ method: 'greedy' }) };
  const many = ['forked', 'beam', 'nucleus', 'superposed, lineage'];
  return [greedy, ...methodsFor(3, seed), ...methodsFor(10, seed).filter(({ name }) => many.includes(name))];
}
