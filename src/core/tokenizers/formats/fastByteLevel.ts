// Hands a byte-level vocabulary with a merge list to the byte-pair engine, when the engine's rule (any pair whose text
// is a token, lowest rank first, whole pieces looked up at once) provably gives what the merge list gives.
import { BytePairTokenizer } from '../bytePairTokenizer';
import { buildTables } from '../bytePairTables';
import { vocabularyFromTokens } from '../bytePairVocabulary';
import type { SplitPattern } from '../splitScanners';
import type { Provenance } from '../tokenizer';

export interface MergeList {
  /** Ids of the 256 bytes. */
  readonly byteIds: Uint32Array;
  /** In rank order: left id, right id, merged id. */
  readonly triples: Uint32Array;
  readonly bytesOf: (id: number) => Uint8Array;
  /** Every id that text may become. */
  readonly textIds: readonly number[];
}

export interface FastOptions {
  readonly name: string;
  readonly pattern: SplitPattern;
  readonly provenance: Provenance;
  readonly specialTokens: ReadonlyMap<string, number>;
}

/**
 * The engine's tokenizer, or null when a check fails: each token is made by exactly one merge, the merge is the one by
 * which the token alone is made from lower ranks, and no token of the vocabulary stands outside the merges.
 */
export function fastTokenizer(list: MergeList, options: FastOptions): BytePairTokenizer | null {
  const { byteIds, triples, bytesOf, textIds } = list;
  const merges = triples.length / 3;
  const ids = new Uint32Array(256 + merges);
  ids.set(byteIds);
  const tokenOf = new Map<number, number>();
  byteIds.forEach((id, byte) => tokenOf.set(id, byte));
  for (let i = 0; i < merges; i++) {
    const id = triples[i * 3 + 2]!;
    if (tokenOf.has(id)) return null;
    tokenOf.set(id, 256 + i);
    ids[256 + i] = id;
  }
  if (tokenOf.size !== 256 + merges || textIds.some((id) => !tokenOf.has(id))) return null;
  const vocabulary = vocabularyFromTokens(
    Array.from(ids, (id, token) => (token < 256 ? Uint8Array.of(token) : bytesOf(id))),
  );
  for (let i = 0; i < merges; i++) {
    if (vocabulary.left[256 + i] !== tokenOf.get(triples[i * 3]!)) return null;
    if (vocabulary.right[256 + i] !== tokenOf.get(triples[i * 3 + 1]!)) return null;
  }
  return new BytePairTokenizer(buildTables(vocabulary), { ...options, ids });
}
