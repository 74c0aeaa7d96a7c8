// What every tokenizer is to the rest of Tessera: text in, ids and boundaries out.
// Offsets: a token ends at a byte of the UTF-8 form of the text and at a UTF-16 unit of the string. A token may
// end inside a character; its UTF-16 end is then the end of the last character that it completes, so several
// tokens can share one UTF-16 end and the byte ends alone tell them apart.

/** Whether ids are the model's own, and who says so. */
export interface Provenance {
  readonly exactness: 'exact' | 'estimate';
  /** Where the tables come from, for the reader: 'tiktoken 1.0.22, o200k_base'. */
  readonly source: string;
}

/** Ids with boundaries. All arrays have one entry per token. */
export interface TokenSpans {
  readonly ids: Uint32Array;
  /** Exclusive end of each token in UTF-8 bytes of the encoded text. */
  readonly byteEnds: Uint32Array;
  /** Exclusive end in UTF-16 units; see the note on characters cut by a token. */
  readonly utf16Ends: Uint32Array;
}

export interface Tokenizer {
  readonly name: string;
  readonly kind: 'bpe' | 'unigram' | 'wordpiece';
  readonly vocabularySize: number;
  readonly provenance: Provenance;
  /** Special tokens by their text. They are never produced from document text, which is encoded as ordinary text. */
  readonly specialTokens: ReadonlyMap<string, number>;
  /** Ids of ordinary text. A lone surrogate encodes as U+FFFD. */
  encode(text: string): Uint32Array;
  /** Ids with boundaries. */
  encodeSpans(text: string): TokenSpans;
  /** Number of tokens, without building ids. */
  count(text: string): number;
  /** Bytes of the concatenated tokens. Throws RangeError for an id outside the vocabulary. */
  decodeBytes(ids: ArrayLike<number>): Uint8Array;
  /** Bytes of one token. Throws RangeError for an id outside the vocabulary. */
  tokenBytes(id: number): Uint8Array;
}

/**
 * A tokenizer that can say where text may be cut so that the parts' tokens, side by side, are the tokens of the whole.
 * Live documents need it; without it every edit tokenizes the whole text again.
 */
export interface IncrementalTokenizer extends Tokenizer {
  /** Whether these two neighbouring UTF-16 units part the text for certain, whatever is around them. */
  isCertainBorder(before: number, after: number): boolean;
  /** Tokenizes text that does not start the document, when that differs (a space put in front of the text). */
  readonly continuation?: Tokenizer;
}
