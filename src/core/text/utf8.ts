// UTF-8 without TextEncoder, so that it also runs where core may not assume a host. Strings follow the Encoding
// Standard (WHATWG): a lone surrogate encodes as U+FFFD (EF BF BD); each maximal ill-formed byte sequence decodes to
// one U+FFFD; a byte order mark is kept, because it is part of the text.
// Example: encodeUtf8('é') = C3 A9; utf8Length('\ud800') = 3; decodeUtf8(C3 28) = '\ufffd('.

const isHigh = (unit: number): boolean => (unit & 0xfc00) === 0xd800;
const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00;

/** Bytes that `text.slice(start, end)` takes in UTF-8. A pair cut by the range counts as a lone surrogate. */
export function utf8Length(text: string, start = 0, end = text.length): number {
  let bytes = end - start;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else {
      // A pair is two units and four bytes; anything else from here on is one unit and three bytes.
      bytes += 2;
      if (isHigh(unit) && i + 1 < end && isLow(text.charCodeAt(i + 1))) i++;
    }
  }
  return bytes;
}

/** Code points in `text`; a lone surrogate counts as one. */
export function codePointCount(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) {
    if (isLow(text.charCodeAt(i)) && isHigh(text.charCodeAt(i - 1))) count--;
  }
  return count;
}

/** The UTF-8 form of `text`. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(utf8Length(text));
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i);
    if (isHigh(point) && i + 1 < text.length && isLow(text.charCodeAt(i + 1))) {
      point = 0x10000 + ((point & 0x3ff) << 10) + (text.charCodeAt(++i) & 0x3ff);
    } else if ((point & 0xf800) === 0xd800) point = 0xfffd;
    if (point < 0x80) bytes[at++] = point;
    else if (point < 0x800) {
      bytes[at++] = 0xc0 | (point >> 6);
      bytes[at++] = 0x80 | (point & 0x3f);
    } else if (point < 0x10000) {
      bytes[at++] = 0xe0 | (point >> 12);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    } else {
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    }
  }
  return bytes;
}

/** One decoding step: the code point at `at` and the bytes it takes. Ill-formed bytes give U+FFFD and their length. */
function decodeStep(bytes: Uint8Array, at: number): { readonly point: number; readonly length: number } {
  const first = bytes[at]!;
  if (first < 0x80) return { point: first, length: 1 };
  const need =
    first >= 0xc2 && first <= 0xdf
      ? 1
      : first >= 0xe0 && first <= 0xef
        ? 2
        : first >= 0xf0 && first <= 0xf4
          ? 3
          : 0;
  if (need === 0) return { point: 0xfffd, length: 1 };
  // The second byte's range excludes overlong forms, surrogates and what lies above U+10FFFF (Unicode table 3-7).
  let low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  let high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  let point = first & (0x3f >> need);
  for (let i = 1; i <= need; i++) {
    const next = bytes[at + i];
    if (next === undefined || next < low || next > high) return { point: 0xfffd, length: i };
    point = (point << 6) | (next & 0x3f);
    low = 0x80;
    high = 0xbf;
  }
  return { point, length: need + 1 };
}

/** The text of `bytes`, with one U+FFFD for each maximal ill-formed sequence. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  const chunk: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const { point, length } = decodeStep(bytes, at);
    chunk.push(point);
    at += length;
    // Bounded, because fromCodePoint takes its arguments on the stack.
    if (chunk.length === 4096) {
      text += String.fromCodePoint(...chunk);
      chunk.length = 0;
    }
  }
  return text + String.fromCodePoint(...chunk);
}

/** Whether `bytes` are well-formed UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length;) {
    const { point, length } = decodeStep(bytes, at);
    // A real U+FFFD takes three bytes, EF BF BD; every other one stands for an error.
    if (
      point === 0xfffd &&
      !(length === 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd)
    )
      return false;
    at += length;
  }
  return true;
}
