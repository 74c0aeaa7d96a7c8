// A B+ tree over the blocks of a live document. Every node keeps the sums of what lies below it, so that a block is
// found by text offset, by token or by line, and replaced, in time logarithmic in the number of blocks.

/** What is added up. `bytes` is UTF-8, `breaks` are line ends (\n, \r\n or a lone \r). */
export interface Sums {
  readonly units: number;
  readonly tokens: number;
  readonly bytes: number;
  readonly characters: number;
  readonly breaks: number;
}

/** A stretch of text between two certain borders. Never changed, only replaced. */
export interface Block extends Sums {
  readonly text: string;
}

/** A block with its number and the sums of all blocks before it. */
export interface FoundBlock {
  readonly index: number;
  readonly block: Block;
  readonly before: Sums;
}

const MOST_CHILDREN = 32;

class Node {
  blocks = 0;
  units = 0;
  tokens = 0;
  bytes = 0;
  characters = 0;
  breaks = 0;

  constructor(
    /** Blocks in a leaf, nodes above. */
    readonly children: (Node | Block)[],
    readonly leaf: boolean,
  ) {
    this.addUp();
  }

  addUp(): void {
    this.blocks = this.units = this.tokens = this.bytes = this.characters = this.breaks = 0;
    for (const child of this.children) {
      this.blocks += this.leaf ? 1 : (child as Node).blocks;
      this.units += child.units;
      this.tokens += child.tokens;
      this.bytes += child.bytes;
      this.characters += child.characters;
      this.breaks += child.breaks;
    }
  }
}

export class BlockTree {
  #root = new Node([], true);

  constructor(blocks: readonly Block[]) {
    let level: (Node | Block)[] = [...blocks];
    let leaf = true;
    do {
      level = groups(level, leaf);
      leaf = false;
    } while (level.length > 1);
    if (level[0]) this.#root = level[0] as Node;
  }

  get sums(): Sums {
    return this.#root;
  }

  get length(): number {
    return this.#root.blocks;
  }

  /** Block number `index`; undefined outside the document. */
  at(index: number): Block | undefined {
    if (index < 0 || index >= this.#root.blocks) return undefined;
    let node = this.#root;
    for (;;) {
      if (node.leaf) return node.children[index] as Block;
      for (const child of node.children as Node[]) {
        if (index < child.blocks) {
          node = child;
          break;
        }
        index -= child.blocks;
      }
    }
  }

  /**
   * The block in which the running total of `by` first exceeds `value` (for 'units': the block that holds the unit at
   * that offset); the last block when the total never does; undefined when there is none.
   */
  find(by: keyof Sums, value: number): FoundBlock | undefined {
    if (this.#root.blocks === 0) return undefined;
    let index = 0;
    let units = 0;
    let tokens = 0;
    let bytes = 0;
    let characters = 0;
    let breaks = 0;
    let rest = value;
    let node = this.#root;
    for (;;) {
      const last = node.children.length - 1;
      let at = 0;
      for (; at < last; at++) {
        const child = node.children[at]!;
        if (rest < child[by]) break;
        rest -= child[by];
        index += node.leaf ? 1 : (child as Node).blocks;
        units += child.units;
        tokens += child.tokens;
        bytes += child.bytes;
        characters += child.characters;
        breaks += child.breaks;
      }
      const child = node.children[at]!;
      if (node.leaf) {
        return { index, block: child as Block, before: { units, tokens, bytes, characters, breaks } };
      }
      node = child as Node;
    }
  }

  /** Blocks `from` (included) to `to` (excluded), in order. */
  *range(from: number, to: number): Generator<Block> {
    for (let index = from; index < to; index++) {
      const block = this.at(index);
      if (!block) return;
      yield block;
    }
  }

  /** Replaces `removed` blocks from number `index` on by `added`. */
  replace(index: number, removed: number, added: readonly Block[]): void {
    replaceBelow(this.#root, index, removed, added);
    while (!this.#root.leaf && this.#root.children.length === 1) this.#root = this.#root.children[0] as Node;
    if (!this.#root.leaf && this.#root.children.length === 0) this.#root = new Node([], true);
    while (this.#root.children.length > MOST_CHILDREN) {
      this.#root = new Node(groups(this.#root.children, this.#root.leaf), false);
    }
  }
}

/** Nodes over `children`, evenly filled to about three quarters. */
function groups(children: readonly (Node | Block)[], leaf: boolean): Node[] {
  const count = Math.max(1, Math.ceil(children.length / (MOST_CHILDREN * 0.75)));
  return Array.from(
    { length: count },
    (_, i) =>
      new Node(
        children.slice(
          Math.floor((i * children.length) / count),
          Math.floor(((i + 1) * children.length) / count),
        ),
        leaf,
      ),
  );
}

function replaceBelow(node: Node, index: number, removed: number, added: readonly Block[]): void {
  if (node.leaf) {
    if (removed === 1 && added.length === 1) node.children[index] = added[0]!;
    else node.children.splice(index, removed, ...added);
    node.addUp();
    return;
  }
  const children = node.children as Node[];
  let at = 0;
  while (at < children.length - 1 && index >= children[at]!.blocks) index -= children[at++]!.blocks;
  // Later children lose what the first one cannot; only the first one gains.
  const own = Math.min(removed, children[at]!.blocks - index);
  let rest = removed - own;
  replaceBelow(children[at]!, index, own, added);
  for (let next = at + 1; rest > 0 && next < children.length; next++) {
    const here = Math.min(rest, children[next]!.blocks);
    replaceBelow(children[next]!, 0, here, []);
    rest -= here;
  }
  if (children.some((child) => child.blocks === 0 || child.children.length > MOST_CHILDREN)) {
    const kept = children.flatMap((child) => {
      if (child.blocks === 0) return [];
      return child.children.length > MOST_CHILDREN ? groups(child.children, child.leaf) : [child];
    });
    node.children.splice(0, node.children.length, ...kept);
  }
  node.addUp();
}
