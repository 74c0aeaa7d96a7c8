// MarkLLM's EXP: each token's uniform number u under the seed of its context, and its evidence -log(1 - u), a unit
// exponential in unmarked text. Only one number of the vocabulary's stream is needed: skip to the token, draw once.
import type { Stepwise } from './progress';
import { distantWords } from './random/distantWords';
import type { ExponentialScheme } from './scheme';

export interface ExponentialEvidence {
  readonly first: number;
  readonly seeds: Uint32Array;
  /** u of each scored token, float32 in [0, 1). */
  readonly uniforms: Float64Array;
}

export function* exponentialEvidence(
  scheme: ExponentialScheme,
  ids: ArrayLike<number>,
): Stepwise<ExponentialEvidence> {
  const first = scheme.prefixLength;
  const count = Math.max(0, ids.length - first);
  const seeds = new Uint32Array(count);
  const uniforms = new Float64Array(count);
  const known = new Map<string, number>();
  for (let i = 0; i < count; i += 1) {
    const token = ids[first + i]!;
    const seed = scheme.seedAt(ids, first + i);
    seeds[i] = seed;
    const key = `${seed},${token}`;
    let u = known.get(key);
    if (u === undefined) {
      u = uniformAt(seed, token);
      known.set(key, u);
    }
    uniforms[i] = u;
    if (i % 16 === 15) yield { done: i, total: count };
  }
  return { first, seeds, uniforms };
}

/** Entry `token` of torch.rand(vocabulary size) under a seed. */
function uniformAt(seed: number, token: number): number {
  let u = 0;
  distantWords(seed, Float64Array.of(token), (_, word) => {
    u = (word & 0xffffff) * 2 ** -24;
  });
  return u;
}

/** -log(1 - u). */
export const exponentialValue = (u: number): number => -Math.log(1 - u);
