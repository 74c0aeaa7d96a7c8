// What every byte-pair kernel reads: the halves of each token, and an index from pairs of tokens to the token they make.
// The index is one word a slot, so that it stays in the processor's cache and building it is quick: the high bits of the
// pair's hash and, in the low ones, the token plus one; 0 is free. The halves tell whether the token is the one meant.
// Example: with ids up to 255 in 8 bits, hash 0xab12 and token 7 give the entry 0xab08 in slot 0x12 or the next free one.
import { hashPair } from './bytePairMerge';
import type { BytePairVocabulary } from './bytePairVocabulary';

export const NONE = 0xffffffff;

export interface BytePairTables {
  /** One more than the largest token number. */
  readonly size: number;
  /** Halves of token t at 2t and 2t + 1: t and t when no merge makes it, t and NONE when the number is free. */
  readonly halves: Uint32Array;
  /** Token of each single byte. */
  readonly byteIds: Uint32Array;
  readonly pairs: Uint32Array;
  /** Token t spans offsets[t] .. offsets[t + 1] of `bytes`. Where counting does not need them, made on first use. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Slots of the index for so many tokens: a power of two that they fill to 0.8 at most. */
export function pairSlots(size: number): number {
  let slots = 16;
  while (slots * 0.8 < size) slots *= 2;
  return slots;
}

/** Bits of an index entry that hold a token plus one. */
export function tokenMask(size: number): number {
  let mask = 0xff;
  while (mask < size) mask = mask * 2 + 1;
  return mask;
}

/** The tables of a vocabulary. */
export function buildTables(vocabulary: BytePairVocabulary): BytePairTables {
  const { size, left, right, offsets, bytes, byteIds } = vocabulary;
  const halves = new Uint32Array(size * 2);
  const tables = { size, halves, byteIds, pairs: new Uint32Array(pairSlots(size)), offsets, bytes };
  for (let token = 0; token < size; token++) {
    halves[2 * token] = left[token]!;
    halves[2 * token + 1] = offsets[token] === offsets[token + 1] ? NONE : right[token]!;
    if (left[token] !== token) addPair(tables, left[token]!, right[token]!, token);
  }
  return tables;
}

function addPair({ size, halves, pairs }: BytePairTables, left: number, right: number, token: number): void {
  const mask = tokenMask(size);
  const hash = hashPair(left, right);
  let slot = hash & (pairs.length - 1);
  for (; pairs[slot] !== 0; slot = (slot + 1) & (pairs.length - 1)) {
    const other = (pairs[slot]! & mask) - 1;
    // A pair that is already there keeps its first token.
    if (halves[2 * other] === left && halves[2 * other + 1] === right) return;
  }
  pairs[slot] = (hash & ~mask) | (token + 1);
}

/** Token that two tokens merge into, which is also the rank of the merge; NONE when they do not. */
export function findMerge(
  { size, halves, pairs }: Pick<BytePairTables, 'size' | 'halves' | 'pairs'>,
  left: number,
  right: number,
): number {
  const hash = hashPair(left, right);
  const mask = tokenMask(size);
  for (let slot = hash & (pairs.length - 1); ; slot = (slot + 1) & (pairs.length - 1)) {
    const entry = pairs[slot]!;
    if (entry === 0) return NONE;
    if (((entry ^ hash) & ~mask) !== 0) continue;
    const token = (entry & mask) - 1;
    if (halves[2 * token] === left && halves[2 * token + 1] === right) return token;
  }
}

/** Whether encoding can give the token other than by looking a whole piece up: a merge makes it, or it is one byte. */
export function isMade({ halves, offsets }: BytePairTables, token: number): boolean {
  return halves[2 * token] !== token || offsets[token + 1]! - offsets[token]! === 1;
}

/**
 * Tokens of several bytes that no merge makes, as UTF-16 units: only a piece that equals one becomes it. Those that are not
 * whole characters are left out, because they can be no piece.
 */
export function wholePieces(
  tables: BytePairTables,
): { readonly token: number; readonly units: Uint16Array }[] {
  const { size, halves } = tables;
  const found: { token: number; units: Uint16Array }[] = [];
  for (let token = 0; token < size; token++) {
    if (halves[2 * token] !== token || halves[2 * token + 1] !== token) continue;
    // Asked only here: most vocabularies have no such token but the single bytes, and need no offsets for this.
    if (tables.byteIds.includes(token)) continue;
    const { offsets, bytes } = tables;
    const units = decodeUtf8(bytes, offsets[token]!, offsets[token + 1]!);
    if (units !== undefined && units.length <= MOST_UNITS) found.push({ token, units });
  }
  return found;
}

/** What the piece table's shape word holds. */
const MOST_UNITS = 0xffff;

/** Decodes bytes to UTF-16 units; undefined when they are not well-formed UTF-8. */
function decodeUtf8(bytes: Uint8Array, at: number, end: number): Uint16Array | undefined {
  const units = new Uint16Array(end - at);
  let length = 0;
  while (at < end) {
    const first = bytes[at++]!;
    if (first < 0x80) {
      units[length++] = first;
      continue;
    }
    const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || at + more > end) return undefined;
    let point = first & (0x3f >> more);
    for (let i = 0; i < more; i++) {
      const next = bytes[at++]!;
      if ((next & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (next & 63);
    }
    if (point < (more === 1 ? 0x80 : more === 2 ? 0x800 : 0x10000) || point > 0x10ffff) return undefined;
    if (point >= 0xd800 && point <= 0xdfff) return undefined;
    if (point >= 0x10000) {
      units[length++] = 0xd7c0 + (point >> 10);
      units[length++] = 0xdc00 | (point & 0x3ff);
    } else units[length++] = point;
  }
  return units.subarray(0, length);
}
