// Token boundaries as pieces of lines, ready to be drawn. Pure: offsets and text in, line and column numbers out.
// A token that spans lines gives one piece a line, only the first with an edge. A character that a token boundary cuts
// (a token ends inside its UTF-8 bytes) is a piece of its own, because no line can be drawn where the cut is.
// Example: tokens 'ab' '\ncd' on line 0 give 0:0-2 with edge, 0:2-2 with edge, 1:0-2 without.
// The two bands alternate within a line and begin anew on the next: numbered through the document, every other keystroke
// would swap the bands of all that follows.
import type { SpanRange } from '../engine/engineProtocol';

export type BoundaryKind = 'evenStart' | 'evenRest' | 'oddStart' | 'oddRest' | 'insideCharacter';

/** Columns are UTF-16 units; `end` is exclusive. */
export interface BoundaryPiece {
  readonly kind: BoundaryKind;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** A text segment between two drawable boundaries. */
interface Segment {
  readonly start: number;
  readonly end: number;
  readonly inside: boolean;
}

/**
 * The pieces of `spans`. `text` is the document's text from offset `textStart` on, which must not be after the first
 * token; `position` is where `textStart` lies. Tokens beyond the end of `text` are left out.
 */
export function boundaryPieces(
  spans: SpanRange,
  text: string,
  textStart: number,
  position: { readonly line: number; readonly column: number },
): BoundaryPiece[] {
  const pieces: BoundaryPiece[] = [];
  let { line } = position;
  let lineStart = textStart - position.column;
  let walked = textStart;
  let odd = false;
  let lineOfLastPiece = -1;
  const unit = (offset: number): number => text.charCodeAt(offset - textStart);
  /** Whether a line break ends before `offset`, exclusive; a break is known by its last unit. */
  const breakAt = (offset: number): boolean =>
    unit(offset) === 10 || (unit(offset) === 13 && unit(offset + 1) !== 10);

  const add = (kind: BoundaryKind, from: number, to: number): void => {
    pieces.push({ kind, line, start: from - lineStart, end: to - lineStart });
    lineOfLastPiece = line;
  };

  for (const { start, end, inside } of segments(spans, text, textStart)) {
    for (; walked < start; walked++) {
      if (!breakAt(walked)) continue;
      line++;
      lineStart = walked + 1;
    }
    let from = start;
    // What the token before left on this line must not have the same band.
    if (!inside) odd = lineOfLastPiece === line && !odd;
    let kind: BoundaryKind = inside ? 'insideCharacter' : odd ? 'oddStart' : 'evenStart';
    for (; walked < end; walked++) {
      if (!breakAt(walked)) continue;
      const lineEnd =
        unit(walked) === 10 && walked > textStart && unit(walked - 1) === 13 ? walked - 1 : walked;
      // The piece before a break may be empty: a token that begins with the break still has its edge at the line's end.
      if (from <= lineEnd) add(kind, from, lineEnd);
      line++;
      lineStart = walked + 1;
      from = lineStart;
      kind = inside ? 'insideCharacter' : odd ? 'oddRest' : 'evenRest';
    }
    if (from < end) add(kind, from, end);
  }
  return pieces;
}

function segments(spans: SpanRange, text: string, textStart: number): Segment[] {
  const found: Segment[] = [];
  const { utf16Ends, cutEnds, firstUtf16 } = spans;
  const textEnd = textStart + text.length;
  let at = firstUtf16;
  let cut = 0;
  for (let i = 0; i < utf16Ends.length; i++) {
    const end = utf16Ends[i] ?? at;
    if (end > textEnd) break;
    if (end > at) {
      found.push({ start: at, end, inside: false });
      at = end;
    }
    if (cutEnds[cut] !== i) continue;
    cut++;
    // The cut character begins at `end`. Further cuts of the same character find it already there.
    if (end < at || end >= textEnd) continue;
    const high = (text.charCodeAt(end - textStart) & 0xfc00) === 0xd800;
    at = Math.min(textEnd, end + (high ? 2 : 1));
    found.push({ start: end, end: at, inside: true });
  }
  return found;
}

/** At most this many tokens are drawn in one editor: above it, drawing is felt (10 000 ranges take 17 ms). */
export const MAX_DRAWN_TOKENS = 5000;

/** Ranges that follow one another joined to one, in the order of the lines. The input must not overlap. */
export function joinedRanges(ranges: readonly LineRange[]): LineRange[] {
  const joined: LineRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const last = joined.at(-1);
    if (last?.last === range.first - 1) joined[joined.length - 1] = { first: last.first, last: range.last };
    else joined.push(range);
  }
  return joined;
}

export interface LineRange {
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
}

/**
 * The lines worth drawing besides the visible ones: one screen to each side of what is visible, within the document,
 * without overlaps. `visible` is in any order; folded code makes it several ranges.
 */
export function linesBeside(visible: readonly LineRange[], lineCount: number): LineRange[] {
  const screen = visible.reduce((lines, { first, last }) => lines + last - first + 1, 0);
  const sorted = [...visible].sort((a, b) => a.first - b.first);
  const beside: LineRange[] = [];
  /** First line that is neither visible nor listed yet. */
  let next = 0;
  for (const [i, { first, last }] of sorted.entries()) {
    const before = { first: Math.max(next, first - screen), last: first - 1 };
    if (before.first <= before.last) beside.push(before);
    const limit = Math.min(lineCount, sorted[i + 1]?.first ?? lineCount) - 1;
    const after = { first: last + 1, last: Math.min(limit, last + screen) };
    if (after.first <= after.last) beside.push(after);
    next = Math.max(last, after.last) + 1;
  }
  return beside;
}
