// Byte-level byte-pair tokenizers with a split pattern: tiktoken's encodings and every file of the same shape.
// The text goes through the kernel in chunks cut where a piece border is certain, so memory does not grow with it.
import { ScriptKernel, writeUnits, type BytePairKernel, type UnitWriter } from './bytePairKernel';
import { bytesOfToken } from './bytePairVocabulary';
import type { BytePairTables } from './bytePairTables';
import { characterClasses } from './characterClasses';
import { isStandingPair, mergeHistory, type MergeHistory } from './mergeHistory';
import { buildVocabularyTrie, tokensWithPrefix, type VocabularyTrie } from './vocabularyTrie';
import { isCertainBorder, scannerFor, type SplitPattern } from './splitScanners';
import type { IncrementalTokenizer, Provenance, TokenSpans } from './tokenizer';
import { encodeUtf8, utf16EndsOf } from './utf8Encoding';

/** Units a kernel is given at once; bounds its buffers unless one piece is longer. */
const CHUNK_UNITS = 1 << 15;
const BORDER_SEARCH_UNITS = 1 << 10;

export interface BytePairOptions {
  readonly name: string;
  readonly pattern: SplitPattern;
  readonly provenance: Provenance;
  readonly specialTokens: ReadonlyMap<string, number>;
  /** The file's id of each token number, when the file does not number tokens by rank. */
  readonly ids?: Uint32Array;
  readonly writeUnits?: UnitWriter;
  /** A faster kernel for the same tables, with the character classes it reads; the TypeScript one when left out. */
  readonly kernel?: BytePairKernel & { readonly classes: Uint8Array };
}

export class BytePairTokenizer implements IncrementalTokenizer {
  readonly kind = 'bpe';
  readonly name: string;
  readonly provenance: Provenance;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly vocabularySize: number;
  readonly pattern: SplitPattern;
  readonly #classes: Uint8Array;
  readonly #kernel: BytePairKernel;
  readonly #ids: Uint32Array | undefined;
  readonly #tokenOfId: Map<number, number> | undefined;
  readonly #specialBytes: ReadonlyMap<number, Uint8Array>;
  #trie: VocabularyTrie | undefined;

