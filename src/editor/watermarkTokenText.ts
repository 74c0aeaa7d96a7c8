// What one token says about a mark, in plain words: its value against unmarked text, the tokens that seed it, and why it
// was not counted. Pure. Shown by the hover and by the panel.
import type { Scheme } from '../core/watermark/scheme';
import type { SchemeFinding } from './watermarkCombination';
import type { Translate } from './statusText';
import { tokenSpan } from './watermarkTokenSpans';
import { visibleText } from '../core/text/visibleText';

export interface TokenEvidenceText {
  readonly heading: string;
  readonly lines: readonly string[];
}

/** Tokens before the target that decide its list or its g-values; 0 where the key alone does. */
export function seedWidth(scheme: Scheme): number {
  switch (scheme.family) {
    case 'green-list':
    case 'exponential':
      return scheme.prefixLength;
    case 'tournament':
      return scheme.nGramLength - 1;
    default:
      return 0;
  }
}

/**
 * @param text the checked text. @param index number of the token. @param scheme built from the saved settings, with any
 * key: only its shape is used.
 */
export function tokenEvidenceText(
  finding: SchemeFinding,
  scheme: Scheme,
  text: string,
  index: number,
  numbers: Intl.NumberFormat,
  translate: Translate,
): TokenEvidenceText {
  const { ids, utf16Ends, result, saved } = finding;
  const textOf = (token: number): string => {
    const [start, end] = tokenSpan(utf16Ends, token);
    return end > start ? visibleText(text.slice(start, end)) : translate('(part of a character)');
  };
  const lines: string[] = [];
  const i = index - result.tokens.first;
  const value = i < 0 ? undefined : result.tokens.values[i];
  const width = seedWidth(scheme);
  if (value === undefined) {
    const { first } = result.tokens;
    lines.push(
      first === 1
        ? translate('Not scored: a token must come before it.')
        : translate('Not scored: {0} tokens must come before it.', first),
    );
  } else {
    lines.push(valueText(scheme, value, result.tokens.nullMean, translate));
    lines.push(
      result.tokens.counted[i] === 1
        ? translate('Counted.')
        : notCountedText(ids, index, width, numbers, translate),
    );
  }
  if (width > 0 && index > 0 && value !== undefined) {
    const seeds = Array.from(
      { length: Math.min(width, index) },
      (_, j) => index - Math.min(width, index) + j,
    );
    lines.push(translate('Seeded by: {0}', seeds.map(textOf).join(' | ')));
  } else if (scheme.family === 'fixed-list') {
    lines.push(translate('One list serves the whole text.'));
  }
  const { range } = result;
  if (range !== null && index >= range.start && index < range.end)
    lines.push(translate('Inside the flagged range.'));
  lines.push(translate('Token {0}, id {1} · {2}', numbers.format(index + 1), ids[index] ?? 0, saved.name));
  return { heading: textOf(index), lines };
}

/** Why a scored token was left out: a repeat that the reader can look up, else what the scheme itself leaves out. */
function notCountedText(
  ids: ArrayLike<number>,
  index: number,
  width: number,
  numbers: Intl.NumberFormat,
  translate: Translate,
): string {
  const sameAs = (earlier: number): boolean => {
    for (let back = 0; back <= width; back += 1) if (ids[earlier - back] !== ids[index - back]) return false;
    return true;
  };
  for (let earlier = width; earlier < index; earlier += 1) {
    if (!sameAs(earlier)) continue;
    const number = numbers.format(earlier + 1);
    return width === 0
      ? translate('Not counted: it repeats token {0}, and a repeat is no new evidence.', number)
      : translate(
          'Not counted: it repeats token {0} with the same tokens before it, and a repeat is no new evidence.',
          number,
        );
  }
  return translate(
    'Not counted: the scheme leaves it out, or other tokens before it gave a seed that was counted with this token.',
  );
}

function valueText(scheme: Scheme, value: number, nullMean: number, translate: Translate): string {
  switch (scheme.family) {
    case 'green-list':
    case 'fixed-list': {
      const share = (100 * nullMean).toFixed(0);
      return value > 0
        ? translate('Green: on the list that the key gives here ({0} of 100 tokens are).', share)
        : translate('Red: not on the list that the key gives here ({0} of 100 tokens are).', share);
    }
    case 'tournament':
      return translate(
        '{0} of {1} g-values are one; unmarked text has {2} on average.',
        value,
        scheme.depth,
        nullMean.toFixed(1),
      );
    case 'exponential':
      return translate(
        'Evidence {0}; unmarked text has {1} on average.',
        value.toFixed(2),
        nullMean.toFixed(2),
      );
    case 'aligned-key':
      return translate(
        'Match with the key sequence {0}; unmarked text has {1} on average. Exact where nothing was inserted or deleted.',
        value.toFixed(2),
        nullMean.toFixed(2),
      );
  }
}
