// A byte trie over a vocabulary in flat arrays, children of a node side by side and sorted by byte: longest match
// for the encoder, all tokens below a prefix for the byte-level decoder and for search.
// Nodes are numbered breadth first; node 0 is the root (the empty prefix).

export const NO_TOKEN = 0xffffffff;

export interface VocabularyTrie {
  /** Children of node n are the nodes firstChild[n] .. firstChild[n + 1]. One entry more than there are nodes. */
  readonly firstChild: Uint32Array;
  /** Last byte of each node's prefix. */
  readonly label: Uint8Array;
  /** Token that ends at each node, or NO_TOKEN. */
  readonly token: Uint32Array;
  /** For each token, the longest other token that is a prefix of it, or NO_TOKEN. */
  readonly prefixToken: Uint32Array;
}

/** Groups up to this size are sorted by insertion, larger ones by counting. */
const INSERTION_LIMIT = 12;

/** Builds the trie of tokens offsets[t]..offsets[t+1] of `bytes`; of equal tokens the lowest number is kept. */
export function buildVocabularyTrie(offsets: Uint32Array, bytes: Uint8Array): VocabularyTrie {
  return new TrieBuilder(offsets, bytes).build();
}

/**
 * Builds level by level. The work on one node is a method of its own: called half a million times it is compiled early,
 * where one function with all loops inside is compiled, thrown away and compiled again.
 */
class TrieBuilder {
  readonly #prefixToken: Uint32Array;
  /** Tokens in byte order as far as the level being built; refined one byte a level, like a radix sort. */
  readonly #order: Uint32Array;
  readonly #nodes: GrowingNodes;
  readonly #scratch: Uint32Array;
  readonly #counts = new Uint32Array(257);
  /** Of each node of the next level: where its tokens start in `order`, where they end, the longest token on the way. */
  #next = new Uint32Array(3072);
  #nextNodes = 0;

  constructor(
    readonly offsets: Uint32Array,
    readonly bytes: Uint8Array,
  ) {
    const size = offsets.length - 1;
    this.#prefixToken = new Uint32Array(size).fill(NO_TOKEN);
    this.#order = new Uint32Array(size);
    this.#nodes = new GrowingNodes(size);
    this.#scratch = new Uint32Array(size);
  }

  build(): VocabularyTrie {
    const { offsets } = this;
    let count = 0;
    for (let t = 0; t + 1 < offsets.length; t++) if (offsets[t + 1]! > offsets[t]!) this.#order[count++] = t;
    let level = Uint32Array.of(0, count, NO_TOKEN);
    let levelNodes = 1;
    this.#nodes.add(0);
    for (let depth = 0, node = 0; levelNodes > 0; depth++) {
      for (let i = 0; i < levelNodes; i++, node++) {
        const start = level[3 * i]!;
        const end = level[3 * i + 1]!;
        const longest = level[3 * i + 2]!;
        // Most nodes lie on the way to one token only.
        if (end - start === 1) this.#pass(node, start, longest, depth);
        else this.#branch(node, start, end, longest, depth);
      }
      [level, this.#next] = [this.#next, level];
      levelNodes = this.#nextNodes;
      this.#nextNodes = 0;
    }
    return { ...this.#nodes.finish(), prefixToken: this.#prefixToken };
  }

  #pass(node: number, start: number, longest: number, depth: number): void {
    const { offsets } = this;
    const token = this.#order[start]!;
    const at = offsets[token]! + depth;
    this.#nodes.firstChild[node] = this.#nodes.length;
    if (at === offsets[token + 1]!) {
      this.#prefixToken[token] = longest;
      this.#nodes.token[node] = token;
    } else this.#child(this.bytes[at]!, start, start + 1, longest);
  }

  #branch(node: number, start: number, end: number, passed: number, depth: number): void {
    const { offsets, bytes } = this;
    const order = this.#order;
    const nodes = this.#nodes;
    nodes.firstChild[node] = nodes.length;
    let longest = passed;
    // Tokens that end here are taken out of the way.
    for (let j = start; j < end; j++) {
      const t = order[j]!;
      if (offsets[t + 1]! - offsets[t]! !== depth) continue;
      order[j] = order[start]!;
      order[start++] = t;
      this.#prefixToken[t] = passed;
      if (nodes.token[node] === NO_TOKEN || t < nodes.token[node]!) nodes.token[node] = longest = t;
    }
    if (end - start > 1) sortByByte(order, start, end, depth, offsets, bytes, this.#scratch, this.#counts);
    for (let j = start; j < end;) {
      const byte = bytes[offsets[order[j]!]! + depth]!;
      const childStart = j++;
      while (j < end && bytes[offsets[order[j]!]! + depth]! === byte) j++;
      this.#child(byte, childStart, j, longest);
    }
  }

  #child(byte: number, start: number, end: number, longest: number): void {
    this.#nodes.add(byte);
    const at = 3 * this.#nextNodes++;
    if (at + 3 > this.#next.length) this.#next = grown(this.#next);
    this.#next[at] = start;
    this.#next[at + 1] = end;
    this.#next[at + 2] = longest;
  }
}

/** Orders order[start..end) by the byte at `depth` of each token. */
function sortByByte(
  order: Uint32Array,
  start: number,
  end: number,
  depth: number,
  offsets: Uint32Array,
  bytes: Uint8Array,
  scratch: Uint32Array,
  counts: Uint32Array,
): void {
  if (end - start <= INSERTION_LIMIT) insertionSort(order, start, end, depth, offsets, bytes);
  else countingSort(order, start, end, depth, offsets, bytes, scratch, counts);
}

function insertionSort(
  order: Uint32Array,
  start: number,
  end: number,
  depth: number,
  offsets: Uint32Array,
  bytes: Uint8Array,
): void {
  for (let i = start + 1; i < end; i++) {
    const t = order[i]!;
    const byte = bytes[offsets[t]! + depth]!;
    let j = i;
    for (; j > start && bytes[offsets[order[j - 1]!]! + depth]! > byte; j--) order[j] = order[j - 1]!;
    order[j] = t;
  }
}

function countingSort(
  order: Uint32Array,
  start: number,
  end: number,
  depth: number,
  offsets: Uint32Array,
  bytes: Uint8Array,
  scratch: Uint32Array,
  counts: Uint32Array,
): void {
  counts.fill(0);
  for (let i = start; i < end; i++) counts[bytes[offsets[order[i]!]! + depth]! + 1]!++;
  for (let byte = 0; byte < 256; byte++) counts[byte + 1]! += counts[byte]!;
  for (let i = start; i < end; i++) scratch[counts[bytes[offsets[order[i]!]! + depth]!]!++] = order[i]!;
  order.set(scratch.subarray(0, end - start), start);
}

function grown(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(words.length * 2);
  larger.set(words);
  return larger;
}

/** Node arrays that double when they are full. */
class GrowingNodes {
  length = 0;
  firstChild: Uint32Array;
  token: Uint32Array;
  #label: Uint8Array;

