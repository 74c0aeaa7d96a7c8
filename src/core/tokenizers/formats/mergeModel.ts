// Byte-pair models over pieces: byte-level (every byte is a symbol) and character-level with unknown and byte
// tokens (Hugging Face BPE without ByteLevel, SentencePiece BPE). The merge loop is the byte-pair engine's.
// Source: huggingface/tokenizers, models/bpe/model.rs (v0.23), `merge_word`.
import { mergeSymbols, type PairTable } from '../bytePairMerge';
import { encodeUtf8 } from '../utf8Encoding';
import { characterSize, PieceTokens, type PieceModel } from './pieceModel';

/** Marks a byte without a token. */
export const NO_ID = 0xffffffff;

export interface ByteLevelMergeOptions {
  /** Id of each byte, NO_ID where the vocabulary has none. */
  readonly byteIds: Uint32Array;
  /** Takes the place of bytes without an id; null: they are dropped. */
  readonly unknownId: number | null;
  readonly pairs: PairTable;
  /** Bytes of each symbol id, to find the ends. */
  readonly byteLengths: Uint32Array;
  /** Whole pieces that are tokens without merging (`ignore_merges`, rank files), as text; null: always merge. */
  readonly whole: ReadonlyMap<string, number> | null;
}

/** Byte-level: pieces are merged over their UTF-8 bytes. */
export function byteLevelMergeModel(options: ByteLevelMergeOptions): PieceModel {
  const { byteIds, pairs, byteLengths, whole, unknownId } = options;
  const complete = !byteIds.includes(NO_ID);
  const row = new SymbolRow();

  /** For vocabularies that lack bytes: those become the unknown token or, as in the library, nothing. */
  const encodeKnownBytes = (piece: string, bytes: Uint8Array, out: PieceTokens): void => {
    row.length = 0;
    let byte = 0;
    for (let unit = 0; unit < piece.length;) {
      const [size, units] = characterSize(piece, unit);
      for (let i = 1; i <= size; i++) {
        const id = byteIds[bytes[byte++]!]!;
        const done = i === size;
        if (id !== NO_ID || unknownId !== null) {
          row.push(id === NO_ID ? unknownId! : id, done ? unit + units : unit, done ? 0 : i);
        }
      }
      unit += units;
    }
    row.mergeInto(out, pairs, (id) => (id === unknownId ? 1 : byteLengths[id]!));
  };

  return {
    kind: 'bpe',
    encodePiece(piece, out) {
      const id = whole?.get(piece);
      if (id !== undefined) {
        out.push(id, piece.length, 0);
        return;
      }
      const bytes = encodeUtf8(piece);
      if (!complete) {
        encodeKnownBytes(piece, bytes, out);
        return;
      }
      const symbols = new Uint32Array(bytes.length);
      let count = 0;
      for (const byte of bytes) symbols[count++] = byteIds[byte]!;
      count = mergeSymbols(symbols, count, pairs);
      let unit = 0;
      let byte = 0;
      let end = 0;
      for (let i = 0; i < count; i++) {
        end += byteLengths[symbols[i]!]!;
        while (byte < end) {
          const [size, units] = characterSize(piece, unit);
          if (byte + size > end) break;
          byte += size;
          unit += units;
        }
        out.push(symbols[i]!, unit, end - byte);
      }
    },
  };
}

export interface CharacterMergeOptions {
  readonly idOf: (text: string) => number | undefined;
  readonly pairs: PairTable;
  /** Characters of the piece that a symbol made by merging covers; 1 for all other symbols. */
  readonly charactersOf: (id: number) => number;
  /** Put before every character but the first of a piece to look it up; WordPiece-like BPE files. */
  readonly prefix: string;
  /** Put after the last character of a piece to look it up; GPT-1-like files. */
  readonly suffix: string;
  readonly unknownId: number | null;
  readonly fuseUnknown: boolean;
  /** Ids of the 256 tokens '<0x00>' …; null: no byte fallback. */
  readonly byteTokens: readonly (number | undefined)[] | null;
  readonly ignoreMerges: boolean;
}

/** Character-level: symbols are characters; unknown ones become byte tokens or the unknown token. */
export function characterMergeModel(options: CharacterMergeOptions): PieceModel {
  const { idOf, pairs, charactersOf, prefix, suffix, unknownId, fuseUnknown, byteTokens } = options;
  const known = new Map<string, number | undefined>();
  const lookUp = (text: string): number | undefined => {
    let id = known.get(text);
    if (id === undefined && !known.has(text)) known.set(text, (id = idOf(text)));
    return id;
  };

  /** Byte tokens of a character, or nothing when one of them is missing. */
  const addBytes = (text: string, start: number, end: number, out: SymbolRow): boolean => {
    if (!byteTokens) return false;
    const bytes = encodeUtf8(text);
    const ids = Array.from(bytes, (byte) => byteTokens[byte]);
    if (ids.includes(undefined)) return false;
    const size = characterSize(text, prefix && start > 0 ? prefix.length : 0)[0];
    // Bytes of a prefix or suffix belong to no character of the piece, so the count stops short of the character.
    ids.forEach((id, i) => {
      const done = i === bytes.length - 1;
      out.push(id!, done ? end : start, done ? 0 : Math.min(i + 1, size - 1));
    });
    return true;
  };

  const row = new SymbolRow();
  return {
    kind: 'bpe',
    encodePiece(piece, out) {
      if (options.ignoreMerges) {
        const id = idOf(piece);
        if (id !== undefined) {
          out.push(id, piece.length, 0);
          return;
        }
      }
      row.length = 0;
      let unknownEnd = -1;
      let at = 0;
      while (at < piece.length) {
        const end = at + characterSize(piece, at)[1];
        let text = piece.slice(at, end);
        if (prefix && at > 0) text = prefix + text;
        if (suffix && end === piece.length) text += suffix;
        const id = lookUp(text);
        if (id !== undefined) {
          if (unknownEnd >= 0) row.push(unknownId!, unknownEnd, 0);
          unknownEnd = -1;
          row.push(id, end, 0);
        } else if (!addBytes(text, at, end, row) && unknownId !== null) {
          if (unknownEnd >= 0 && !fuseUnknown) row.push(unknownId, unknownEnd, 0);
          unknownEnd = end;
        }
        at = end;
      }
      if (unknownEnd >= 0) row.push(unknownId!, unknownEnd, 0);
      row.mergeInto(out, pairs, charactersOf);
    },
  };
}

/** The symbols of a piece before merging, each with its end. */
export class SymbolRow extends PieceTokens {
  /** Merges and appends; a merged symbol ends where the last of its characters ended. */
  mergeInto(out: PieceTokens, pairs: PairTable, charactersOf: (id: number) => number): void {
    const count = this.length;
    const merged = mergeSymbols(this.ids, count, pairs);
    let part = 0;
    for (let i = 0; i < merged; i++) {
      const id = this.ids[i]!;
      part += merged === count ? 1 : charactersOf(id);
      out.push(id, this.ends[part - 1]!, this.extra[part - 1]!);
    }
  }
}
