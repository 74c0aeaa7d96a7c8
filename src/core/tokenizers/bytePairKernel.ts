// The encoder's inner loop in TypeScript: split, look the piece up, merge and remember what is not there.
// Short pieces merge by scanning for the lowest rank. Long ones go through the backtracking encoder of
// github/rust-gems `bpe` (longest match, kept only while byte-pair encoding would leave the two neighbours
// standing), which is linear where the merge is quadratic: 200 000 x "a" takes milliseconds.
// The WebAssembly kernel does the same on the same tables; each is the other's cross-check.
import { hashPair, hashUnits } from './bytePairMerge';
import {
  forgetLearned,
  hashInline,
  HEADER,
  INLINE,
  LEARNED_UNITS,
  NONE,
  type BytePairTables,
} from './bytePairTables';
import { isStandingPair } from './mergeHistory';
import { mergeRuns } from './runMerge';
import type { Scanner } from './splitScanners';

/** From this many bytes on, a piece of few runs is merged run by run. */
const RUN_BYTES = 256;
/** From this many bytes on, backtracking beats the scan. */
const BACKTRACK_BYTES = 20;

/** Texts shorter than this (edits) never clear what was learned: that takes milliseconds. */
const FORGET_UNITS = 4096;
/** Smallest text buffer, in units. */
const KEPT_UNITS = 1 << 15;

/** A kernel holds a text buffer; see encode. */
export interface BytePairKernel {
  readonly kind: 'wasm' | 'script';
  /** Tokens of text[from..to), whose borders must be certain; the view is good until the next call. */
  encode(text: string, from: number, to: number): Uint32Array;
  count(text: string, from: number, to: number): number;
}

/** Copies text[from..to) as UTF-16 units to the start of `target`; hosts may have a faster one. */
export type UnitWriter = (text: string, from: number, to: number, target: Uint16Array) => void;

export const writeUnits: UnitWriter = (text, from, to, target) => {
  for (let i = from; i < to; i++) target[i - from] = text.charCodeAt(i);
};

export class ScriptKernel implements BytePairKernel {
  readonly kind = 'script';
  #units = new Uint16Array(0);
  #bytes = new Uint8Array(0);
  #dead = new Uint8Array(0);
  #out = new Uint32Array(0);
  #full = false;
  readonly #symbols = new Uint32Array(BACKTRACK_BYTES + 1);
  readonly #merged = new Uint32Array(BACKTRACK_BYTES + 1);
  readonly #pairMask: number;
  readonly #pieceMask: number;
  readonly #mostPieces: number;

  constructor(
    readonly tables: BytePairTables,
    readonly classes: Uint8Array,
    readonly scan: Scanner,
    readonly write: UnitWriter = writeUnits,
  ) {
    this.#pairMask = tables.pairs.length / 4 - 1;
    this.#pieceMask = tables.pieces.length / 4 - 1;
    this.#mostPieces = Math.floor((tables.pieces.length / 4) * 0.75);
  }

  encode(text: string, from: number, to: number): Uint32Array {
    // The run may replace the buffer, so it comes first.
    const tokens = this.#run(text, from, to, false);
    return this.#out.subarray(0, tokens);
  }

  count(text: string, from: number, to: number): number {
    return this.#run(text, from, to, true);
  }

