// The context tree: prefixes are found again, held contexts survive, the oldest free leaves go first.
import { describe, expect, it } from 'vitest';
import { CacheTree, pathSlots, type CacheEntry } from '../../../../src/core/model/cacheTree';
import { mulberry } from './randomModel';

const SEED = 41;

function addPath(tree: CacheTree, ids: readonly number[], firstSlot: number): CacheEntry {
  let at = tree.root;
  ids.forEach((id, i) => (at = at.children.get(id) ?? tree.add(at, id, firstSlot + i)));
  return at;
}

describe('cache tree', () => {
  it('finds the longest cached prefix, up to a limit', () => {
    const tree = new CacheTree();
    addPath(tree, [1, 2, 3, 4], 10);
    expect(tree.longestPrefix([1, 2, 9], 3).depth).toBe(2);
    expect(tree.longestPrefix([1, 2, 3, 4], 3).depth).toBe(3);
    expect(tree.longestPrefix([7], 1)).toBe(tree.root);
  });

  it('lists the slots of a path in order of depth', () => {
    const tree = new CacheTree();
    expect([...pathSlots(addPath(tree, [5, 6, 7], 100))]).toEqual([100, 101, 102]);
    expect(pathSlots(tree.root).length).toBe(0);
  });

  it('drops the least recently used leaves first and never a held one or its ancestors', () => {
    const tree = new CacheTree();
    const old = addPath(tree, [1, 2], 0);
    const held = addPath(tree, [3, 4], 2);
    addPath(tree, [5, 6], 4);
    tree.hold(held);
    expect(tree.evict(1)).toEqual([1]);
    expect(tree.evict(100).sort()).toEqual([0, 4, 5]);
    expect(tree.size).toBe(2);
    expect(tree.find(old)).toBeUndefined();
    tree.release(held);
    expect(tree.evict(100).sort()).toEqual([2, 3]);
    expect(tree.size).toBe(0);
  });

  it('drops superposed entries that nobody holds at once', () => {
    const tree = new CacheTree();
    const node = addPath(tree, [1], 0);
    const soft = tree.add(node, undefined, 1);
    const below = tree.add(soft, 8, 2);
    tree.hold(below);
    expect(tree.dropUnreachable()).toEqual([]);
    tree.release(below);
    expect(tree.evict(1)).toEqual([2]);
    expect(tree.dropUnreachable()).toEqual([1]);
    expect(tree.size).toBe(1);
  });

  it(`never loses a slot over random use (seed ${SEED})`, () => {
    const random = mulberry(SEED);
    const tree = new CacheTree();
    const held: CacheEntry[] = [];
    const free = Array.from({ length: 60 }, (_, i) => i);
    const all = [tree.root];
    for (let round = 0; round < 2000; round++) {
      const parent = all[Math.floor(random() * all.length)]!;
      if (tree.find(parent) !== undefined && random() < 0.7) {
        const id = Math.floor(random() * 4);
        if (parent.children.has(id)) continue;
        // As a session does: the parent is held while room is made.
        tree.hold(parent);
        if (free.length === 0) free.push(...tree.evict(1));
        tree.release(parent);
        const slot = free.pop();
        if (slot === undefined) continue;
        const made = tree.add(parent, id, slot);
        all.push(made);
        if (random() < 0.3) {
          tree.hold(made);
          held.push(made);
        }
      } else if (held.length > 0) {
        tree.release(held.splice(Math.floor(random() * held.length), 1)[0]!);
      }
      expect(tree.size + free.length).toBe(60);
      for (const entry of held) expect(tree.find(entry)).toBe(entry);
    }
    for (const entry of held) tree.release(entry);
    free.push(...tree.evict(60));
    expect(new Set(free).size).toBe(60);
  });
});
