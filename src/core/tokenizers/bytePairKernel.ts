// The encoder's inner loop in TypeScript: split, look the piece up, merge and remember what is not there.
// Short pieces merge by scanning for the lowest rank. Long ones go through the backtracking encoder of
// github/rust-gems `bpe` (longest match, kept only while byte-pair encoding would leave the two neighbours
// standing), which is linear where the merge is quadratic: 200 000 x "a" takes milliseconds.
// The WebAssembly kernel does the same on the same tables; each is the other's cross-check.
import { hashPair } from './bytePairMerge';
import { findMerge, NONE, wholePieces, type BytePairTables } from './bytePairTables';
import { LongestMatch } from './longestMatch';
import { isStandingPair } from './mergeHistory';
import { hashInline, INLINE, LEARNED_UNITS, PieceTable, TIDY_UNITS } from './pieceTable';
import { mergeRuns } from './runMerge';
import type { Scanner } from './splitScanners';

/** From this many bytes on, a piece of few runs is merged run by run. */
const RUN_BYTES = 256;
/** From this many bytes on, backtracking beats the scan. */
const BACKTRACK_BYTES = 20;

const VALIDITY_SLOTS = 1 << 16;
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
  readonly #pieces = new PieceTable();
  #match: LongestMatch | undefined;
  /** Memo of pairs found valid or not: left plus one, right << 1 | valid. */
  readonly #validity = new Uint32Array(VALIDITY_SLOTS * 2);
  readonly #symbols = new Uint32Array(BACKTRACK_BYTES + 1);
  readonly #merged = new Uint32Array(BACKTRACK_BYTES + 1);

  constructor(
    readonly tables: BytePairTables,
    readonly classes: Uint8Array,
    readonly scan: Scanner,
    readonly write: UnitWriter = writeUnits,
  ) {
    this.#learnWholePieces();
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
    this.#makeRoom(length);
    this.write(text, from, to, this.#units);
    const table = this.#pieces;
    const { slots: pieces, mask } = table;
    const units = this.#units;
    const classes = this.classes;
    const out = this.#out;
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
        } else found = table.findLong(units, at, size);
      } else found = table.findLong(units, at, size);
      if (found < 0) tokens += this.#miss(at, end, countOnly ? 0 : tokens);
      else {
        const count = pieces[found + 3]! & 255;
        if (countOnly) tokens += count;
        else if (count === 1) out[tokens++] = pieces[found + 2]!;
        else {
          const place = pieces[found + 2]!;
          for (let i = 0; i < count; i++) out[tokens++] = table.arena[place + i]!;
        }
      }
      at = end;
    }
    if (length >= TIDY_UNITS && !table.tidy()) {
      table.forget();
      this.#learnWholePieces();
    }
    return tokens;
  }

  #learnWholePieces(): void {
    for (const { token, units } of wholePieces(this.tables))
      this.#pieces.learn(units, 0, units.length, [token], 0, 1);
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
    if (end - at <= LEARNED_UNITS) this.#pieces.learn(units, at, end - at, this.#out, tokens, count);
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
    const { slots, arena } = this.#pieces;
    const found = this.#pieces.findLong(units, at, end - at);
    if (found < 0) return this.#miss(at, end, tokens);
    const count = slots[found + 3]! & 255;
    const value = slots[found + 2]!;
    for (let i = 0; i < count; i++) this.#out[tokens + i] = count === 1 ? value : arena[value + i]!;
    return count;
  }

  /** Lowest-rank merge of the first `length` bytes by scanning; a pair's rank is the token it makes. */
  #mergeShort(length: number, tokens: number): number {
    const symbols = this.#symbols;
    const merged = this.#merged;
    const bytes = this.#bytes;
    const { tables } = this;
    for (let i = 0; i < length; i++) symbols[i] = tables.byteIds[bytes[i]!]!;
    for (let i = 0; i < length; i++)
      merged[i] = i + 1 < length ? findMerge(tables, symbols[i]!, symbols[i + 1]!) : NONE;
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
      merged[best] = best + 1 < length ? findMerge(tables, lowest, symbols[best + 1]!) : NONE;
      if (best > 0) merged[best - 1] = findMerge(tables, symbols[best - 1]!, lowest);
    }
    const out = this.#out;
    for (let i = 0; i < length; i++) out[tokens + i] = symbols[i]!;
    return length;
  }

  #mergeLong(length: number, tokens: number): number {
    const { tables } = this;
    const find = (left: number, right: number): number => findMerge(tables, left, right);
    const merged =
      length < RUN_BYTES ? 0 : mergeRuns(this.#bytes, length, tables.byteIds, find, this.#out, tokens);
    return merged > 0 ? merged : this.#backtrack(length, tokens);
  }

  #backtrack(length: number, first: number): number {
    const { offsets } = this.tables;
    const bytes = this.#bytes;
    // Made for the first long piece: it takes longer than everything else that getting ready does.
    const match = (this.#match ??= new LongestMatch(this.tables));
    const out = this.#out;
    const dead = this.#dead;
    dead.fill(0, 0, length + 1);
    let count = first;
    let at = 0;
    let token = match.at(bytes, 0, length);
    for (;;) {
      const stop = at + offsets[token + 1]! - offsets[token]!;
      if (dead[stop] === 0 && (count === first || this.isValidPair(out[count - 1]!, token))) {
        out[count++] = token;
        at = stop;
        if (at >= length) return count - first;
        token = match.at(bytes, at, length);
        continue;
      }
      const shorter = match.shorter(token);
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
    const memo = this.#validity;
    const slot = (hashPair(first, second) & (VALIDITY_SLOTS - 1)) * 2;
    if (memo[slot] === first + 1 && memo[slot + 1]! >>> 1 === second) return (memo[slot + 1]! & 1) === 1;
    const valid = isStandingPair(this.tables, first, second);
    memo[slot] = first + 1;
    memo[slot + 1] = (second << 1) | (valid ? 1 : 0);
    return valid;
  }

  /**
   * Tokens of one piece by merging alone: no whole piece is looked up. The view is good until the next call.
   * @param piece its bytes
   */
  mergePiece(piece: Uint8Array): Uint32Array {
    this.#makeRoom(piece.length);
    this.#bytes.set(piece);
    const { length } = piece;
    return this.#out.subarray(
      0,
      length < BACKTRACK_BYTES ? this.#mergeShort(length, 0) : this.#mergeLong(length, 0),
    );
  }

  /** Room for `length` units. One huge piece must not keep its buffers (17 bytes a unit) alive for ever. */
  #makeRoom(length: number): void {
    if (this.#units.length >= length && !(this.#units.length > KEPT_UNITS && length < KEPT_UNITS)) return;
    const room = Math.max(KEPT_UNITS, length);
    this.#units = new Uint16Array(room);
    this.#bytes = new Uint8Array(room * 3);
    this.#dead = new Uint8Array(room * 3 + 1);
    this.#out = new Uint32Array(room * 3);
  }
}
