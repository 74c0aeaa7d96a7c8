// The token grid: one of two arrangements inside a virtual scroll, with a roving tabindex that survives scrolling.
// The active token (keyboard) and the cursor tokens (editor) are indices; elements come and go under them.
import { element, setAttributes } from './elements';
import { gridMove } from './gridKeys';
import { l10n } from './language';
import { lineEdge, tokenOnLine, tokenElements } from './tokenGeometry';
import { VirtualScroll } from './virtualScroll';
import type { DrawContext, TokenArrangement, TokenRange } from './tokenLayout';
import type { NumberFormat } from './numberFormat';
import type { TokenPages } from './tokenPages';

/** What the list tells its owner. */
export interface TokenListEvents {
  /** The active token changed, by key, click or program. */
  activated(index: number): void;
  /** The user asked to see a token in the editor. */
  revealed(index: number, focus: boolean): void;
  /** First token in sight, after every layout. */
  anchored(index: number): void;
  /** Escape: back to the editor. */
  left(): void;
}

/** top: at the top edge. nearest: no more scrolling than needed. comfortable: with lines around it, after a jump. */
type Where = 'top' | 'nearest' | 'comfortable';

/** Where a token that was jumped to is put, as a share of the visible height. */
const comfortable = 0.3;

export class TokenList {
  readonly grid: HTMLElement;
  private readonly scroll: VirtualScroll;
  private range: TokenRange = { first: 0, last: 0 };
  private arrangement: TokenArrangement;
  private context: DrawContext;
  private active = 0;
  private cursor: TokenRange = { first: 0, last: 0 };
  private pending: { readonly index: number; readonly where: Where } | undefined;
  private anchor = 0;
  private holdsFocus = false;
  private keepingFocus = false;
  private reaching = false;
  private activeInSight = false;
  private readonly returned = (): void => this.restoreFocus();

  constructor(
    arrangement: TokenArrangement,
    private readonly pages: TokenPages,
    private readonly events: TokenListEvents,
    format: NumberFormat,
  ) {
    this.arrangement = arrangement;
    this.context = { pages, format, range: this.range };
    this.grid = element('div', { class: 'token-grid', role: 'grid', tabindex: 0 });
    this.scroll = new VirtualScroll(
      this.grid,
      () => this.laidOut(),
      () => this.show(this.arrangement, this.context.format, this.range, this.anchor, this.active),
      // The details below grow with the active token and must not cover it.
      () => {
        if (this.activeInSight) this.pending = { index: this.active, where: 'nearest' };
      },
    );
    // Who scrolls by hand no longer waits for the token that was to come into sight.
    for (const gesture of ['wheel', 'touchmove', 'pointerdown'] as const)
      this.grid.addEventListener(gesture, () => (this.pending = undefined), { passive: true });
    this.grid.addEventListener('keydown', (event) => this.keyPressed(event));
    this.grid.addEventListener('click', (event) => this.clicked(event, false));
    this.grid.addEventListener('dblclick', (event) => this.clicked(event, true));
    this.grid.addEventListener('focusin', (event) => this.focused(event));
    window.addEventListener('focus', this.returned);
    this.grid.addEventListener('focusout', (event) => {
      if (event.relatedTarget !== null) this.holdsFocus = false;
    });
  }

  dispose(): void {
    window.removeEventListener('focus', this.returned);
    this.scroll.dispose();
  }

  /** Shows tokens of a range, with `anchor` at the top edge. */
  show(
    arrangement: TokenArrangement,
    format: NumberFormat,
    range: TokenRange,
    anchor: number,
    active: number,
  ): void {
    this.arrangement = arrangement;
    this.range = range;
    this.context = { pages: this.pages, format, range };
    this.active = this.clamp(active);
    const tokens = range.last - range.first;
    this.grid.dataset['layout'] = arrangement.kind;
    setAttributes(this.grid, {
      'aria-label': arrangement.kind === 'text' ? l10n.t('Tokens as text') : l10n.t('Tokens as a table'),
      'aria-rowcount': arrangement.kind === 'table' ? tokens + 1 : -1,
    });
    this.grid.querySelector('.table-header')?.remove();
    const header = arrangement.header();
    if (header) this.grid.prepend(header);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    this.pending = { index: this.clamp(anchor), where: 'top' };
    this.scroll.show({
      count: Math.ceil(tokens / arrangement.blockTokens),
      guess: arrangement.guess * rem,
      draw: (block, into) => this.draw(block, into),
    });
  }

  /** Draws again what depends on tokens first … last − 1. */
  refresh(first: number, last: number): void {
    for (const block of [...this.scroll.blocks.keys()]) {
      const needs = this.arrangement.needs(block, this.range);
      if (needs.first >= last || needs.last <= first) continue;
      const node = this.scroll.blocks.get(block);
      const focusInside = node?.contains(document.activeElement) === true;
      if (focusInside) this.keepFocus(this.grid);
      this.scroll.redraw(block);
    }
    this.scroll.layout();
  }

