// A row of figures: a large number over its name. Numbers are tabular, so that they do not jump while counting.
import { element, setText } from './elements';

export interface Metric {
  readonly name: string;
  /** Already formatted. */
  readonly value: string;
  /** Longer explanation, shown on hover and read to a screen reader. */
  readonly hint?: string;
  readonly weight?: 'main';
}

export class MetricCards {
  readonly element = element('dl', { class: 'metrics' });
  private names = '';

  show(metrics: readonly Metric[]): void {
    const names = metrics.map(({ name }) => name).join('\n');
    if (names !== this.names) {
      this.names = names;
      this.element.replaceChildren(
        ...metrics.map(({ name, weight }) =>
          element(
            'div',
            { class: weight === 'main' ? 'metric main' : 'metric' },
            element('dt', {}, name),
            element('dd', {}),
          ),
        ),
      );
    }
    metrics.forEach(({ value, hint }, i) => {
      const card = this.element.children.item(i);
      const number = card?.querySelector('dd');
      if (number) setText(number, value);
      if (card && hint !== undefined) card.setAttribute('title', hint);
    });
  }
}
