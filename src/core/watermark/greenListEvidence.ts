// Green or not, for each token of a text under a green-list scheme, and which of these flags may be counted. Counting
// every token makes repeated text look marked (24 % false positives at 1 % on code); by default each distinct pair of
// generator seed and target counts once, which is valid because lists of different seeds are independent.
import type { Stepwise } from './progress';
import { ListMembership } from './random/listMembership';
import type { FixedListScheme, GreenListScheme } from './scheme';

/** pairs: distinct (seed, target), the default. ngrams: as lm-watermarking. all: as transformers before 2026. */
export type Counting = 'pairs' | 'ngrams' | 'all';

export interface GreenEvidence {
  /** Index in the ids of the first scored token; the others follow without gaps. */
  readonly first: number;
  /** One a scored token, 1 where green. */
  readonly flags: Uint8Array;
  /** Low 32 bits of each token's generator seed; all 0 for a fixed list. */
  readonly seeds: Uint32Array;
}

const PAIR_SHIFT = 2 ** 21;
const CACHE_LIMIT = 400_000;
/** From this many tokens under one seed on, building its list once is cheaper than following each token. */
const LIST_WORTH_BUILDING = 4;

/** Flags already known for one scheme, so that an edit re-scores only the n-grams that it touches. */
export class GreenFlagCache {
  readonly lists: ListMembership;
  private readonly known = new Map<number, number>();

  constructor(scheme: GreenListScheme) {
    this.lists = new ListMembership(scheme.vocabularySize, scheme.listSize, scheme.fromTail);
  }

  get(pair: number): number | undefined {
    return this.known.get(pair);
  }

  set(pair: number, flag: number): void {
    if (this.known.size >= CACHE_LIMIT) this.known.clear();
    this.known.set(pair, flag);
  }
}

export const pairKey = (seed: number, target: number): number => seed * PAIR_SHIFT + target;

/** Index of the first token that the reference scores in these ids. */
export function firstScored(scheme: GreenListScheme, ids: ArrayLike<number>): number {
  return scheme.prefixLength + (scheme.dropFirst !== undefined && ids[0] === scheme.dropFirst ? 1 : 0);
}

/** Flags of every scored token. Ids must lie below the scheme's vocabulary size. */
export function* greenFlags(
  scheme: GreenListScheme,
  ids: ArrayLike<number>,
  cache = new GreenFlagCache(scheme),
): Stepwise<GreenEvidence> {
  const first = firstScored(scheme, ids);
  const count = Math.max(0, ids.length - first);
  const flags = new Uint8Array(count);
  const seeds = new Uint32Array(count);
  const bySeed = new Map<number, Set<number>>();
  for (let i = 0; i < count; i += 1) {
    const seed = scheme.seedAt(ids, first + i);
    seeds[i] = seed;
    const target = ids[first + i]!;
    if (cache.get(pairKey(seed, target)) !== undefined) continue;
    const targets = bySeed.get(seed);
    if (targets === undefined) bySeed.set(seed, new Set([target]));
    else targets.add(target);
    if (i % 256 === 255) yield { done: 0, total: count };
  }
  let done = 0;
  for (const [seed, targets] of bySeed) {
    if (targets.size >= LIST_WORTH_BUILDING) {
      const mask = cache.lists.mask(seed);
      for (const target of targets) cache.set(pairKey(seed, target), mask[target]!);
    } else {
      for (const target of targets)
        cache.set(pairKey(seed, target), Number(cache.lists.contains(seed, target)));
    }
    done += 1;
    if (done % 8 === 0) yield { done, total: bySeed.size };
  }
  for (let i = 0; i < count; i += 1) flags[i] = cache.get(pairKey(seeds[i]!, ids[first + i]!)) ?? 0;
  return { first, flags, seeds };
}

/** Flags under a fixed list: every token is scored. */
export function fixedListFlags(scheme: FixedListScheme, ids: ArrayLike<number>): GreenEvidence {
  const mask = scheme.mask();
  return {
    first: 0,
    flags: Uint8Array.from({ length: ids.length }, (_, i) => mask[ids[i]!]!),
    seeds: new Uint32Array(ids.length),
  };
}

/** Numbers repeats: entry i is the same for scored tokens that are one pair or n-gram under the counting rule. */
export function repeatNumbers(
  ids: ArrayLike<number>,
  { first, seeds }: Pick<GreenEvidence, 'first' | 'seeds'>,
  nGramLength: number,
  counting: Counting,
): Int32Array {
  const known = new Map<number | string, number>();
  return Int32Array.from({ length: seeds.length }, (_, i) => {
    if (counting === 'all') return i;
    const end = first + i;
    const key =
      counting === 'pairs' ? pairKey(seeds[i]!, ids[end]!) : nGramName(ids, end - nGramLength + 1, end + 1);
    const number = known.get(key) ?? known.size;
    known.set(key, number);
    return number;
  });
}

/** The tokens from `start` to before `end` as one string. */
export function nGramName(ids: ArrayLike<number>, start: number, end: number): string {
  let name = '';
  for (let j = start; j < end; j += 1) name += `${ids[j]!},`;
  return name;
}

/** One byte an entry, 1 where a number from 0 up appears for the first time. */
export function firstAppearances(numbers: Int32Array): Uint8Array {
  const seen = new Uint8Array(numbers.length);
  return Uint8Array.from(numbers, (number) => {
    if (number < 0 || seen[number] === 1) return 0;
    seen[number] = 1;
    return 1;
  });
}

/** One byte a scored token, 1 where it counts under the given rule. `nGramLength` includes the target. */
export function countedTokens(
  ids: ArrayLike<number>,
  evidence: Pick<GreenEvidence, 'first' | 'seeds'>,
  nGramLength: number,
  counting: Counting,
): Uint8Array {
  return firstAppearances(repeatNumbers(ids, evidence, nGramLength, counting));
}

export interface GreenCount {
  readonly scored: number;
  readonly green: number;
}

export function countGreen(flags: Uint8Array, counted: Uint8Array): GreenCount {
  let scored = 0;
  let green = 0;
  for (let i = 0; i < flags.length; i += 1) {
    if (counted[i] === 0) continue;
    scored += 1;
    green += flags[i]!;
  }
  return { scored, green };
}

/** The references' z: (green - gamma T) / sqrt(T gamma (1 - gamma)). */
export function greenZ({ scored, green }: GreenCount, gamma: number): number {
  return scored === 0 ? 0 : (green - gamma * scored) / Math.sqrt(scored * gamma * (1 - gamma));
}

/** transformers' own p for a z: a loose bound at small z and too small beyond z = 3.31. */
export function transformersP(z: number): number {
  return 1 - 0.5 * (1 + Math.sign(z) * (1 - Math.exp((-2 * z * z) / Math.PI)));
}
