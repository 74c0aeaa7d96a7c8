// The WordPiece model: the longest token that starts the word, then the longest that continues it ('##…'), and so on;
// a word that cannot be written so is one unknown token.
// Source: Devlin et al. 2018 (BERT), google-research/bert tokenization.py. Worked example: 'unaffable' -> un ##aff ##able.
import { characterSize, type PieceModel } from './formats/pieceModel';

export interface WordPieceVocabulary {
  readonly idOf: (text: string) => number | undefined;
  readonly unknownId: number;
  /** Starts every token that continues a word, '##'. */
  readonly prefix: string;
  /** Longer words are unknown, in characters. */
  readonly longestWord: number;
  /** Longest token, UTF-16 units, so that the search has a bound. */
  readonly longestToken: number;
}

export function wordPieceModel(vocabulary: WordPieceVocabulary): PieceModel {
  const { idOf, unknownId, prefix, longestWord, longestToken } = vocabulary;
  return {
    kind: 'wordpiece',
    encodePiece(word, out) {
      const before = out.length;
      let characters = 0;
      for (let at = 0; at < word.length; at += characterSize(word, at)[1]) characters++;
      let from = characters > longestWord ? -1 : 0;
      while (from >= 0 && from < word.length) {
        let to = Math.min(word.length, from + longestToken);
        let id: number | undefined;
        for (; to > from; to--) {
          id = idOf(from > 0 ? prefix + word.slice(from, to) : word.slice(from, to));
          if (id !== undefined) break;
        }
        if (id === undefined) from = -1;
        else {
          out.push(id, to, 0);
          from = to;
        }
      }
      if (from >= 0) return;
      out.length = before;
      out.push(unknownId, word.length, 0);
    },
  };
}

/** The word-level model: a piece is a token or unknown (dropped when there is no unknown token). */
export function wordLevelModel(
  idOf: (text: string) => number | undefined,
  unknownId: number | null,
): PieceModel {
  return {
    kind: 'wordpiece',
    encodePiece(word, out) {
      const id = idOf(word) ?? unknownId;
      if (id !== null) out.push(id, word.length, 0);
    },
  };
}
