// The drafts side by side: one card each, its text cut into tokens with their probabilities, and what is known about it. One
// card has the keyboard (roving focus); Left and Right walk its tokens, Up and Down the cards, Enter takes the draft.
import { tokenCount } from './countedNames';
import { commonTokens, draftPieces, type DraftPiece } from './draftText';
import { element, setText } from './elements';
import { l10n } from './language';
import { describeText, tokenPieces } from './tokenText';
import type { NumberFormat } from './numberFormat';
import type { PanelDraft, PanelDrafts } from '../src/shared/draftsProtocol';

export interface DraftCardEvents {
  accepted(draft: number): void;
  left(): void;
}

/** Below this a token is marked as one that the model finds unlikely. */
const UNLIKELY = 0.05;

const stopNames: Readonly<Record<PanelDraft['stop'], string>> = {
  end: l10n.t('the model ended it'),
  newline: l10n.t('end of line'),
  dedent: l10n.t('block left'),
  length: l10n.t('token limit'),
  bytes: l10n.t('byte limit'),
  loop: l10n.t('began to repeat'),
  suffix: l10n.t('reached the text below'),
  verification: l10n.t('cut where unlikely'),
  contextFull: l10n.t('context full'),
};

export class DraftCards {
  readonly element = element('div', { class: 'draft-cards', role: 'list', 'aria-label': l10n.t('Drafts') });
  private cards: readonly HTMLElement[] = [];
  private active = 0;

  constructor(
    private readonly events: DraftCardEvents,
    private readonly format: () => NumberFormat,
  ) {
    this.element.addEventListener('keydown', (event) => this.pressed(event));
  }

  show(answer: PanelDrafts): void {
    const { drafts } = answer;
    this.active = 0;
    this.cards = drafts.map((draft, i) => this.card(draft, i, drafts));
    this.element.replaceChildren(...this.cards);
    this.rove(0, false);
  }

  clear(): void {
    this.cards = [];
    this.element.replaceChildren();
  }

  focus(): void {
    this.cardNode(this.active)?.focus();
  }

  private card(draft: PanelDraft, index: number, all: readonly PanelDraft[]): HTMLElement {
    const format = this.format();
    const pieces = draftPieces(draft);
    const detail = element('p', { class: 'draft-detail', 'aria-hidden': 'true' });
    const tokens = pieces.map((piece, i) => this.token(piece, i, pieces.length, detail));
    const accept = element('vscode-button', { appearance: 'secondary', class: 'accept' }, l10n.t('Insert'));
    accept.setAttribute('aria-label', l10n.t('Insert draft {0}', index + 1));
    accept.addEventListener('click', () => this.events.accepted(index));
    const text = element(
      'div',
      { class: 'draft-text', role: 'list', 'aria-label': l10n.t('Tokens') },
      ...tokens,
    );
    const perToken = Math.exp(draft.logProb / Math.max(1, draft.tokens.length));
    const facts = [
      draft.exact
        ? l10n.t('log P {0}', format.nats(draft.logProb))
        : l10n.t('score {0}', format.nats(draft.logProb)),
      l10n.t('{0} a token', format.percent(perToken)),
      tokenCount(draft.tokens.length, format),
      stopNames[draft.stop],
      lineageOf(index, all, format),
    ].filter((fact) => fact !== '');
    const card = element(
      'section',
      { class: 'draft-card', role: 'group', tabindex: -1, 'data-draft': index },
      element('header', { class: 'draft-head' }, element('h2', {}, l10n.t('Draft {0}', index + 1)), accept),
      text,
      detail,
      element('footer', { class: 'draft-foot' }, element('p', { class: 'draft-facts' }, facts.join(' · '))),
    );
    card.setAttribute(
      'aria-label',
      l10n.t(
        'Draft {0} of {1}: {2}. {3}. Enter inserts it.',
        index + 1,
        all.length,
        draft.text,
        facts.join(', '),
      ),
    );
    card.addEventListener('focusin', () => {
      if (this.active !== index) this.rove(index, false);
    });
    return element('div', { role: 'listitem', class: 'draft-cell' }, card);
  }

