// A model turns one piece of text into token ids; where each token ends in the piece goes with it.

/** Ids and ends of one piece, or of many pieces one after another. */
export class PieceTokens {
  ids: Uint32Array;
  /** Exclusive end of the token, UTF-16 units of the piece: the end of the last character it completes. */
  ends: Uint32Array;
  /** Bytes of the next character that the token holds already; 0 when the token ends between characters. */
  extra: Uint8Array;
  length = 0;

  constructor(capacity = 64) {
    this.ids = new Uint32Array(capacity);
    this.ends = new Uint32Array(capacity);
    this.extra = new Uint8Array(capacity);
  }

  push(id: number, end: number, extra: number): void {
    if (this.length === this.ids.length) this.#grow();
    this.ids[this.length] = id;
    this.ends[this.length] = end;
    this.extra[this.length++] = extra;
  }

  #grow(): void {
    const [ids, ends, extra] = [this.ids, this.ends, this.extra];
    const capacity = ids.length * 2;
    (this.ids = new Uint32Array(capacity)).set(ids);
    (this.ends = new Uint32Array(capacity)).set(ends);
    (this.extra = new Uint8Array(capacity)).set(extra);
  }
}

export interface PieceModel {
  readonly kind: 'bpe' | 'unigram' | 'wordpiece';
  /** Appends the tokens of `piece`, which has no lone surrogates. */
  encodePiece(piece: string, out: PieceTokens): void;
}

/** Units of the UTF-8 form of the character that starts at `at`: [bytes, UTF-16 units]. */
export function characterSize(text: string, at: number): readonly [number, number] {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return ONE;
  if (unit < 0x800) return TWO;
  return (unit & 0xfc00) === 0xd800 ? FOUR : THREE;
}

const ONE = [1, 1] as const;
const TWO = [2, 1] as const;
const THREE = [3, 1] as const;
const FOUR = [4, 2] as const;

/** Longest piece kept, UTF-16 units, and most pieces kept. */
const LONGEST_KEPT = 48;
const MOST_KEPT = 60_000;

/** A model that remembers the pieces it has seen; text repeats its words. */
export function remembering(model: PieceModel): PieceModel {
  let seen = new Map<string, { ids: Uint32Array; ends: Uint32Array; extra: Uint8Array }>();
  return {
    kind: model.kind,
    encodePiece(piece, out) {
      if (piece.length > LONGEST_KEPT) {
        model.encodePiece(piece, out);
        return;
      }
      const known = seen.get(piece);
      if (known) {
        const { ids, ends, extra } = known;
        for (let i = 0; i < ids.length; i++) out.push(ids[i]!, ends[i]!, extra[i]!);
        return;
      }
      const from = out.length;
      model.encodePiece(piece, out);
      if (seen.size >= MOST_KEPT) seen = new Map();
      seen.set(piece, {
        ids: out.ids.slice(from, out.length),
        ends: out.ends.slice(from, out.length),
        extra: out.extra.slice(from, out.length),
      });
    },
  };
}
