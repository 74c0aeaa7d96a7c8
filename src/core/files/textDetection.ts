// Whether the bytes of a file are text that can be counted, and the text.
// Rule: UTF-8, or UTF-16 with a byte order mark; a NUL byte in the first 8 kB of anything else means binary (the rule
// git uses). The byte order mark is not part of the text, as in the editor.

export type DecodedFile = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'binary' };

/** Bytes at the start of a file that tell text from everything else. */
export const HEAD_BYTES = 8000;
/** Making a decoder takes longer than decoding a small file. */
const UTF8 = new TextDecoder('utf-8');

/** Whether a file that starts so is no text. `head` is its first HEAD_BYTES, or all of it. */
export function startsBinary(head: Uint8Array): boolean {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return false;
  return head.subarray(0, HEAD_BYTES).includes(0);
}

export function decodeFile(bytes: Uint8Array): DecodedFile {
  if (bytes[0] === 0xff && bytes[1] === 0xfe)
    return { kind: 'text', text: new TextDecoder('utf-16le').decode(bytes) };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    const swapped = bytes.slice(0, bytes.length - (bytes.length % 2));
    for (let i = 0; i < swapped.length; i += 2) [swapped[i], swapped[i + 1]] = [swapped[i + 1]!, swapped[i]!];
    return { kind: 'text', text: new TextDecoder('utf-16le').decode(swapped) };
  }
  if (startsBinary(bytes)) return { kind: 'binary' };
  return { kind: 'text', text: UTF8.decode(bytes) };
}
