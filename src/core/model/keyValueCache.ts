// Keys and values of every cached token, in one fixed buffer per layer that a graph reads in place.
// Layout of a buffer: [heads][capacity][headSize]. A token owns one slot (row) in all buffers; free slots are given out
// lowest first, so the part that a graph must look at stays short. Capacity follows the highest used slot in steps.

/** What a model needs stored per token. */
export interface KeyValueShape {
  readonly layers: number;
  readonly heads: number;
  readonly headSize: number;
  /** float16 keys are kept as bits. */
  readonly element: 'float32' | 'float16';
}

export type KeyValueRows = Float32Array | Uint16Array;

const CAPACITY_STEP = 64;

/** Bytes that one cached token takes. */
export function bytesPerToken(shape: KeyValueShape): number {
  return shape.layers * 2 * shape.heads * shape.headSize * (shape.element === 'float32' ? 4 : 2);
}

export class KeyValueCache {
  readonly shape: KeyValueShape;
  /** Rows of each buffer now; a multiple of 64. Changes in `allocate` only. */
  capacity = CAPACITY_STEP;
  /** One buffer per layer, kept as the same objects while `capacity` stays. */
  keys: readonly KeyValueRows[];
  values: readonly KeyValueRows[];
  /** How often a slot was given out: tells a token's rows from those of an earlier owner of the slot. */
  readonly generations: Uint32Array;
  private readonly used: Uint8Array;
  private usedCount = 0;
  private firstFree = 0;

  /** @param slots most tokens that can be cached at once */
  constructor(
    shape: KeyValueShape,
    readonly slots: number,
  ) {
    this.shape = shape;
    this.used = new Uint8Array(slots);
    this.generations = new Uint32Array(slots);
    this.keys = this.makeBuffers(this.capacity);
    this.values = this.makeBuffers(this.capacity);
  }

  get freeSlots(): number {
    return this.slots - this.usedCount;
  }

  get bytes(): number {
    return this.capacity * bytesPerToken(this.shape);
  }

  /** Takes `count` slots; the caller has made sure that `freeSlots` is enough. */
  allocate(count: number): Int32Array {
    if (count > this.freeSlots) throw new RangeError(`no room for ${count} cached tokens`);
    const taken = new Int32Array(count);
    for (let i = 0, slot = this.firstFree; i < count; slot++) {
      if (this.used[slot] === 1) continue;
      this.used[slot] = 1;
      this.generations[slot] = this.generations[slot]! + 1;
      taken[i++] = slot;
      this.firstFree = slot + 1;
    }
    this.usedCount += count;
    this.fitCapacity();
    return taken;
  }

  free(slots: Iterable<number>): void {
    for (const slot of slots) {
      if (this.used[slot] !== 1) continue;
      this.used[slot] = 0;
      this.usedCount--;
      if (slot < this.firstFree) this.firstFree = slot;
    }
  }

  /**
   * Stores the rows of one token. `keys` and `values` are one layer's new rows as [heads][count][headSize]; row `index`
   * of `count` goes to `slot`.
   */
  write(
    layer: number,
    slot: number,
    keys: KeyValueRows,
    values: KeyValueRows,
    index: number,
    count: number,
  ): void {
    const { heads, headSize } = this.shape;
    const keyBuffer = this.keys[layer]!;
    const valueBuffer = this.values[layer]!;
    for (let head = 0; head < heads; head++) {
      const from = (head * count + index) * headSize;
      const to = (head * this.capacity + slot) * headSize;
      keyBuffer.set(keys.subarray(from, from + headSize), to);
      valueBuffer.set(values.subarray(from, from + headSize), to);
    }
  }

  /** Rows of the given slots, in order, as [heads][slots.length][headSize]: for graphs that want the past contiguous. */
  gather(buffer: KeyValueRows, slots: Int32Array): KeyValueRows {
    const { heads, headSize } = this.shape;
    const out = this.makeRows(heads * slots.length * headSize);
    for (let head = 0; head < heads; head++)
      for (let i = 0; i < slots.length; i++) {
        const from = (head * this.capacity + slots[i]!) * headSize;
        out.set(buffer.subarray(from, from + headSize), (head * slots.length + i) * headSize);
      }
    return out;
  }

  private fitCapacity(): void {
    let highest = this.used.lastIndexOf(1) + 1;
    highest = Math.max(CAPACITY_STEP, Math.ceil(highest / CAPACITY_STEP) * CAPACITY_STEP);
    // Shrinks late: a tree step or two of head room must not cause a copy each time.
    if (highest <= this.capacity && highest > this.capacity - 4 * CAPACITY_STEP) return;
    this.keys = this.resized(this.keys, highest);
    this.values = this.resized(this.values, highest);
    this.capacity = highest;
  }

  private resized(buffers: readonly KeyValueRows[], capacity: number): readonly KeyValueRows[] {
    const { heads, headSize } = this.shape;
    const rows = Math.min(capacity, this.capacity) * headSize;
    return buffers.map((old) => {
      const made = this.makeRows(heads * capacity * headSize);
      for (let head = 0; head < heads; head++) {
        const from = head * this.capacity * headSize;
        made.set(old.subarray(from, from + rows), head * capacity * headSize);
      }
      return made;
    });
  }

  private makeBuffers(capacity: number): readonly KeyValueRows[] {
    const { layers, heads, headSize } = this.shape;
    return Array.from({ length: layers }, () => this.makeRows(heads * capacity * headSize));
  }

  private makeRows(length: number): KeyValueRows {
    return this.shape.element === 'float32' ? new Float32Array(length) : new Uint16Array(length);
  }
}