  private token(piece: DraftPiece, index: number, count: number, detail: HTMLElement): HTMLElement {
    const format = this.format();
    const probability = Math.exp(piece.logProb);
    const known = Number.isFinite(piece.logProb);
    const bytes = new TextEncoder().encode(piece.text);
    const spelt = describeText(bytes);
    const whole = piece.tokens.length === 1 ? piece.tokens[0] : undefined;
    const overhang =
      whole !== undefined && whole.overhang > 0 ? l10n.t('of “{0}”', visible(whole.whole)) : '';
    const joined =
      piece.tokens.length > 1 ? l10n.t('{0} tokens make this text', format.whole(piece.tokens.length)) : '';
    const share = known ? format.percent(probability) : l10n.t('probability not known');
    const node = element('span', {
      class: known && probability < UNLIKELY ? 'draft-token unlikely' : 'draft-token',
      role: 'listitem',
      tabindex: -1,
      'data-token-number': index,
      'aria-label': listed(
        l10n.t('token {0} of {1}', format.whole(index + 1), format.whole(count)),
        spelt,
        share,
        overhang,
        joined,
      ),
    });
    if (known) node.style.setProperty('--probability', probability.toFixed(4));
    for (const { kind, text } of tokenPieces(bytes)) {
      node.append(kind === 'text' ? text : element('span', { class: kind }, text));
      if (kind === 'space' && text.includes('↵')) node.append('\n');
    }
    const say = (): void =>
      setText(
        detail,
        listed(
          `“${visible(piece.text)}”  ${share}${known ? `  (${format.nats(piece.logProb)})` : ''}`,
          overhang,
          joined,
        ),
      );
    node.addEventListener('pointerenter', say);
    node.addEventListener('focus', say);
    return node;
  }

  private pressed(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const onButton = event.target instanceof Element && event.target.closest('.accept') !== null;
    const card = this.cardNode(this.active);
    const tokens = [...(card?.querySelectorAll<HTMLElement>('.draft-token') ?? [])];
    const at = tokens.findIndex((token) => token === document.activeElement);
    const take = (): void => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (/^[1-9]$/.test(event.key) && Number(event.key) <= this.cards.length) {
      take();
      this.events.accepted(Number(event.key) - 1);
      return;
    }
    switch (event.key) {
      case 'Enter':
        if (onButton) return;
        take();
        this.events.accepted(this.active);
        return;
      case 'ArrowDown':
      case 'ArrowUp': {
        take();
        const step = event.key === 'ArrowDown' ? 1 : -1;
        this.rove((this.active + step + this.cards.length) % this.cards.length, true);
        return;
      }
      case 'ArrowRight':
        take();
        tokens[Math.min(tokens.length - 1, at + 1)]?.focus();
        return;
      case 'ArrowLeft':
        take();
        if (at <= 0) card?.focus();
        else tokens[at - 1]?.focus();
        return;
      case 'Home':
      case 'End':
        take();
        tokens[event.key === 'Home' ? 0 : tokens.length - 1]?.focus();
        return;
      case 'Escape':
        take();
        if (at >= 0) card?.focus();
        else this.events.left();
    }
  }

  private cardNode(index: number): HTMLElement | undefined {
    return this.cards[index]?.querySelector<HTMLElement>('.draft-card') ?? undefined;
  }

  /** Gives the place in the tab order to one card. */
  private rove(index: number, focus: boolean): void {
    this.active = index;
    this.cards.forEach((_, i) => {
      const card = this.cardNode(i);
      card?.setAttribute('tabindex', i === index ? '0' : '-1');
      card?.querySelector('.accept')?.setAttribute('tabindex', i === index ? '0' : '-1');
    });
    if (focus) this.cardNode(index)?.focus();
  }
}

/** White space as marks, for one line of text. */
export function visible(text: string): string {
  return tokenPieces(new TextEncoder().encode(text))
    .map((piece) => piece.text)
    .join('');
}

/** Parts of a sentence that are there, with commas. */
const listed = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ');

/** Where a draft comes from: what it has in common with the best draft that it shares most with. */
function lineageOf(index: number, all: readonly PanelDraft[], format: NumberFormat): string {
  const own = all[index];
  if (own === undefined) return '';
  let most = 0;
  let other = -1;
  all.forEach((draft, i) => {
    const shared = i === index ? 0 : commonTokens(own, draft);
    if (shared > most) [most, other] = [shared, i];
  });
  if (other < 0) return all.length > 1 ? l10n.t('branches at the cursor') : '';
  return most === 1
    ? l10n.t('first token as draft {0}', other + 1)
    : l10n.t('first {0} tokens as draft {1}', format.whole(most), other + 1);
}
