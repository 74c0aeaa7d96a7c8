// The unigram model: of all ways to write a piece as tokens, the one with the highest sum of scores (Viterbi).
// Source: Kudo 2018, https://arxiv.org/abs/1804.10959; google/sentencepiece unigram_model.cc (EncodeOptimized: 32-bit
// sums) and huggingface/tokenizers models/unigram (64-bit sums). Worked example: scores a -1, b -1, ab -1.5: 'ab' is
// one token (-1.5), not two (-2).
import { byteOfToken } from './formats/decoders';
import { characterSize, type PieceModel, type PieceTokens } from './formats/pieceModel';
import { UnitTrie } from './formats/unitTrie';
import { encodeUtf8 } from './utf8Encoding';

/** A character no token starts with costs this much more than the worst token. */
const UNKNOWN_PENALTY = 10;

export interface UnigramVocabulary {
  readonly texts: readonly string[];
  readonly scores: Float64Array;
  /** Ids that text never becomes: special, control and byte tokens. */
  readonly excluded: ReadonlySet<number>;
  readonly unknownId: number | null;
  readonly byteFallback: boolean;
  /** Sums in 32 bits as SentencePiece does; ties fall as they do there. */
  readonly singlePrecision: boolean;
  /** Lowest score that the unknown penalty counts from; computed from all tokens when null. */
  readonly lowestScore: number | null;
}

export function unigramModel(vocabulary: UnigramVocabulary): PieceModel {
  const { texts, scores, excluded, unknownId, singlePrecision } = vocabulary;
  const round = singlePrecision ? Math.fround : (value: number) => value;
  const trie = new UnitTrie();
  texts.forEach((text, id) => {
    if (!excluded.has(id)) trie.add(text, id);
  });
  let lowest = vocabulary.lowestScore ?? Infinity;
  if (vocabulary.lowestScore === null) for (const score of scores) lowest = Math.min(lowest, score);
  const unknownScore = round(lowest - UNKNOWN_PENALTY);
  const byteTokens = vocabulary.byteFallback ? byteTokenIds(texts) : null;

  let best = new Float64Array(256);
  let starts = new Int32Array(256);
  let ids = new Int32Array(256);
  const path: number[] = [];

  /** Appends a character without a token: its bytes, or nothing when a byte token is missing. */
  const pushBytes = (piece: string, from: number, to: number, out: PieceTokens): boolean => {
    if (!byteTokens) return false;
    let at = from;
    const before = out.length;
    for (const character of piece.slice(from, to)) {
      const bytes = encodeUtf8(character);
      for (let i = 0; i < bytes.length; i++) {
        const id = byteTokens[bytes[i]!];
        if (id === undefined) {
          out.length = before;
          return false;
        }
        const last = i === bytes.length - 1;
        out.push(id, last ? at + character.length : at, last ? 0 : i + 1);
      }
      at += character.length;
    }
    return true;
  };

  return {
    kind: 'unigram',
    encodePiece(piece, out) {
      const size = piece.length;
      if (best.length <= size) {
        best = new Float64Array(size * 2 + 1);
        starts = new Int32Array(size * 2 + 1);
        ids = new Int32Array(size * 2 + 1);
      }
      starts.fill(-1, 0, size + 1);
      best[0] = 0;
      for (let at = 0; at < size;) {
        const units = characterSize(piece, at)[1];
        const here = best[at]!;
        let single = false;
        let node = 0;
        for (let end = at; end < size;) {
          node = trie.child(node, piece.charCodeAt(end++));
          if (node < 0) break;
          const id = trie.idAt(node);
          if (id < 0) continue;
          // SentencePiece compares before it rounds.
          const score = scores[id]! + here;
          if (starts[end] === -1 || score > best[end]!) {
            best[end] = round(score);
            starts[end] = at;
            // The text '<unk>' itself joins unknown neighbours like an unknown character.
            ids[end] = id === unknownId ? -1 : id;
          }
          if (end - at === units) single = true;
        }
        if (!single) {
          const end = at + units;
          const score = round(unknownScore + here);
          if (starts[end] === -1 || score > best[end]!) {
            best[end] = score;
            starts[end] = at;
            ids[end] = -1;
          }
        }
        at += units;
      }
      path.length = 0;
      for (let end = size; end > 0; end = starts[end]!) path.push(end);
      for (let i = path.length - 1, from = 0; i >= 0; i--) {
        let end = path[i]!;
        if (ids[end]! >= 0) out.push(ids[end]!, end, 0);
        else {
          // Neighbouring unknown characters are one unknown token.
          while (i > 0 && ids[path[i - 1]!] === -1) end = path[--i]!;
          const spelled = unknownId !== null && piece.slice(from, end) === texts[unknownId];
          if ((spelled || !pushBytes(piece, from, end, out)) && unknownId !== null)
            out.push(unknownId, end, 0);
        }
        from = end;
      }
    },
  };
}

/** Ids of '<0x00>' … '<0xFF>' by byte. */
export function byteTokenIds(texts: readonly (string | undefined)[]): (number | undefined)[] {
  const ids = new Array<number | undefined>(256).fill(undefined);
  texts.forEach((text, id) => {
    const byte = text?.length === 6 ? byteOfToken(text) : null;
    if (byte !== null) ids[byte] ??= id;
  });
  return ids;
}
