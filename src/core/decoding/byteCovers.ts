// Covers of a text that ends anywhere, also inside a token (Phan et al., arXiv 2410.09303; definitions of viable and
// canonical in coverViability.ts).
//   A cover of bytes x is a token sequence whose bytes start with x and whose last token is the one that reaches the end
//   of x: a LEFT CONTEXT (the tokens of x[0..i]) and one token that starts with the rest x[i..n].
//   P_canon(x) = sum of P(cover) over viable covers;  P_all(x) = the same over all covers, viable or not (byteDistribution.ts).
// For a deterministic tokenizer there is one left context for each place i and each way in which the pre-token split can
// turn out, so a handful in all. Everything before the last SAFE boundary (a pre-token start whatever follows) is
// ordinary prompt. Worked example: x = "retu" in a vocabulary with "return": lefts [] + {"return", "returns", ...},
// ["ret"] + {"u", "uring", ...}, ["ret", "u"] + any token that may follow.
import type { ByteVocabulary, VocabularyIndex } from './byteVocabulary';
import { vocabularyIndex } from './byteVocabulary';
import { concatBytes, ContinuationTest } from './coverViability';

/** One left context and the tokens that may overhang it. */
export interface LeftContext {
  /** Tokens after the safe boundary. */
  readonly tokens: readonly number[];
  /** Bytes of the tail that `tokens` do not reach; the last token of the cover starts with them. */
  readonly overhang: number;
  /** Places [low, high) of the candidate tokens in `VocabularyIndex.order`; those that are viable belong to covers. */
  readonly low: number;
  readonly high: number;
  /** True when a text may end here: nothing overhangs and the tokens are canonical. */
  readonly mayEnd: boolean;
  isViable(token: number): boolean;
}

export interface TailCovers {
  /** Byte place of the last safe boundary in the text searched. */
  readonly safe: number;
  /** The text after it. */
  readonly tail: Uint8Array;
  /** Tokens of the text if it ended now; undefined while it ends inside a character. */
  readonly canonical: readonly number[] | undefined;
  /** Distinct left contexts, the one nearest to the end first. */
  readonly lefts: readonly LeftContext[];
}

/** Pre-tokens with a visible character that the search looks back over before it trusts a boundary. */
const LOOK_BACK = 4;

/**
 * All covers of `text`, which must be the start of some text (RangeError otherwise).
 * @param text bytes of the document before the cursor, from the start or from any earlier pre-token boundary.
 */
export function findCovers(vocabulary: ByteVocabulary, text: Uint8Array): TailCovers {
  const index = vocabularyIndex(vocabulary);
  const from = lookBackStart(vocabulary, text, vocabulary.certainBoundary?.(text) ?? 0);
  const near = text.subarray(from);
  const witnesses = vocabulary.witnesses(near);
  if (witnesses.length === 0) throw new RangeError('the text before the cursor is not valid UTF-8');
  const splits = witnesses.map((witness) =>
    vocabulary.split(concatBytes(near, witness)).filter((end) => end <= near.length),
  );
  const safe = lastCommonBoundary(splits);
  const tail = near.subarray(safe);
  const shapes = new Map<string, { readonly ends: readonly number[]; mayEnd: boolean }>();
  splits.forEach((ends, w) => {
    const rest = ends.filter((end) => end > safe).map((end) => end - safe);
    const mayEnd = witnesses[w]!.length === 0;
    const known = shapes.get(rest.join());
    if (known === undefined) shapes.set(rest.join(), { ends: rest, mayEnd });
    else known.mayEnd ||= mayEnd;
  });
  const found = new Map<string, LeftContext>();
  let canonical: readonly number[] | undefined;
  for (const shape of shapes.values()) {
    const encode = prefixEncoder(vocabulary, tail, shape.ends);
    if (shape.mayEnd) canonical = encode(tail.length);
    for (let i = tail.length; i >= Math.max(0, tail.length - index.maxTokenBytes); i--) {
      const range = index.extensionsOf(tail.subarray(i));
      if (range.low === range.high && i < tail.length) continue;
      const tokens = encode(i);
      const key = `${i}:${tokens.join()}`;
      const mayEnd = i === tail.length && shape.mayEnd;
      const known = found.get(key);
      if (known !== undefined) {
        if (mayEnd && !known.mayEnd) found.set(key, { ...known, mayEnd });
        continue;
      }
      const left = leftContext(
        vocabulary,
        index,
        tokens,
        tail.subarray(0, i),
        tail.length - i,
        range,
        mayEnd,
      );
      if (left !== undefined) found.set(key, left);
    }
  }
  const lefts = [...found.values()].sort((a, b) => a.overhang - b.overhang);
  return { safe: from + safe, tail, canonical, lefts };
}

