// The normalizers of a tokenizer.json, as functions on aligned text.
// Source: huggingface/tokenizers, normalizers/*.rs (v0.23): character classes are Rust's (White_Space, general
// categories), lower-casing goes character by character, and a charsmap is asked grapheme by grapheme.
import { editAligned, sliceAligned, type AlignedText, type TextEdit } from './alignedText';
import { decodeBase64 } from './base64';
import { DoubleArrayMap } from './doubleArrayMap';
import { FormatError } from './formatResult';
import { asArray, asObject, booleanField, field, stringField, typeOf, type JsonObject } from './jsonFields';
import { findPattern, type Finder } from './patternFinder';
import { normalizeForm, type UnicodeForm } from './unicodeForms';
import { encodeUtf8 } from '../utf8Encoding';

export type Normalizer = (piece: AlignedText) => AlignedText;

/** A normalizer and how to show it. */
export interface NormalizerPart {
  readonly run: Normalizer;
  readonly label: string;
}

const MAX_DEPTH = 16;
const FORMS: readonly string[] = ['NFC', 'NFD', 'NFKC', 'NFKD'];

/** Builds the `normalizer` of a tokenizer.json; null when there is none. Throws FormatError. */
export function readNormalizer(value: unknown, where = 'normalizer', depth = 0): NormalizerPart | null {
  if (value === null || value === undefined) return null;
  if (depth > MAX_DEPTH) {
    throw new FormatError(
      'too-deep',
      `${where} is nested more than ${MAX_DEPTH} deep; no real tokenizer is.`,
    );
  }
  const part = asObject(value, where);
  const type = typeOf(part, where);
  if (FORMS.includes(type)) return { run: (piece) => normalizeForm(piece, type as UnicodeForm), label: type };
  switch (type) {
    case 'Sequence': {
      const parts = asArray(field(part, 'normalizers'), `${where}.normalizers`)
        .map((one, i) => readNormalizer(one, `${where}.normalizers[${i}]`, depth + 1))
        .filter((one) => one !== null);
      if (parts.length === 0) return null;
      return {
        run: (piece) => parts.reduce((text, one) => one.run(text), piece),
        label: parts.map((one) => one.label).join(' → '),
      };
    }
    case 'Lowercase':
      return { run: (piece) => mapCharacters(piece, HAS_UPPER, (c) => c.toLowerCase()), label: 'Lowercase' };
    case 'StripAccents':
      return { run: (piece) => mapCharacters(piece, MARK, () => ''), label: 'StripAccents' };
    case 'Strip': {
      const left = booleanField(part, 'strip_left', where, false);
      const right = booleanField(part, 'strip_right', where, false);
      return { run: (piece) => strip(piece, left, right), label: 'Strip' };
    }
    case 'Replace': {
      const finder = findPattern(field(part, 'pattern'), `${where}.pattern`);
      const content = stringField(part, 'content', where);
      return {
        run: (piece) => replaceAll(piece, finder, content),
        label: `Replace ${finder.label} by '${content}'`,
      };
    }
    case 'Prepend': {
      const prefix = stringField(part, 'prepend', where);
      return { run: (piece) => prepend(piece, prefix), label: `Prepend '${prefix}'` };
    }
    case 'BertNormalizer':
      return bertNormalizer(part, where);
    case 'Nmt':
      return { run: nmt, label: 'Nmt' };
    case 'Precompiled': {
      const map = new DoubleArrayMap(
        decodeBase64(stringField(part, 'precompiled_charsmap', where), `${where}.precompiled_charsmap`),
      );
      return { run: (piece) => mapGraphemes(piece, map), label: 'Precompiled character map' };
    }
    default:
      throw new FormatError(
        'unsupported-part',
        `${where} is of type '${type.slice(0, 40)}', which Tessera does not know. Ids would be wrong, so the file is refused.`,
      );
  }
}

/** Puts `prefix` before text that is not empty. */
export function prepend(piece: AlignedText, prefix: string): AlignedText {
  return piece.text === '' || prefix === '' ? piece : editAligned(piece, [{ from: 0, to: 0, text: prefix }]);
}

