// What the inspector remembers, kept in VS Code's own store for webviews. Writes are gathered, since scrolling changes
// the anchor many times a second; the last one always lands.
import { parsePanelMemory } from '../src/shared/panelMemory';
import type { PanelMemory } from '../src/shared/panelMemory';

export interface StateStore {
  getState(): unknown;
  setState(state: unknown): void;
}

export class PanelState {
  private memory: PanelMemory;
  private pendingWrite = false;

  /** `later` runs a callback soon: a timer in the page, anything else in a test. */
  constructor(
    private readonly store: StateStore,
    private readonly later: (write: () => void) => void,
  ) {
    this.memory = parsePanelMemory(store.getState());
  }

  get current(): PanelMemory {
    return this.memory;
  }

  /** Changes some fields; equal values write nothing. */
  update(change: Partial<PanelMemory>): void {
    const next = { ...this.memory, ...change };
    const keys = Object.keys(next) as (keyof PanelMemory)[];
    if (keys.every((key) => next[key] === this.memory[key])) return;
    this.memory = next;
    if (this.pendingWrite) return;
    this.pendingWrite = true;
    this.later(() => this.flush());
  }

  /** Writes now; call it when the page is about to go. */
  flush(): void {
    if (!this.pendingWrite) return;
    this.pendingWrite = false;
    this.store.setState(this.memory);
  }
}
