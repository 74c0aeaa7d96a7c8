// A bar whose length is a share of 1, with the number beside it that says the same.
import { element } from './elements';
import type { NumberFormat } from './numberFormat';

/** `share` 0 to 1; null is drawn as a dash. `series` 1 is filled, 2 is hatched. */
export function shareBar(share: number | null, format: NumberFormat, series: 1 | 2 = 1): HTMLElement {
  if (share === null) return element('span', { class: 'share' }, '–');
  const fill = element('span', { class: series === 1 ? 'share-fill' : 'share-fill second' });
  fill.style.setProperty('inline-size', `${(Math.min(1, share) * 100).toFixed(2)}%`);
  return element(
    'span',
    { class: 'share' },
    element('span', { class: 'share-track', 'aria-hidden': 'true' }, fill),
    element('span', { class: 'share-number' }, format.percentInColumn(share)),
  );
}
