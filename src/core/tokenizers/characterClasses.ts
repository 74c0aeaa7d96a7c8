// What a split scanner asks of a character, as one byte of bits for every code point.
// Built from the shipped categories; see unicodeCategories.ts for why the host's regular expressions are not asked.
import { CATEGORIES, CATEGORY_LETTERS, CATEGORY_RUNS, WHITE_SPACE } from './unicodeCategories';

/** \p{L} */
export const LETTER = 1;
/** \p{N} */
export const NUMBER = 2;
/** \s as Unicode White_Space: with U+0085, without U+FEFF, unlike JavaScript's. */
export const SPACE = 4;
/** [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}] */
export const UPPER = 8;
/** [\p{Ll}\p{Lm}\p{Lo}\p{M}] */
export const LOWER = 16;
/** \r and \n */
export const NEWLINE = 32;
/** A leading surrogate unit: look the whole code point up if a trailing one follows. */
export const LEADING_SURROGATE = 64;
/** \p{M} */
export const MARK = 128;

const CODE_POINTS = 0x110000;

const BITS: Readonly<Record<string, number>> = {
  Lu: LETTER | UPPER,
  Lt: LETTER | UPPER,
  Ll: LETTER | LOWER,
  Lm: LETTER | UPPER | LOWER,
  Lo: LETTER | UPPER | LOWER,
  Mn: MARK | UPPER | LOWER,
  Mc: MARK | UPPER | LOWER,
  Me: MARK | UPPER | LOWER,
  Nd: NUMBER,
  Nl: NUMBER,
  No: NUMBER,
};

/** Index into CATEGORIES of every code point; surrogates are 0 (Cn). 1.1 MB. */
export function categoryTable(): Uint8Array {
  const table = new Uint8Array(CODE_POINTS);
  let point = 0;
  for (const [, length, letter] of CATEGORY_RUNS.matchAll(/([0-9a-z]*)([^0-9a-z])/g)) {
    const end = point + (length === '' ? 1 : parseInt(length!, 36));
    table.fill(CATEGORY_LETTERS.indexOf(letter!), point, end);
    point = end;
  }
  return table;
}

/** Class bits of every code point, written to `target` (0x110000 bytes, all zero; a new array when left out). */
export function characterClasses(target: Uint8Array = new Uint8Array(CODE_POINTS)): Uint8Array {
  const bits = new Uint8Array(128);
  CATEGORIES.forEach((name, i) => {
    bits[CATEGORY_LETTERS.charCodeAt(i)] = BITS[name] ?? 0;
  });
  let point = 0;
  let length = 0;
  // By hand: a regular expression over the runs takes longer than all the rest of getting ready.
  for (let i = 0; i < CATEGORY_RUNS.length; i++) {
    const letter = CATEGORY_RUNS.charCodeAt(i);
    const lower = letter >= 0x61 && letter <= 0x7a;
    const isDigit = lower || (letter >= 0x30 && letter <= 0x39);
    if (isDigit) {
      length = length * 36 + letter - (lower ? 0x57 : 0x30);
      continue;
    }
    const end = point + (length === 0 ? 1 : length);
    // Zeros are there already, and memory that is not touched is not taken.
    if (bits[letter] !== 0) target.fill(bits[letter]!, point, end);
    point = end;
    length = 0;
  }
  for (const space of WHITE_SPACE) target[space] = SPACE;
  target[10] = SPACE | NEWLINE;
  target[13] = SPACE | NEWLINE;
  // A lone trailing surrogate is encoded as U+FFFD, which is in none of the classes.
  target.fill(LEADING_SURROGATE, 0xd800, 0xdc00);
  target.fill(0, 0xdc00, 0xe000);
  return target;
}
