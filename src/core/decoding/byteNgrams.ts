// A byte model of the open document, counted on the fly: orders 0 to 6 with Witten-Bell back-off,
//   P_o(b | h) = (count(h b) + T(h) P_{o-1}(b | h')) / (count(h) + T(h)),   T(h) = distinct bytes seen after h,
// down to the uniform distribution over 256 bytes and the end. Averaged with the language model it keeps names of the
// document likely. Counts are kept as places by context of three bytes; longer contexts are compared in the text.

const MAX_ORDER = 6;
const KEY_BYTES = 3;
/** Places looked at, newest first. */
const MAX_PLACES = 2048;

export class ByteNgrams {
  readonly #text: Uint8Array;
  readonly #places = new Map<number, number[]>();
  readonly #shorter: Float64Array[] = [];

  /** Last place whose successor counts: the end of the text, or the byte before it. */
  readonly #last: number;

  /** @param ends false when the text merely stops, at a cursor, so that its end is no evidence for an end. */
  constructor(text: Uint8Array, ends = true) {
    this.#text = text;
    this.#last = ends ? text.length : text.length - 1;
    for (let i = KEY_BYTES; i <= this.#last; i++) {
      const key = keyAt(text, i);
      const places = this.#places.get(key);
      if (places === undefined) this.#places.set(key, [i]);
      else places.push(i);
    }
    this.#shorter.push(new Float64Array(257));
    for (const byte of text) this.#shorter[0]![byte]!++;
    if (ends) this.#shorter[0]![256]!++;
  }

  /** 257 probabilities (bytes, end) after `history`; they sum to 1. */
  next(history: Uint8Array): Float64Array {
    let p = new Float64Array(257).fill(1 / 257);
    p = backOff(this.#shorter[0]!, p);
    const counts = Array.from({ length: MAX_ORDER }, () => new Float64Array(257));
    const n = history.length;
    const text = this.#text;
    for (let order = 1; order < KEY_BYTES && order <= n; order++) {
      // Short contexts are frequent: the newest 64 kB say enough.
      for (let i = Math.max(order, text.length - 65536); i <= this.#last; i++) {
        let same = true;
        for (let k = 1; k <= order && same; k++) same = text[i - k] === history[n - k];
        if (same) counts[order - 1]![text[i] ?? 256]!++;
      }
    }
    const places = n >= KEY_BYTES ? (this.#places.get(keyAt(history, n)) ?? []) : [];
    for (let s = places.length - 1; s >= 0 && s >= places.length - MAX_PLACES; s--) {
      const place = places[s]!;
      let length = KEY_BYTES;
      while (
        length < MAX_ORDER &&
        place > length &&
        n > length &&
        text[place - length - 1] === history[n - length - 1]
      ) {
        length++;
      }
      for (let order = KEY_BYTES; order <= length; order++) counts[order - 1]![text[place] ?? 256]!++;
    }
    for (const row of counts) p = backOff(row, p);
    return p;
  }
}

function backOff(counts: Float64Array, lower: Float64Array): Float64Array<ArrayBuffer> {
  let total = 0;
  let distinct = 0;
  for (const count of counts) {
    total += count;
    if (count > 0) distinct++;
  }
  if (total === 0) return Float64Array.from(lower);
  return Float64Array.from(counts, (count, b) => (count + distinct * lower[b]!) / (total + distinct));
}

function keyAt(bytes: Uint8Array, end: number): number {
  return (bytes[end - 1]! << 16) | (bytes[end - 2]! << 8) | bytes[end - 3]!;
}
