// What the byte-level engine asks of a tokenizer: bytes of tokens, the encoding of one pre-token, the pre-token split of a
// byte string, and enough strings that may follow a text ("witnesses") to see every way its split can turn out.
// Terms: a PRE-TOKEN (piece) is what the tokenizer's pattern cuts before merging; tokens never cross one.

export interface ByteVocabulary {
  /** One more than the largest id. */
  readonly size: number;
  /** Bytes of an ordinary token; empty for special tokens and holes, which text never produces. */
  tokenBytes(id: number): Uint8Array;
  /** Ids of `bytes` as a complete pre-token. */
  encodePiece(bytes: Uint8Array): ArrayLike<number>;
  /** Ids of the first `bytes` of a longer pre-token that has a token boundary after them. */
  encodePieceStart(bytes: Uint8Array): ArrayLike<number>;
  /** Exclusive ends of the pre-tokens of `bytes`, ascending; the last is `bytes.length`. */
  split(bytes: Uint8Array): readonly number[];
  /** True when texts are UTF-8: no token that starts inside a character follows a whole one, nor the other way round. */
  readonly utf8: boolean;
  /**
   * 'pairs': tokens inside one pre-token are canonical if and only if each adjacent pair is (byte-pair encoding).
   * 'reencode': no such rule (Unigram); the text is encoded again instead, which is exact and slower.
   */
  readonly validity: 'pairs' | 'reencode';
  /** True when a pre-token that is itself in the vocabulary is taken whole, merges or not (`ignore_merges`, tiktoken). */
  readonly wholePieces: boolean;
  /** With 'pairs': whether `encodePiece(bytes(left) + bytes(right))` is `[left, right]`. */
  isValidPair(left: number, right: number): boolean;
  /**
   * Byte strings that may follow `bytes`, at least one for every way in which the split of `bytes` can depend on what
   * comes next; the first is empty where a text may end there. Empty when no text starts with `bytes`.
   */
  witnesses(bytes: Uint8Array): readonly Uint8Array[];
  /** More strings that may continue `bytes` inside its last pre-token; tried when the witnesses prove nothing. */
  extensions(bytes: Uint8Array): Iterable<Uint8Array>;
  /** A pre-token start before the end of `bytes` that nothing around it can move, where one is known; else 0. */
  certainBoundary?(bytes: Uint8Array): number;
  /** Equal for tokens that the split cannot tell apart, whatever stands around them. */
  signature(token: Uint8Array): string;
}

/** All ordinary tokens in byte order, so that "tokens that start with these bytes" is one range. */
export class VocabularyIndex {
  /** One more than the largest id. */
  readonly size: number;
  /** Token ids in byte order. */
  readonly order: Uint32Array;
  readonly maxTokenBytes: number;
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;

  constructor(vocabulary: ByteVocabulary) {
    const { size } = vocabulary;
    this.size = size;
    this.#starts = new Uint32Array(size + 1);
    const all: Uint8Array[] = [];
    let total = 0;
    let longest = 0;
    for (let id = 0; id < size; id++) {
      const bytes = vocabulary.tokenBytes(id);
      all.push(bytes);
      total += bytes.length;
      this.#starts[id + 1] = total;
      if (bytes.length > longest) longest = bytes.length;
    }
    this.maxTokenBytes = longest;
    this.#bytes = new Uint8Array(total);
    for (let id = 0; id < size; id++) this.#bytes.set(all[id]!, this.#starts[id]);
    // Four leading bytes as one number decide most comparisons; ties look at the rest.
    const ids: number[] = [];
    const keys = new Float64Array(size);
    for (let id = 0; id < size; id++) {
      const b = all[id]!;
      if (b.length === 0) continue;
      ids.push(id);
      let key = 0;
      for (let i = 0; i < 6; i++) key = key * 257 + (i < b.length ? b[i]! + 1 : 0);
      keys[id] = key;
    }
    ids.sort((a, b) => keys[a]! - keys[b]! || compareBytes(all[a]!, all[b]!) || a - b);
    this.order = Uint32Array.from(ids);
  }

  /** Length in bytes of token `id`. */
  lengthOf(id: number): number {
    return this.#starts[id + 1]! - this.#starts[id]!;
  }

  /** Byte `offset` of token `id`. */
  byteAt(id: number, offset: number): number {
    return this.#bytes[this.#starts[id]! + offset]!;
  }

  bytesOf(id: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[id], this.#starts[id + 1]);
  }

  /** Places [low, high) in `order` of the tokens that start with `prefix` and are longer than it. */
  extensionsOf(prefix: Uint8Array): { readonly low: number; readonly high: number } {
    const low = this.#lowerBound(prefix, true);
    const high = this.#lowerBound(prefix, false);
    return { low, high };
  }

  /** The token with exactly these bytes (the lowest id when several), or undefined. */
  find(bytes: Uint8Array): number | undefined {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.order[middle]!, bytes, false) < 0) low = middle + 1;
      else high = middle;
    }
    const id = this.order[low];
    return id !== undefined && this.lengthOf(id) === bytes.length && this.#compare(id, bytes, true) === 0
      ? id
      : undefined;
  }

  /** First place after the tokens equal to `prefix` (strict) or after all tokens that start with it. */
  #lowerBound(prefix: Uint8Array, strict: boolean): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const id = this.order[middle]!;
      const sign = this.#compare(id, prefix, true);
      const before = sign < 0 || (sign === 0 && (!strict || this.lengthOf(id) === prefix.length));
      if (before) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Sign of token against `bytes`; with `prefixOnly` a token that starts with `bytes` is 0. */
  #compare(id: number, bytes: Uint8Array, prefixOnly: boolean): number {
    const start = this.#starts[id]!;
    const length = this.lengthOf(id);
    const common = Math.min(length, bytes.length);
    for (let i = 0; i < common; i++) {
      const difference = this.#bytes[start + i]! - bytes[i]!;
      if (difference !== 0) return difference;
    }
    if (length < bytes.length) return -1;
    return prefixOnly ? 0 : length - bytes.length;
  }
}

const indexes = new WeakMap<ByteVocabulary, VocabularyIndex>();

/** The index of a vocabulary, built once (about 0.3 s for 200 000 tokens). */
export function vocabularyIndex(vocabulary: ByteVocabulary): VocabularyIndex {
  let index = indexes.get(vocabulary);
  if (index === undefined) {
    index = new VocabularyIndex(vocabulary);
    indexes.set(vocabulary, index);
  }
  return index;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
