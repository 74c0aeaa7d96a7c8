// The pieces a kernel has met and the tokens of each: one open-addressing table, 16 bytes a slot, so that a hit costs one
// cache line. A slot is four words: key, key, value, shape.
//   inline piece (up to 8 ASCII units): key = its bytes, low byte first; else key = hash, place in the arena.
//   value = token when the piece is one token, else the place in the arena of its tokens.
//   shape = tokens (bits 0-7), units (8-23), INLINE; 0 in a free slot.
// Arena: the units of a piece that is not inline, two a word, then its tokens when there are several, one a word.
// It starts small and grows, so that a short text touches little memory. The compiled kernel keeps one of the same form.
import { hashPair, hashUnits } from './bytePairMerge';

export const INLINE = 1 << 24;
/** Longest piece that is learned, in units; keeps its token count within a byte. */
export const LEARNED_UNITS = 64;
export const FIRST_SLOTS = 1 << 15;
export const MOST_SLOTS = 1 << 19;
export const GROWTH = 4;
export const ARENA_WORDS = 1 << 20;
/** Share of the slots that may be filled; at half of it the table grows when there is time. */
export const MOST_LOAD = 0.75;
/** Texts shorter than this (edits) never grow or clear the table: that takes milliseconds. */
export const TIDY_UNITS = 4096;

/** Hash of an inline piece. */
export function hashInline(low: number, high: number, length: number): number {
  return hashPair(low ^ Math.imul(length, 0x27d4eb2f), high);
}

export class PieceTable {
  slots = new Uint32Array(FIRST_SLOTS * 4);
  mask = FIRST_SLOTS - 1;
  arena = new Uint32Array(1 << 12);
  arenaUnits = new Uint16Array(this.arena.buffer);
  count = 0;
  /** Set when a piece found no room. */
  full = false;
  #arenaUsed = 0;

  /** Place of a piece that is not inline, or -1. */
  findLong(units: Uint16Array, at: number, size: number): number {
    const { slots, arenaUnits, mask } = this;
    const hash = hashUnits(units, at, size);
    let slot = hash & mask;
    for (;;) {
      const shape = slots[slot * 4 + 3]!;
      if (shape === 0) return -1;
      if (slots[slot * 4] === hash && (shape & ~255) === size << 8) {
        const text = slots[slot * 4 + 1]! * 2;
        let i = 0;
        while (i < size && arenaUnits[text + i] === units[at + i]) i++;
        if (i === size) return slot * 4;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** Remembers units[at, at + size) with the `count` tokens at tokens[from...]. The piece must not be there yet. */
  learn(
    units: Uint16Array,
    at: number,
    size: number,
    tokens: ArrayLike<number>,
    from: number,
    count: number,
  ): void {
    const words = ((size + 1) >> 1) + count;
    if (this.count >= MOST_LOAD * (this.mask + 1) || this.#arenaUsed + words > ARENA_WORDS) {
      this.full = true;
      return;
    }
    if (this.#arenaUsed + words > this.arena.length) this.#growArena();
    const { arena } = this;
    let place = this.#arenaUsed;
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
      for (let i = 0; i < size; i += 2)
        arena[place++] = units[at + i]! | (i + 1 < size ? units[at + i + 1]! << 16 : 0);
    }
    let value = tokens[from]!;
    if (count > 1) {
      value = place;
      for (let i = 0; i < count; i++) arena[place++] = tokens[from + i]!;
    }
    this.#arenaUsed = place;
    this.count++;
    this.#fill(hash, key0, key1, value, shape);
  }

  /** Grows a table that is more than half as full as it may be; false when it is full and cannot grow. */
  tidy(): boolean {
    const slots = this.mask + 1;
    if (slots < MOST_SLOTS && this.count * 2 > slots * MOST_LOAD) this.#grow(slots * GROWTH);
    return !this.full;
  }

  forget(): void {
    this.slots.fill(0);
    this.count = this.#arenaUsed = 0;
    this.full = false;
  }

  #fill(hash: number, key0: number, key1: number, value: number, shape: number): void {
    const { slots, mask } = this;
    let slot = hash & mask;
    while (slots[slot * 4 + 3] !== 0) slot = (slot + 1) & mask;
    slots[slot * 4] = key0;
    slots[slot * 4 + 1] = key1;
    slots[slot * 4 + 2] = value;
    slots[slot * 4 + 3] = shape;
  }

  #grow(size: number): void {
    const old = this.slots;
    this.slots = new Uint32Array(size * 4);
    this.mask = size - 1;
    this.full = this.#arenaUsed + LEARNED_UNITS * 2 > ARENA_WORDS;
    for (let at = 0; at < old.length; at += 4) {
      const shape = old[at + 3]!;
      if (shape === 0) continue;
      const [key0, key1] = [old[at]!, old[at + 1]!];
      const hash = (shape & INLINE) !== 0 ? hashInline(key0, key1, (shape >>> 8) & 0xffff) : key0;
      this.#fill(hash, key0, key1, old[at + 2]!, shape);
    }
  }

  #growArena(): void {
    const larger = new Uint32Array(Math.min(ARENA_WORDS, this.arena.length * 8));
    larger.set(this.arena);
    this.arena = larger;
    this.arenaUnits = new Uint16Array(larger.buffer);
  }
}
