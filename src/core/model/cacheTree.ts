// The contexts that a session has evaluated, as a tree by token: which prefix of a prompt is cached, who holds what, and
// what may be dropped. Every entry but the root owns one slot of the key/value cache.
// Only leaves that nobody holds are ever dropped, so an entry's ancestors live as long as it does.

import type { CacheNode } from './languageModel.js';

export interface CacheEntry extends CacheNode {
  readonly parent: CacheEntry | undefined;
  /** The token after the parent; undefined for a superposed input, which no prompt can find again. */
  readonly token: number | undefined;
  /** Row in the key/value cache; -1 for the root. */
  readonly slot: number;
  readonly children: Map<number, CacheEntry>;
  /** Superposed children are counted only. */
  unnamedChildren: number;
  holds: number;
  lastUsed: number;
}

export class CacheTree {
  readonly root: CacheEntry = entry(0, undefined, undefined, -1);
  private readonly entries = new Map<number, CacheEntry>([[0, this.root]]);
  private nextId = 1;
  private clock = 0;

  constructor() {
    this.root.holds = 1;
  }

  /** Entries besides the root. */
  get size(): number {
    return this.entries.size - 1;
  }

  /** The entry of a node handed out earlier; undefined when it was dropped or belongs to another session. */
  find(node: CacheNode): CacheEntry | undefined {
    return this.entries.get(node.id);
  }

  /** Longest path from the root that spells a prefix of `ids`, the empty path included. Marks it as used. */
  longestPrefix(ids: ArrayLike<number>, limit: number): CacheEntry {
    let at = this.root;
    for (let i = 0; i < limit; i++) {
      const next = at.children.get(ids[i]!);
      if (next === undefined) break;
      next.lastUsed = ++this.clock;
      at = next;
    }
    return at;
  }

  add(parent: CacheEntry, token: number | undefined, slot: number): CacheEntry {
    const made = entry(this.nextId++, parent, token, slot);
    made.lastUsed = ++this.clock;
    if (token === undefined) parent.unnamedChildren++;
    else parent.children.set(token, made);
    this.entries.set(made.id, made);
    return made;
  }

  hold(node: CacheEntry): void {
    node.holds++;
    node.lastUsed = ++this.clock;
  }

  release(node: CacheEntry): void {
    if (node.holds > 0 && node !== this.root) node.holds--;
  }

  /**
   * Drops the least recently used leaves that nobody holds until `count` slots are free or none is left.
   * Returns their slots.
   */
  evict(count: number): number[] {
    const slots: number[] = [];
    while (slots.length < count) {
      const leaves = [...this.entries.values()].filter(isDroppable);
      if (leaves.length === 0) break;
      leaves.sort((a, b) => a.lastUsed - b.lastUsed);
      for (const leaf of leaves) {
        if (slots.length >= count) break;
        // A chain of old entries goes at once, from its leaf up to the first that is needed or newer than the next leaf.
        for (
          let at: CacheEntry | undefined = leaf;
          at && isDroppable(at) && slots.length < count;
          at = at.parent
        )
          slots.push(this.drop(at));
      }
    }
    return slots;
  }

  /** Drops superposed entries that nobody holds and nobody can find again. Returns their slots. */
  dropUnreachable(): number[] {
    const slots: number[] = [];
    for (const at of [...this.entries.values()].reverse())
      if (at.token === undefined && isDroppable(at)) slots.push(this.drop(at));
    return slots;
  }

  private drop(at: CacheEntry): number {
    const parent = at.parent!;
    if (at.token === undefined) parent.unnamedChildren--;
    else parent.children.delete(at.token);
    this.entries.delete(at.id);
    return at.slot;
  }
}

/** Slots of an entry's path in the order of depth: `depth` entries. */
export function pathSlots(node: CacheEntry): Int32Array {
  const slots = new Int32Array(node.depth);
  for (let at = node; at.parent !== undefined; at = at.parent) slots[at.depth - 1] = at.slot;
  return slots;
}

function isDroppable(at: CacheEntry): boolean {
  return at.holds === 0 && at.parent !== undefined && at.children.size === 0 && at.unnamedChildren === 0;
}

function entry(
  id: number,
  parent: CacheEntry | undefined,
  token: number | undefined,
  slot: number,
): CacheEntry {
  return {
    id,
    depth: parent === undefined ? 0 : parent.depth + 1,
    parent,
    token,
    slot,
    children: new Map(),
    unnamedChildren: 0,
    holds: 0,
    lastUsed: 0,
  };
}
