// Reads what runs of invisible characters spell: tag characters are ASCII moved up to U+E0000, variation selectors carry
// one byte each (Butler 2025), and two kinds of zero-width characters can stand for the bits of ASCII letters.
// Example: U+E0048 U+E0069 spell "Hi"; so do sixteen of U+200B and U+200C in the right order.
import { decodeUtf8, isUtf8 } from './utf8';

const READABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\n\t]+$/u;

/** The message in a run of invisible characters; undefined where it spells nothing readable. */
export function hiddenMessage(run: string): string | undefined {
  const points = Array.from(run, (character) => character.codePointAt(0) ?? 0);
  for (const decoded of [fromTags(points), fromSelectors(points), fromBits(points)])
    if (decoded !== undefined && decoded !== '' && READABLE.test(decoded)) return decoded;
  return undefined;
}

function fromTags(points: readonly number[]): string | undefined {
  const tags = points.filter((point) => point >= 0xe0020 && point < 0xe007f);
  return tags.length === 0 ? undefined : tags.map((point) => String.fromCharCode(point - 0xe0000)).join('');
}

/** Selectors 1 to 16 are bytes 0 to 15, selectors 17 to 256 are bytes 16 to 255. */
function fromSelectors(points: readonly number[]): string | undefined {
  const bytes = points.flatMap((point) =>
    point >= 0xfe00 && point <= 0xfe0f
      ? [point - 0xfe00]
      : point >= 0xe0100 && point <= 0xe01ef
        ? [point - 0xe0100 + 16]
        : [],
  );
  if (bytes.length < 2) return undefined;
  const whole = Uint8Array.from(bytes);
  return isUtf8(whole) ? decodeUtf8(whole) : undefined;
}

/** Two kinds of characters as bits, eight a letter, either kind standing for 0. */
function fromBits(points: readonly number[]): string | undefined {
  const [zero, ...more] = new Set(points);
  if (zero === undefined || more.length !== 1 || points.length < 16 || points.length % 8 !== 0)
    return undefined;
  for (const flip of [0, 1]) {
    const bytes = new Uint8Array(points.length / 8);
    points.forEach((point, i) => {
      const bit = Number(point !== zero) ^ flip;
      bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (bit << (7 - (i & 7)));
    });
    if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return decodeUtf8(bytes);
  }
  return undefined;
}