/** Replaces every match of `finder`. */
export function replaceAll(piece: AlignedText, finder: Finder, content: string): AlignedText {
  const edits: TextEdit[] = [];
  for (const [from, to] of finder.matches(piece.text)) edits.push({ from, to, text: content });
  return editAligned(piece, edits);
}

const HAS_UPPER = /[\p{Changes_When_Lowercased}]/gu;
const MARK = /\p{M}/gu;
const NONSPACING_MARK = /\p{Mn}/gu;

function mapCharacters(piece: AlignedText, which: RegExp, to: (character: string) => string): AlignedText {
  const edits: TextEdit[] = [];
  for (const match of piece.text.matchAll(which)) {
    edits.push({ from: match.index, to: match.index + match[0].length, text: to(match[0]) });
  }
  return editAligned(piece, edits);
}

function strip(piece: AlignedText, left: boolean, right: boolean): AlignedText {
  const { text } = piece;
  const from = left ? /^\p{White_Space}*/u.exec(text)![0].length : 0;
  let to = text.length;
  while (right && to > from && /\p{White_Space}/u.test(text[to - 1]!)) to--;
  return sliceAligned(piece, from, to);
}

// Controls as the library's `is_other` sees them (unassigned characters stay), without tab, newline and return, which count as white space.
const BERT_DROPPED = /[\0\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}]/gu;
const BERT_SPACE = /(?! )[\t\n\r\p{White_Space}]/gu;
const CHINESE =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

function bertNormalizer(part: JsonObject, where: string): NormalizerPart {
  const clean = booleanField(part, 'clean_text', where, true);
  const chinese = booleanField(part, 'handle_chinese_chars', where, true);
  const lowercase = booleanField(part, 'lowercase', where, true);
  const accents = booleanField(part, 'strip_accents', where, lowercase);
  return {
    run: (piece) => {
      let text = piece;
      if (clean)
        text = mapCharacters(
          mapCharacters(text, BERT_DROPPED, () => ''),
          BERT_SPACE,
          () => ' ',
        );
      if (chinese) text = mapCharacters(text, CHINESE, (c) => ` ${c} `);
      if (accents) text = mapCharacters(normalizeForm(text, 'NFD'), NONSPACING_MARK, () => '');
      if (lowercase) text = mapCharacters(text, HAS_UPPER, (c) => c.toLowerCase());
      return text;
    },
    label: `BERT (${[clean && 'clean', chinese && 'CJK apart', accents && 'strip accents', lowercase && 'lowercase'].filter(Boolean).join(', ')})`,
  };
}

const CONTROL = /\p{Cc}/gu;
/** Controls that Nmt drops; the others are white space or stay. */
const isDropped = (point: number): boolean =>
  (point >= 1 && point <= 8) ||
  point === 11 ||
  (point >= 14 && point <= 31) ||
  [127, 143, 159].includes(point);
const NMT_SPACE = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/gu;

const nmt: Normalizer = (piece) =>
  mapCharacters(
    mapCharacters(piece, CONTROL, (c) => (isDropped(c.charCodeAt(0)) ? '' : c)),
    NMT_SPACE,
    () => ' ',
  );

const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * Hugging Face's reading of a charsmap: a grapheme shorter than 6 bytes becomes what the shortest entry that starts
 * it says; else each of its characters does.
 */
function mapGraphemes(piece: AlignedText, map: DoubleArrayMap): AlignedText {
  const edits: TextEdit[] = [];
  const one = (from: number, part: string): boolean => {
    const bytes = encodeUtf8(part);
    const found = map.find(bytes, 0, bytes.length, 'shortest');
    if (found) edits.push({ from, to: from + part.length, text: found.text });
    return found !== null;
  };
  if (PRINTABLE_ASCII.test(piece.text)) {
    for (let i = 0; i < piece.text.length; i++) one(i, piece.text[i]!);
    return editAligned(piece, edits);
  }
  for (const { segment, index } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(
    piece.text,
  )) {
    if (encodeUtf8(segment).length < 6 && one(index, segment)) continue;
    let at = index;
    for (const character of segment) {
      one(at, character);
      at += character.length;
    }
  }
  return editAligned(piece, edits);
}
