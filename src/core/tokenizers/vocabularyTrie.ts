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
  const size = offsets.length - 1;
  const prefixToken = new Uint32Array(size).fill(NO_TOKEN);
  // Tokens in byte order as far as the level being built; refined one byte a level, like a radix sort.
  const order = new Uint32Array(size);
  let count = 0;
  for (let t = 0; t < size; t++) if (offsets[t + 1]! > offsets[t]!) order[count++] = t;
  const nodes = new GrowingNodes(size);
  const scratch = new Uint32Array(count);
  const counts = new Uint32Array(257);
  // Of each node of a level: where its tokens start in `order`, where they end, the longest token on the way to it.
  let level = new Uint32Array(3);
  level[1] = count;
  level[2] = NO_TOKEN;
  let levelNodes = 1;
  nodes.add(0);
  for (let depth = 0, node = 0; levelNodes > 0; depth++) {
    let next = new Uint32Array(Math.max(1024, levelNodes * 6));
    let nextNodes = 0;
    for (let i = 0; i < levelNodes; i++, node++) {
      let start = level[3 * i]!;
      const end = level[3 * i + 1]!;
      let longest = level[3 * i + 2]!;
      nodes.firstChild[node] = nodes.length;
      if (end - start === 1) {
        // Most nodes lie on the way to one token only.
        const t = order[start]!;
        const at = offsets[t]! + depth;
        if (at === offsets[t + 1]!) {
          prefixToken[t] = longest;
          nodes.token[node] = t;
        } else {
          nodes.add(bytes[at]!);
          if (3 * nextNodes + 3 > next.length) next = grown(next);
          next[3 * nextNodes] = start;
          next[3 * nextNodes + 1] = end;
          next[3 * nextNodes + 2] = longest;
          nextNodes++;
        }
        continue;
      }
      // Tokens that end here are taken out of the way.
      const passed = longest;
      for (let j = start; j < end; j++) {
        const t = order[j]!;
        if (offsets[t + 1]! - offsets[t]! !== depth) continue;
        order[j] = order[start]!;
        order[start++] = t;
        prefixToken[t] = passed;
        if (nodes.token[node] === NO_TOKEN || t < nodes.token[node]!) nodes.token[node] = longest = t;
      }
      if (end - start > 1) sortByByte(order, start, end, depth, offsets, bytes, scratch, counts);
      for (let j = start; j < end;) {
        const byte = bytes[offsets[order[j]!]! + depth]!;
        const childStart = j++;
        while (j < end && bytes[offsets[order[j]!]! + depth]! === byte) j++;
        nodes.add(byte);
        if (3 * nextNodes + 3 > next.length) next = grown(next);
        next[3 * nextNodes] = childStart;
        next[3 * nextNodes + 1] = j;
        next[3 * nextNodes + 2] = longest;
        nextNodes++;
      }
    }
    level = next;
    levelNodes = nextNodes;
  }
  return { ...nodes.finish(), prefixToken };
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
  if (end - start <= INSERTION_LIMIT) {
    for (let i = start + 1; i < end; i++) {
      const t = order[i]!;
      const byte = bytes[offsets[t]! + depth]!;
      let j = i;
      for (; j > start && bytes[offsets[order[j - 1]!]! + depth]! > byte; j--) order[j] = order[j - 1]!;
      order[j] = t;
    }
    return;
  }
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
