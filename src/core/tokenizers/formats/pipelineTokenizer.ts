// A tokenizer put together from the parts of a file: cut out added tokens, normalize, pre-tokenize, run the model.
// Ends always count in the text as given, also where the normalizer changed it. Text that the pipeline drops (white
// space between BERT's words) belongs to the token after it; dropped text at the very end belongs to no token.
import type { AddedTokenMatcher } from './addedTokens';
import { aligned, originalOffset, type AlignedText } from './alignedText';
import { joinBytes } from './decoders';
import type { Normalizer } from './normalizers';
import { characterSize, PieceTokens, type PieceModel } from './pieceModel';
import type { PreTokenizer } from './preTokenizers';
import type { Provenance, Tokenizer, TokenSpans } from '../tokenizer';
import { encodeUtf8 } from '../utf8Encoding';

export interface PipelineParts {
  readonly name: string;
  readonly kind: Tokenizer['kind'];
  readonly provenance: Provenance;
  readonly specialTokens: ReadonlyMap<string, number>;
  /** Text of each id as the file writes it; undefined for ids that are not used. */
  readonly tokenTexts: readonly (string | undefined)[];
  /** Bytes that a token stands for in text. */
  readonly bytesOf: (id: number) => Uint8Array;
  /** Text of ids as the library decodes them. */
  readonly decode: (tokens: readonly string[]) => string;
  /** 'bytes': decoded bytes are the tokens' bytes one after another; 'text': only `decode` knows (BERT). */
  readonly decoding: 'bytes' | 'text';
  /** The pipeline puts a space before the text; decoding takes it away. */
  readonly dropsFirstSpace: boolean;
  /** Added tokens looked for in the text as given, and in the normalized text. */
  readonly rawTokens: AddedTokenMatcher;
  readonly normalizedTokens: AddedTokenMatcher;
  readonly normalizer: Normalizer | null;
  readonly preTokenizer: PreTokenizer | null;
  readonly model: PieceModel;
  /** Does what preTokenizer and model do, faster; null when nothing does. */
  readonly engine: Tokenizer | null;
}

export class PipelineTokenizer implements Tokenizer {
  readonly #parts: PipelineParts;
  readonly #matchSpecial: boolean;

  /**
   * `mode` 'document' (what counts use) takes the text of a special token as ordinary text; 'library' finds special
   * tokens in text as the Hugging Face library does by default.
   */
  constructor(parts: PipelineParts, mode: 'document' | 'library' = 'document') {
    this.#parts = parts;
    this.#matchSpecial = mode === 'library';
  }

  get name(): string {
    return this.#parts.name;
  }
  get kind(): Tokenizer['kind'] {
    return this.#parts.kind;
  }
  get vocabularySize(): number {
    return this.#parts.tokenTexts.length;
  }
  get provenance(): Provenance {
    return this.#parts.provenance;
  }
  get specialTokens(): ReadonlyMap<string, number> {
    return this.#parts.specialTokens;
  }

