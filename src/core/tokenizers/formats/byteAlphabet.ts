// GPT-2's byte alphabet: every byte as a printable character, so that byte-level tokens can be written in JSON.
// Printable Latin-1 stands for itself, the other 68 bytes are U+0100 upwards in byte order (openai/gpt-2, encoder.py).
// Worked example: space -> 'Ġ' (U+0120), newline -> 'Ċ' (U+010A).

const CHARACTER_OF: readonly string[] = buildAlphabet();
const BYTE_OF = new Int16Array(0x200).fill(-1);
CHARACTER_OF.forEach((character, byte) => (BYTE_OF[character.charCodeAt(0)] = byte));

function buildAlphabet(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(printable ? byte : next++);
  });
}

/** The character that stands for a byte. */
export const characterOfByte = (byte: number): string => CHARACTER_OF[byte]!;

/** Bytes of a token written in the alphabet; null when a character is not of the alphabet. */
export function decodeByteAlphabet(token: string): Uint8Array | null {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const unit = token.charCodeAt(i);
    const byte = unit < 0x200 ? BYTE_OF[unit]! : -1;
    if (byte < 0) return null;
    bytes[i] = byte;
  }
  return bytes;
}
