// Where lines start, and how many tokens end on each. A token belongs to the line that holds its last character, so
// that the counts of all lines add up to the count of the text.

/** UTF-16 offsets at which lines start; the first is 0. Lines end with \n, \r\n or \r, as in an editor. */
export function lineStarts(text: string): Uint32Array {
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
  return Uint32Array.from(starts);
}

/** Tokens per line; the sum is the number of tokens. Both inputs ascending. */
export function tokensPerLine(starts: Uint32Array, utf16Ends: Uint32Array): Uint32Array {
  const counts = new Uint32Array(starts.length);
  let line = 0;
  for (const end of utf16Ends) {
    // The last character of the token stands at end - 1.
    while (line + 1 < starts.length && starts[line + 1]! <= Math.max(0, end - 1)) line++;
    counts[line] = counts[line]! + 1;
  }
  return counts;
}

/** Lines marked as expensive: the dearest one in fifty, at least one and at most this many. */
const HOT_SHARE = 0.02;
const MAX_HOT = 200;

/** Zero-based lines with the most tokens, dearest first, ties by position; lines of fewer than two tokens never. */
export function hottestLines(counts: Uint32Array): number[] {
  const wanted = Math.min(MAX_HOT, Math.max(1, Math.round(counts.length * HOT_SHARE)));
  // The count above which a line is surely among the wanted ones, so that not every line has to be sorted.
  const ordered = Uint32Array.from(counts).sort();
  const threshold = Math.max(2, ordered[Math.max(0, ordered.length - wanted)] ?? 2);
  const lines: number[] = [];
  for (let line = 0; line < counts.length; line++) if (counts[line]! >= threshold) lines.push(line);
  return lines.sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, wanted);
}