  /** The same tokenizer finding special tokens in text. */
  inLibraryMode(): PipelineTokenizer {
    return new PipelineTokenizer(this.#parts, 'library');
  }

  encode(text: string): Uint32Array {
    const out = this.#run(text, false);
    return out.ids.slice(0, out.length);
  }

  count(text: string): number {
    return this.#run(text, false).length;
  }

  encodeSpans(text: string): TokenSpans {
    const out = this.#run(text, true);
    const byteEnds = new Uint32Array(out.length);
    const utf16Ends = out.ends.slice(0, out.length);
    let unit = 0;
    let byte = 0;
    for (let i = 0; i < out.length; i++) {
      const end = utf16Ends[i]!;
      while (unit < end) {
        const [size, units] = sizeWithLoneSurrogates(text, unit);
        byte += size;
        unit += units;
      }
      const extra = out.extra[i]!;
      const inside = extra === 0 || end >= text.length ? 0 : sizeWithLoneSurrogates(text, end)[0] - 1;
      // Parts of a character that the normalizer took apart end where it starts, so they may not count back.
      const before = i === 0 ? 0 : byteEnds[i - 1]!;
      byteEnds[i] = Math.max(before, byte + Math.min(extra, inside));
    }
    return { ids: out.ids.slice(0, out.length), byteEnds, utf16Ends };
  }

  decodeBytes(ids: ArrayLike<number>): Uint8Array {
    const { decoding, dropsFirstSpace, decode, tokenTexts } = this.#parts;
    const all = Array.from(ids);
    if (decoding === 'text') {
      return encodeUtf8(
        decode(
          all.map((id) => {
            const text = tokenTexts[id];
            if (text === undefined) throw outside(id);
            return text;
          }),
        ),
      );
    }
    const bytes = joinBytes(all.map((id) => this.tokenBytes(id)));
    return dropsFirstSpace && bytes[0] === 0x20 ? bytes.subarray(1) : bytes;
  }

  tokenBytes(id: number): Uint8Array {
    if (this.#parts.tokenTexts[id] === undefined) throw outside(id);
    return this.#parts.bytesOf(id);
  }

  /** Text of ids by the file's own decoder, bytes that are not UTF-8 shown as U+FFFD. */
  decodeText(ids: ArrayLike<number>): string {
    return this.#parts.decode(Array.from(ids, (id) => this.#parts.tokenTexts[id] ?? ''));
  }

  /** Text of a token as the file writes it, 'Ġthe'. */
  tokenText(id: number): string | undefined {
    return this.#parts.tokenTexts[id];
  }

  #run(text: string, withEnds: boolean): PieceTokens {
    const { rawTokens, normalizedTokens, normalizer, preTokenizer, model, engine } = this.#parts;
    const out = new PieceTokens(Math.max(64, text.length >> 2));
    for (const raw of rawTokens.split(aligned(text.replace(LONE_SURROGATE, '\ufffd')), this.#matchSpecial)) {
      if (raw.id !== null) {
        out.push(raw.id, endOf(raw.piece), 0);
        continue;
      }
      const normal = normalizer ? normalizer(raw.piece) : raw.piece;
      for (const part of normalizedTokens.split(normal, this.#matchSpecial)) {
        if (part.id !== null) {
          out.push(part.id, endOf(part.piece), 0);
          continue;
        }
        if (part.piece.text === '') continue;
        if (engine) {
          appendFrom(engine, part.piece, withEnds, out);
          continue;
        }
        for (const piece of preTokenizer ? preTokenizer([part.piece]) : [part.piece]) {
          const first = out.length;
          model.encodePiece(piece.text, out);
          if (withEnds)
            for (let i = first; i < out.length; i++) out.ends[i] = originalOffset(piece, out.ends[i]!);
        }
      }
    }
    return out;
  }
}

/** Appends what another tokenizer makes of the piece. */
function appendFrom(engine: Tokenizer, piece: AlignedText, withEnds: boolean, out: PieceTokens): void {
  if (!withEnds) {
    for (const id of engine.encode(piece.text)) out.push(id, 0, 0);
    return;
  }
  const { ids, byteEnds, utf16Ends } = engine.encodeSpans(piece.text);
  let unit = 0;
  let byte = 0;
  for (let i = 0; i < ids.length; i++) {
    const end = utf16Ends[i]!;
    while (unit < end) {
      const [size, units] = characterSize(piece.text, unit);
      byte += size;
      unit += units;
    }
    out.push(ids[i]!, originalOffset(piece, end), byteEnds[i]! - byte);
  }
}

const endOf = (piece: AlignedText): number => originalOffset(piece, piece.text.length);

const outside = (id: number): RangeError => new RangeError(`Id ${id} is not in the vocabulary.`);

const LONE = [3, 1] as const;
const LONE_SURROGATE = /\p{Surrogate}/gu;

function sizeWithLoneSurrogates(text: string, at: number): readonly [number, number] {
  const unit = text.charCodeAt(at);
  if ((unit & 0xf800) !== 0xd800) return characterSize(text, at);
  const pair = (unit & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
  return pair ? characterSize(text, at) : LONE;
}
