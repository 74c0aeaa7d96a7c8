// The checked text with each token's evidence, as colour and as the kind of line below it, one page at a time. The token
// under the pointer or chosen with the arrow keys is described below.
import { element, setText } from './elements';
import { l10n } from './language';
import { evidenceLevels, evidencePageLimit } from '../src/shared/watermarkProtocol';
import type { WatermarkTokenPage } from '../src/shared/watermarkProtocol';
import type { ViewContext } from './viewRegistry';

const levelNames = {
  strong: l10n.t('speaks for a mark'),
  weak: l10n.t('speaks weakly for a mark'),
  against: l10n.t('speaks against a mark'),
  ignored: l10n.t('not counted'),
} as const;
/** Tokens a page: enough to see a stretch, few enough to lay out at once. */
const pageSize = Math.min(1000, evidencePageLimit);
/** Time the pointer rests on a token before it is described, in milliseconds. */
const rest = 80;

export class EvidenceMap {
  readonly element: HTMLElement;
  private readonly text = element('div', {
    class: 'evidence-text',
    role: 'listbox',
    tabindex: 0,
    'aria-label': l10n.t('Tokens with their evidence'),
  });
  private readonly detail = element('div', { class: 'evidence-detail' });
  private readonly place = element('span', { class: 'evidence-place' });
  private readonly previous = element('vscode-button', { appearance: 'secondary' }, l10n.t('Previous'));
  private readonly next = element('vscode-button', { appearance: 'secondary' }, l10n.t('Next'));
  private scheme = '';
  private page: WatermarkTokenPage | undefined;
  private active = -1;
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly context: ViewContext) {
    this.previous.addEventListener('click', () => void this.load((this.page?.first ?? 0) - pageSize));
    this.next.addEventListener('click', () => void this.load((this.page?.first ?? 0) + pageSize));
    this.text.addEventListener('pointerover', (event) => {
      const index = indexOf(event.target);
      clearTimeout(this.timer);
      if (index !== undefined) this.timer = setTimeout(() => void this.describe(index), rest);
    });
    this.text.addEventListener('click', (event) => {
      const index = indexOf(event.target);
      if (index === undefined) return;
      this.activate(index);
      this.reveal(index);
    });
    this.text.addEventListener('keydown', (event) => this.key(event));
    this.element = element(
      'div',
      { class: 'evidence' },
      legend(),
      this.text,
      element('div', { class: 'evidence-pages' }, this.previous, this.place, this.next),
      this.detail,
    );
  }

  clear(): void {
    this.asked++;
    this.scheme = '';
    this.page = undefined;
    this.text.replaceChildren();
    this.detail.replaceChildren();
  }

  /** Shows a scheme's evidence, on the page that holds token `around`. */
  async show(scheme: string, around: number): Promise<void> {
    const first = Math.floor(around / pageSize) * pageSize;
    this.scheme = scheme;
    await this.load(first);
  }

  private async load(first: number): Promise<void> {
    const asked = ++this.asked;
    const params = { scheme: this.scheme, first: Math.max(0, first), count: pageSize };
    const reply = await this.context.link.ask('watermarkTokens', params);
    if (asked !== this.asked || !reply.ok) return;
    this.page = reply.result;
    this.active = -1;
    this.render(reply.result);
  }

  private render(page: WatermarkTokenPage): void {
    const format = this.context.format();
    const whole = (value: number): string => format.whole(value);
    const nodes = page.texts.map((text, i) => {
      const level = evidenceLevels[page.levels[i] ?? 3] ?? 'ignored';
      const index = page.first + i;
      const flagged = page.flagged !== null && index >= page.flagged.start && index < page.flagged.end;
      return element(
        'span',
        {
          class: `evidence-token ${level}${flagged ? ' flagged' : ''}`,
          id: `evidence-${index}`,
          'data-evidence': index,
          role: 'option',
          'aria-selected': 'false',
          'aria-label': [
            text.trim() === '' ? l10n.t('white space') : text,
            levelNames[level],
            ...(flagged ? [l10n.t('flagged')] : []),
          ].join(', '),
        },
        text,
      );
    });
    this.text.replaceChildren(...nodes);
    const last = page.first + page.texts.length;
    setText(
      this.place,
      l10n.t('Tokens {0} to {1} of {2}', whole(page.first + 1), whole(last), whole(page.total)),
    );
    this.previous.disabled = page.first === 0;
    this.next.disabled = last >= page.total;
    const many = page.total > pageSize;
    this.previous.hidden = !many;
    this.next.hidden = !many;
    this.detail.replaceChildren(
      element(
        'p',
        { class: 'note' },
        l10n.t('Point at a token, or use the arrow keys, to see what it says.'),
      ),
    );
  }

  private key(event: KeyboardEvent): void {
    const { page } = this;
    if (page === undefined) return;
    const last = page.first + page.texts.length - 1;
    const from = this.active < 0 ? page.first - 1 : this.active;
    const targets: Readonly<Record<string, number>> = {
      ArrowRight: from + 1,
      ArrowDown: from + 10,
      ArrowLeft: from - 1,
      ArrowUp: from - 10,
      Home: page.first,
      End: last,
    };
    const target = targets[event.key];
    if (target !== undefined) {
      event.preventDefault();
      this.activate(Math.max(page.first, Math.min(last, target)));
    } else if (event.key === 'Enter' && this.active >= 0) {
      event.preventDefault();
      this.reveal(this.active);
    }
  }

  private activate(index: number): void {
    this.node(this.active)?.setAttribute('aria-selected', 'false');
    this.active = index;
    const node = this.node(index);
    node?.setAttribute('aria-selected', 'true');
    node?.scrollIntoView({ block: 'nearest' });
    this.text.setAttribute('aria-activedescendant', `evidence-${index}`);
    void this.describe(index);
  }

  private node(index: number): Element | null {
    return this.text.querySelector(`[data-evidence="${index}"]`);
  }

  private reveal(index: number): void {
    const { page } = this;
    const start = page?.starts[index - page.first];
    const end = page?.starts[index - page.first + 1];
    if (start !== undefined && end !== undefined)
      void this.context.link.ask('watermarkReveal', { start, end });
  }

  private async describe(index: number): Promise<void> {
    const { scheme } = this;
    const reply = await this.context.link.ask('watermarkToken', { scheme, index });
    if (!reply.ok || scheme !== this.scheme) return;
    const { heading, lines } = reply.result;
    this.detail.replaceChildren(
      element('p', { class: 'evidence-heading' }, heading),
      ...lines.map((line) => element('p', {}, line)),
    );
    if (index === this.active) this.context.announce(lines.join(' '));
  }
}

function indexOf(target: EventTarget | null): number | undefined {
  const value = target instanceof HTMLElement ? target.dataset['evidence'] : undefined;
  return value === undefined ? undefined : Number(value);
}

function legend(): HTMLElement {
  return element(
    'ul',
    { class: 'evidence-legend', 'aria-label': l10n.t('Legend') },
    ...evidenceLevels.map((level) =>
      element(
        'li',
        {},
        element('span', { class: `evidence-token ${level}` }, l10n.t('token')),
        ` ${levelNames[level]}`,
      ),
    ),
  );
}
