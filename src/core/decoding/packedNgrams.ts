// Shipped next-token tables of orders 2 to 4: contexts sorted for binary search, successors with a probability of one byte.
// Layout (little endian): 'TNG1', vocabulary size, then for each order: number of contexts C, number of successors S,
//   context tokens (order - 1 columns of C x u16), first successor of each context ((C + 1) x u32),
//   successor ids (S x u16), successor codes (S x u8). Every column starts at a multiple of 4 bytes.
// A code q is the probability 2^(-q / 16), so one step is 4.4 %; successors below 2^-15.9 are left out.

const MAGIC = 0x31474e54;
const ORDERS = [2, 3, 4] as const;

/** Successor probability of one byte. */
export function decodeShare(code: number): number {
  return 2 ** (-code / 16);
}

function encodeShare(share: number): number {
  return Math.round(-16 * Math.log2(share));
}

interface OrderTable {
  readonly columns: readonly Uint16Array[];
  readonly first: Uint32Array;
  readonly successors: Uint16Array;
  readonly codes: Uint8Array;
}

export class PackedNgrams {
  readonly vocabularySize: number;
  readonly #orders: readonly OrderTable[];

  private constructor(vocabularySize: number, orders: readonly OrderTable[]) {
    this.vocabularySize = vocabularySize;
    this.#orders = orders;
  }

  /** Reads a table made by `packNgrams`; a value with a reason when the bytes are not one. */
  static read(
    bytes: Uint8Array,
  ): { readonly ok: true; readonly table: PackedNgrams } | { readonly ok: false; readonly reason: string } {
    const copy = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
    if (copy.byteLength < 8 || view.getUint32(0, true) !== MAGIC) {
      return { ok: false, reason: 'not an n-gram table of this version' };
    }
    let at = 8;
    const take = (length: number): number => {
      const start = at;
      at += (length + 3) & ~3;
      if (at > copy.byteLength) throw new RangeError('the n-gram table is truncated');
      return copy.byteOffset + start;
    };
    try {
      const orders = ORDERS.map((order): OrderTable => {
        const head = take(8) - copy.byteOffset;
        const contexts = view.getUint32(head, true);
        const total = view.getUint32(head + 4, true);
        const columns = Array.from(
          { length: order - 1 },
          () => new Uint16Array(copy.buffer, take(contexts * 2), contexts),
        );
        const first = new Uint32Array(copy.buffer, take((contexts + 1) * 4), contexts + 1);
        const successors = new Uint16Array(copy.buffer, take(total * 2), total);
        return { columns, first, successors, codes: new Uint8Array(copy.buffer, take(total), total) };
      });
      return { ok: true, table: new PackedNgrams(view.getUint32(4, true), orders) };
    } catch (error) {
      if (error instanceof RangeError) return { ok: false, reason: error.message };
      throw error;
    }
  }

  /** Share of each of `next` after the last order - 1 tokens of `history`; undefined when that context is not stored. */
  shares(
    order: 2 | 3 | 4,
    history: ArrayLike<number>,
    next: readonly number[],
  ): readonly number[] | undefined {
    const { columns, first, successors, codes } = this.#orders[order - 2]!;
    const context = this.#find(columns, history);
    if (context < 0) return undefined;
    const shares = next.map(() => 0);
    for (let s = first[context]!; s < first[context + 1]!; s++) {
      const i = next.indexOf(successors[s]!);
      if (i >= 0) shares[i] = decodeShare(codes[s]!);
    }
    return shares;
  }

  #find(columns: readonly Uint16Array[], history: ArrayLike<number>): number {
    const start = history.length - columns.length;
    if (start < 0) return -1;
    let low = 0;
    let high = columns[0]!.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      let sign = 0;
      for (let c = 0; c < columns.length && sign === 0; c++)
        sign = columns[c]![middle]! - history[start + c]!;
      if (sign === 0) return middle;
      if (sign < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

/**
 * Counts `documents` and packs orders 2 to 4 into at most `maxBytes`, the most frequent contexts first.
 * @throws RangeError for ids above 65 535.
 */
export function packNgrams(
  documents: Iterable<ArrayLike<number>>,
  vocabularySize: number,
  maxBytes: number,
): Uint8Array {
  if (vocabularySize > 65536) throw new RangeError('packed n-grams hold ids of 16 bits');
  const counters = ORDERS.map(() => new Map<string, Map<number, number>>());
  for (const document of documents) {
    for (let i = 1; i < document.length; i++) {
      ORDERS.forEach((order, o) => {
        if (i < order - 1) return;
        let key = '';
        for (let c = i - order + 1; c < i; c++) key += String.fromCharCode(document[c]!);
        let successors = counters[o]!.get(key);
        if (successors === undefined) counters[o]!.set(key, (successors = new Map<number, number>()));
        successors.set(document[i]!, (successors.get(document[i]!) ?? 0) + 1);
      });
    }
  }
  const room = (maxBytes - 64) / ORDERS.length;
  const parts = counters.map((counter, o) => packOrder(counter, ORDERS[o]! - 1, room));
  const length = parts.reduce((sum, part) => sum + part.length, 8);
  const packed = new Uint8Array(length);
  const view = new DataView(packed.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, vocabularySize, true);
  let at = 8;
  for (const part of parts) {
    packed.set(part, at);
    at += part.length;
  }
  return packed;
}

function packOrder(
  counter: ReadonlyMap<string, ReadonlyMap<number, number>>,
  contextLength: number,
  room: number,
): Uint8Array {
  const rows = [...counter].map(([context, successors]) => {
    let total = 0;
    for (const count of successors.values()) total += count;
    const kept = [...successors].filter(([, count]) => encodeShare(count / total) <= 255);
    return { context, total, kept: kept.sort((a, b) => b[1] - a[1] || a[0] - b[0]) };
  });
  rows.sort((a, b) => b.total - a.total || (a.context < b.context ? -1 : 1));
  let bytes = 32;
  let count = 0;
  for (; count < rows.length; count++) {
    bytes += 2 * contextLength + 4 + 3 * rows[count]!.kept.length;
    if (bytes > room) break;
  }
  const chosen = rows.slice(0, count).sort((a, b) => (a.context < b.context ? -1 : 1));
  const total = chosen.reduce((sum, row) => sum + row.kept.length, 0);
  const padded = (n: number): number => (n + 3) & ~3;
  const size = 8 + contextLength * padded(count * 2) + (count + 1) * 4 + padded(total * 2) + padded(total);
  const packed = new Uint8Array(size);
  const view = new DataView(packed.buffer);
  view.setUint32(0, count, true);
  view.setUint32(4, total, true);
  let at = 8;
  for (let c = 0; c < contextLength; c++, at += padded(count * 2)) {
    chosen.forEach((row, i) => view.setUint16(at + 2 * i, row.context.charCodeAt(c), true));
  }
  let successor = 0;
  chosen.forEach((row, i) => {
    view.setUint32(at + 4 * i, successor, true);
    successor += row.kept.length;
  });
  view.setUint32(at + 4 * count, total, true);
  at += 4 * (count + 1);
  let s = 0;
  for (const row of chosen) {
    for (const [id, n] of row.kept) {
      view.setUint16(at + 2 * s, id, true);
      packed[at + padded(total * 2) + s] = encodeShare(n / row.total);
      s++;
    }
  }
  return packed;
}
