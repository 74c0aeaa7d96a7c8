// SynthID-Text (Dathathri et al. 2024) in its two published forms. Both fold an n-gram with a 64-bit linear congruential
// hash, acc(h, x) = (h + x) * 6364136223846793005 + 1, then once more per layer key. transformers looks the layer hash
// up in a table of random bits; DeepMind's own code hashes twelve times more and takes one bit.
import { int64Bytes, lowWord } from '../random/int64';
import { sha256 } from '../random/sha256';
import { TorchGenerator } from '../random/torchGenerator';
import type { BayesParameters, Outcome, TournamentScheme } from '../scheme';
import type { SettingsReader } from '../settings';
import { deepMindBits } from './synthIdBits';

const MULTIPLIER = 6364136223846793005n;
const LOW_MULTIPLIER = Number(MULTIPLIER & 0xffffffffn) | 0;
/** Default number of tokens whose contexts are remembered. */
const HISTORY = 1024;

const accumulate = (hash: bigint, x: bigint): bigint => BigInt.asIntN(64, (hash + x) * MULTIPLIER + 1n);

export function foldContext(start: bigint, ids: ArrayLike<number>, from: number, to: number): bigint {
  let hash = start;
  for (let i = from; i < to; i += 1) hash = accumulate(hash, BigInt(ids[i]!));
  return hash;
}

export function synthIdTransformers(read: SettingsReader): Outcome<TournamentScheme> {
  const base = readCommon(read, 5);
  const size = read.integer('sampling_table_size', 65536, 2, 2 ** 24);
  const seed = read.key('sampling_table_seed', 0n, 0n, 2n ** 64n - 1n);
  const leaves = read.integer('num_leaves', 2, 2, 3) as 2 | 3;
  let table: Uint8Array | undefined;
  const bits = (): Uint8Array => {
    if (table === undefined) {
      const generator = new TorchGenerator(lowWord(seed));
      table = Uint8Array.from({ length: size }, () => generator.integer(2));
    }
    return table;
  };
  const contextHash = (ids: ArrayLike<number>, from: number, to: number): bigint =>
    foldContext(1n, ids, from, to);
  const layerBits: TournamentScheme['layerBits'] = (context, token, into, offset) => {
    const nGram = accumulate(context, BigInt(token));
    base.keys.forEach((key, layer) => {
      const index = Number(accumulate(nGram, key) % BigInt(size));
      into[offset + layer] = bits()[index < 0 ? index + size : index]!;
    });
  };
  const powerOfTwo = (size & (size - 1)) === 0;
  return read.finish(() => ({
    ...base.scheme,
    id: 'synthid-hf',
    name: `SynthID-Text (transformers, ${base.keys.length} keys)`,
    leaves,
    topK: undefined,
    temperature: undefined,
    onesRate: () => bits().reduce((sum, bit) => sum + bit, 0) / size,
    contextHash,
    layerBits,
    allBits: (ids) =>
      powerOfTwo ? lowBitsOnly(ids, base, bits()) : slowBits(ids, base, contextHash, layerBits),
  }));
}

/** With a table of 2^b entries only the low b bits of every operand matter, so 32-bit products are exact. */
function lowBitsOnly(ids: ArrayLike<number>, base: Common, table: Uint8Array): Uint8Array {
  const { nGramLength, depth } = base.scheme;
  const keys = Int32Array.from(base.keys, (key) => lowWord(key) | 0);
  const mask = table.length - 1;
  const count = Math.max(0, ids.length - nGramLength + 1);
  const bits = new Uint8Array(count * depth);
  for (let i = 0; i < count; i += 1) {
    let hash = 1;
    for (let j = i; j < i + nGramLength; j += 1) hash = (Math.imul(hash + ids[j]!, LOW_MULTIPLIER) + 1) | 0;
    for (let layer = 0; layer < depth; layer += 1) {
      bits[i * depth + layer] = table[((Math.imul(hash + keys[layer]!, LOW_MULTIPLIER) + 1) | 0) & mask]!;
    }
  }
  return bits;
}

