// Longest token at a place of a text, and the next shorter one, for the TypeScript kernel: the vocabulary trie without the
// tokens that no merge makes, which may not be matched inside a piece. The compiled kernel searches a sorted list instead.
import { isMade, NONE, type BytePairTables } from './bytePairTables';
import { buildVocabularyTrie, childOf, type VocabularyTrie } from './vocabularyTrie';

export class LongestMatch {
  readonly #trie: VocabularyTrie;
  /** Trie node of each two-byte prefix, or 0. */
  readonly #twoByteNodes = new Uint32Array(65536);

  constructor(readonly tables: BytePairTables) {
    const trie = buildVocabularyTrie(tables.offsets, tables.bytes);
    const { token, prefixToken } = trie;
    for (let node = 0; node < token.length; node++) {
      const id = token[node]!;
      if (id !== NONE && !isMade(tables, id)) token[node] = NONE;
    }
    for (let id = 0; id < prefixToken.length; id++) {
      let prefix = prefixToken[id]!;
      while (prefix !== NONE && !isMade(tables, prefix)) prefix = prefixToken[prefix]!;
      prefixToken[id] = prefix;
    }
    for (let first = 0; first < 256; first++) {
      const node = childOf(trie, 0, first);
      if (node < 0) continue;
      for (let child = trie.firstChild[node]!; child < trie.firstChild[node + 1]!; child++)
        this.#twoByteNodes[(first << 8) | trie.label[child]!] = child;
    }
    this.#trie = trie;
  }

  /** Longest token that bytes[at, end) start with; `at` must be before `end`. */
  at(bytes: Uint8Array, at: number, end: number): number {
    const { firstChild, label, token } = this.#trie;
    let best = this.tables.byteIds[bytes[at]!]!;
    if (at + 1 >= end) return best;
    let node = this.#twoByteNodes[(bytes[at]! << 8) | bytes[at + 1]!]!;
    if (node === 0) return best;
    at += 2;
    for (;;) {
      if (token[node] !== NONE) best = token[node]!;
      if (at === end) return best;
      const byte = bytes[at++]!;
      let low = firstChild[node]!;
      const stop = firstChild[node + 1]!;
      let high = stop;
      while (high - low > 6) {
        const middle = (low + high) >> 1;
        if (label[middle]! < byte) low = middle + 1;
        else high = middle + 1;
      }
      while (low < high && label[low]! < byte) low++;
      if (low >= stop || label[low] !== byte) return best;
      node = low;
    }
  }

  /** Longest other token that a token starts with, or NONE. */
  shorter(token: number): number {
    return this.#trie.prefixToken[token]!;
  }
}
