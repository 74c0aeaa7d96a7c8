// The pre-tokenizers of a tokenizer.json: pieces in, smaller pieces out. ByteLevel's byte alphabet is not applied here;
// the model works on bytes, and `byteLevel` tells it so.
// Source: huggingface/tokenizers, pre_tokenizers/*.rs (v0.23); \w is Rust's (Alphabetic, M, Nd, Pc, Join_Control).
import { editAligned, type AlignedText, type TextEdit } from './alignedText';
import { FormatError } from './formatResult';
import {
  asArray,
  asObject,
  booleanField,
  field,
  optionalString,
  stringField,
  typeOf,
  type JsonObject,
} from './jsonFields';
import { prepend } from './normalizers';
import { findPattern, findRegex } from './patternFinder';
import { readBehavior, splitAligned, type SplitBehavior } from './splitBehavior';

export type PreTokenizer = (pieces: readonly AlignedText[]) => readonly AlignedText[];

export interface PreTokenizerPart {
  readonly run: PreTokenizer;
  readonly label: string;
  /** The model sees bytes in GPT-2's alphabet. */
  readonly byteLevel: boolean;
  /** Split patterns in order, as the file has them, '' for a step that is not a split that keeps all text. */
  readonly patterns: readonly string[];
}

const MAX_DEPTH = 16;
/** Stands in `patterns` for a step that is more than a split. */
const OTHER = '';
const GPT2 =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
/** How the GPT-2 pattern is written in files. */
export const GPT2_SOURCE =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const WORDS =
  /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu;
