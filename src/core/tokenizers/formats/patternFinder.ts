// The `pattern` of a Split or Replace: a plain text or a regular expression, as a function that finds all matches.
import { FormatError } from './formatResult';
import { asObject, asString, field } from './jsonFields';
import { checkRegexSpeed } from './regexGuard';
import { translateRegex } from './regexTranslation';

export interface Finder {
  /** Matches from left to right, as [from, to] in UTF-16 units. */
  readonly matches: (text: string) => Iterable<readonly [number, number]>;
  readonly label: string;
  /** The regular expression as the file has it; null for a plain text. */
  readonly source: string | null;
}

/** Reads `{ String: … }` or `{ Regex: … }` (a bare text is a plain text). Throws FormatError. */
export function findPattern(value: unknown, where: string): Finder {
  if (typeof value === 'string') return findText(value);
  const pattern = asObject(value, where);
  const text = field(pattern, 'String');
  if (text !== undefined) return findText(asString(text, `${where}.String`));
  const regex = field(pattern, 'Regex');
  if (regex === undefined) {
    throw new FormatError(
      'unsupported-part',
      `${where} is neither a String nor a Regex. The file is refused.`,
    );
  }
  return findRegex(asString(regex, `${where}.Regex`), where);
}

/** All matches of an Oniguruma or Rust pattern. Throws FormatError for one that cannot be translated exactly. */
export function findRegex(source: string, where: string): Finder {
  const expression = translateRegex(source, where);
  checkRegexSpeed(expression, where);
  return {
    *matches(text) {
      expression.lastIndex = 0;
      for (const match of text.matchAll(expression)) yield [match.index, match.index + match[0].length];
    },
    label: `/${source}/`,
    source,
  };
}

function findText(text: string): Finder {
  return {
    *matches(searched) {
      if (text === '') return;
      for (let at = searched.indexOf(text); at >= 0; at = searched.indexOf(text, at + text.length)) {
        yield [at, at + text.length];
      }
    },
    label: `'${text}'`,
    source: null,
  };
}
