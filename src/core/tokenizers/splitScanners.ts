// Hand-written scanners for the split patterns of byte-pair tokenizers: given where a piece starts, where it ends.
// Each follows its regular expression's leftmost-first alternatives, backtracking included, on UTF-16 units and
// class bits. Sources: tiktoken's pat_str of o200k_base, cl100k_base and r50k_base (quoted above each scanner).
// No pattern looks behind, so a piece depends only on what follows its start.
import { LEADING_SURROGATE, LETTER, LOWER, NEWLINE, NUMBER, SPACE, UPPER } from './characterClasses';
import type { PatternKind } from './encodings';

/** A split pattern: its family and where it departs from it. */
export interface SplitPattern {
  readonly family: PatternKind;
  /** Most digits in one piece; 0 for no limit. 3 for o200k and cl100k, 0 for gpt2, 1 for Qwen and tekken. */
  readonly digits: number;
  /** Whether 's, 't, 're, 've, 'm, 'll, 'd are kept together (tekken does not). */
  readonly contractions: boolean;
}

/** The pattern of tiktoken's own encodings. */
export function patternOf(family: PatternKind): SplitPattern {
  return { family, digits: family === 'gpt2' ? 0 : 3, contractions: true };
}

/** End of the piece that starts at `at`; `end` is the end of the text. */
export type Scanner = (units: Uint16Array, classes: Uint8Array, at: number, end: number) => number;

export function scannerFor(pattern: SplitPattern): Scanner {
  const { digits, contractions } = pattern;
  const most = digits === 0 ? 0x7fffffff : digits;
  switch (pattern.family) {
    case 'o200k':
      return (units, classes, at, end) => scanO200k(units, classes, at, end, most, contractions);
    case 'cl100k':
      return (units, classes, at, end) => scanCl100k(units, classes, at, end, most, contractions);
    case 'gpt2':
      return (units, classes, at, end) => scanGpt2(units, classes, at, end, most, contractions);
  }
}

/**
 * Whether a piece border between these neighbouring units is certain whatever surrounds them: a letter or number, then
 * something that can neither continue a word or number nor start a contraction; or a letter and a number, in either order
 * (no family has a piece with both). Holds for all families. Without the second rule megabytes of base64 have no border.
 */
export function isCertainBorder(classes: Uint8Array, before: number, after: number): boolean {
  const first = classes[before]! & (LETTER | NUMBER);
  if (first === 0) return false;
  const second = classes[after]! & (LETTER | NUMBER | UPPER | LOWER | LEADING_SURROGATE);
  if (second === 0) return after !== APOSTROPHE;
  return first === LETTER ? (second & NUMBER) !== 0 : (second & LETTER) !== 0;
}

const APOSTROPHE = 0x27;
const BLANK = 0x20;
const SLASH = 0x2f;
const WORD = LETTER | NUMBER | NEWLINE;
const VISIBLE = SPACE | LETTER | NUMBER;

/** Code point at `at` when a whole surrogate pair is there, else -1. */
function pairAt(units: Uint16Array, at: number, end: number): number {
  if (at + 1 >= end) return -1;
  const low = units[at + 1]!;
  if ((low & 0xfc00) !== 0xdc00) return -1;
  return 0x10000 + ((units[at]! & 0x3ff) << 10) + (low & 0x3ff);
}

/** End of the run, from `at`, of characters whose class has a bit of `mask`. */
function runEnd(units: Uint16Array, classes: Uint8Array, at: number, end: number, mask: number): number {
  while (at < end) {
    const bits = classes[units[at]!]!;
    if ((bits & mask) !== 0) at++;
    else if ((bits & LEADING_SURROGATE) !== 0) {
      const point = pairAt(units, at, end);
      if (point < 0 || (classes[point]! & mask) === 0) return at;
      at += 2;
    } else return at;
  }
  return at;
}

