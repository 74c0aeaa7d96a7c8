// Byte-level byte-pair tokenizers with a split pattern (tiktoken's family): split the text, look each piece up
// whole, and merge its bytes when it is not a token.
import { mergeSymbols } from './bytePairMerge';
import { bytesOfToken, type BytePairVocabulary } from './bytePairVocabulary';
import type { PatternKind } from './encodings';
import type { Provenance, Tokenizer, TokenSpans } from './tokenizer';
import { encodeUtf8, utf16EndsOf } from './utf8Encoding';

export interface BytePairOptions {
  readonly name: string;
  readonly pattern: PatternKind;
  readonly provenance: Provenance;
  readonly specialTokens: ReadonlyMap<string, number>;
}

const CONTRACTIONS = "'(?:[sSſtTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])";
const TAIL = '\\p{White_Space}*[\\r\\n]+|\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+';
const PATTERNS: Readonly<Record<PatternKind, string>> = {
  o200k:
    `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?:${CONTRACTIONS})?|` +
    `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?:${CONTRACTIONS})?|` +
    `\\p{N}{1,3}| ?[^\\p{White_Space}\\p{L}\\p{N}]+[\\r\\n/]*|${TAIL}`,
  cl100k:
    `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|` +
    ` ?[^\\p{White_Space}\\p{L}\\p{N}]+[\\r\\n]*|${TAIL}`,
  gpt2:
    `'(?:[stmd]|re|ve|ll)| ?\\p{L}+| ?\\p{N}+| ?[^\\p{White_Space}\\p{L}\\p{N}]+|` +
    `\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+`,
};

export class BytePairTokenizer implements Tokenizer {
  readonly kind = 'bpe';
  readonly name: string;
  readonly provenance: Provenance;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly #pattern: RegExp;
  readonly #wholePieces = new Map<string, number>();
  readonly #specialBytes: ReadonlyMap<number, Uint8Array>;

  constructor(
    readonly vocabulary: BytePairVocabulary,
    options: BytePairOptions,
  ) {
    this.name = options.name;
    this.provenance = options.provenance;
    this.specialTokens = options.specialTokens;
    this.#specialBytes = new Map([...options.specialTokens].map(([text, id]) => [id, encodeUtf8(text)]));
    this.#pattern = new RegExp(PATTERNS[options.pattern], 'gu');
    for (let id = 0; id < vocabulary.size; id++) {
      const start = vocabulary.offsets[id]!;
      const end = vocabulary.offsets[id + 1]!;
      if (end > start) this.#wholePieces.set(latin1(vocabulary.bytes, start, end), id);
    }
  }

  get vocabularySize(): number {
    return Math.max(this.vocabulary.size, ...[...this.specialTokens.values()].map((id) => id + 1));
  }

  encode(text: string): Uint32Array {
    const ids: number[] = [];
    for (const [piece] of text.matchAll(this.#pattern)) {
      const bytes = encodeUtf8(piece);
      const whole = this.#wholePieces.get(latin1(bytes, 0, bytes.length));
      if (whole !== undefined) {
        ids.push(whole);
        continue;
      }
      const symbols = Uint32Array.from(bytes, (byte) => this.vocabulary.byteIds[byte]!);
      const length = mergeSymbols(symbols, symbols.length, this.vocabulary.pairs);
      for (let i = 0; i < length; i++) ids.push(symbols[i]!);
    }
    return Uint32Array.from(ids);
  }

  encodeSpans(text: string): TokenSpans {
    const ids = this.encode(text);
    const byteEnds = new Uint32Array(ids.length);
    const { offsets } = this.vocabulary;
    let end = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      end += offsets[id + 1]! - offsets[id]!;
      byteEnds[i] = end;
    }
    return { ids, byteEnds, utf16Ends: utf16EndsOf(text, byteEnds) };
  }

  count(text: string): number {
    return this.encode(text).length;
  }

  decodeBytes(ids: ArrayLike<number>): Uint8Array {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (let i = 0; i < ids.length; i++) {
      const bytes = this.tokenBytes(ids[i]!);
      parts.push(bytes);
      length += bytes.length;
    }
    const all = new Uint8Array(length);
    let at = 0;
    for (const bytes of parts) {
      all.set(bytes, at);
      at += bytes.length;
    }
    return all;
  }

  tokenBytes(id: number): Uint8Array {
    return this.#specialBytes.get(id) ?? bytesOfToken(this.vocabulary, id);
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
