// Cuts a long piece where no merge can reach across: between two characters that stand next to each other in no token
// that merging makes. Tokenizers without a pre-tokenizer (Llama 2, Gemma) get word-sized pieces this way, with ids
// unchanged: a merge across the border would make a token that holds both characters side by side.
// Worked example: if no token has 'e▁' inside, 'the▁cat' is cut before '▁'.
import { hashPair } from '../bytePairMerge';
import type { PieceModel } from './pieceModel';

const FREE = 0xffffffff;

/** A set of neighbouring characters. */
export class NeighbourSet {
  #left = new Uint32Array(1 << 12).fill(FREE);
  #right = new Uint32Array(1 << 12);
  #size = 0;

  /** Adds all neighbours inside `text`. */
  addText(text: string): void {
    let before = -1;
    for (const character of text) {
      const point = character.codePointAt(0)!;
      if (before >= 0) this.#add(before, point);
      before = point;
    }
  }

  has(left: number, right: number): boolean {
    return this.#left[this.#slot(left, right)] !== FREE;
  }

  #slot(left: number, right: number): number {
    const mask = this.#left.length - 1;
    let slot = hashPair(left, right) & mask;
    while (this.#left[slot] !== FREE && (this.#left[slot] !== left || this.#right[slot] !== right)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #add(left: number, right: number): void {
    const slot = this.#slot(left, right);
    if (this.#left[slot] !== FREE) return;
    this.#left[slot] = left;
    this.#right[slot] = right;
    if (++this.#size * 2 <= this.#left.length) return;
    const [lefts, rights] = [this.#left, this.#right];
    this.#left = new Uint32Array(lefts.length * 2).fill(FREE);
    this.#right = new Uint32Array(lefts.length * 2);
    this.#size = 0;
    lefts.forEach((one, i) => {
      if (one !== FREE) this.#add(one, rights[i]!);
    });
  }
}

/**
 * A model that cuts its pieces at certain borders. `isKnown` says whether a character has a symbol of its own: next to
 * one without, nothing is cut, because unknown neighbours may become one token.
 */
export function borderedModel(
  model: PieceModel,
  neighbours: NeighbourSet,
  isKnown: (point: number) => boolean,
): PieceModel {
  return {
    kind: model.kind,
    encodePiece(piece, out) {
      let from = 0;
      let before = -1;
      let beforeKnown = false;
      const emit = (to: number): void => {
        const first = out.length;
        model.encodePiece(piece.slice(from, to), out);
        if (from > 0) for (let i = first; i < out.length; i++) out.ends[i]! += from;
        from = to;
      };
      for (let at = 0; at < piece.length;) {
        const point = piece.codePointAt(at)!;
        const known = isKnown(point);
        if (before >= 0 && known && beforeKnown && !neighbours.has(before, point)) emit(at);
        before = point;
        beforeKnown = known;
        at += point > 0xffff ? 2 : 1;
      }
      emit(piece.length);
    },
  };
}
