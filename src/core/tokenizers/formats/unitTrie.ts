// A trie over UTF-16 units in one open-addressing table, (node, unit) -> node, for prefix searches in text.
import { hashPair } from '../bytePairMerge';

const FREE = 0xffffffff;

export class UnitTrie {
  #nodes = new Uint32Array(1 << 12).fill(FREE);
  #units = new Uint32Array(1 << 12);
  #children = new Uint32Array(1 << 12);
  #count = 1;
  /** Token of each node, -1 for none. */
  #ids = new Int32Array(1 << 11).fill(-1);

  /** Adds a text; the first id of a text stays. */
  add(text: string, id: number): void {
    let node = 0;
    for (let i = 0; i < text.length; i++) node = this.#childOrNew(node, text.charCodeAt(i));
    if (node > 0 && this.#ids[node] === -1) this.#ids[node] = id;
  }

  /** The node after `unit`, or -1. The root is node 0. */
  child(node: number, unit: number): number {
    const slot = this.#slot(node, unit);
    return this.#nodes[slot] === FREE ? -1 : this.#children[slot]!;
  }

  /** Id of the text that ends at `node`, or -1. */
  idAt(node: number): number {
    return this.#ids[node]!;
  }

  #slot(node: number, unit: number): number {
    const mask = this.#nodes.length - 1;
    let slot = hashPair(node, unit) & mask;
    while (this.#nodes[slot] !== FREE && (this.#nodes[slot] !== node || this.#units[slot] !== unit)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #childOrNew(node: number, unit: number): number {
    let slot = this.#slot(node, unit);
    if (this.#nodes[slot] !== FREE) return this.#children[slot]!;
    if (this.#count * 2 > this.#nodes.length) {
      this.#grow();
      slot = this.#slot(node, unit);
    }
    const child = this.#count++;
    this.#nodes[slot] = node;
    this.#units[slot] = unit;
    this.#children[slot] = child;
    return child;
  }

  #grow(): void {
    const [nodes, units, children] = [this.#nodes, this.#units, this.#children];
    this.#nodes = new Uint32Array(nodes.length * 2).fill(FREE);
    this.#units = new Uint32Array(nodes.length * 2);
    this.#children = new Uint32Array(nodes.length * 2);
    for (let i = 0; i < nodes.length; i++) {
      if (nodes[i] === FREE) continue;
      const slot = this.#slot(nodes[i]!, units[i]!);
      this.#nodes[slot] = nodes[i]!;
      this.#units[slot] = units[i]!;
      this.#children[slot] = children[i]!;
    }
    const ids = new Int32Array(nodes.length).fill(-1);
    ids.set(this.#ids);
    this.#ids = ids;
  }
}
