// Below the drafts: why they are these. Four parts behind one row of tabs; each is drawn when it is first looked at.
import { coversTable } from './coversTable';
import { draftTree } from './draftTree';
import { element } from './elements';
import { gammaChart } from './gammaChart';
import { l10n } from './language';
import { nextByteChart } from './nextByteChart';
import { whyParts } from '../src/shared/draftsProtocol';
import type { NumberFormat } from './numberFormat';
import type { PanelWhy, WhyPart } from '../src/shared/draftsProtocol';

const titles: Readonly<Record<WhyPart, string>> = {
  covers: l10n.t('Covers'),
  nextByte: l10n.t('Next byte'),
  tree: l10n.t('Draft tree'),
  gamma: l10n.t('Weights γ'),
};

export class WhyTabs {
  readonly element: HTMLElement;
  private readonly tabs = new Map<WhyPart, HTMLButtonElement>();
  private readonly panel = element('div', { class: 'why-panel', role: 'tabpanel', id: 'why-panel' });
  private why: PanelWhy | null = null;
  private part: WhyPart;

  constructor(
    part: WhyPart,
    private readonly chosen: (part: WhyPart) => void,
    private readonly format: () => NumberFormat,
  ) {
    this.part = part;
    for (const each of whyParts) {
      const tab = element(
        'button',
        { class: 'why-tab', role: 'tab', id: `why-${each}`, type: 'button', 'aria-controls': 'why-panel' },
        titles[each],
      );
      tab.addEventListener('click', () => this.select(each));
      this.tabs.set(each, tab);
    }
    const bar = element(
      'div',
      { class: 'why-bar', role: 'tablist', 'aria-label': l10n.t('Why these drafts') },
      ...this.tabs.values(),
    );
    bar.addEventListener('keydown', (event) => this.pressed(event));
    this.element = element(
      'section',
      { class: 'why', 'aria-label': l10n.t('Why these drafts') },
      element('div', { class: 'why-head' }, element('h2', {}, l10n.t('Why these drafts')), bar),
      this.panel,
    );
    this.mark();
  }

  show(why: PanelWhy | null): void {
    this.why = why;
    this.element.hidden = why === null;
    this.draw();
  }

  select(part: WhyPart): void {
    if (part !== this.part) {
      this.part = part;
      this.chosen(part);
      this.mark();
      this.draw();
    }
  }

  /** Moves the keyboard to the part in sight. */
  focus(): void {
    this.tabs.get(this.part)?.focus();
  }

  private mark(): void {
    for (const [part, tab] of this.tabs) {
      const on = part === this.part;
      tab.setAttribute('aria-selected', String(on));
      tab.tabIndex = on ? 0 : -1;
      tab.classList.toggle('on', on);
    }
    this.panel.setAttribute('aria-labelledby', `why-${this.part}`);
  }

  private draw(): void {
    const { why } = this;
    if (why === null) {
      this.panel.replaceChildren();
      return;
    }
    const format = this.format();
    const drawn = {
      covers: () => coversTable(why, format),
      nextByte: () => nextByteChart(why.nextByte, format),
      tree: () => draftTree(why.tree, format),
      gamma: () => gammaChart(why.steps, format),
    }[this.part]();
    this.panel.replaceChildren(drawn);
  }

  private pressed(event: KeyboardEvent): void {
    const at = whyParts.indexOf(this.part);
    const last = whyParts.length - 1;
    const next = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    const part = next === undefined ? undefined : whyParts[next];
    if (part === undefined) return;
    event.preventDefault();
    this.select(part);
    this.focus();
  }
}
