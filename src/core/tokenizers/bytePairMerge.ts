// The byte-pair merge on symbol ids: join the neighbours whose pair has the lowest rank, leftmost first, until no
// pair is known (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909). Symbols may be bytes, characters or
// anything else with an id. Worked example: ranks (a,b)=0, (ab,c)=1: a b c -> ab c -> abc.
// Short inputs scan an array; long ones use a heap, so a piece of n symbols costs O(n log n).

/** Below this many symbols a scan for the lowest rank beats the heap. */
const SCAN_LIMIT = 96;
const NO_RANK = 0xffffffff;
const EMPTY = 0xffffffff;

/** Hash of two symbol ids; also computed by the kernels, so it is part of the table format. */
export function hashPair(left: number, right: number): number {
  let h = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

/** Hash of a piece's units; also computed by the kernels. */
export function hashUnits(units: Uint16Array, at: number, size: number): number {
  let hash = 0;
  let i = at;
  const even = at + (size & ~1);
  for (; i < even; i += 2) {
    hash = Math.imul(hash ^ (units[i]! | (units[i + 1]! << 16)), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  if ((size & 1) !== 0) {
    hash = Math.imul(hash ^ units[i]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

/**
 * Open-addressing map (left, right) -> (merged symbol, rank). Four 32-bit words a slot: left, right, merged, rank;
 * left is 0xffffffff in a free slot. Capacity is a power of two, at least twice the number of pairs.
 */
export class PairTable {
  readonly slots: Uint32Array;
  readonly #mask: number;

  constructor(pairs: number | Uint32Array) {
    if (typeof pairs === 'number') {
      let capacity = 16;
      while (capacity < pairs * 2) capacity *= 2;
      this.slots = new Uint32Array(capacity * 4).fill(EMPTY);
    } else {
      this.slots = pairs;
    }
    this.#mask = this.slots.length / 4 - 1;
  }

  /** Adds a pair; a pair that is already there keeps its first (lower) rank. */
  set(left: number, right: number, merged: number, rank: number): void {
    let slot = hashPair(left, right) & this.#mask;
    while (this.slots[slot * 4] !== EMPTY) {
      if (this.slots[slot * 4] === left && this.slots[slot * 4 + 1] === right) return;
      slot = (slot + 1) & this.#mask;
    }
    this.slots[slot * 4] = left;
    this.slots[slot * 4 + 1] = right;
    this.slots[slot * 4 + 2] = merged;
    this.slots[slot * 4 + 3] = rank;
  }

  /** Index of the pair's first word in `slots`, or -1. */
  find(left: number, right: number): number {
    const slots = this.slots;
    let slot = hashPair(left, right) & this.#mask;
    for (;;) {
      const at = slot * 4;
      const key = slots[at]!;
      if (key === left && slots[at + 1] === right) return at;
      if (key === EMPTY) return -1;
      slot = (slot + 1) & this.#mask;
    }
  }
}

/**
 * Merges `symbols[0..length)` in place and returns the new length.
 */
export function mergeSymbols(symbols: Uint32Array, length: number, table: PairTable): number {
  if (length < 2) return length;
  return length <= SCAN_LIMIT ? mergeByScan(symbols, length, table) : mergeByHeap(symbols, length, table);
}

const scanPairs = new Int32Array(SCAN_LIMIT);
const scanRanks = new Uint32Array(SCAN_LIMIT);

function mergeByScan(symbols: Uint32Array, length: number, table: PairTable): number {
  const { slots } = table;
  const setPair = (i: number): void => {
    const pair = i + 1 < length ? table.find(symbols[i]!, symbols[i + 1]!) : -1;
    scanPairs[i] = pair;
    scanRanks[i] = pair < 0 ? NO_RANK : slots[pair + 3]!;
  };
  for (let i = 0; i < length; i++) setPair(i);
  while (length > 1) {
    let best = 0;
    for (let i = 1; i < length - 1; i++) if (scanRanks[i]! < scanRanks[best]!) best = i;
    if (scanRanks[best] === NO_RANK) break;
    symbols[best] = slots[scanPairs[best]! + 2]!;
    length--;
    symbols.copyWithin(best + 1, best + 2, length + 1);
    scanPairs.copyWithin(best + 1, best + 2, length + 1);
    scanRanks.copyWithin(best + 1, best + 2, length + 1);
    setPair(best);
    if (best > 0) setPair(best - 1);
  }
  return length;
}

function mergeByHeap(symbols: Uint32Array, length: number, table: PairTable): number {
  const { slots } = table;
  const next = new Int32Array(length);
  const previous = new Int32Array(length);
  // One entry per candidate pair: rank and place order the heap; the symbols tell whether it is still current.
  const heap = new CandidateHeap(length);
  const push = (at: number): void => {
    const right = next[at]!;
    if (right >= length) return;
    const pair = table.find(symbols[at]!, symbols[right]!);
    if (pair >= 0) heap.push(slots[pair + 3]!, at, pair);
  };
  for (let i = 0; i < length; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  for (let i = 0; i < length; i++) push(i);
  while (heap.pop()) {
    const { at, pair } = heap;
    const right = next[at]!;
    // A merged-away symbol is marked EMPTY, so stale candidates fail this comparison.
    if (symbols[at] !== slots[pair] || right >= length || symbols[right] !== slots[pair + 1]) continue;
    symbols[at] = slots[pair + 2]!;
    symbols[right] = EMPTY;
    const after = next[right]!;
    next[at] = after;
    if (after < length) previous[after] = at;
    push(at);
    if (previous[at]! >= 0) push(previous[at]!);
  }
  let written = 0;
  for (let i = 0; i < length; i = next[i]!) symbols[written++] = symbols[i]!;
  return written;
}

/** Binary heap of (rank, place, pair) ordered by rank, then place: leftmost first among equals. */
class CandidateHeap {
  at = 0;
  pair = 0;
  #keys: Float64Array;
  #pairs: Int32Array;
  #size = 0;
  /** More than the largest place, so that rank * stride + place is ordered and, for rank * stride < 2^53, exact. */
  readonly #stride: number;

  constructor(capacity: number) {
    this.#stride = capacity;
    this.#keys = new Float64Array(capacity * 2);
    this.#pairs = new Int32Array(capacity * 2);
  }

  push(rank: number, at: number, pair: number): void {
    if (this.#size === this.#keys.length) this.#grow();
    const key = rank * this.#stride + at;
    let i = this.#size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.#keys[parent]! <= key) break;
      this.#keys[i] = this.#keys[parent]!;
      this.#pairs[i] = this.#pairs[parent]!;
      i = parent;
    }
    this.#keys[i] = key;
    this.#pairs[i] = pair;
  }

  /** Takes the first candidate into `at` and `pair`; false when there is none. */
  pop(): boolean {
    if (this.#size === 0) return false;
    const key = this.#keys[0]!;
    this.at = key % this.#stride;
    this.pair = this.#pairs[0]!;
    const last = --this.#size;
    const lastKey = this.#keys[last]!;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#keys[child + 1]! < this.#keys[child]!) child++;
      if (this.#keys[child]! >= lastKey) break;
      this.#keys[i] = this.#keys[child]!;
      this.#pairs[i] = this.#pairs[child]!;
      i = child;
    }
    this.#keys[i] = lastKey;
    this.#pairs[i] = this.#pairs[last]!;
    return true;
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    const pairs = new Int32Array(keys.length);
    pairs.set(this.#pairs);
    this.#pairs = pairs;
  }
}