function leftContext(
  vocabulary: ByteVocabulary,
  index: VocabularyIndex,
  tokens: readonly number[],
  bytes: Uint8Array,
  overhang: number,
  range: { readonly low: number; readonly high: number },
  mayEnd: boolean,
): LeftContext | undefined {
  const test = new ContinuationTest(vocabulary, index, tokens, bytes);
  const isViable = (token: number): boolean => test.isViable(token);
  if (!mayEnd) {
    // A left context that nothing can follow would cost a model row for nothing.
    let alive = false;
    for (let i = range.low; i < range.high && !alive; i++) alive = isViable(index.order[i]!);
    if (!alive) return undefined;
  }
  return { tokens, overhang, ...range, mayEnd, isViable };
}

/**
 * A pre-token start early enough that the cursor cannot move it: patterns look ahead over at most one run of spaces and one
 * word. The rest of the text needs one split, not one for each witness.
 */
function lookBackStart(vocabulary: ByteVocabulary, text: Uint8Array, certain: number): number {
  if (certain > 0) return certain;
  const ends = vocabulary.split(text);
  let visible = 0;
  for (let i = ends.length - 1; i >= 0; i--) {
    const start = i === 0 ? 0 : ends[i - 1]!;
    let blank = true;
    for (let b = start; b < ends[i]! && blank; b++) blank = text[b]! <= 0x20;
    if (!blank && ++visible === LOOK_BACK) return start;
  }
  return 0;
}

function lastCommonBoundary(splits: readonly (readonly number[])[]): number {
  const counts = new Map<number, number>();
  for (const ends of splits) for (const end of ends) counts.set(end, (counts.get(end) ?? 0) + 1);
  let last = 0;
  for (const [end, count] of counts) if (count === splits.length && end > last) last = end;
  return last;
}

/** Beyond this many bytes a pre-token is not merged again for every place i. */
const LONG_PIECE = 256;
const RESTART = 96;

/** Returns the function i -> tokens of tail[0..i] when the tail splits at `ends`. */
function prefixEncoder(
  vocabulary: ByteVocabulary,
  tail: Uint8Array,
  ends: readonly number[],
): (length: number) => readonly number[] {
  const whole = new Map<number, ArrayLike<number>>();
  const pieceStart = (start: number, end: number): ArrayLike<number> => {
    if (vocabulary.validity !== 'pairs' || end - start <= LONG_PIECE) {
      return vocabulary.encodePieceStart(tail.subarray(start, end));
    }
    let all = whole.get(start);
    if (all === undefined) {
      all = vocabulary.encodePieceStart(tail.subarray(start));
      whole.set(start, all);
    }
    return (
      restarted(vocabulary, tail, start, end, all) ?? vocabulary.encodePieceStart(tail.subarray(start, end))
    );
  };
  return (length) => {
    const tokens: number[] = [];
    let start = 0;
    for (const end of [...ends, Infinity]) {
      if (start >= length) break;
      const ids =
        end <= length ? vocabulary.encodePiece(tail.subarray(start, end)) : pieceStart(start, length);
      for (let i = 0; i < ids.length; i++) tokens.push(ids[i]!);
      start = end;
    }
    return tokens;
  };
}

/** Re-merges only the end of a long piece: tokens joined by a valid pair are canonical together. */
function restarted(
  vocabulary: ByteVocabulary,
  tail: Uint8Array,
  start: number,
  end: number,
  all: ArrayLike<number>,
): number[] | undefined {
  const kept: number[] = [];
  const borders: number[] = [];
  let at = start;
  for (let i = 0; i < all.length && at <= end - RESTART; i++) {
    kept.push(all[i]!);
    at += vocabulary.tokenBytes(all[i]!).length;
    borders.push(at);
  }
  while (kept.length > 0 && borders[borders.length - 1]! > end - RESTART) {
    kept.pop();
    borders.pop();
  }
  for (let tries = 0; tries < 8 && kept.length > 0; tries++) {
    const rest = vocabulary.encodePieceStart(tail.subarray(borders[borders.length - 1], end));
    if (vocabulary.isValidPair(kept[kept.length - 1]!, rest[0]!)) return [...kept, ...Array.from(rest)];
    kept.pop();
    borders.pop();
  }
  return undefined;
}