/** End of the run, from `at`, of characters whose class has no bit of `mask`. */
function otherRunEnd(units: Uint16Array, classes: Uint8Array, at: number, end: number, mask: number): number {
  while (at < end) {
    const bits = classes[units[at]!]!;
    if ((bits & mask) !== 0) return at;
    if ((bits & LEADING_SURROGATE) !== 0) {
      const point = pairAt(units, at, end);
      if (point >= 0) {
        if ((classes[point]! & mask) !== 0) return at;
        at++;
      }
    }
    at++;
  }
  return at;
}

/** Length of 's 't 're 've 'm 'll 'd in any case (U+017F is an s too) at `at`, where an apostrophe is; else 0. */
function contraction(units: Uint16Array, at: number, end: number): number {
  if (at + 1 >= end) return 0;
  const first = units[at + 1]!;
  if (first === 0x17f) return 2;
  if (first > 0x7f) return 0;
  const second = at + 2 < end ? units[at + 2]! | 0x20 : 0;
  switch (first | 0x20) {
    case 0x73: // s
    case 0x74: // t
    case 0x6d: // m
    case 0x64: // d
      return 2;
    case 0x72: // re
    case 0x76: // ve
      return second === 0x65 ? 3 : 0;
    case 0x6c: // ll
      return second === 0x6c ? 3 : 0;
    default:
      return 0;
  }
}

/** `\p{N}{1,most}`; at least one is there. */
function digitsEnd(units: Uint16Array, classes: Uint8Array, at: number, end: number, most: number): number {
  for (let count = 0; count < most && at < end; count++) {
    const bits = classes[units[at]!]!;
    if ((bits & NUMBER) !== 0) at++;
    else {
      const point = (bits & LEADING_SURROGATE) !== 0 ? pairAt(units, at, end) : -1;
      if (point < 0 || (classes[point]! & NUMBER) === 0) break;
      at += 2;
    }
  }
  return at;
}

/** `\s*[\r\n]+|\s+(?!\S)|\s+` (the first alternative only when `newlines`); white space is at `at`. */
function spaceEnd(
  units: Uint16Array,
  classes: Uint8Array,
  at: number,
  end: number,
  newlines: boolean,
): number {
  let stop = at;
  let afterNewline = -1;
  while (stop < end) {
    const bits = classes[units[stop]!]!;
    if ((bits & SPACE) === 0) break;
    stop++;
    if ((bits & NEWLINE) !== 0) afterNewline = stop;
  }
  if (newlines && afterNewline > 0) return afterNewline;
  // The last white space before something visible belongs to the next piece.
  return stop < end && stop - at > 1 ? stop - 1 : stop;
}

/**
 * [^\r\n\p{L}\p{N}]?[U]*[l]+(?i:'s|…)?|[^\r\n\p{L}\p{N}]?[U]+[l]*(?i:'s|…)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|
 * \s*[\r\n]+|\s+(?!\S)|\s+   with U = Lu Lt Lm Lo M and l = Ll Lm Lo M
 */
function scanO200k(
  units: Uint16Array,
  classes: Uint8Array,
  at: number,
  end: number,
  most: number,
  contractions: boolean,
): number {
  const first = units[at]!;
  let bits = classes[first]!;
  let next = at + 1;
  if ((bits & LEADING_SURROGATE) !== 0) {
    const point = pairAt(units, at, end);
    bits = point < 0 ? 0 : classes[point]!;
    if (point >= 0) next++;
  }
  const start = (bits & WORD) === 0 ? next : at;
  if ((bits & (NUMBER | NEWLINE)) === 0) {
    const stop = wordEnd(units, classes, at, start, next, end, bits);
    if (stop > 0) {
      if (contractions && stop < end && units[stop] === APOSTROPHE)
        return stop + contraction(units, stop, end);
      return stop;
    }
  }
  if ((bits & NUMBER) !== 0) return digitsEnd(units, classes, at, end, most);
  const stop = symbolsEnd(units, classes, next, end, first, bits);
  if (stop < 0) return spaceEnd(units, classes, at, end, true);
  at = stop;
  while (at < end && (units[at] === 10 || units[at] === 13 || units[at] === SLASH)) at++;
  return at;
}

