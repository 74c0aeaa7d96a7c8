// MarkLLM's seeded schemes (Pan et al. 2024): KGW with its own lists, SWEET and EWD (entropy), and EXP. All hash a
// product of preceding ids modulo the vocabulary size, in Python integers, so KGW has at most as many lists as tokens.
import { lowWord } from '../random/int64';
import { TorchGenerator } from '../random/torchGenerator';
import type { ExponentialScheme, GreenListScheme, Outcome } from '../scheme';
import type { SettingsReader } from '../settings';

const INT64 = 2n ** 63n;

/** Product of the `width` ids before `index`, modulo the vocabulary size (unbounded integers, so stepwise). */
function productOfLast(ids: ArrayLike<number>, index: number, width: number, size: number): number {
  let product = 1 % size;
  for (let i = 1; i <= width; i += 1) product = (product * ids[index - i]!) % size;
  return product;
}

export function markllmKgw(read: SettingsReader): Outcome<GreenListScheme> {
  const vocabularySize = read.vocabularySize();
  const gamma = read.share('gamma', 0.5);
  const delta = read.number('delta', 2);
  const key = read.key('hash_key', 15485863n, 0n, INT64 - 1n);
  const width = read.integer('prefix_length', 1, 1, 64);
  const scheme = read.text('f_scheme', 'time', ['time', 'additive', 'skip', 'min']);
  const window = read.text('window_scheme', 'left', ['left', 'self']);
  const size = BigInt(vocabularySize);
  let table: Int32Array | undefined;
  const prf = (x: number): number => {
    table ??= new TorchGenerator(lowWord(key)).permutation(vocabularySize);
    return table[x]!;
  };
  const f = (ids: ArrayLike<number>, index: number): number => {
    switch (scheme) {
      case 'time':
        return prf(productOfLast(ids, index, width, vocabularySize));
      case 'additive': {
        let sum = 0;
        for (let i = 1; i <= width; i += 1) sum += ids[index - i]!;
        return prf(sum % vocabularySize);
      }
      case 'skip':
        return prf(ids[index - width]!);
      case 'min': {
        let smallest = Infinity;
        for (let i = 1; i <= width; i += 1) smallest = Math.min(smallest, prf(ids[index - i]!));
        return smallest;
      }
    }
  };
  const self = window === 'self';
  return read.finish(() => ({
    ...greenBase(vocabularySize, gamma, delta, key, width),
    name: `KGW (MarkLLM, ${scheme}, ${window})`,
    selfSaltTries: self ? vocabularySize : undefined,
    seedAt: self
      ? (ids, index) => (f(ids, index) * prf(ids[index]!)) % vocabularySize
      : (ids, index) => Number((key * BigInt(f(ids, index))) % size),
  }));
}

/** SWEET (Lee et al. 2024) marks and scores high-entropy tokens only; EWD (Lu et al. 2024) weights by entropy. */
export function markllmEntropy(read: SettingsReader, algorithm: 'SWEET' | 'EWD'): Outcome<GreenListScheme> {
  const vocabularySize = read.vocabularySize();
  const gamma = read.share('gamma', 0.5);
  const delta = read.number('delta', 2);
  const key = read.key('hash_key', 15485863n, 0n, INT64 - 1n);
  const width = read.integer('prefix_length', 1, 1, 64);
  const threshold = read.number('entropy_threshold', 0.9, 0);
  return read.finish(() => ({
    ...greenBase(vocabularySize, gamma, delta, key, width),
    name: `${algorithm} (MarkLLM)`,
    notes: [
      `${algorithm} needs the entropy of a language model at each token; without it every token is counted.`,
    ],
    entropyThreshold: algorithm === 'SWEET' ? threshold : undefined,
    entropyWeighted: algorithm === 'EWD',
    seedAt: (ids, index) => lowWord(key * BigInt(productOfLast(ids, index, width, vocabularySize))),
  }));
}

function greenBase(
  vocabularySize: number,
  gamma: number,
  delta: number,
  key: bigint,
  width: number,
): Omit<GreenListScheme, 'name' | 'seedAt'> {
  return {
    family: 'green-list',
    id: 'markllm-kgw',
    key: String(key),
    vocabularySize,
    notes: [],
    distortionFree: false,
    gamma,
    listSize: Math.trunc(vocabularySize * gamma),
    fromTail: false,
    delta,
    nGramLength: width + 1,
    prefixLength: width,
    dropFirst: undefined,
    selfSaltTries: undefined,
    entropyThreshold: undefined,
    entropyWeighted: false,
  };
}

export function markllmExp(read: SettingsReader): Outcome<ExponentialScheme> {
  const vocabularySize = read.vocabularySize();
  const key = read.key('hash_key', 15485863n, 0n, INT64 - 1n);
  const width = read.integer('prefix_length', 4, 1, 64);
  const topK = read.integer('top_k', 50, 1);
  return read.finish(() => ({
    family: 'exponential',
    id: 'markllm-exp',
    name: 'EXP (MarkLLM)',
    key: String(key),
    vocabularySize,
    notes: [],
    distortionFree: true,
    prefixLength: width,
    topK,
    seedAt: (ids, index) => lowWord(key * BigInt(productOfLast(ids, index, width, vocabularySize))),
  }));
}
