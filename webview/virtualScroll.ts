// Scrolls through any number of blocks of unequal height with only those in sight in the DOM.
//
// Truth is the anchor: the block at the top edge and how far it is scrolled out. Pixels of the scroll bar are derived
// from it. Browsers limit an element to about 33 million pixels, so the scrolled element is at most `tallest` high and
// its scroll range stands for the whole list in proportion: wheel and touch move the anchor pixel by pixel, the scroll
// bar moves it in proportion. The difference between the two is kept in the layer's translation and settled when
// scrolling rests, because setting scrollTop during a gesture would break it off.
import { BlockHeights } from './blockHeights';
import { element } from './elements';

/** What fills the blocks. */
export interface BlockContent {
  /** Number of blocks. */
  readonly count: number;
  /** Guessed height of a block, pixels. */
  readonly guess: number;
  /** Fills an empty element; it may be called again for the same block after `redraw`. */
  draw(block: number, into: HTMLElement): void;
}

const tallest = 8_000_000;
/** Pixels drawn beyond either edge, as a share of the visible height. */
const overscan = 0.6;
/** After a wheel or touch event the next scroll events belong to it for so many milliseconds. */
const gestureTime = 400;
const restTime = 140;

export class VirtualScroll {
  readonly blocks = new Map<number, HTMLElement>();
  private readonly sizer = element('div', { class: 'virtual-sizer', role: 'presentation' });
  private readonly layer = element('div', { class: 'virtual-layer', role: 'presentation' });
  private content: BlockContent = { count: 0, guess: 1, draw: () => undefined };
  private heights = new BlockHeights(0, 1);
  private anchor = { block: 0, offset: 0 };
  private lastScrollTop = 0;
  private gestureUntil = 0;
  private restTimer: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;
  private readonly observer: ResizeObserver;
  private width = 0;

  /**
   * `scroller` scrolls; `onLayout` is called after blocks were put in place; `onWidth` after the width changed, when
   * measured heights no longer hold; `onHeight` before the layout for another height.
   */
  constructor(
    private readonly scroller: HTMLElement,
    private readonly onLayout: () => void,
    private readonly onWidth: () => void,
    private readonly onHeight: () => void,
  ) {
    this.sizer.append(this.layer);
    scroller.append(this.sizer);
    const gesture = (): void => {
      this.gestureUntil = performance.now() + gestureTime;
    };
    for (const type of ['wheel', 'touchmove', 'keydown'] as const)
      scroller.addEventListener(type, gesture, { passive: true });
    scroller.addEventListener('scroll', () => this.scrolled(), { passive: true });
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(scroller);
  }

