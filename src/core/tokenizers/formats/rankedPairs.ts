// Pairs for vocabularies that say only which texts are tokens and which merge comes first (SentencePiece BPE, rank
// files): the pair of a token is the last merge of the token encoded alone. A merge across the ends of a token would
// destroy it, and the merges inside happen in the same order whatever stands around, so one pair a token is enough.
// Tokens are taken by length: everything inside a token is shorter, whatever its rank.
import { PairTable, mergeSymbols } from '../bytePairMerge';

export interface RankedToken {
  readonly id: number;
  /** Symbols of the token before any merge. */
  readonly symbols: readonly number[] | Uint8Array | Uint32Array;
  /** Smaller ranks merge first; equal ranks from left to right. */
  readonly rank: number;
}

export interface RankedPairs {
  readonly pairs: PairTable;
  /** Left and right part of each token made by merging. */
  readonly halves: ReadonlyMap<number, readonly [number, number]>;
}

export function pairsFromRanks(tokens: readonly RankedToken[]): RankedPairs {
  const long = tokens.filter((token) => token.symbols.length > 1);
  long.sort((a, b) => a.symbols.length - b.symbols.length);
  const pairs = new PairTable(long.length);
  const halves = new Map<number, readonly [number, number]>();
  let row = new Uint32Array(64);
  for (const { id, symbols, rank } of long) {
    if (row.length < symbols.length) row = new Uint32Array(symbols.length * 2);
    row.set(symbols);
    if (mergeSymbols(row, symbols.length, pairs) !== 2) continue;
    halves.set(id, [row[0]!, row[1]!]);
    pairs.set(row[0]!, row[1]!, id, rank);
  }
  return { pairs, halves };
}