  #run(text: string, from: number, to: number, countOnly: boolean): number {
    const length = to - from;
    // One huge piece must not keep its buffers (17 bytes a unit) alive for ever.
    if (this.#units.length < length || (this.#units.length > KEPT_UNITS && length < KEPT_UNITS)) {
      const room = Math.max(KEPT_UNITS, length);
      this.#units = new Uint16Array(room);
      this.#bytes = new Uint8Array(room * 3);
      this.#dead = new Uint8Array(room * 3 + 1);
      this.#out = new Uint32Array(room * 3);
    }
    this.write(text, from, to, this.#units);
    const { pieces, arena } = this.tables;
    const units = this.#units;
    const classes = this.classes;
    const out = this.#out;
    const mask = this.#pieceMask;
    const scan = this.scan;
    let tokens = 0;
    let at = 0;
    while (at < length) {
      const end = scan(units, classes, at, length);
      const size = end - at;
      let found = -1;
      if (size <= 8) {
        let key0 = 0;
        let key1 = 0;
        let all = 0;
        const middle = size < 4 ? end : at + 4;
        for (let i = at, shift = 0; i < middle; i++, shift += 8) {
          const unit = units[i]!;
          all |= unit;
          key0 |= unit << shift;
        }
        for (let i = middle, shift = 0; i < end; i++, shift += 8) {
          const unit = units[i]!;
          all |= unit;
          key1 |= unit << shift;
        }
        if (all < 0x80) {
          key0 >>>= 0;
          key1 >>>= 0;
          const shapeBits = INLINE | (size << 8);
          let slot = hashInline(key0, key1, size) & mask;
          for (;;) {
            const shape = pieces[slot * 4 + 3]!;
            if (shape === 0) break;
            if (pieces[slot * 4] === key0 && pieces[slot * 4 + 1] === key1 && (shape & ~255) === shapeBits) {
              found = slot * 4;
              break;
            }
            slot = (slot + 1) & mask;
          }
        } else found = this.#findLong(at, size);
      } else found = this.#findLong(at, size);
      if (found < 0) tokens += this.#miss(at, end, countOnly ? 0 : tokens);
      else {
        const count = pieces[found + 3]! & 255;
        if (countOnly) tokens += count;
        else if (count === 1) out[tokens++] = pieces[found + 2]!;
        else {
          const place = pieces[found + 2]!;
          for (let i = 0; i < count; i++) out[tokens++] = arena[place + i]!;
        }
      }
      at = end;
    }
    if (this.#full && length >= FORGET_UNITS) {
      forgetLearned(this.tables);
      this.#full = false;
    }
    return tokens;
  }

  /** Place of a piece that is not inline, or -1. */
  #findLong(at: number, size: number): number {
    const units = this.#units;
    const { pieces, arenaUnits } = this.tables;
    const hash = hashUnits(units, at, size);
    const mask = this.#pieceMask;
    let slot = hash & mask;
    for (;;) {
      const shape = pieces[slot * 4 + 3]!;
      if (shape === 0) return -1;
      if (pieces[slot * 4] === hash && (shape & ~255) === size << 8) {
        const text = pieces[slot * 4 + 1]! * 2;
        let i = 0;
        while (i < size && arenaUnits[text + i] === units[at + i]) i++;
        if (i === size) return slot * 4;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** Merges the piece at units [at, end), writes its tokens at out[tokens...] and learns it. */
  #miss(at: number, end: number, tokens: number): number {
    const units = this.#units;
    const bytes = this.#bytes;
    let length = 0;
    for (let i = at; i < end; i++) {
      let point = units[i]!;
      if (point < 0x80) bytes[length++] = point;
      else if (point < 0x800) {
        bytes[length++] = 0xc0 | (point >> 6);
        bytes[length++] = 0x80 | (point & 63);
      } else {
        if (point >= 0xd800 && point <= 0xdfff) {
          const low = i + 1 < end ? units[i + 1]! : 0;
          if (point < 0xdc00 && (low & 0xfc00) === 0xdc00) {
            point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
            i++;
            bytes[length++] = 0xf0 | (point >> 18);
            bytes[length++] = 0x80 | ((point >> 12) & 63);
            bytes[length++] = 0x80 | ((point >> 6) & 63);
            bytes[length++] = 0x80 | (point & 63);
            continue;
          }
          // A lone surrogate is U+FFFD from here on, so that the piece is looked up and learned as what it encodes to.
          point = 0xfffd;
          units[i] = point;
          return this.#again(at, end, tokens);
        }
        bytes[length++] = 0xe0 | (point >> 12);
        bytes[length++] = 0x80 | ((point >> 6) & 63);
        bytes[length++] = 0x80 | (point & 63);
      }
    }
    const count =
      length < BACKTRACK_BYTES ? this.#mergeShort(length, tokens) : this.#mergeLong(length, tokens);
    if (end - at <= LEARNED_UNITS) this.#learn(at, end - at, tokens, count);
    return count;
  }

  /** Looks a piece up again after its surrogates were replaced. */
  #again(at: number, end: number, tokens: number): number {
    const units = this.#units;
    for (let i = at; i < end; i++) {
      const unit = units[i]!;
      if ((unit & 0xf800) !== 0xd800) continue;
      if (unit < 0xdc00 && i + 1 < end && (units[i + 1]! & 0xfc00) === 0xdc00) i++;
      else units[i] = 0xfffd;
    }
    const { pieces, arena } = this.tables;
    const found = this.#findLong(at, end - at);
    if (found < 0) return this.#miss(at, end, tokens);
    const count = pieces[found + 3]! & 255;
    const value = pieces[found + 2]!;
    for (let i = 0; i < count; i++) this.#out[tokens + i] = count === 1 ? value : arena[value + i]!;
    return count;
  }