/** The two word alternatives of o200k without the contraction; 0 when neither matches. */
function wordEnd(
  units: Uint16Array,
  classes: Uint8Array,
  at: number,
  start: number,
  next: number,
  end: number,
  bits: number,
): number {
  let p = start;
  let afterBoth = 0;
  while (p < end) {
    let c = classes[units[p]!]!;
    let size = 1;
    if ((c & LEADING_SURROGATE) !== 0) {
      const point = pairAt(units, p, end);
      if (point < 0) break;
      c = classes[point]!;
      size = 2;
    }
    if ((c & UPPER) === 0) break;
    p += size;
    if ((c & LOWER) !== 0) afterBoth = p;
  }
  const stop = runEnd(units, classes, p, end, LOWER);
  if (stop > p) return stop;
  // [U]* gives back until [l]+ can match: the last character that is in both classes ends the piece.
  if (afterBoth > 0) return afterBoth;
  // A mark taken as the optional first character is given back and is then the whole word.
  if (start > at && (bits & UPPER) !== 0) return next;
  return p > start ? p : 0;
}

/** ` ?[^\s\p{L}\p{N}]+`, or -1. */
function symbolsEnd(
  units: Uint16Array,
  classes: Uint8Array,
  next: number,
  end: number,
  first: number,
  bits: number,
): number {
  if (first === BLANK) {
    const stop = otherRunEnd(units, classes, next, end, VISIBLE);
    return stop > next ? stop : -1;
  }
  return (bits & VISIBLE) === 0 ? otherRunEnd(units, classes, next, end, VISIBLE) : -1;
}

/**
 * (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 */
function scanCl100k(
  units: Uint16Array,
  classes: Uint8Array,
  at: number,
  end: number,
  most: number,
  contractions: boolean,
): number {
  const first = units[at]!;
  if (contractions && first === APOSTROPHE) {
    const length = contraction(units, at, end);
    if (length > 0) return at + length;
  }
  let bits = classes[first]!;
  let next = at + 1;
  if ((bits & LEADING_SURROGATE) !== 0) {
    const point = pairAt(units, at, end);
    bits = point < 0 ? 0 : classes[point]!;
    if (point >= 0) next++;
  }
  if ((bits & LETTER) !== 0) return runEnd(units, classes, next, end, LETTER);
  if ((bits & WORD) === 0) {
    const stop = runEnd(units, classes, next, end, LETTER);
    if (stop > next) return stop;
  }
  if ((bits & NUMBER) !== 0) return digitsEnd(units, classes, at, end, most);
  const stop = symbolsEnd(units, classes, next, end, first, bits);
  if (stop < 0) return spaceEnd(units, classes, at, end, true);
  at = stop;
  while (at < end && (units[at] === 10 || units[at] === 13)) at++;
  return at;
}

/** 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ */
function scanGpt2(
  units: Uint16Array,
  classes: Uint8Array,
  at: number,
  end: number,
  most: number,
  contractions: boolean,
): number {
  const first = units[at]!;
  if (contractions && first === APOSTROPHE) {
    const length = contraction(units, at, end);
    // This family's contractions are lower case only.
    if (length > 0 && isLowerAscii(units, at + 1, at + length)) return at + length;
  }
  const start = first === BLANK ? at + 1 : at;
  if (start < end) {
    let stop = runEnd(units, classes, start, end, LETTER);
    if (stop > start) return stop;
    stop = digitsEnd(units, classes, start, end, most);
    if (stop > start) return stop;
    stop = otherRunEnd(units, classes, start, end, VISIBLE);
    if (stop > start) return stop;
  }
  return spaceEnd(units, classes, at, end, false);
}

function isLowerAscii(units: Uint16Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (units[i]! < 0x61 || units[i]! > 0x7a) return false;
  return true;
}