  /** Tokens under the editor's cursor; `follow` brings them into sight. */
  setCursor(cursor: TokenRange, follow: boolean): void {
    this.cursor = cursor;
    this.markCursor();
    if (follow && cursor.last > cursor.first && cursor.first >= this.range.first) this.reveal(cursor.first);
  }

  /** Makes a token active and brings it into sight; `focus` moves the keyboard to it. */
  activate(index: number, focus: boolean): void {
    this.active = this.clamp(index);
    if (focus) {
      this.holdsFocus = true;
      this.keepFocus(this.grid);
    }
    this.reveal(this.active);
    this.events.activated(this.active);
  }

  /** Brings a token into sight. */
  reveal(index: number): void {
    this.pending = { index: this.clamp(index), where: 'nearest' };
    this.scroll.layout();
  }

  get activeToken(): number {
    return this.active;
  }

  get firstInSight(): number {
    return this.anchor;
  }

  private clamp(index: number): number {
    return Math.max(this.range.first, Math.min(index, this.range.last - 1));
  }

  private draw(block: number, into: HTMLElement): void {
    const needs = this.arrangement.needs(block, this.range);
    this.pages.want(needs.first, needs.last);
    const tokens = this.arrangement.tokensOf(block, this.context);
    into.classList.toggle('waiting', tokens === undefined);
    if (tokens) {
      into.style.minHeight = '';
      this.arrangement.draw(tokens, into, this.context);
      return;
    }
    const { format } = this.context;
    const failure = this.pages.failure(needs.first) ?? this.pages.failure(needs.last - 1);
    const [first, last] = [format.whole(needs.first), format.whole(needs.last - 1)];
    const text =
      failure === undefined
        ? l10n.t('Loading tokens {0} to {1} …', first, last)
        : l10n.t('Tokens {0} to {1}: {2}', first, last, failure);
    into.style.minHeight = `${this.arrangement.guess}rem`;
    into.append(
      element('div', { role: 'row', class: 'block-note' }, element('span', { role: 'gridcell' }, text)),
    );
  }

  private laidOut(): void {
    if (this.reaching) return;
    if (this.pending) {
      this.reaching = true;
      this.reach(this.pending.index, this.pending.where);
      this.reaching = false;
      // Blocks that still wait for tokens may grow above the goal and push it away: then it is reached again.
      const settled = this.elementOf(this.pending.index) && !this.grid.querySelector('.waiting');
      if (settled) this.pending = undefined;
    }
    this.markCursor();
    const node = this.elementOf(this.active);
    for (const tabbable of this.grid.querySelectorAll<HTMLElement>('[data-token][tabindex="0"]'))
      if (tabbable !== node) {
        tabbable.tabIndex = -1;
        tabbable.removeAttribute('aria-selected');
      }
    if (node) {
      node.tabIndex = 0;
      node.setAttribute('aria-selected', 'true');
    }
    this.grid.tabIndex = node ? -1 : 0;
    this.restoreFocus();
    this.activeInSight = node !== undefined && this.inSight(node.getBoundingClientRect());
    this.noteAnchor();
  }

  /** Scrolls until a token is in sight; stays pending while its block has no tokens yet. */
  private reach(index: number, where: Where): void {
    const node = this.elementOf(index);
    if (!node) {
      this.scrollNear(index);
      if (where === 'nearest') this.pending = { index, where: 'comfortable' };
      if (this.elementOf(index)) this.reach(index, where === 'top' ? 'top' : 'comfortable');
      return;
    }
    const block = node.closest<HTMLElement>('.virtual-block');
    const at = [...this.scroll.blocks].find(([, mounted]) => mounted === block)?.[0];
    if (!block || at === undefined) return;
    // Scrolling draws blocks, whose heights are then known better: near the end the first try may fall short.
    for (let attempt = 0; attempt < 3; attempt++) {
      const box = node.getBoundingClientRect();
      const offset = box.top - block.getBoundingClientRect().top;
      const sight = this.sight();
      if (where === 'top') {
        this.scroll.scrollTo(at, offset);
        return;
      }
      if (!node.isConnected || this.inSight(box)) return;
      const height = sight.bottom - sight.top;
      const nearest = box.bottom > sight.bottom ? Math.max(0, height - box.height - 4) : 0;
      this.scroll.scrollTo(at, offset, where === 'nearest' ? nearest : height * comfortable);
    }
  }

  /** Brings the block that must hold a token into the DOM. A line may start its tokens one block earlier. */
  private scrollNear(index: number): void {
    const guess = Math.floor((index - this.range.first) / this.arrangement.blockTokens);
    const mounted = this.scroll.blocks.get(guess);
    const drawn = mounted && !mounted.classList.contains('waiting');
    if (!mounted) this.scroll.scrollTo(guess, 0);
    else if (drawn && guess > 0 && !this.scroll.blocks.has(guess - 1)) this.scroll.scrollTo(guess - 1, 0);
  }

  private elementOf(index: number): HTMLElement | undefined {
    return this.grid.querySelector<HTMLElement>(`[data-token="${index}"]`) ?? undefined;
  }

