// Counting a long text a piece at a time, so that a caller can stop in between. Pieces end at borders that are certain
// (IncrementalTokenizer), so their counts add up to the count of the whole.
import type { IncrementalTokenizer, Tokenizer } from './tokenizer';

/** Text of this length is counted in a few milliseconds. UTF-16 units. */
const PIECE_UNITS = 64 * 1024;

/** Tokens of `text`, or undefined when `cancelled` said so before the last piece. */
export function countInPieces(
  tokenizer: Tokenizer,
  text: string,
  cancelled: () => boolean,
): number | undefined {
  const { isCertainBorder, continuation } = tokenizer as Partial<IncrementalTokenizer>;
  if (isCertainBorder === undefined || text.length <= PIECE_UNITS) return tokenizer.count(text);
  let tokens = 0;
  for (let start = 0; start < text.length;) {
    if (cancelled()) return undefined;
    let end = Math.min(text.length, start + PIECE_UNITS);
    while (end < text.length && !isBorder(text.charCodeAt(end - 1), text.charCodeAt(end))) end++;
    const piece = start === 0 && end === text.length ? text : text.slice(start, end);
    tokens += (start === 0 ? tokenizer : (continuation ?? tokenizer)).count(piece);
    start = end;
  }
  return tokens;

  function isBorder(before: number, after: number): boolean {
    const halves = (before & 0xfc00) === 0xd800 && (after & 0xfc00) === 0xdc00;
    return !halves && isCertainBorder!.call(tokenizer, before, after);
  }
}