const SPACE = /\p{White_Space}/gu;
const NUMBER = /\p{N}/gu;
const PUNCTUATION = /[!-/:-@[-`{-~\p{P}]/gu;

export function* regexMatches(expression: RegExp, text: string): Generator<readonly [number, number]> {
  for (const match of text.matchAll(expression)) yield [match.index, match.index + match[0].length];
}

const splitAt =
  (expression: RegExp, behavior: SplitBehavior, invert = false): PreTokenizer =>
  (pieces) =>
    pieces.flatMap((piece) => splitAligned(piece, regexMatches(expression, piece.text), behavior, invert));

const simple = (run: PreTokenizer, label: string): PreTokenizerPart => ({
  run,
  label,
  byteLevel: false,
  patterns: [OTHER],
});

/** Builds the `pre_tokenizer` of a tokenizer.json; null when there is none. Throws FormatError. */
export function readPreTokenizer(
  value: unknown,
  where = 'pre_tokenizer',
  depth = 0,
): PreTokenizerPart | null {
  if (value === null || value === undefined) return null;
  if (depth > MAX_DEPTH) {
    throw new FormatError(
      'too-deep',
      `${where} is nested more than ${MAX_DEPTH} deep; no real tokenizer is.`,
    );
  }
  const part = asObject(value, where);
  const type = typeOf(part, where);
  switch (type) {
    case 'Sequence': {
      const parts = asArray(field(part, 'pretokenizers'), `${where}.pretokenizers`)
        .map((one, i) => readPreTokenizer(one, `${where}.pretokenizers[${i}]`, depth + 1))
        .filter((one) => one !== null);
      const early = parts.findIndex((one) => one.byteLevel);
      if (early >= 0 && early < parts.length - 1) {
        throw new FormatError(
          'unsupported-part',
          `${where} splits again after ByteLevel, which is not supported; the file is refused.`,
        );
      }
      return {
        run: (pieces) => parts.reduce((all, one) => one.run(all), pieces),
        label: parts.map((one) => one.label).join(' → '),
        byteLevel: early >= 0,
        patterns: parts.flatMap((one) => one.patterns),
      };
    }
    case 'ByteLevel':
      return byteLevel(part, where);
    case 'Split': {
      const finder = findPattern(field(part, 'pattern'), `${where}.pattern`);
      const behavior = readBehavior(stringField(part, 'behavior', where), where);
      const invert = booleanField(part, 'invert', where, false);
      // Both give the matches as pieces when the pattern covers all text, as the families' patterns do.
      const keepsAll = invert ? behavior === 'removed' : behavior === 'isolated';
      return {
        run: (pieces) =>
          pieces.flatMap((piece) => splitAligned(piece, finder.matches(piece.text), behavior, invert)),
        label: `Split ${finder.label} (${behavior}${invert ? ', inverted' : ''})`,
        byteLevel: false,
        patterns: [keepsAll && finder.source !== null ? finder.source : OTHER],
      };
    }
    case 'Whitespace':
      return simple(splitAt(WORDS, 'removed', true), 'Whitespace and punctuation');
    case 'WhitespaceSplit':
      return simple(splitAt(SPACE, 'removed'), 'Whitespace');
    case 'BertPreTokenizer': {
      const spaces = splitAt(SPACE, 'removed');
      const punctuation = splitAt(PUNCTUATION, 'isolated');
      return simple((pieces) => punctuation(spaces(pieces)), 'BERT (white space, punctuation)');
    }
    case 'Punctuation': {
      const behavior = readBehavior(optionalString(part, 'behavior', where) ?? 'Isolated', where);
      return simple(splitAt(PUNCTUATION, behavior), `Punctuation (${behavior})`);
    }
    case 'Digits': {
      const one = booleanField(part, 'individual_digits', where, false);
      return simple(splitAt(NUMBER, one ? 'isolated' : 'contiguous'), one ? 'Digits, one by one' : 'Digits');
    }
    case 'CharDelimiterSplit': {
      const delimiter = stringField(part, 'delimiter', where);
      const finder = findPattern(delimiter, where);
      const split: PreTokenizer = (pieces) =>
        pieces.flatMap((piece) => splitAligned(piece, finder.matches(piece.text), 'removed'));
      return simple(split, `Split at '${delimiter}'`);
    }
    case 'Metaspace':
      return metaspace(part, where);
    case 'FixedLength': {
      const length = field(part, 'length');
      if (typeof length !== 'number' || !Number.isInteger(length) || length < 1 || length > 1000) break;
      return simple(
        splitAt(new RegExp(`[^]{1,${length}}`, 'gu'), 'removed', true),
        `Every ${length} characters`,
      );
    }
  }
  throw new FormatError(
    'unsupported-part',
    `${where} is of type '${type.slice(0, 40)}', which Tessera does not know. Ids would be wrong, so the file is refused.`,
  );
}

function byteLevel(part: JsonObject, where: string): PreTokenizerPart {
  const useRegex = booleanField(part, 'use_regex', where, true);
  const addSpace = booleanField(part, 'add_prefix_space', where, true);
  const split = splitAt(GPT2, 'isolated');
  return {
    run: (pieces) => {
      const spaced = addSpace
        ? pieces.map((piece) => (piece.text.startsWith(' ') ? piece : prepend(piece, ' ')))
        : pieces;
      return useRegex ? split(spaced) : spaced;
    },
    label: `ByteLevel${useRegex ? ' with the GPT-2 pattern' : ''}${addSpace ? ', a space put first' : ''}`,
    byteLevel: true,
    patterns: [...(addSpace ? [OTHER] : []), ...(useRegex ? [GPT2_SOURCE] : [])],
  };
}

function metaspace(part: JsonObject, where: string): PreTokenizerPart {
  const mark = optionalString(part, 'replacement', where) ?? '▁';
  if (Array.from(mark).length !== 1) {
    throw new FormatError('bad-field', `${where}.replacement should be one character.`);
  }
  const legacy = booleanField(part, 'add_prefix_space', where, true);
  const scheme = optionalString(part, 'prepend_scheme', where) ?? (legacy ? 'always' : 'never');
  const splits = booleanField(part, 'split', where, true);
  const delimiters = findPattern(mark, where);
  return {
    run: (pieces) =>
      pieces.flatMap((piece) => {
        const edits: TextEdit[] = [];
        for (let at = piece.text.indexOf(' '); at >= 0; at = piece.text.indexOf(' ', at + 1)) {
          edits.push({ from: at, to: at + 1, text: mark });
        }
        let text = editAligned(piece, edits);
        const first = scheme === 'always' || (scheme === 'first' && piece.start === 0);
        if (first && !text.text.startsWith(mark)) text = prepend(text, mark);
        return splits ? splitAligned(text, delimiters.matches(text.text), 'mergedWithNext') : [text];
      }),
    label: `Metaspace '${mark}' (${scheme})`,
    byteLevel: false,
    patterns: [OTHER],
  };
}

/** A split at a tiktoken-style pattern whose matches are the pieces (rank files, tekken.json). */
export function patternPreTokenizer(source: string, where: string): PreTokenizerPart {
  const finder = findRegex(source, where);
  return {
    run: (pieces) =>
      pieces.flatMap((piece) => splitAligned(piece, finder.matches(piece.text), 'removed', true)),
    label: `Split ${finder.label}`,
    byteLevel: true,
    patterns: [source],
  };
}
