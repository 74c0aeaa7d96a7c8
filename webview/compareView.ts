// The Compare view: the same text under several tokenizers and models, as a table with bars, and the lines on which
// they differ most, cut up as each of them cuts it. Token counts are no common unit, so characters per token stand
// beside them.
import { comparedLine } from './comparedLine';
import { dataTable } from './dataTable';
import { element, setText } from './elements';
import { l10n } from './language';
import { stateMessage } from './stateMessage';
import { compareLimit } from '../src/shared/panelProtocol';
import type { CompareRow, Comparison, HostEvent, PanelDocument } from '../src/shared/panelProtocol';
import type { DropdownElement } from './toolkit';
import type { MountedView, PanelView, ViewContext } from './viewRegistry';

export const compareView: PanelView = {
  id: 'compare',
  title: l10n.t('Compare'),
  mount: (context) => new CompareView(context),
};

/** Time without edits after which a shown comparison is made again, in milliseconds. */
const quiet = 400;

class CompareView implements MountedView {
  readonly element: HTMLElement;
  private readonly picker: DropdownElement;
  private readonly body = element('div', { class: 'compare-body' });
  private document: PanelDocument = { state: 'none' };
  private shownFor = '';
  private listed = '';
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly context: ViewContext) {
    this.picker = element('vscode-dropdown', {
      class: 'compare-picker',
      'aria-label': l10n.t('Add a tokenizer or model'),
    });
    this.picker.addEventListener('change', () => this.add(this.picker.value));
    this.element = element(
      'section',
      { class: 'compare-view', 'aria-label': l10n.t('Comparison of tokenizers') },
      element('div', { class: 'view-toolbar' }, this.picker),
      this.body,
    );
  }

  show(document: PanelDocument): void {
    this.document = document;
    this.listChoices();
    if (document.state !== 'ready') {
      this.shownFor = '';
      this.body.replaceChildren(this.messageFor(document));
      return;
    }
    const wanted = `${document.generation} ${this.chosen.join(' ')}`;
    if (wanted === this.shownFor) return;
    clearTimeout(this.timer);
    if (this.shownFor === '') void this.compare();
    else this.timer = setTimeout(() => void this.compare(), quiet);
  }

  handle(event: HostEvent): void {
    if (event.type === 'welcome' || event.type === 'choices') this.listChoices();
  }

  focus(): void {
    this.picker.focus();
  }

  private get chosen(): readonly string[] {
    return this.context.state.current.compared;
  }

  private choose(compared: readonly string[]): void {
    this.context.state.update({ compared });
    this.listChoices();
    void this.compare();
  }

  private add(choice: string): void {
    if (choice === '' || this.chosen.includes(choice)) return;
    this.choose([...this.chosen, choice].slice(-compareLimit));
  }

  private remove(choice: string): void {
    const rest = this.chosen.filter((each) => each !== choice);
    if (rest.length === 0) return;
    this.choose(rest);
    this.picker.focus();
  }

  private listChoices(): void {
    const choices = this.context.compareChoices().filter(({ id }) => !this.chosen.includes(id));
    const key = choices.map(({ id }) => id).join(' ');
    if (key === this.listed) return;
    this.listed = key;
    this.picker.replaceChildren(
      element('vscode-option', { value: '' }, l10n.t('Add tokenizer or model…')),
      ...choices.map(({ id, label, detail }) =>
        element('vscode-option', { value: id }, `${label} (${detail})`),
      ),
    );
    this.picker.value = '';
  }

  private async compare(): Promise<void> {
    if (this.document.state !== 'ready') return;
    const wanted = `${this.document.generation} ${this.chosen.join(' ')}`;
    this.shownFor = wanted;
    this.body.setAttribute('aria-busy', 'true');
    const reply = await this.context.link.request('compare', { choices: this.chosen });
    if (wanted !== this.shownFor) return;
    this.body.removeAttribute('aria-busy');
    if (!reply.ok) {
      // A newer document is on its way and asks by itself.
      if (reply.code !== 'stale')
        this.body.replaceChildren(stateMessage(l10n.t('No comparison'), reply.message));
      else this.shownFor = '';
      return;
    }
    this.render(reply.result);
  }

  private render(comparison: Comparison): void {
    const format = this.context.format();
    const lines = comparison.lines.map((line) =>
      comparedLine(line, comparison.rows, format, (number) => this.revealLine(number)),
    );
    this.body.replaceChildren(
      this.table(comparison),
      element(
        'h2',
        { class: 'compare-heading' },
        lines.length > 0 ? l10n.t('Lines that differ most') : l10n.t('No line differs'),
      ),
      lines.length > 0
        ? element(
            'p',
            { class: 'compare-legend' },
            l10n.t('A heavy edge is a boundary that all of them have.'),
          )
        : '',
      ...lines,
    );
    const [first] = comparison.rows;
    const counts = comparison.rows.map((row) => `${row.label} ${format.whole(row.tokens)}`).join(', ');
    if (first !== undefined) this.context.announce(l10n.t('Compared: {0} tokens.', counts));
  }

  private table({ rows, characters, bytes }: Comparison): HTMLElement {
    const format = this.context.format();
    const most = Math.max(1, ...rows.map((row) => row.tokens));
    const cells = (row: CompareRow): HTMLElement[] => [
      element(
        'th',
        { scope: 'row', title: row.source },
        element('span', { class: 'compare-name' }, row.label),
        row.label === row.encoding ? null : element('span', { class: 'compare-encoding' }, row.encoding),
      ),
      element(
        'td',
        { class: 'compare-tokens' },
        this.bar(row.tokens / most),
        tokensOf(row, format.whole(row.tokens)),
      ),
      element('td', { class: 'number' }, format.ratio(characters, row.tokens)),
      element('td', { class: 'number' }, format.ratio(bytes, row.tokens)),
      element(
        'td',
        {
          class: 'number',
          title: l10n.t('{0} of {1} words', format.whole(row.splitWords), format.whole(row.words)),
        },
        row.words === 0 ? '–' : format.percentInColumn(row.splitWords / row.words),
      ),
      element('td', { class: 'number' }, format.percentInColumn(row.sharedBoundaries)),
      element('td', { class: 'number', title: row.priceNote ?? l10n.t('no price known') }, row.cost ?? '–'),
      element('td', {}, rows.length > 1 ? this.removeButton(row) : null),
    ];
    return dataTable({
      caption: l10n.t('Tokenizers side by side'),
      columns: [
        { title: l10n.t('Tokenizer') },
        { title: l10n.t('Tokens') },
        { title: l10n.t('Chars/token'), number: true },
        { title: l10n.t('Bytes/token'), number: true },
        { title: l10n.t('Words cut'), number: true },
        { title: l10n.t('Shared edges'), number: true },
        { title: l10n.t('Input cost'), number: true },
        { title: '' },
      ],
      rows: rows.map((row) => element('tr', {}, ...cells(row))),
      look: 'compare-table',
    });
  }

  /** A bar whose length is the share of the longest; the number beside it says the same. */
  private bar(share: number): Element {
    const meter = element('span', { class: 'bar', 'aria-hidden': 'true' });
    const fill = element('span', { class: 'bar-fill' });
    fill.style.setProperty('inline-size', `${(share * 100).toFixed(2)}%`);
    meter.append(fill);
    return meter;
  }

  private removeButton(row: CompareRow): HTMLElement {
    const button = element(
      'vscode-button',
      { appearance: 'icon', 'aria-label': l10n.t('Remove {0}', row.label) },
      '×',
    );
    button.addEventListener('click', () => this.remove(row.choice));
    return button;
  }

  private revealLine(line: number): void {
    if (this.document.state === 'ready')
      this.context.link.notify({ type: 'revealLine', generation: this.document.generation, line });
  }

  private messageFor(document: PanelDocument): HTMLElement {
    switch (document.state) {
      case 'counting':
        return stateMessage(
          l10n.t('Counting'),
          l10n.t('The comparison follows when the file is counted.'),
          [],
          true,
        );
      case 'estimated':
        return stateMessage(l10n.t('Too long to compare'), document.reason);
      case 'failed':
        return stateMessage(l10n.t('No comparison'), document.message);
      default:
        return stateMessage(
          l10n.t('Nothing to compare'),
          l10n.t('Open a file to see it under several tokenizers.'),
        );
    }
  }
}

function tokensOf(row: CompareRow, text: string): HTMLElement {
  const label = row.exactness === 'exact' ? text : `≈ ${text}`;
  const node = element('span', {
    class: 'bar-label',
    title: row.exactness === 'exact' ? l10n.t('exact') : row.source,
  });
  setText(node, label);
  return node;
}
