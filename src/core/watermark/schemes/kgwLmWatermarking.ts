// KGW as the authors' lm-watermarking plants it (Kirchenbauer et al. 2023, 2024): eleven ways to turn the context into
// a seed. The hash table has a fixed seed of its own, so "selfhash" here differs from transformers'. Products wrap
// in int64 where torch computes them and do not where Python does.
import { lowWord, seedWordAfterModulus, wrapInt64 } from '../random/int64';
import type { GreenListScheme, Outcome } from '../scheme';
import type { SettingsReader } from '../settings';
import { lazyHashTable } from './kgwTransformers';

type Hash = (x: bigint) => bigint;
/** Context tokens, oldest first, the candidate last when self-salted; key; table. */
type Prf = (context: readonly bigint[], key: bigint, hash: Hash) => bigint;

const TABLE_SEED = 2971215073;
const INT64 = 2n ** 63n;
const least = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a));
const wrappedProduct = (values: readonly bigint[]): bigint => values.reduce((a, b) => wrapInt64(a * b), 1n);

const PRFS: Readonly<Record<string, Prf>> = {
  multiplicative_prf: (c, k) => k * wrappedProduct(c),
  additive_prf: (c, k) => k * c.reduce((a, b) => a + b, 0n),
  minfunc_prf: (c, k) => k * least(c),
  simple_skip_prf: (c, k, h) =>
    wrappedProduct(c.filter((_, i) => i % 2 === 0).map((x) => h(wrapInt64(k * x)))),
  skipgram_prf: (c, k, h) => h(wrapInt64(k * c[0]!)),
  anchored_skipgram_prf: (c, k, h) => wrapInt64(h(wrapInt64(k * c[0]!)) * h(wrapInt64(k * c[c.length - 1]!))),
  minhash_prf: (c, k, h) => least(c.map((x) => h(wrapInt64(k * x)))),
  anchored_minhash_prf: (c, k, h) => {
    const anchor = h(c[c.length - 1]!);
    return least(c.map((x) => wrapInt64(wrapInt64(k * h(x)) * anchor)));
  },
  minskipgram_prf: (c, k, h) => {
    const hashes = c.map((x) => h(wrapInt64(k * x)));
    return least(hashes.slice(1).map((x, i) => wrapInt64(hashes[i]! * x)));
  },
  noncomm_prf: (c, k, h) => c.reduce((q, x) => BigInt(lowWord(wrapInt64(q * h(wrapInt64(q * x))))), k),
  position_prf: (c, k) => c.reduce((sum, x, i) => wrapInt64(sum + k * x * BigInt(i + 1)), 0n),
};
const NAMED: Readonly<Record<string, readonly [prf: string, width: number, selfSalt: boolean]>> = {
  simple_1: ['additive_prf', 1, false],
  lefthash: ['additive_prf', 1, false],
  'algorithm-3': ['anchored_minhash_prf', 4, true],
  selfhash: ['anchored_minhash_prf', 4, true],
  minhash: ['minhash_prf', 4, false],
  skipgram: ['skipgram_prf', 5, false],
};

export function kgwLmWatermarking(read: SettingsReader): Outcome<GreenListScheme> {
  const vocabularySize = read.vocabularySize();
  const gamma = read.share('gamma', 0.25);
  const delta = read.number('delta', 2);
  const given = read.settings['seeding_scheme'];
  const name = typeof given === 'string' ? given : 'selfhash';
  const parsed = parseSeedingScheme(name);
  if (parsed === undefined) {
    read.complain(
      `the seeding scheme "${name}" is not known. Known: ${Object.keys(NAMED).join(', ')}, or ff-<prf>-<width>-<True|False>[-key] with ${Object.keys(PRFS).join(', ')}.`,
    );
  }
  const [prfName, width, selfSalt, embeddedKey] = parsed ?? ['additive_prf', 1, false, undefined];
  const key = read.key('hash_key', embeddedKey ?? 15485863n, -INT64, INT64 - 1n);
  const head = read.boolean('select_green_tokens', true);
  const prf = PRFS[prfName]!;
  const hash = lazyHashTable(TABLE_SEED);
  return read.finish(() => ({
    family: 'green-list',
    id: 'lm-watermarking',
    // A key at the end of the name stays out of what is shown.
    name: `KGW (lm-watermarking, ${name.replace(/^(ff-.+-(?:True|False))-\d+$/, '$1')})`,
    key: String(key),
    vocabularySize,
    notes:
      key === 15485863n ? ['The key is the published default: a hit says "default settings", not who.'] : [],
    distortionFree: false,
    gamma,
    listSize: Math.trunc(vocabularySize * gamma),
    fromTail: !head,
    delta,
    nGramLength: width + 1 - Number(selfSalt),
    prefixLength: width - Number(selfSalt),
    dropFirst: undefined,
    selfSaltTries: selfSalt ? 41 : undefined,
    entropyThreshold: undefined,
    entropyWeighted: false,
    seedAt: (ids, index) => {
      const end = selfSalt ? index + 1 : index;
      const context: bigint[] = [];
      for (let i = Math.max(0, end - width); i < end; i += 1) context.push(BigInt(ids[i]!));
      return seedWordAfterModulus(prf(context, key, hash));
    },
  }));
}

function parseSeedingScheme(
  name: string,
): readonly [prf: string, width: number, selfSalt: boolean, key: bigint | undefined] | undefined {
  const named = NAMED[name];
  if (named !== undefined) return [...named, undefined];
  const free = /^ff-(\w+)-(\d+)-(True|False)(?:-(\d+))?$/.exec(name);
  if (free === null || PRFS[free[1]!] === undefined || Number(free[2]) < 1) return undefined;
  return [free[1]!, Number(free[2]), free[3] === 'True', free[4] === undefined ? undefined : BigInt(free[4])];
}
