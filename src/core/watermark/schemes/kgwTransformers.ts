// KGW as transformers plants it (`WatermarkingConfig`; Kirchenbauer et al. 2023): green lists from torch.randperm seeded
// by the last token (lefthash), or by a minimum over the window and the candidate (selfhash). With lefthash only the
// last token counts whatever context_width says; the width merely moves the first scored position.
// Worked example: key 15485863 after token 65 seeds with 15485863 * 65 = 1006581095.
import { seedWordAfterModulus } from '../random/int64';
import { TorchGenerator } from '../random/torchGenerator';
import type { GreenListScheme, Outcome } from '../scheme';
import type { SettingsReader } from '../settings';

const INT64 = 2n ** 63n;
export const TABLE_SIZE = 1_000_003;

/** Tables drawn lately, by seed: lm-watermarking uses one seed for every key. 4 MB each. */
const tables = new Map<number, Int32Array>();
const TABLES_KEPT = 2;

function hashTable(seed: number): Int32Array {
  const known = tables.get(seed);
  if (known !== undefined) return known;
  const table = new TorchGenerator(seed).permutation(TABLE_SIZE);
  if (tables.size >= TABLES_KEPT) tables.delete([...tables.keys()][0]!);
  tables.set(seed, table);
  return table;
}

/** h(x) = table[x mod 1,000,003] + 1 for a table that one generator seed draws; built on first use (about 50 ms). */
export function lazyHashTable(seed: number): (x: bigint) => bigint {
  let table: Int32Array | undefined;
  return (x) => {
    table ??= hashTable(seed);
    let index = Number(x % BigInt(TABLE_SIZE));
    if (index < 0) index += TABLE_SIZE;
    return BigInt(table[index]! + 1);
  };
}

export function kgwTransformers(read: SettingsReader): Outcome<GreenListScheme> {
  const vocabularySize = read.vocabularySize();
  const gamma = read.share('greenlist_ratio', 0.25);
  const delta = read.number('bias', 2);
  const key = read.key('hashing_key', 15485863n, -INT64, INT64 - 1n);
  const seeding = read.text('seeding_scheme', 'lefthash', ['lefthash', 'selfhash']);
  const width = read.integer('context_width', 1, 1, 64);
  const self = seeding === 'selfhash';
  const listSize = Math.trunc(vocabularySize * gamma);
  return read.finish(() => ({
    family: 'green-list',
    id: 'hf-kgw',
    name: `KGW (transformers, ${seeding}${width === 1 ? '' : `, width ${width}`})`,
    key: String(key),
    vocabularySize,
    notes:
      key === 15485863n ? ['The key is the published default: a hit says "default settings", not who.'] : [],
    distortionFree: false,
    gamma,
    listSize,
    fromTail: false,
    delta,
    nGramLength: self ? width : width + 1,
    prefixLength: self ? width - 1 : width,
    dropFirst: read.optionalInteger('bos_token_id'),
    selfSaltTries: self ? 40 : undefined,
    entropyThreshold: undefined,
    entropyWeighted: false,
    seedAt: self ? selfHash(key, width) : (ids, index) => seedWordAfterModulus(key * BigInt(ids[index - 1]!)),
  }));
}

function selfHash(key: bigint, width: number): GreenListScheme['seedAt'] {
  const hash = lazyHashTable(Number(BigInt.asUintN(32, key)));
  return (ids, index) => {
    const own = hash(BigInt(ids[index]!));
    let least = INT64;
    for (let i = Math.max(0, index - width + 1); i <= index; i += 1) {
      const product = BigInt.asIntN(64, BigInt.asIntN(64, key * hash(BigInt(ids[i]!))) * own);
      if (product < least) least = product;
    }
    return seedWordAfterModulus(least);
  };
}
