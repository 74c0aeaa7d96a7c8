// Base64 to bytes without the platform: core also runs in a web page, and atob accepts too much.
import { FormatError } from './formatResult';

const VALUE = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) {
  VALUE['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charCodeAt(i)] = i;
}

/**
 * Bytes of standard base64 with padding (RFC 4648 §4). `where` names the place in the file for the message.
 * Throws FormatError 'bad-base64' for other characters, wrong length or stray bits.
 */
export function decodeBase64(text: string, where: string): Uint8Array {
  let length = text.length;
  if (length % 4 !== 0) throw bad(where);
  if (length > 0 && text.endsWith('=')) length -= text.endsWith('==') ? 2 : 1;
  const bytes = new Uint8Array((length * 3) >> 2);
  let bits = 0;
  let count = 0;
  let write = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? VALUE[code]! : -1;
    if (value < 0) throw bad(where);
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[write++] = (bits >> count) & 0xff;
    }
  }
  if ((bits & ((1 << count) - 1)) !== 0) throw bad(where);
  return bytes;
}

const bad = (where: string) =>
  new FormatError('bad-base64', `${where} is not base64. The file is damaged; download it again.`);
