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

/** Builds the trie of tokens offsets[t]..offsets[t+1] of `bytes`; of equal tokens the lowest number is kept. */
export function buildVocabularyTrie(offsets: Uint32Array, bytes: Uint8Array): VocabularyTrie {
  const size = offsets.length - 1;
  const prefixToken = new Uint32Array(size).fill(NO_TOKEN);
  // Tokens ordered by prefix; refined one byte a level, like a most-significant-byte radix sort.
  const order = new Uint32Array(size);
  let count = 0;
  for (let t = 0; t < size; t++) if (offsets[t + 1]! > offsets[t]!) order[count++] = t;
  const most = bytes.length + 1;
  let firstChild = new Uint32Array(most + 1);
  let label = new Uint8Array(most);
  let token = new Uint32Array(most).fill(NO_TOKEN);
  // Range of `order` below each node, and the longest token on the way to it.
  const from = new Uint32Array(most);
  const to = new Uint32Array(most);
  const longest = new Uint32Array(most).fill(NO_TOKEN);
  const scratch = new Uint32Array(count);
  const counts = new Uint32Array(257);
  to[0] = count;
  let nodes = 1;
  let levelEnd = 1;
  for (let node = 0, depth = 0; node < nodes; node++) {
    if (node === levelEnd) {
      depth++;
      levelEnd = nodes;
    }
    firstChild[node] = nodes;
    let start = from[node]!;
    const end = to[node]!;
    // Tokens that end here come first; all of them sort below any longer one.
    let ended = start;
    for (let i = start; i < end; i++) {
      const t = order[i]!;
      if (offsets[t + 1]! - offsets[t]! !== depth) continue;
      order[i] = order[ended]!;
      order[ended++] = t;
      if (token[node] === NO_TOKEN || t < token[node]!) token[node] = t;
    }
    for (let i = start; i < ended; i++) prefixToken[order[i]!] = longest[node]!;
    start = ended;
    const below = token[node] === NO_TOKEN ? longest[node]! : token[node]!;
    const addChild = (byte: number, childFrom: number, childTo: number): void => {
      label[nodes] = byte;
      from[nodes] = childFrom;
      to[nodes] = childTo;
      longest[nodes] = below;
      nodes++;
    };
    const byteOf = (t: number): number => bytes[offsets[t]! + depth]!;
    if (end - start === 1) addChild(byteOf(order[start]!), start, end);
    else if (end - start <= 12) {
      for (let i = start + 1; i < end; i++) {
        const t = order[i]!;
        const byte = byteOf(t);
        let j = i;
        for (; j > start && byteOf(order[j - 1]!) > byte; j--) order[j] = order[j - 1]!;
        order[j] = t;
      }
      for (let i = start; i < end;) {
        const byte = byteOf(order[i]!);
        const childFrom = i;
        while (i < end && byteOf(order[i]!) === byte) i++;
        addChild(byte, childFrom, i);
      }
    } else {
      counts.fill(0);
      for (let i = start; i < end; i++) counts[byteOf(order[i]!) + 1]!++;
      for (let byte = 0; byte < 256; byte++) {
        counts[byte + 1]! += counts[byte]!;
        if (counts[byte + 1]! > counts[byte]!)
          addChild(byte, start + counts[byte]!, start + counts[byte + 1]!);
      }
      for (let i = start; i < end; i++) scratch[counts[byteOf(order[i]!)]!++] = order[i]!;
      order.set(scratch.subarray(0, end - start), start);
    }
  }
  firstChild[nodes] = nodes;
  firstChild = firstChild.slice(0, nodes + 1);
  label = label.slice(0, nodes);
  token = token.slice(0, nodes);
  return { firstChild, label, token, prefixToken };
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
