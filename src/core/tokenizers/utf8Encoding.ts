// UTF-16 to UTF-8 as tokenizers want it: a lone surrogate becomes U+FFFD (bytes EF BF BD), nothing throws.
// Written out because core may not assume TextEncoder, and because the encoders need the length of every unit.

/** Bytes the whole string takes in UTF-8, lone surrogates counted as U+FFFD. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes++;
    else if (unit < 0x800) bytes += 2;
    else if (isPair(text, i, unit)) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

/** UTF-8 bytes of `text`; lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i);
    if (point < 0x80) {
      bytes[at++] = point;
      continue;
    }
    if (point < 0x800) {
      bytes[at++] = 0xc0 | (point >> 6);
      bytes[at++] = 0x80 | (point & 63);
      continue;
    }
    if (isPair(text, i, point)) {
      point = text.codePointAt(i)!;
      i++;
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 63);
    } else {
      if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
      bytes[at++] = 0xe0 | (point >> 12);
    }
    bytes[at++] = 0x80 | ((point >> 6) & 63);
    bytes[at++] = 0x80 | (point & 63);
  }
  return bytes;
}

/**
 * For tokens that end at `byteEnds` of `text`, the UTF-16 end of each: the end of the last character that the
 * token completes.
 */
export function utf16EndsOf(text: string, byteEnds: Uint32Array): Uint32Array {
  const ends = new Uint32Array(byteEnds.length);
  let unit = 0;
  let byte = 0;
  for (let i = 0; i < byteEnds.length; i++) {
    const end = byteEnds[i]!;
    while (byte < end) {
      const value = text.charCodeAt(unit);
      const pair = isPair(text, unit, value);
      const size = value < 0x80 ? 1 : value < 0x800 ? 2 : pair ? 4 : 3;
      if (byte + size > end) break;
      byte += size;
      unit += pair ? 2 : 1;
    }
    ends[i] = unit;
  }
  return ends;
}

function isPair(text: string, at: number, unit: number): boolean {
  if ((unit & 0xfc00) !== 0xd800 || at + 1 >= text.length) return false;
  return (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}
