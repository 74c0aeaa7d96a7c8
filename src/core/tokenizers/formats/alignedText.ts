// Text that a normalizer has changed, with every UTF-16 unit still knowing where in the original text it ends.
// Worked example: 'e\u0301x' composed to 'éx' has ends [2, 3]; '▁' put before 'a' gives ends [0, 1]. A character that
// became several units ends at the last of them; the earlier units end where the character starts.

/** A piece of text with its place in the original. */
export interface AlignedText {
  readonly text: string;
  /** Where the piece starts in the original, UTF-16 units. */
  readonly start: number;
  /** Original end of each unit of `text`; null when unit i ends at `start + i + 1`. */
  readonly ends: Uint32Array | null;
}

/** A replacement of `text.slice(from, to)`. */
export interface TextEdit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export const aligned = (text: string, start = 0): AlignedText => ({ text, start, ends: null });

/** Original UTF-16 position of the border before unit `index` of the piece. */
export function originalOffset(piece: AlignedText, index: number): number {
  if (piece.ends === null) return piece.start + index;
  return index === 0 ? piece.start : piece.ends[index - 1]!;
}

export function sliceAligned(piece: AlignedText, from: number, to: number): AlignedText {
  if (from === 0 && to === piece.text.length) return piece;
  return {
    text: piece.text.slice(from, to),
    start: originalOffset(piece, from),
    ends: piece.ends === null ? null : piece.ends.subarray(from, to),
  };
}

/**
 * The piece after `edits`, which are in order and do not overlap. A replacement as long as what it replaces keeps the
 * alignment unit by unit.
 */
export function editAligned(piece: AlignedText, edits: readonly TextEdit[]): AlignedText {
  if (edits.length === 0) return piece;
  const parts: string[] = [];
  let at = 0;
  let length = piece.text.length;
  let sameLength = true;
  for (const edit of edits) {
    parts.push(piece.text.slice(at, edit.from), edit.text);
    at = edit.to;
    length += edit.text.length - (edit.to - edit.from);
    sameLength &&= edit.text.length === edit.to - edit.from;
  }
  parts.push(piece.text.slice(at));
  const text = parts.join('');
  if (sameLength) return { text, start: piece.start, ends: piece.ends };
  const ends = new Uint32Array(length);
  let write = 0;
  let read = 0;
  const copyTo = (stop: number) => {
    while (read < stop) ends[write++] = originalOffset(piece, ++read);
  };
  for (const edit of edits) {
    copyTo(edit.from);
    const units = edit.text.length;
    if (units === edit.to - edit.from) copyTo(edit.to);
    else if (units > 0) {
      ends.fill(originalOffset(piece, edit.from), write, write + units - 1);
      write += units;
      ends[write - 1] = originalOffset(piece, edit.to);
    }
    read = edit.to;
  }
  copyTo(piece.text.length);
  return { text, start: piece.start, ends };
}
