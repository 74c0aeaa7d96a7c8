// The covers of the cursor: for each left context the tokens before the cursor, the text that the next token must start with,
// its share of all covers, and the heaviest tokens that reach over the cursor.
import { dataTable } from './dataTable';
import { element } from './elements';
import { l10n } from './language';
import { shareBar } from './shareBar';
import { visible } from './draftCards';
import { whyPart } from './whyPart';
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
          ? element('span', { class: 'dim' }, l10n.t('nothing'))
          : element('span', { class: 'chips' }, ...cover.left.map((text) => chip(text))),
      ),
      element(
        'td',
        {},
        cover.overhang === ''
          ? element('span', { class: 'dim' }, l10n.t('nothing'))
          : chip(cover.overhang, 'typed'),
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
  return whyPart(
    leadOf(covers.length, tail, format),
    dataTable({
      caption: l10n.t('Covers of the cursor, heaviest first'),
      region: l10n.t('Covers table'),
      columns: [
        { title: l10n.t('Left context') },
        { title: l10n.t('Next token starts with') },
        { title: l10n.t('Weight') },
        { title: l10n.t('Heaviest tokens over the cursor') },
      ],
      rows: covers.map(row),
    }),
  );
}

function leadOf(covers: number, tail: string, format: NumberFormat): string {
  if (covers === 1 && tail === '')
    return l10n.t(
      'The cursor stands at a certain token boundary: there is one left context, and exact prompting is token-level prompting.',
    );
  return covers === 1
    ? l10n.t(
        'The text since the last certain boundary, “{0}”, can be cut in 1 way. The exact answer adds them up; token-level prompting sees only the one whose next token starts at the cursor.',
        visible(tail),
      )
    : l10n.t(
        'The text since the last certain boundary, “{0}”, can be cut in {1} ways. The exact answer adds them up; token-level prompting sees only the one whose next token starts at the cursor.',
        visible(tail),
        format.whole(covers),
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