  /** The part of the grid that shows tokens: below the header row. */
  private sight(): { readonly top: number; readonly bottom: number } {
    const box = this.grid.getBoundingClientRect();
    const header = this.grid.querySelector('.table-header')?.getBoundingClientRect().height ?? 0;
    return { top: box.top + header, bottom: box.top + this.grid.clientHeight };
  }

  private inSight(box: DOMRect): boolean {
    const { top, bottom } = this.sight();
    return box.top >= top - 1 && box.bottom <= bottom + 1;
  }

  private noteAnchor(): void {
    if (this.pending) return;
    const { top } = this.sight();
    for (const node of tokenElements(this.grid)) {
      if (node.getBoundingClientRect().bottom <= top + 1) continue;
      this.anchor = Number(node.dataset['token']);
      this.events.anchored(this.anchor);
      return;
    }
  }

  private markCursor(): void {
    for (const node of this.grid.querySelectorAll('.at-cursor')) {
      node.classList.remove('at-cursor');
      node.removeAttribute('aria-current');
    }
    const { first, last } = this.cursor;
    for (const node of tokenElements(this.grid)) {
      const index = Number(node.dataset['token']);
      if (index < first || index >= last) continue;
      node.classList.add('at-cursor');
      node.setAttribute('aria-current', 'location');
    }
  }

  private clicked(event: MouseEvent, focus: boolean): void {
    const node =
      event.target instanceof Element
        ? event.target.closest<HTMLElement>('[data-token], [data-further]')
        : null;
    if (!node) return;
    this.activate(Number(node.dataset['token'] ?? node.dataset['further']), true);
    this.events.revealed(this.active, focus);
  }

  /** Puts the focus back on the active token when its element was scrolled away or drawn again. */
  private restoreFocus(): void {
    const lost = document.activeElement === this.grid || document.activeElement === document.body;
    // While the editor has the focus, taking it would interrupt the user's typing.
    if (this.holdsFocus && lost && document.hasFocus())
      this.keepFocus(this.elementOf(this.active) ?? this.grid);
  }

  /** Focus that the list itself moves: the reader has not asked to see the active token. */
  private keepFocus(node: HTMLElement): void {
    this.keepingFocus = true;
    node.focus({ preventScroll: true });
    this.keepingFocus = false;
  }

  private focused(event: FocusEvent): void {
    this.holdsFocus = true;
    if (this.keepingFocus || event.target !== this.grid) return;
    if (!this.elementOf(this.active)) this.reveal(this.active);
  }

  private keyPressed(event: KeyboardEvent): void {
    const move = gridMove(event, this.arrangement.kind);
    if (!move || this.range.last === this.range.first) return;
    event.preventDefault();
    switch (move.kind) {
      case 'reveal':
        this.events.revealed(this.active, move.focus);
        return;
      case 'leave':
        this.events.left();
        return;
      case 'edge':
        this.activate(move.to === 'first' ? this.range.first : this.range.last - 1, true);
        return;
      case 'token':
        this.activate(this.active + move.by, true);
        return;
      case 'lineEdge':
      case 'line':
      case 'page':
        this.moveBySight(move);
    }
  }

  /** Moves that depend on where tokens stand on the screen. */
  private moveBySight(
    move:
      | { readonly kind: 'line' | 'page'; readonly by: 1 | -1 }
      | { readonly kind: 'lineEdge'; readonly to: 'start' | 'end' },
  ): void {
    if (!this.elementOf(this.active)) this.reveal(this.active);
    const node = this.elementOf(this.active);
    if (!node) return;
    if (move.kind === 'lineEdge') {
      this.activate(lineEdge(this.grid, node, move.to), true);
      return;
    }
    if (move.kind === 'line') {
      const next = tokenOnLine(this.grid, node, move.by);
      if (next !== undefined) this.activate(next, true);
      return;
    }
    const { top, bottom } = this.sight();
    const before = node.getBoundingClientRect();
    this.scroll.scrollBy(move.by * Math.max(1, bottom - top - 2 * before.height));
    const x = before.left + Math.min(before.width / 2, 8);
    const nearest = nearestTo(tokenElements(this.grid), x, before.top + before.height / 2);
    if (nearest === this.active) this.activate(move.by === 1 ? this.range.last - 1 : this.range.first, true);
    else if (nearest !== undefined) this.activate(nearest, true);
  }
}

/** Token whose box is nearest to a point: first by line, then along it. */
function nearestTo(nodes: Iterable<HTMLElement>, x: number, y: number): number | undefined {
  let best: { index: number; down: number; along: number } | undefined;
  for (const node of nodes) {
    const box = node.getBoundingClientRect();
    const down = y < box.top ? box.top - y : y > box.bottom ? y - box.bottom : 0;
    const along = x < box.left ? box.left - x : x > box.right ? x - box.right : 0;
    if (!best || down < best.down || (down === best.down && along < best.along))
      best = { index: Number(node.dataset['token']), down, along };
  }
  return best?.index;
}
