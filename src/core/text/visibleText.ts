// Text made readable where it is not: white space and control characters get a visible form, bytes become hex.
// Example: visibleText(' a\tb\r\n') = '·a→b␍␊'; hexBytes(E2 82) = 'E2 82'.
import { decodeUtf8, isUtf8 } from './utf8';

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]|(?! )\p{Zs}/u;

/**
 * `text` with spaces as '·', tabs as '→', ASCII controls as their Unicode control pictures (␊, ␍, ␀ …) and every other
 * character that cannot be seen as '⟨U+200B⟩'.
 */
export function visibleText(text: string): string {
  let shown = '';
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point === 0x20) shown += '·';
    else if (point === 0x09) shown += '→';
    else if (point < 0x20) shown += String.fromCharCode(0x2400 + point);
    else if (point === 0x7f) shown += '␡';
    else if (INVISIBLE.test(character) || (point & 0xfffff800) === 0xd800)
      shown += `⟨U+${point.toString(16).toUpperCase().padStart(4, '0')}⟩`;
    else shown += character;
  }
  return shown;
}

/** Bytes as upper-case hex pairs separated by spaces. */
export function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
}

/** Bytes of a token as text: visible text where they are whole characters, otherwise hex in angle brackets. */
export function visibleBytes(bytes: Uint8Array): string {
  return isUtf8(bytes) ? visibleText(decodeUtf8(bytes)) : `⟨${hexBytes(bytes)}⟩`;
}
