// lm-watermarking's "unicode" normalizer: NFC, odd spaces and joiners to spaces, runs of spaces to one, then every control
// character dropped, newlines and tabs included. It destroys the tokens of source code, so it is off unless asked for.

/** First and last code points of the spaces, joiners and format characters that the reference turns into a space. */
const SPACE_LIKE: readonly (readonly [first: number, last: number])[] = [
  [0xa0, 0xa0],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x1680, 0x1680],
  [0x17b4, 0x17b5],
  [0x180b, 0x180e],
  [0x2000, 0x200f],
  [0x2028, 0x202f],
  [0x205f, 0x2064],
  [0x2066, 0x206f],
  [0x2800, 0x2800],
  [0x3000, 0x3000],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffb],
];

function isSpaceLike(character: string): boolean {
  const code = character.codePointAt(0)!;
  return SPACE_LIKE.some(([first, last]) => code >= first && code <= last);
}

export function normalizeLikeLmWatermarking(text: string): string {
  return Array.from(text.normalize('NFC'), (character) => (isSpaceLike(character) ? ' ' : character))
    .join('')
    .replace(/ +/g, ' ')
    .replace(/\p{Cc}/gu, '');
}
