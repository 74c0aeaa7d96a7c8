// Builds the page of tokens that the webview draws: spans from the engine joined with the document's own text, so that
// no text has to travel from the worker. The first token may begin inside a character (a byte-level token may end
// anywhere), so the text begins up to three bytes before it; how many, follows from the offsets.
// Example: '€' cut as [E2][82 AC]; the page from the second token has firstUtf16 0, firstByte 1, text '€', cut 1.
import type { SpanRange } from '../engine/engineProtocol';
import type { TokenPage } from '../shared/panelProtocol';

const encoder = new TextEncoder();

/** UTF-16 units to read beyond the last token's end: a character that it may cut has at most two. */
export const unitsBeyond = 2;

const characterBytes = (codePoint: number): number =>
  codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;

/** Whether every token ends at the UTF-16 unit that its byte end implies when the text begins `cut` bytes early. */
function fits(range: SpanRange, text: string, cut: number): boolean {
  let token = 0;
  let bytes = 0;
  let units = 0;
  const { byteEnds, utf16Ends, firstByte, firstUtf16 } = range;
  for (const character of text) {
    const next = bytes + characterBytes(character.codePointAt(0) ?? 0);
    // Tokens that end before this character is complete end where it starts.
    while (token < byteEnds.length && (byteEnds[token] ?? 0) - firstByte + cut < next) {
      if ((utf16Ends[token] ?? 0) - firstUtf16 !== units) return false;
      token++;
    }
    bytes = next;
    units += character.length;
  }
  for (; token < byteEnds.length; token++) {
    if ((byteEnds[token] ?? 0) - firstByte + cut !== bytes) return false;
    if ((utf16Ends[token] ?? 0) - firstUtf16 !== units) return false;
  }
  return true;
}

/** UTF-8 bytes of a text; a lone surrogate has the three of U+FFFD. */
function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += characterBytes(character.codePointAt(0) ?? 0);
  return bytes;
}

/**
 * How many bytes of the text's first character belong to the token before. A token that ends with a character tells;
 * when every token cuts its last one, all numbers that agree with the offsets are given. `text` begins at firstUtf16
 * and ends `unitsBeyond` units after the last token, or with the document.
 */
export function possibleCuts(range: SpanRange, text: string): readonly number[] {
  const { byteEnds, utf16Ends, cutEnds, firstByte, firstUtf16 } = range;
  // cutEnds is in order, so the first position that differs from its rank is the first token that cuts nothing.
  let whole = 0;
  while (cutEnds[whole] === whole) whole++;
  if (whole < byteEnds.length) {
    const bytes = byteLength(text.slice(0, (utf16Ends[whole] ?? 0) - firstUtf16));
    const cut = bytes - ((byteEnds[whole] ?? 0) - firstByte);
    return cut >= 0 && fits(range, text, cut) ? [cut] : [];
  }
  const first = characterBytes(text.codePointAt(0) ?? 0);
  return Array.from({ length: first }, (_, cut) => cut).filter((cut) => fits(range, text, cut));
}

/** The page, given the text from firstUtf16 on and the cut of its first character. */
export function buildTokenPage(
  range: SpanRange,
  text: string,
  cut: number,
  position: { readonly line: number; readonly column: number },
): TokenPage {
  const end = (range.byteEnds.at(-1) ?? range.firstByte) - range.firstByte;
  return {
    first: range.firstIndex,
    firstByte: range.firstByte,
    firstUtf16: range.firstUtf16,
    firstLine: position.line,
    atLineStart: position.column === 0 && cut === 0,
    ids: range.ids,
    byteEnds: range.byteEnds,
    utf16Ends: range.utf16Ends,
    bytes: encoder.encode(text).slice(cut, cut + end),
  };
}
