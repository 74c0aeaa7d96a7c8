// How many tokens took how many bits, as a table whose bars have the numbers beside them.
import { element } from './elements';
import { l10n } from './language';
import { binEdges } from './surpriseTally';
import type { NumberFormat } from './numberFormat';

/** @param counts tokens in each bin of `binEdges` */
export function surpriseHistogram(counts: readonly number[], format: NumberFormat): HTMLElement {
  const most = Math.max(1, ...counts);
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const rows = counts.map((count, i) => {
    const fill = element('span', { class: 'bar-fill' });
    fill.style.setProperty('inline-size', `${((100 * count) / most).toFixed(2)}%`);
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, binLabel(i, format)),
      element('td', {}, element('span', { class: 'bar', 'aria-hidden': 'true' }, fill)),
      element('td', { class: 'number' }, format.whole(count)),
      element('td', { class: 'number histogram-share' }, format.percentInColumn(count / total)),
    );
  });
  return element(
    'table',
    { class: 'surprise-histogram' },
    element('caption', { class: 'live' }, l10n.t('Tokens by bits')),
    element(
      'thead',
      { class: 'live' },
      element(
        'tr',
        {},
        ...[l10n.t('Bits'), l10n.t('Bar'), l10n.t('Tokens'), l10n.t('Share')].map((title) =>
          element('th', { scope: 'col' }, title),
        ),
      ),
    ),
    element('tbody', {}, ...rows),
  );
}

function binLabel(index: number, format: NumberFormat): string {
  const from = binEdges[index] ?? 0;
  const to = binEdges[index + 1];
  return to === undefined
    ? l10n.t('{0} or more', format.short(from))
    : `${format.short(from)} – ${format.short(to)}`;
}
