// Offsets ↔ lines and columns of a text that does not change. Lines end at \n, \r\n or a lone \r, as in VS Code.
// Lines and columns are zero-based; columns and offsets are UTF-16 units.

export interface LinePosition {
  readonly line: number;
  readonly column: number;
}

export interface LineIndex {
  readonly lineCount: number;
  /** Offsets outside the text are moved to its nearest end. */
  positionAt(offset: number): LinePosition;
  /** Lines and columns outside the text are moved to the nearest place in it. */
  offsetAt(position: LinePosition): number;
}

export function createLineIndex(text: string): LineIndex {
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
  const lineOf = (offset: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    lineCount: starts.length,
    positionAt: (offset) => {
      const inside = Math.min(Math.max(offset, 0), text.length);
      const line = lineOf(inside);
      return { line, column: inside - starts[line]! };
    },
    offsetAt: ({ line, column }) => {
      if (line < 0) return 0;
      const start = starts[line];
      if (start === undefined) return text.length;
      let end = starts[line + 1] ?? text.length;
      while (end > start && (text.charCodeAt(end - 1) === 10 || text.charCodeAt(end - 1) === 13)) end--;
      return Math.min(start + Math.max(column, 0), end);
    },
  };
}