  dispose(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.restTimer);
  }

  /** Replaces everything and goes to the top. */
  show(content: BlockContent): void {
    this.content = content;
    this.heights = new BlockHeights(content.count, content.guess);
    this.anchor = { block: 0, offset: 0 };
    this.clear();
    this.layout();
    this.settle();
  }

  /** Draws a block again if it is in the DOM. */
  redraw(block: number): void {
    const node = this.blocks.get(block);
    if (!node) return;
    node.replaceChildren();
    this.content.draw(block, node);
    this.layoutSoon();
  }

  /** Puts the pixel `offset` of a block `below` pixels under the top edge. */
  scrollTo(block: number, offset: number, below = 0): void {
    const at = Math.max(0, Math.min(block, this.content.count - 1));
    this.moveTo(this.heights.before(at) + offset - below);
    this.layout();
    this.settle();
  }

  /** Moves by pixels, as the keyboard does. */
  scrollBy(pixels: number): void {
    this.moveTo(this.top + pixels);
    this.layout();
    this.settle();
  }

  /** Block at the top edge. */
  get firstBlock(): number {
    return this.anchor.block;
  }

  /** Draws and measures now instead of in the next frame. */
  layout(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    // Measuring can show that drawn blocks are lower than guessed, so that more of them are in sight, or that the list
    // ends earlier than guessed, so that the anchor has to move.
    for (let round = 0; round < 6; round++) {
      const measured = this.drawVisible();
      if (measured) this.heights.improveGuess();
      const end = Math.max(0, this.heights.total - this.scroller.clientHeight);
      const beyond = this.top > end + 0.5;
      if (beyond) this.moveTo(end);
      if (!measured && !beyond) break;
    }
    this.place();
    this.onLayout();
  }

  layoutSoon(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.layout());
  }

  private get top(): number {
    return this.heights.before(this.anchor.block) + this.anchor.offset;
  }

  private moveTo(top: number): void {
    const view = this.scroller.clientHeight;
    this.anchor = this.heights.at(Math.min(Math.max(0, top), Math.max(0, this.heights.total - view)));
  }

  /** Physical height; its scroll range stands for the whole list. */
  private get physical(): number {
    return Math.min(this.heights.total, tallest);
  }

  /** List pixels for one pixel of the scroll bar. */
  private get scale(): number {
    const view = this.scroller.clientHeight;
    const range = this.physical - view;
    return range <= 0 ? 1 : (this.heights.total - view) / range;
  }

  private scrolled(): void {
    const { scrollTop } = this.scroller;
    const moved = scrollTop - this.lastScrollTop;
    if (Math.abs(moved) < 0.5) return;
    this.lastScrollTop = scrollTop;
    const end = this.physical - this.scroller.clientHeight;
    if (scrollTop <= 0) this.moveTo(0);
    else if (scrollTop >= end - 1) this.moveTo(this.heights.total);
    else if (performance.now() < this.gestureUntil) this.moveTo(this.top + moved);
    else this.moveTo(scrollTop * this.scale);
    this.layoutSoon();
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => this.settle(), restTime);
  }

  /** Puts the scroll bar where the anchor is. */
  private settle(): void {
    const wanted = this.top / this.scale;
    if (Math.abs(wanted - this.scroller.scrollTop) >= 1) this.scroller.scrollTop = wanted;
    this.lastScrollTop = this.scroller.scrollTop;
    this.place();
  }

  private resized(): void {
    const { clientWidth } = this.scroller;
    if (clientWidth === 0) return;
    const widthChanged = clientWidth !== this.width && this.width !== 0;
    this.width = clientWidth;
    if (widthChanged) this.onWidth();
    else this.onHeight();
    this.layout();
    this.settle();
  }

  private clear(): void {
    for (const node of this.blocks.values()) node.remove();
    this.blocks.clear();
  }

  /** Draws what is in sight and measures it; true when a height changed. */
  private drawVisible(): boolean {
    const { count } = this.content;
    if (count === 0) {
      this.clear();
      return false;
    }
    const view = this.scroller.clientHeight;
    const margin = view * overscan;
    let first = this.anchor.block;
    let last = this.anchor.block;
    for (let above = this.anchor.offset; first > 0 && above < margin;) above += this.heights.height(--first);
    for (
      let below = this.heights.height(last) - this.anchor.offset;
      last < count - 1 && below < view + margin;
    )
      below += this.heights.height(++last);
    this.mount(first, last);
    let changed = false;
    for (const [block, node] of this.blocks) {
      const height = node.getBoundingClientRect().height;
      const old = this.heights.height(block);
      if (!this.heights.measure(block, height)) continue;
      changed = true;
      if (block === this.anchor.block && old > 0)
        this.anchor.offset = Math.min(this.anchor.offset, height) || 0;
    }
    return changed;
  }

  private mount(first: number, last: number): void {
    for (const [block, node] of this.blocks) {
      if (block >= first && block <= last) continue;
      node.remove();
      this.blocks.delete(block);
    }
    let after: Element | null = this.layer.firstElementChild;
    for (let block = first; block <= last; block++) {
      const mounted = this.blocks.get(block);
      if (mounted) {
        after = mounted.nextElementSibling;
        continue;
      }
      const node = element('div', { class: 'virtual-block', role: 'rowgroup' });
      this.content.draw(block, node);
      this.layer.insertBefore(node, after);
      this.blocks.set(block, node);
    }
  }

  private place(): void {
    const first = Math.min(...this.blocks.keys());
    const height = `${this.physical}px`;
    if (this.sizer.style.height !== height) this.sizer.style.height = height;
    if (!Number.isFinite(first)) return;
    const y = this.scroller.scrollTop + this.heights.before(first) - this.top;
    this.layer.style.transform = `translateY(${Math.round(y)}px)`;
  }
}
