// Whether the bytes of a file are text that can be counted, and the text.
// Rule: UTF-8, or UTF-16 with a byte order mark; a NUL byte in the first 8 kB of anything else means binary (the rule
// git uses). The byte order mark is not part of the text, as in the editor.

export type DecodedFile = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'binary' };

const HEAD = 8000;
/** Making a decoder takes longer than decoding a small file. */
const UTF8 = new TextDecoder('utf-8');

export function decodeFile(bytes: Uint8Array): DecodedFile {
  if (bytes[0] === 0xff && bytes[1] === 0xfe)
    return { kind: 'text', text: new TextDecoder('utf-16le').decode(bytes) };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    const swapped = bytes.slice(0, bytes.length - (bytes.length % 2));
    for (let i = 0; i < swapped.length; i += 2) [swapped[i], swapped[i + 1]] = [swapped[i + 1]!, swapped[i]!];
    return { kind: 'text', text: new TextDecoder('utf-16le').decode(swapped) };
  }
  if (bytes.subarray(0, HEAD).includes(0)) return { kind: 'binary' };
  return { kind: 'text', text: UTF8.decode(bytes) };
}
