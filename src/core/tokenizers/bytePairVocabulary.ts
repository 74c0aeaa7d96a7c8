// A byte-level byte-pair vocabulary: the bytes of every id and, for every merged token, the pair it is made of.
// In these vocabularies a token's id is its rank, so the pair table needs only one pair a token: the last merge of
// the token encoded alone. Any text in which the token appears reaches it by that same merge, because until then
// no merge crosses its ends and the ones inside happen in the same order.
import { PairTable, mergeSymbols } from './bytePairMerge';

const NO_TOKEN = 0xffffffff;

export interface BytePairVocabulary {
  /** One more than the largest id. Ids without a token (kept free for special tokens) have zero bytes. */
  readonly size: number;
  /** Token id spans offsets[id] .. offsets[id + 1] of `bytes`. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  /** Left and right half of each token; the token itself for single bytes and for tokens no merge reaches. */
  readonly left: Uint32Array;
  readonly right: Uint32Array;
  /** Id of each single byte. */
  readonly byteIds: Uint32Array;
  readonly pairs: PairTable;
}

/** Tokens in rank order, `undefined` where an id is free. Throws RangeError when a single byte has no token. */
export function vocabularyFromTokens(tokens: readonly (Uint8Array | undefined)[]): BytePairVocabulary {
  const size = tokens.length;
  const offsets = new Uint32Array(size + 1);
  for (let id = 0; id < size; id++) offsets[id + 1] = offsets[id]! + (tokens[id]?.length ?? 0);
  const bytes = new Uint8Array(offsets[size]!);
  const byteIds = new Uint32Array(256).fill(NO_TOKEN);
  tokens.forEach((token, id) => {
    if (!token) return;
    bytes.set(token, offsets[id]);
    if (token.length === 1) byteIds[token[0]!] = id;
  });
  const missing = byteIds.indexOf(NO_TOKEN);
  if (missing >= 0) throw new RangeError(`The vocabulary has no token for byte 0x${missing.toString(16)}.`);

  const left = new Uint32Array(size);
  const right = new Uint32Array(size);
  const pairs = new PairTable(size);
  const symbols = new Uint32Array(Math.max(2, ...lengths(tokens)));
  for (let id = 0; id < size; id++) {
    left[id] = id;
    right[id] = id;
    const token = tokens[id];
    if (!token || token.length < 2) continue;
    for (let i = 0; i < token.length; i++) symbols[i] = byteIds[token[i]!]!;
    if (mergeSymbols(symbols, token.length, pairs) !== 2) continue;
    left[id] = symbols[0]!;
    right[id] = symbols[1]!;
    pairs.set(symbols[0]!, symbols[1]!, id, id);
  }
  return { size, offsets, bytes, left, right, byteIds, pairs };
}

/** Distinct token lengths: small enough to spread into Math.max. */
function lengths(tokens: readonly (Uint8Array | undefined)[]): Set<number> {
  return new Set(tokens.map((token) => token?.length ?? 0));
}

/** Bytes of one token. Throws RangeError for an id without a token. */
export function bytesOfToken(vocabulary: BytePairVocabulary, id: number): Uint8Array {
  const start = vocabulary.offsets[id];
  const end = vocabulary.offsets[id + 1];
  if (start === undefined || end === undefined || start === end) {
    throw new RangeError(`Id ${id} is not in the vocabulary.`);
  }
  return vocabulary.bytes.subarray(start, end);
}