export function synthIdDeepMind(read: SettingsReader): Outcome<TournamentScheme> {
  const base = readCommon(read, 5);
  const leaves = read.integer('num_leaves', 2, 2, 3) as 2 | 3;
  const topK = read.optionalInteger('top_k');
  const temperature = read.number('temperature', 1, 1e-6);
  const joined = new Uint8Array(base.keys.length * 8);
  base.keys.forEach((key, i) => joined.set(int64Bytes(key), 8 * i));
  const digest = sha256(joined).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const start = digest % (2n ** 63n - 1n);
  const bits = deepMindBits(start, base.keys);
  const contextHash = (ids: ArrayLike<number>, from: number, to: number): bigint =>
    foldContext(start, ids, from, to);
  return read.finish(() => ({
    ...base.scheme,
    id: 'synthid-text',
    name: `SynthID-Text (DeepMind, ${base.keys.length} keys)`,
    leaves,
    distortionFree: leaves === 2,
    topK,
    temperature,
    onesRate: () => 0.5,
    contextHash,
    layerBits: (context, token, into, offset) => bits.ofToken(context, token, into, offset),
    allBits: (ids) => bits.ofText(ids, base.scheme.nGramLength),
  }));
}

function slowBits(
  ids: ArrayLike<number>,
  base: Common,
  contextHash: TournamentScheme['contextHash'],
  layerBits: TournamentScheme['layerBits'],
): Uint8Array {
  const { nGramLength, depth } = base.scheme;
  const count = Math.max(0, ids.length - nGramLength + 1);
  const bits = new Uint8Array(count * depth);
  for (let i = 0; i < count; i += 1) {
    const target = i + nGramLength - 1;
    layerBits(contextHash(ids, i, target), ids[target]!, bits, i * depth);
  }
  return bits;
}

interface Common {
  readonly keys: readonly bigint[];
  readonly scheme: Pick<
    TournamentScheme,
    | 'family'
    | 'key'
    | 'vocabularySize'
    | 'notes'
    | 'distortionFree'
    | 'nGramLength'
    | 'depth'
    | 'contextHistorySize'
    | 'eosTokenId'
    | 'bayes'
  >;
}

function readCommon(read: SettingsReader, nGramDefault: number): Common {
  const keys = read.keys('keys');
  return {
    keys,
    scheme: {
      family: 'tournament',
      key: keys.map(String).join(','),
      vocabularySize: read.vocabularySize(),
      notes: [],
      distortionFree: true,
      nGramLength: read.integer('ngram_len', nGramDefault, 2, 64),
      depth: keys.length,
      contextHistorySize: read.integer('context_history_size', HISTORY, 0, 2 ** 24),
      eosTokenId: read.optionalInteger('eos_token_id'),
      bayes: readBayes(read, keys.length),
    },
  };
}

/** Optional trained parameters: { "base_rate", "beta": [depth], "delta": [depth][depth] }. */
function readBayes(read: SettingsReader, depth: number): BayesParameters | undefined {
  const value = read.settings['bayes'];
  if (value === undefined) return undefined;
  const { base_rate: prior, beta, delta } = value as Record<string, unknown>;
  const row = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((x) => typeof x === 'number');
  const flat = Array.isArray(beta) ? (beta.flat(3) as unknown) : undefined;
  if (typeof prior !== 'number' || !row(flat) || flat.length !== depth || !Array.isArray(delta)) {
    read.complain(`"bayes" needs base_rate, ${depth} numbers beta and ${depth} rows delta.`);
    return undefined;
  }
  const rows = delta.length === 1 && depth > 1 ? ((delta as unknown[][])[0] ?? []) : (delta as unknown[]);
  if (rows.length !== depth || !rows.every(row)) {
    read.complain(`"delta" must hold ${depth} rows of numbers.`);
    return undefined;
  }
  return { prior, beta: flat, delta: rows };
}
