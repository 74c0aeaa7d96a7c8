// Tokens as a table, one row a token: index, id, text, bytes in hex, byte and UTF-16 offsets. Offsets are half-open,
// 'start–end', as the editor and the command line give them.
import { element } from './elements';
import { l10n } from './language';
import { hexBytes } from './numberFormat';
import { appendPieces } from './tokenFlow';
import { tokenLabel } from './tokenText';
import type { DrawContext, TokenArrangement, TokenRange } from './tokenLayout';
import type { TokenAtIndex } from './tokenPages';

const blockTokens = 16;
const longestHex = 12;

const columns = [
  { key: 'index', title: l10n.t('Index') },
  { key: 'id', title: l10n.t('ID') },
  { key: 'text', title: l10n.t('Text') },
  { key: 'hex', title: l10n.t('Bytes') },
  { key: 'byte-range', title: l10n.t('Byte offsets') },
  { key: 'utf16-range', title: l10n.t('UTF-16 offsets') },
] as const;

/** Bytes in hex; a long token is cut, since its text is in the row already. */
const shortHex = (bytes: Uint8Array): string =>
  bytes.length <= longestHex
    ? hexBytes(bytes)
    : `${hexBytes(bytes.subarray(0, longestHex))} … (${bytes.length})`;

function rowOf(token: TokenAtIndex, { format }: DrawContext): HTMLElement {
  const cell = (key: string, text: string): HTMLElement =>
    element('span', { class: `cell ${key}`, role: 'gridcell' }, text);
  const text = element('span', { class: 'cell text', role: 'gridcell' });
  const shown = element('span', { class: token.index % 2 === 0 ? 'token even' : 'token odd' });
  appendPieces(shown, token.bytes);
  text.append(shown);
  const span = (start: number, end: number): string => `${format.whole(start)}–${format.whole(end)}`;
  return element(
    'div',
    {
      class: 'table-row',
      role: 'row',
      tabindex: -1,
      'data-token': token.index,
      'aria-rowindex': token.index + 2,
      'aria-label': tokenLabel(format.whole(token.index), token.id, token.bytes),
    },
    cell('index', format.whole(token.index)),
    cell('id', String(token.id)),
    text,
    cell('hex', shortHex(token.bytes)),
    cell('byte-range', span(token.byteStart, token.byteStart + token.bytes.length)),
    cell('utf16-range', span(token.utf16Start, token.utf16End)),
  );
}

const rangeOf = (block: number, range: TokenRange): TokenRange => ({
  first: Math.min(range.last, range.first + block * blockTokens),
  last: Math.min(range.last, range.first + (block + 1) * blockTokens),
});

export const tokenTable: TokenArrangement = {
  kind: 'table',
  blockTokens,
  guess: 16 * 1.75,

  header: () =>
    element(
      'div',
      { class: 'table-row table-header', role: 'row', 'aria-rowindex': 1 },
      ...columns.map(({ key, title }) =>
        element('span', { class: `cell ${key}`, role: 'columnheader' }, title),
      ),
    ),

  needs: rangeOf,

  tokensOf: (block, { pages, range }) => {
    const tokens = rangeOf(block, range);
    for (let index = tokens.first; index < tokens.last; index++) if (!pages.token(index)) return undefined;
    return tokens;
  },

  draw: ({ first, last }, into, context) => {
    for (let index = first; index < last; index++) {
      const token = context.pages.token(index);
      if (token) into.append(rowOf(token, context));
    }
  },
};