  constructor(expected: number) {
    const room = Math.max(1024, expected * 2);
    this.firstChild = new Uint32Array(room);
    this.token = new Uint32Array(room).fill(NO_TOKEN);
    this.#label = new Uint8Array(room);
  }

  add(byte: number): void {
    if (this.length + 1 >= this.#label.length) {
      const label = new Uint8Array(this.#label.length * 2);
      label.set(this.#label);
      this.#label = label;
      this.firstChild = grown(this.firstChild);
      const token = grown(this.token);
      token.fill(NO_TOKEN, this.token.length);
      this.token = token;
    }
    this.#label[this.length++] = byte;
  }

  finish(): { firstChild: Uint32Array; label: Uint8Array; token: Uint32Array } {
    this.firstChild[this.length] = this.length;
    return {
      firstChild: this.firstChild.subarray(0, this.length + 1),
      label: this.#label.subarray(0, this.length),
      token: this.token.subarray(0, this.length),
    };
  }
}

/** Child of `node` by the next byte, or -1. */
export function childOf(trie: VocabularyTrie, node: number, byte: number): number {
  let low = trie.firstChild[node]!;
  const end = trie.firstChild[node + 1]!;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (trie.label[middle]! < byte) low = middle + 1;
    else high = middle;
  }
  return low < end && trie.label[low] === byte ? low : -1;
}

/** Node of a prefix, or -1 when no token starts with it. */
export function nodeOfPrefix(trie: VocabularyTrie, prefix: Uint8Array): number {
  let node = 0;
  for (let i = 0; i < prefix.length && node >= 0; i++) node = childOf(trie, node, prefix[i]!);
  return node;
}

/** Tokens that start with `prefix` (those equal to it too), shortest first, bytes in order within a length. */
export function tokensWithPrefix(trie: VocabularyTrie, prefix: Uint8Array, limit = Infinity): number[] {
  const found: number[] = [];
  const start = nodeOfPrefix(trie, prefix);
  if (start < 0) return found;
  // A subtree is one contiguous range of nodes on every level.
  for (let from = start, to = start + 1; from < to;) {
    for (let node = from; node < to; node++) {
      if (found.length >= limit) return found;
      if (trie.token[node] !== NO_TOKEN) found.push(trie.token[node]!);
    }
    const next = trie.firstChild[from]!;
    to = trie.firstChild[to]!;
    from = next;
  }
  return found;
}
