// The covers of the cursor: for each left context the tokens before the cursor, the text that the next token must start with,
// its share of all covers, and the heaviest tokens that reach over the cursor.
import { element } from './elements';
import { shareBar } from './shareBar';
import { visible } from './draftCards';
import type { NumberFormat } from './numberFormat';
import type { PanelCover, PanelWhy } from '../src/shared/draftsProtocol';

export function coversTable({ covers, tail }: PanelWhy, format: NumberFormat): HTMLElement {
  const row = (cover: PanelCover): HTMLElement =>
    element(
      'tr',
      {},
      element(
        'th',
        { scope: 'row' },
        cover.left.length === 0
          ? element('span', { class: 'dim' }, 'nothing')
          : element('span', { class: 'chips' }, ...cover.left.map((text) => chip(text))),
      ),
      element(
        'td',
        {},
        cover.overhang === '' ? element('span', { class: 'dim' }, 'nothing') : chip(cover.overhang, 'typed'),
      ),
      element('td', { class: 'share-cell' }, shareBar(cover.share, format)),
      element(
        'td',
        {},
        element(
          'ul',
          { class: 'chips', role: 'list' },
          ...cover.tokens
            .slice(0, 5)
            .map(({ text, share }) =>
              element(
                'li',
                {},
                overhanging(text, cover.overhang),
                element('span', { class: 'chip-share' }, format.percent(share)),
              ),
            ),
        ),
      ),
    );
  return element(
    'div',
    { class: 'why-body' },
    element(
      'p',
      { class: 'why-lead' },
      covers.length === 1 && tail === ''
        ? 'The cursor stands at a certain token boundary: there is one left context, and exact prompting is token-level prompting.'
        : `The text since the last certain boundary, “${visible(tail)}”, can be cut in ${format.whole(covers.length)} ${covers.length === 1 ? 'way' : 'ways'}. The exact answer adds them up; token-level prompting sees only the one whose next token starts at the cursor.`,
    ),
    element(
      'div',
      { class: 'table-scroll', tabindex: 0, role: 'group', 'aria-label': 'Covers table' },
      element(
        'table',
        { class: 'why-table' },
        element('caption', { class: 'live' }, 'Covers of the cursor, heaviest first'),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ...['Left context', 'Next token starts with', 'Weight', 'Heaviest tokens over the cursor'].map(
              (title) => element('th', { scope: 'col' }, title),
            ),
          ),
        ),
        element('tbody', {}, ...covers.map(row)),
      ),
    ),
  );
}

export function chip(text: string, kind = ''): HTMLElement {
  return element('span', { class: kind === '' ? 'chip' : `chip ${kind}` }, visible(text) || '∅');
}

/** A token over the cursor: what is typed already is dotted, what it adds stands out. */
function overhanging(text: string, typed: string): HTMLElement {
  if (typed === '' || !text.startsWith(typed)) return chip(text);
  return element(
    'span',
    { class: 'chip' },
    element('span', { class: 'chip-typed' }, visible(typed)),
    element('span', { class: 'chip-new' }, visible(text.slice(typed.length))),
  );
}