  constructor(
    readonly tables: BytePairTables,
    options: BytePairOptions,
  ) {
    this.name = options.name;
    this.provenance = options.provenance;
    this.pattern = options.pattern;
    this.specialTokens = options.specialTokens;
    this.#specialBytes = new Map([...options.specialTokens].map(([text, id]) => [id, encodeUtf8(text)]));
    this.#ids = options.ids;
    this.#tokenOfId = options.ids && new Map(Array.from(options.ids, (id, token) => [id, token]));
    this.#classes = options.kernel?.classes ?? characterClasses();
    this.#kernel =
      options.kernel ??
      new ScriptKernel(tables, this.#classes, scannerFor(options.pattern), options.writeUnits ?? writeUnits);
    let { size } = tables;
    for (const id of options.ids ?? []) size = Math.max(size, id + 1);
    for (const id of options.specialTokens.values()) size = Math.max(size, id + 1);
    this.vocabularySize = size;
  }

  /** Which inner loop runs. */
  get kernelKind(): 'wasm' | 'script' {
    return this.#kernel.kind;
  }

  encode(text: string): Uint32Array {
    const first = this.#chunkEnd(text, 0);
    if (first === text.length) return this.#renumber(this.#kernel.encode(text, 0, first).slice());
    let ids = new Uint32Array(Math.max(1024, text.length >> 1));
    let length = 0;
    for (let from = 0, to = first; from < text.length; from = to, to = this.#chunkEnd(text, from)) {
      const chunk = this.#kernel.encode(text, from, to);
      if (length + chunk.length > ids.length) {
        const larger = new Uint32Array(Math.max(ids.length * 2, length + chunk.length));
        larger.set(ids.subarray(0, length));
        ids = larger;
      }
      ids.set(chunk, length);
      length += chunk.length;
    }
    return this.#renumber(ids.slice(0, length));
  }

  encodeSpans(text: string): TokenSpans {
    const ids = this.encode(text);
    const byteEnds = new Uint32Array(ids.length);
    const { offsets } = this.tables;
    let end = 0;
    for (let i = 0; i < ids.length; i++) {
      const token = this.tokenRank(ids[i]!)!;
      end += offsets[token + 1]! - offsets[token]!;
      byteEnds[i] = end;
    }
    return { ids, byteEnds, utf16Ends: utf16EndsOf(text, byteEnds) };
  }

  count(text: string): number {
    let tokens = 0;
    for (let from = 0; from < text.length;) {
      const to = this.#chunkEnd(text, from);
      tokens += this.#kernel.count(text, from, to);
      from = to;
    }
    return tokens;
  }

  decodeBytes(ids: ArrayLike<number>): Uint8Array {
    const { offsets, bytes } = this.tables;
    let length = 0;
    for (let i = 0; i < ids.length; i++) {
      const token = this.tokenRank(ids[i]!);
      length += token === undefined ? this.tokenBytes(ids[i]!).length : offsets[token + 1]! - offsets[token]!;
    }
    const all = new Uint8Array(length);
    let at = 0;
    for (let i = 0; i < ids.length; i++) {
      const token = this.tokenRank(ids[i]!);
      if (token === undefined) {
        const special = this.tokenBytes(ids[i]!);
        all.set(special, at);
        at += special.length;
        continue;
      }
      for (let from = offsets[token]!, end = offsets[token + 1]!; from < end; from++)
        all[at++] = bytes[from]!;
    }
    return all;
  }

  tokenBytes(id: number): Uint8Array {
    const token = this.tokenRank(id);
    if (token !== undefined) return bytesOfToken(this.tables, token);
    const special = this.#specialBytes.get(id);
    if (special === undefined) throw new RangeError(`Id ${id} is not in the vocabulary of ${this.name}.`);
    return special;
  }

  /** Rank of the merge that makes the token (its number in the tables), or undefined for ids that no text gives. */
  tokenRank(id: number): number | undefined {
    const token = this.#tokenOfId ? this.#tokenOfId.get(id) : id;
    if (token === undefined) return undefined;
    const { offsets } = this.tables;
    return offsets[token + 1]! > offsets[token]! ? token : undefined;
  }

  /** How the bytes of a token, or any bytes, merge; ids are this tokenizer's. Throws RangeError for a special id. */
  mergeHistory(idOrBytes: number | Uint8Array): MergeHistory {
    const bytes =
      typeof idOrBytes === 'number' ? bytesOfToken(this.tables, this.#tokenOf(idOrBytes)) : idOrBytes;
    const { tokens, steps } = mergeHistory(this.tables, bytes);
    return {
      tokens: tokens.map((rank) => this.idOfRank(rank)),
      steps: steps.map(({ left, right, merged, rank, at }) => ({
        left: this.idOfRank(left),
        right: this.idOfRank(right),
        merged: this.idOfRank(merged),
        rank,
        at,
      })),
    };
  }

  /** Whether the merge leaves these two ids standing side by side inside one piece. */
  isValidPair(first: number, second: number): boolean {
    return isStandingPair(this.tables, this.#tokenOf(first), this.#tokenOf(second));
  }

  /** The vocabulary as a byte trie. Its tokens are ranks; see idOfRank. Built on first use, then kept. */
  get vocabularyTrie(): VocabularyTrie {
    this.#trie ??= buildVocabularyTrie(this.tables.offsets, this.tables.bytes);
    return this.#trie;
  }

  /** Ids of the tokens whose bytes start with `prefix`, shortest first. */
  idsWithPrefix(prefix: Uint8Array, limit?: number): number[] {
    return tokensWithPrefix(this.vocabularyTrie, prefix, limit).map((rank) => this.idOfRank(rank));
  }

  idOfRank(rank: number): number {
    return this.#ids?.[rank] ?? rank;
  }

  #tokenOf(id: number): number {
    const token = this.tokenRank(id);
    if (token === undefined) throw new RangeError(`Id ${id} is not made by merges in ${this.name}.`);
    return token;
  }

  isCertainBorder(before: number, after: number): boolean {
    return isCertainBorder(this.#classes, before, after);
  }

  /** Where the chunk that starts at `from` may end: a certain border, or the end of the text. */
  #chunkEnd(text: string, from: number): number {
    const aim = from + CHUNK_UNITS;
    if (aim >= text.length) return text.length;
    for (let at = aim; at > aim - BORDER_SEARCH_UNITS; at--) {
      if (this.isCertainBorder(text.charCodeAt(at - 1), text.charCodeAt(at))) return at;
    }
    for (let at = aim + 1; at < text.length; at++) {
      if (this.isCertainBorder(text.charCodeAt(at - 1), text.charCodeAt(at))) return at;
    }
    return text.length;
  }

  #renumber(tokens: Uint32Array): Uint32Array {
    const ids = this.#ids;
    if (ids) for (let i = 0; i < tokens.length; i++) tokens[i] = ids[tokens[i]!]!;
    return tokens;
  }
}
