// SentencePiece's normalizer: longest entries of the character map, user-defined symbols kept, white space tidied
// and written as ▁, offsets kept. Source: google/sentencepiece normalizer.cc (Normalizer::Normalize).
import type { AlignedText } from './alignedText';
import { originalOffset } from './alignedText';
import { DoubleArrayMap } from './doubleArrayMap';
import type { Normalizer } from './normalizers';
import { characterSize } from './pieceModel';
import type { SentencePieceProto } from './sentencePieceProto';
import type { UnitTrie } from './unitTrie';
import { encodeUtf8 } from '../utf8Encoding';

const SPACE_MARK = '▁';

/** Length in UTF-16 units of the longest text of `trie` that starts at `at`, 0 for none. */
export function longestPrefix(trie: UnitTrie, text: string, at: number): number {
  let node = 0;
  let longest = 0;
  for (let i = at; i < text.length;) {
    node = trie.child(node, text.charCodeAt(i++));
    if (node < 0) break;
    if (trie.idAt(node) >= 0) longest = i - at;
  }
  return longest;
}

/** The model's normalizer; `userDefined` holds the symbols that are kept as they are. */
export function sentencePieceNormalizer(proto: SentencePieceProto, userDefined: UnitTrie): Normalizer {
  const map = proto.charsmap.length > 0 ? new DoubleArrayMap(proto.charsmap) : null;
  const mark = proto.escapeWhitespaces ? SPACE_MARK : ' ';
  const { removeExtraWhitespaces, addDummyPrefix, whitespaceAsSuffix } = proto;

  return (piece) => {
    const { text } = piece;
    const bytes = map ? encodeUtf8(text) : null;
    const parts: string[] = [];
    const ends: number[] = [];
    let unit = 0;
    let byte = 0;
    let replacement = '';
    /** Reads what stands at `unit`; sets `replacement` and goes on behind it. */
    const next = (): void => {
      const symbol = longestPrefix(userDefined, text, unit);
      const found = symbol === 0 && map ? map.find(bytes!, byte, bytes!.length, 'longest') : null;
      let stop = unit + symbol;
      replacement = found ? found.text : text.slice(unit, stop);
      if (found) {
        for (const end = byte + found.length; byte < end;) {
          const [size, units] = characterSize(text, unit);
          byte += size;
          unit += units;
        }
        return;
      }
      if (symbol === 0) {
        stop = unit + characterSize(text, unit)[1];
        replacement = text.slice(unit, stop);
      }
      while (unit < stop) {
        const [size, units] = characterSize(text, unit);
        byte += size;
        unit += units;
      }
    };
    const push = (normal: string, from: number, to: number): void => {
      parts.push(normal);
      const [start, end] = [originalOffset(piece, from), originalOffset(piece, to)];
      // What is kept unit by unit keeps its ends; what became longer or shorter ends at its last unit.
      const same = normal.length === to - from;
      for (let i = 1; i <= normal.length; i++) {
        ends.push(i === normal.length ? end : same ? originalOffset(piece, from + i) : start);
      }
    };

    let start = 0;
    if (removeExtraWhitespaces) {
      while (unit < text.length) {
        const [unitBefore, byteBefore] = [unit, byte];
        next();
        if (replacement === ' ') continue;
        [unit, byte] = [unitBefore, byteBefore];
        break;
      }
      start = unit;
    }
    if (start >= text.length) return { text: '', start: piece.start, ends: null };
    if (!whitespaceAsSuffix && addDummyPrefix) push(mark, start, start);
    let afterSpace = removeExtraWhitespaces;
    while (unit < text.length) {
      const from = unit;
      next();
      let normal = replacement;
      if (afterSpace) normal = normal.replace(/^ +/, '');
      if (normal !== '') {
        push(mark === ' ' ? normal : normal.replaceAll(' ', mark), from, unit);
        afterSpace = removeExtraWhitespaces && normal.endsWith(' ');
      }
    }
    let normalized = parts.join('');
    if (removeExtraWhitespaces) {
      let length = normalized.length;
      while (length > 0 && normalized[length - 1] === mark) length--;
      normalized = normalized.slice(0, length);
      ends.length = length;
    }
    if (whitespaceAsSuffix && addDummyPrefix) {
      normalized += mark;
      ends.push(originalOffset(piece, text.length));
    }
    return alignedWith(normalized, piece, ends);
  };
}

const alignedWith = (text: string, piece: AlignedText, ends: readonly number[]): AlignedText => ({
  text,
  start: piece.start,
  ends: Uint32Array.from(ends),
});
