// A tokenizer file in rows of two columns, for the command line and for the description that the editor opens.
import type { TokenizerDescription } from './formatResult';
import type { SelfTest } from './selfTest';

export type DescriptionRow = readonly [name: string, value: string];

/** @param shownSpecials most special tokens that are written out */
export function descriptionRows(description: TokenizerDescription, shownSpecials: number): DescriptionRow[] {
  const { specialTokens, matchedTokens } = description;
  const shown = specialTokens.slice(0, shownSpecials).map(({ text, id }) => `${visible(text)} = ${id}`);
  const more = specialTokens.length - shown.length;
  return [
    ['format', description.format],
    ['model', description.model],
    ['vocabulary', `${description.vocabularySize} ids`],
    ['special tokens', [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ') || 'none'],
    ['added tokens', `${matchedTokens} matched in ordinary text`],
    ['normalizer', description.normalizer],
    ['pre-tokenizer', visible(description.preTokenizer)],
    ['decoder', description.decoder],
    ['around a prompt', `${description.postProcessor} (not counted)`],
    ['own test strings', ownTestsText(description.ownTests ?? 0)],
    ...description.notes.map((note): DescriptionRow => ['note', note]),
  ];
}

const ownTestsText = (tests: number): string =>
  tests === 0 ? 'the file has none' : `all ${tests} give the pieces that the file says`;

/** What came of encoding and decoding the sample texts, in one sentence. */
export function roundTripText({ tried, givenBack, firstLoss }: SelfTest): string {
  if (!firstLoss) return `${givenBack} of ${tried} sample texts come back byte by byte`;
  const { text, back } = firstLoss;
  return `${givenBack} of ${tried} sample texts come back; ${JSON.stringify(text)} becomes ${JSON.stringify(back)}`;
}

/** Line ends as escapes, so that one row stays one line. */
const visible = (text: string): string =>
  text.replaceAll('\r', '\\r').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
