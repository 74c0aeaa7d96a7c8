// The byte-level view of the project's byte-pair tokenizers: ids of the file on the outside, token numbers (ranks) inside.
import { ScriptKernel } from '../tokenizers/bytePairKernel';
import { isMade } from '../tokenizers/bytePairTables';
import type { BytePairTokenizer } from '../tokenizers/bytePairTokenizer';
import { characterClasses } from '../tokenizers/characterClasses';
import { scannerFor } from '../tokenizers/splitScanners';
import type { ByteVocabulary } from './byteVocabulary';
import { vocabularyIndex } from './byteVocabulary';
import { textByteVocabulary } from './textByteVocabulary';

const none = new Uint8Array(0);
const views = new WeakMap<BytePairTokenizer, ByteVocabulary>();

/** The view of a tokenizer, made once. */
export function bytePairView(tokenizer: BytePairTokenizer): ByteVocabulary {
  let view = views.get(tokenizer);
  if (view === undefined) {
    view = makeView(tokenizer);
    views.set(tokenizer, view);
  }
  return view;
}

function makeView(tokenizer: BytePairTokenizer): ByteVocabulary {
  const { tables } = tokenizer;
  const classes = characterClasses();
  const scan = scannerFor(tokenizer.pattern);
  const kernel = new ScriptKernel(tables, classes, scan);
  const rankOf = new Int32Array(tokenizer.vocabularySize).fill(-1);
  const idOf = new Uint32Array(tables.offsets.length);
  for (let id = 0; id < rankOf.length; id++) {
    const rank = tokenizer.tokenRank(id);
    if (rank === undefined) continue;
    rankOf[id] = rank;
    idOf[rank] = id;
  }
  const isHole = (rank: number): boolean => tables.offsets[rank + 1] === tables.offsets[rank];
  // A token of several bytes that is its own half is one that no merge makes; the pair test would take it for a byte.
  const isMerged = (rank: number): boolean => rank >= 0 && isMade(tables, rank);
  // Where merging makes every token, looking whole pieces up changes nothing and need not be reckoned with.
  const allMade = idOf.every((_, rank) => rank + 1 >= idOf.length || isHole(rank) || isMerged(rank));
  let units = new Uint16Array(256);
  const view: ByteVocabulary = textByteVocabulary({
    size: tokenizer.vocabularySize,
    wholePieces: !allMade,
    tokenBytes: (id) => (rankOf[id]! < 0 ? none : tokenizer.tokenBytes(id)),
    findToken: (bytes) => vocabularyIndex(view).find(bytes),
    mergePiece(bytes) {
      return kernel.mergePiece(bytes).map((rank) => idOf[rank]!);
    },
    isValidPair(left, right) {
      const a = rankOf[left]!;
      const b = rankOf[right]!;
      return isMerged(a) && isMerged(b) && kernel.isValidPair(a, b);
    },
    isCertainBorder: (before, after) => tokenizer.isCertainBorder(before, after),
    splitAscii(bytes) {
      if (units.length < bytes.length) units = new Uint16Array(bytes.length * 2);
      units.set(bytes);
      const ends: number[] = [];
      for (let at = 0; at < bytes.length;) {
        at = scan(units, classes, at, bytes.length);
        ends.push(at);
      }
      return ends;
    },
    splitText(text) {
      if (units.length < text.length) units = new Uint16Array(text.length * 2);
      for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
      const ends: number[] = [];
      for (let at = 0; at < text.length;) {
        at = scan(units, classes, at, text.length);
        ends.push(at);
      }
      return ends;
    },
  });
  return view;
}