  #learn(at: number, size: number, tokens: number, count: number): void {
    const { header, arena, pieces } = this.tables;
    const units = this.#units;
    const words = ((size + 1) >> 1) + count;
    if (header[HEADER.pieceCount]! >= this.#mostPieces || header[HEADER.arenaUsed]! + words > arena.length) {
      this.#full = true;
      return;
    }
    let place = header[HEADER.arenaUsed]!;
    let all = 0;
    for (let i = 0; i < size; i++) all |= units[at + i]!;
    let key0 = 0;
    let key1 = 0;
    let hash: number;
    let shape = (size << 8) | count;
    if (size <= 8 && all < 0x80) {
      for (let i = 0; i < size && i < 4; i++) key0 |= units[at + i]! << (8 * i);
      for (let i = 4; i < size; i++) key1 |= units[at + i]! << (8 * (i - 4));
      key0 >>>= 0;
      key1 >>>= 0;
      hash = hashInline(key0, key1, size);
      shape |= INLINE;
    } else {
      hash = hashUnits(units, at, size);
      key0 = hash;
      key1 = place;
      for (let i = 0; i < size; i += 2) {
        arena[place++] = units[at + i]! | (i + 1 < size ? units[at + i + 1]! << 16 : 0);
      }
    }
    let value = this.#out[tokens]!;
    if (count > 1) {
      value = place;
      for (let i = 0; i < count; i++) arena[place++] = this.#out[tokens + i]!;
    }
    header[HEADER.arenaUsed] = place;
    header[HEADER.pieceCount]!++;
    const mask = this.#pieceMask;
    let slot = hash & mask;
    while (pieces[slot * 4 + 3] !== 0) slot = (slot + 1) & mask;
    pieces[slot * 4] = key0;
    pieces[slot * 4 + 1] = key1;
    pieces[slot * 4 + 2] = value;
    pieces[slot * 4 + 3] = shape;
  }

  #findPair(left: number, right: number): number {
    const { pairs } = this.tables;
    const mask = this.#pairMask;
    let slot = hashPair(left, right) & mask;
    for (;;) {
      const key = pairs[slot * 4]!;
      if (key === left && pairs[slot * 4 + 1] === right) return pairs[slot * 4 + 2]!;
      if (key === NONE) return NONE;
      slot = (slot + 1) & mask;
    }
  }

  /** Lowest-rank merge of the first `length` bytes by scanning; a pair's rank is the token it makes. */
  #mergeShort(length: number, tokens: number): number {
    const symbols = this.#symbols;
    const merged = this.#merged;
    const bytes = this.#bytes;
    const { bytePairs, byteIds } = this.tables;
    for (let i = 0; i < length; i++) {
      symbols[i] = byteIds[bytes[i]!]!;
      merged[i] = i + 1 < length ? bytePairs[(bytes[i]! << 8) | bytes[i + 1]!]! : NONE;
    }
    while (length > 1) {
      let best = 0;
      let lowest = merged[0]!;
      for (let i = 1; i < length - 1; i++) {
        const rank = merged[i]!;
        if (rank < lowest) {
          lowest = rank;
          best = i;
        }
      }
      if (lowest === NONE) break;
      length--;
      symbols[best] = lowest;
      for (let i = best + 1; i < length; i++) {
        symbols[i] = symbols[i + 1]!;
        merged[i] = merged[i + 1]!;
      }
      merged[best] = best + 1 < length ? this.#findPair(lowest, symbols[best + 1]!) : NONE;
      if (best > 0) merged[best - 1] = this.#findPair(symbols[best - 1]!, lowest);
    }
    const out = this.#out;
    for (let i = 0; i < length; i++) out[tokens + i] = symbols[i]!;
    return length;
  }

  #longestMatch(at: number, end: number): number {
    const bytes = this.#bytes;
    const { byteIds, twoByteNodes, firstChild, label, token } = this.tables;
    let best = byteIds[bytes[at]!]!;
    if (at + 1 >= end) return best;
    let node = twoByteNodes[(bytes[at]! << 8) | bytes[at + 1]!]!;
    if (node === 0) return best;
    at += 2;
    for (;;) {
      if (token[node] !== NONE) best = token[node]!;
      if (at === end) return best;
      const byte = bytes[at++]!;
      let low = firstChild[node]!;
      const stop = firstChild[node + 1]!;
      let high = stop;
      while (high - low > 6) {
        const middle = (low + high) >> 1;
        if (label[middle]! < byte) low = middle + 1;
        else high = middle + 1;
      }
      while (low < high && label[low]! < byte) low++;
      if (low >= stop || label[low] !== byte) return best;
      node = low;
    }
  }

  #mergeLong(length: number, tokens: number): number {
    const find = (left: number, right: number): number => this.#findPair(left, right);
    const merged =
      length < RUN_BYTES ? 0 : mergeRuns(this.#bytes, length, this.tables.byteIds, find, this.#out, tokens);
    return merged > 0 ? merged : this.#backtrack(length, tokens);
  }

  #backtrack(length: number, first: number): number {
    const { offsets, prefixToken } = this.tables;
    const out = this.#out;
    const dead = this.#dead;
    dead.fill(0, 0, length + 1);
    let count = first;
    let at = 0;
    let token = this.#longestMatch(0, length);
    for (;;) {
      const stop = at + offsets[token + 1]! - offsets[token]!;
      if (dead[stop] === 0 && (count === first || this.isValidPair(out[count - 1]!, token))) {
        out[count++] = token;
        at = stop;
        if (at >= length) return count - first;
        token = this.#longestMatch(at, length);
        continue;
      }
      const shorter = prefixToken[token]!;
      if (shorter !== NONE) token = shorter;
      else {
        dead[at] = 1;
        token = out[--count]!;
        at -= offsets[token + 1]! - offsets[token]!;
      }
    }
  }

  /** Whether byte-pair encoding leaves `first` | `second` standing side by side. */
  isValidPair(first: number, second: number): boolean {
    const { validity } = this.tables;
    const slot = (hashPair(first, second) & (validity.length / 2 - 1)) * 2;
    if (validity[slot] === first && validity[slot + 1]! >>> 1 === second)
      return (validity[slot + 1]! & 1) === 1;
    const valid = isStandingPair(this.tables, first, second);
    validity[slot] = first;
    validity[slot + 1] = (second << 1) | (valid ? 1 : 0);
    return valid;
  }
}
