// The drafts side by side: one card each, its text cut into tokens with their probabilities, and what is known about it. One
// card has the keyboard (roving focus); Left and Right walk its tokens, Up and Down the cards, Enter takes the draft.
import { commonTokens, draftPieces, type DraftPiece } from './draftText';
import { element, setText } from './elements';
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
  end: 'the model ended it',
  newline: 'end of line',
  dedent: 'block left',
  length: 'token limit',
  bytes: 'byte limit',
  loop: 'began to repeat',
  suffix: 'reached the text below',
  verification: 'cut where unlikely',
  contextFull: 'context full',
};

export class DraftCards {
  readonly element = element('div', { class: 'draft-cards', role: 'list', 'aria-label': 'Drafts' });
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
    const accept = element('vscode-button', { appearance: 'secondary', class: 'accept' }, 'Insert');
    accept.setAttribute('aria-label', `Insert draft ${index + 1}`);
    accept.addEventListener('click', () => this.events.accepted(index));
    const text = element('div', { class: 'draft-text', role: 'list', 'aria-label': 'Tokens' }, ...tokens);
    const perToken = Math.exp(draft.logProb / Math.max(1, draft.tokens.length));
    const facts = [
      `${draft.exact ? 'log P' : 'score'} ${format.nats(draft.logProb)}`,
      `${format.percent(perToken)} a token`,
      `${format.whole(draft.tokens.length)} ${draft.tokens.length === 1 ? 'token' : 'tokens'}`,
      stopNames[draft.stop],
      lineageOf(index, all),
    ].filter((fact) => fact !== '');
    const card = element(
      'section',
      { class: 'draft-card', role: 'group', tabindex: -1, 'data-draft': index },
      element('header', { class: 'draft-head' }, element('h2', {}, `Draft ${index + 1}`), accept),
      text,
      detail,
      element('footer', { class: 'draft-foot' }, element('p', { class: 'draft-facts' }, facts.join(' · '))),
    );
    card.setAttribute(
      'aria-label',
      `Draft ${index + 1} of ${all.length}: ${draft.text}. ${facts.join(', ')}. Enter inserts it.`,
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
    const overhang = whole !== undefined && whole.overhang > 0 ? `, of “${visible(whole.whole)}”` : '';
    const joined = piece.tokens.length > 1 ? `, ${piece.tokens.length} tokens make this text` : '';
    const share = known ? format.percent(probability) : 'probability not known';
    const node = element('span', {
      class: known && probability < UNLIKELY ? 'draft-token unlikely' : 'draft-token',
      role: 'listitem',
      tabindex: -1,
      'data-token-number': index,
      'aria-label': `token ${index + 1} of ${count}, ${spelt}, ${share}${overhang}${joined}`,
    });
    if (known) node.style.setProperty('--probability', probability.toFixed(4));
    for (const { kind, text } of tokenPieces(bytes)) {
      node.append(kind === 'text' ? text : element('span', { class: kind }, text));
      if (kind === 'space' && text.includes('↵')) node.append('\n');
    }
    const say = (): void =>
      setText(
        detail,
        `“${visible(piece.text)}”  ${share}${known ? `  (${format.nats(piece.logProb)})` : ''}${overhang}${joined}`,
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

/** Where a draft comes from: what it has in common with the best draft that it shares most with. */
function lineageOf(index: number, all: readonly PanelDraft[]): string {
  const own = all[index];
  if (own === undefined) return '';
  let most = 0;
  let other = -1;
  all.forEach((draft, i) => {
    const shared = i === index ? 0 : commonTokens(own, draft);
    if (shared > most) [most, other] = [shared, i];
  });
  if (other < 0) return all.length > 1 ? 'branches at the cursor' : '';
  return `first ${most === 1 ? 'token' : `${most} tokens`} as draft ${other + 1}`;
}
