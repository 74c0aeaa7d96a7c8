// UTF-8 for texts that may stop inside a character: tokens and half-typed completions do. Core has no TextEncoder, and
// TextDecoder would replace a cut character silently; here a cut end is reported, and wrong bytes are refused.

/** UTF-8 of a string; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code >= 0xd800 && code < 0xe000) {
      const low = text.charCodeAt(i + 1);
      if (code < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i++;
      } else code = 0xfffd;
    }
    at = writeCodePoint(bytes, at, code);
  }
  return bytes.slice(0, at);
}

function writeCodePoint(bytes: Uint8Array, at: number, code: number): number {
  if (code < 0x80) {
    bytes[at++] = code;
  } else if (code < 0x800) {
    bytes[at++] = 0xc0 | (code >> 6);
    bytes[at++] = 0x80 | (code & 63);
  } else if (code < 0x10000) {
    bytes[at++] = 0xe0 | (code >> 12);
    bytes[at++] = 0x80 | ((code >> 6) & 63);
    bytes[at++] = 0x80 | (code & 63);
  } else {
    bytes[at++] = 0xf0 | (code >> 18);
    bytes[at++] = 0x80 | ((code >> 12) & 63);
    bytes[at++] = 0x80 | ((code >> 6) & 63);
    bytes[at++] = 0x80 | (code & 63);
  }
  return at;
}

export interface DecodedTail {
  /** The complete characters. */
  readonly text: string;
  /** Bytes of `text` in UTF-8. */
  readonly completeBytes: number;
  /** Bytes after them: 0, or the start of a character (at most 3). */
  readonly cutBytes: number;
}

/** Decodes bytes that may end inside a character; undefined when they can never become valid UTF-8. */
export function decodeUtf8Tail(bytes: Uint8Array): DecodedTail | undefined {
  let text = '';
  let i = 0;
  while (i < bytes.length) {
    const lead = bytes[i]!;
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      i++;
      continue;
    }
    const length =
      lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
    if (length === 0) return undefined;
    const available = Math.min(length, bytes.length - i);
    for (let k = 1; k < available; k++) {
      const byte = bytes[i + k]!;
      if ((byte & 0xc0) !== 0x80) return undefined;
      if (k === 1 && !secondByteFits(lead, byte)) return undefined;
    }
    if (available < length) return { text, completeBytes: i, cutBytes: available };
    let code = lead & (0xff >> (length + 1));
    for (let k = 1; k < length; k++) code = (code << 6) | (bytes[i + k]! & 63);
    text += String.fromCodePoint(code);
    i += length;
  }
  return { text, completeBytes: i, cutBytes: 0 };
}

/** Overlong forms, surrogates and code points above U+10FFFF are excluded by the second byte. */
function secondByteFits(lead: number, byte: number): boolean {
  if (lead === 0xe0) return byte >= 0xa0;
  if (lead === 0xed) return byte < 0xa0;
  if (lead === 0xf0) return byte >= 0x90;
  if (lead === 0xf4) return byte < 0x90;
  return true;
}

/** How many leading bytes of `bytes` are complete characters; the rest must be held back from a user. */
export function completeLength(bytes: Uint8Array): number {
  let at = bytes.length;
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    if (length > back) at = bytes.length - back;
    break;
  }
  return at;
}

/** All code points whose UTF-8 starts with `cut` (1 to 3 bytes of an incomplete character), in order, from `stride` to `stride`. */
export function* completions(cut: Uint8Array, stride: number): Generator<Uint8Array> {
  const lead = cut[0]!;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const missing = length - cut.length;
  const total = 64 ** missing;
  for (let n = 0; n < total; n += stride) {
    const rest = new Uint8Array(missing);
    for (let k = 0; k < missing; k++) rest[k] = 0x80 | ((n >> (6 * (missing - 1 - k))) & 63);
    if (cut.length === 1 && !secondByteFits(lead, rest[0]!)) continue;
    yield rest;
  }
}
