// Characters that a reader cannot see or would mistake: zero-width, bidirectional controls, tags, odd spaces and joiners,
// and letters of other scripts that look like Latin ones inside a Latin word. They carry hidden messages, marks and
// attacks (Boucher and Anderson 2021, "Trojan Source"). Offsets are UTF-16 units.

export type HiddenKind =
  'zero-width' | 'bidirectional' | 'tag' | 'variation' | 'odd-space' | 'control' | 'homoglyph';

export interface HiddenCharacter {
  readonly offset: number;
  readonly length: number;
  readonly codePoint: number;
  readonly kind: HiddenKind;
  /** 'U+200B ZERO WIDTH SPACE'. */
  readonly name: string;
  /** What removal puts in its place. */
  readonly replacement: string;
}

const NAMES: Readonly<Record<number, string>> = {
  0x00ad: 'SOFT HYPHEN',
  0x034f: 'COMBINING GRAPHEME JOINER',
  0x061c: 'ARABIC LETTER MARK',
  0x180e: 'MONGOLIAN VOWEL SEPARATOR',
  0x200b: 'ZERO WIDTH SPACE',
  0x200c: 'ZERO WIDTH NON-JOINER',
  0x200d: 'ZERO WIDTH JOINER',
  0x200e: 'LEFT-TO-RIGHT MARK',
  0x200f: 'RIGHT-TO-LEFT MARK',
  0x202a: 'LEFT-TO-RIGHT EMBEDDING',
  0x202b: 'RIGHT-TO-LEFT EMBEDDING',
  0x202c: 'POP DIRECTIONAL FORMATTING',
  0x202d: 'LEFT-TO-RIGHT OVERRIDE',
  0x202e: 'RIGHT-TO-LEFT OVERRIDE',
  0x2060: 'WORD JOINER',
  0x2061: 'FUNCTION APPLICATION',
  0x2062: 'INVISIBLE TIMES',
  0x2063: 'INVISIBLE SEPARATOR',
  0x2064: 'INVISIBLE PLUS',
  0x2066: 'LEFT-TO-RIGHT ISOLATE',
  0x2067: 'RIGHT-TO-LEFT ISOLATE',
  0x2068: 'FIRST STRONG ISOLATE',
  0x2069: 'POP DIRECTIONAL ISOLATE',
  0x3164: 'HANGUL FILLER',
  0xfeff: 'ZERO WIDTH NO-BREAK SPACE',
  0xffa0: 'HALFWIDTH HANGUL FILLER',
};
/** Cyrillic, Greek and other letters drawn like an ASCII letter in common fonts. */
const LOOKALIKES = new Map(
  Array.from(
    'аaеeоoрpсcуyхxіiјjѕsһhԁdԛqԝwАAВBЕEКKМMНHОOРPСCТTУYХXІIЈJЅSαaοoνvρpΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX',
  ).reduce<[string, string][]>(
    (pairs, letter, i, all) => (i % 2 === 1 ? [...pairs, [all[i - 1]!, letter]] : pairs),
    [],
  ),
);
const BLACK_FLAG = 0x1f3f4;
const LATIN = /[A-Za-z]/;
const WORD = /[\p{L}\p{M}\p{N}_]+/gu;
const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|\ufe0f/u;
/** Scripts in which joiners are part of the spelling. */
const JOINING =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Every hidden or misleading character of a text, in order. */
export function findHiddenCharacters(text: string): HiddenCharacter[] {
  const found: HiddenCharacter[] = [];
  let offset = 0;
  let before = '';
  let inFlag = false;
  for (const character of text) {
    const codePoint = character.codePointAt(0)!;
    const tag = codePoint >= 0xe0000 && codePoint <= 0xe007f;
    // The flags of England, Scotland and Wales are a black flag followed by tags; other tags are hidden text.
    inFlag = codePoint === BLACK_FLAG || (inFlag && tag);
    const after = text.slice(offset + character.length, offset + character.length + 2);
    const kind = inFlag ? undefined : hiddenKind(codePoint, before, after, offset);
    if (kind !== undefined) {
      const replacement =
        kind === 'odd-space' ? (codePoint === 0x2028 || codePoint === 0x2029 ? '\n' : ' ') : '';
      found.push({
        offset,
        length: character.length,
        codePoint,
        kind,
        name: nameOf(codePoint, kind),
        replacement,
      });
    }
    offset += character.length;
    before = character;
  }
  return [...found, ...homoglyphs(text)].sort((a, b) => a.offset - b.offset);
}

function hiddenKind(code: number, before: string, after: string, offset: number): HiddenKind | undefined {
  if (code < 0x20) return code === 9 || code === 10 || code === 12 || code === 13 ? undefined : 'control';
  if (code < 0x7f) return undefined;
  if (code === 0x85) return 'odd-space';
  if (code < 0xa0) return 'control';
  if (code === 0x200c || code === 0x200d) {
    return EMOJI.test(before) || (JOINING.test(before) && JOINING.test(after)) ? undefined : 'zero-width';
  }
  if (code === 0xfeff && offset === 0) return undefined;
  if (
    [0xad, 0x34f, 0x180e, 0x200b, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x3164, 0xfeff, 0xffa0].includes(
      code,
    )
  ) {
    return 'zero-width';
  }
  if (code === 0x61c || code === 0x200e || code === 0x200f || (code >= 0x202a && code <= 0x202e))
    return 'bidirectional';
  if (code >= 0x2066 && code <= 0x2069) return 'bidirectional';
  if (code >= 0xe0000 && code <= 0xe007f) return 'tag';
  if ((code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef)) {
    return code >= 0xfe0e && code <= 0xfe0f && before !== '' && !LATIN.test(before) ? undefined : 'variation';
  }
  if (code === 0xa0 || code === 0x1680 || (code >= 0x2000 && code <= 0x200a)) return 'odd-space';
  if (code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f || code === 0x3000)
    return 'odd-space';
  return undefined;
}

function nameOf(code: number, kind: HiddenKind): string {
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  if (kind === 'tag')
    return `${hex} TAG ${code >= 0xe0020 && code < 0xe007f ? `"${String.fromCodePoint(code - 0xe0000)}"` : 'CHARACTER'}`;
  if (kind === 'variation') return `${hex} VARIATION SELECTOR`;
  if (kind === 'odd-space') return `${hex} ${code === 0xa0 ? 'NO-BREAK SPACE' : 'UNUSUAL SPACE'}`;
  return `${hex} ${NAMES[code] ?? 'CONTROL CHARACTER'}`;
}

/** A lookalike counts only in a word that also has Latin letters; a whole Russian or Greek word is just a word. */
function homoglyphs(text: string): HiddenCharacter[] {
  const found: HiddenCharacter[] = [];
  for (const match of text.matchAll(WORD)) {
    const word = match[0];
    if (!LATIN.test(word)) continue;
    for (let i = 0; i < word.length; i += 1) {
      const replacement = LOOKALIKES.get(word[i]!);
      if (replacement === undefined) continue;
      const codePoint = word.charCodeAt(i);
      const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')} looks like "${replacement}"`;
      found.push({ offset: match.index + i, length: 1, codePoint, kind: 'homoglyph', name, replacement });
    }
  }
  return found;
}

/** The text with the given characters replaced; by default all that are found. */
export function removeHiddenCharacters(text: string, characters = findHiddenCharacters(text)): string {
  let result = '';
  let end = 0;
  for (const { offset, length, replacement } of characters) {
    result += text.slice(end, offset) + replacement;
    end = offset + length;
  }
  return result + text.slice(end);
}
