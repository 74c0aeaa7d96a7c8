// The cache of the toy models: a radix tree of contexts whose "keys and values" are one small state per node.
// It keeps the rules of `LmSession` (holding, reuse by path, cancellation, context limit) and counts its work, so the
// decoders' costs can be asserted without a runtime.
import type {
  CacheNode,
  Cancellation,
  Evaluated,
  LmSession,
  Logits,
  ModelInfo,
  NodeInput,
  Prefilled,
} from './languageModel';
import { ModelStopped } from './languageModel';

/** What a toy model computes: a state per context and scores from a state. */
export interface ToyCell<State> {
  readonly start: State;
  /** State after one more input; an id or an embedding row. */
  advance(state: State, input: number | Float32Array, depth: number): State;
  logits(state: State, depth: number): Logits;
  embeddingRow(id: number): Float32Array;
}

/** Work done by a session since it was opened. */
export interface ToyWork {
  prefills: number;
  prefillRows: number;
  forwards: number;
  rows: number;
}

interface ToyNode<State> extends CacheNode {
  readonly state: State;
  readonly parent: ToyNode<State> | undefined;
  readonly input: number;
  readonly children: Map<number, ToyNode<State>>;
  holds: number;
  embedded: number;
}

/** Released nodes that stay for reuse. */
const IDLE_LIMIT = 8192;
const PREFILL_CHUNK = 64;

export class ToySession<State> implements LmSession {
  readonly info: ModelInfo;
  readonly root: CacheNode;
  readonly work: ToyWork = { prefills: 0, prefillRows: 0, forwards: 0, rows: 0 };
  readonly #cell: ToyCell<State>;
  readonly #nodes = new Map<number, ToyNode<State>>();
  readonly #idle = new Set<ToyNode<State>>();
  #nextId = 1;
  #open = true;

  constructor(info: ModelInfo, cell: ToyCell<State>) {
    this.info = info;
    this.#cell = cell;
    const root: ToyNode<State> = {
      id: 0,
      depth: 0,
      state: cell.start,
      parent: undefined,
      input: -1,
      children: new Map(),
      holds: 1,
      embedded: 0,
    };
    this.#nodes.set(0, root);
    this.root = root;
  }

  /** Number of contexts in the cache, the root included. */
  get size(): number {
    return this.#nodes.size;
  }

  async prefill(ids: ArrayLike<number>, cancellation?: Cancellation): Promise<Prefilled> {
    this.work.prefills++;
    let at = this.#find(this.root);
    let done = 0;
    while (done < ids.length) {
      const child = at.children.get(ids[done]!);
      if (child === undefined) break;
      at = child;
      done++;
    }
    const reused = done;
    while (done < ids.length) {
      await this.#pause(cancellation);
      for (const end = Math.min(ids.length, done + PREFILL_CHUNK); done < end; done++) {
        at = this.#child(at, ids[done]!);
        this.work.prefillRows++;
      }
    }
    await this.#pause(cancellation);
    this.#hold(at);
    return {
      node: at,
      logits: this.#cell.logits(at.state, at.depth),
      reused,
      computed: ids.length - reused,
    };
  }

  async evaluate(inputs: readonly NodeInput[], cancellation?: Cancellation): Promise<Evaluated> {
    await this.#pause(cancellation);
    if (inputs.length === 0) return { nodes: [], logits: [] };
    this.work.forwards++;
    this.work.rows += inputs.length;
    const nodes: ToyNode<State>[] = [];
    for (const { parent, input } of inputs) {
      const above = typeof parent === 'number' ? nodes[parent] : this.#find(parent);
      if (above === undefined) throw new RangeError('parent must be an earlier input of the same call');
      nodes.push(this.#child(above, input));
    }
    for (const node of nodes) this.#hold(node);
    return { nodes, logits: nodes.map((node) => this.#cell.logits(node.state, node.depth)) };
  }

  embeddingRows(ids: ArrayLike<number>): Promise<Float32Array> {
    const width = this.info.embeddingSize;
    if (width === 0)
      return Promise.reject(new ModelStopped('failed', 'this model has no embeddings to read'));
    const rows = new Float32Array(ids.length * width);
    for (let i = 0; i < ids.length; i++) rows.set(this.#cell.embeddingRow(ids[i]!), i * width);
    return Promise.resolve(rows);
  }

  release(nodes: Iterable<CacheNode>): void {
    for (const handle of nodes) {
      const node = this.#nodes.get(handle.id);
      if (node === undefined || node.depth === 0) continue;
      if (node.holds === 0) throw new RangeError(`cache node ${node.id} released more often than returned`);
      node.holds--;
      this.#idleOrDrop(node);
    }
    while (this.#idle.size > IDLE_LIMIT) this.#drop(this.#idle.values().next().value!);
  }

  close(): void {
    this.#open = false;
    this.#nodes.clear();
    this.#idle.clear();
  }

  #find(handle: CacheNode): ToyNode<State> {
    const node = this.#nodes.get(handle.id);
    if (node === undefined) throw new RangeError(`cache node ${handle.id} is not held by this session`);
    return node;
  }

  #hold(node: ToyNode<State>): void {
    node.holds++;
    this.#idle.delete(node);
  }

  #idleOrDrop(node: ToyNode<State>): void {
    if (node.holds > 0 || node.children.size > 0 || node.embedded > 0) return;
    // An embedding input cannot be found again by path, so keeping it would only cost memory.
    if (node.input < 0) this.#drop(node);
    else this.#idle.add(node);
  }

  #drop(node: ToyNode<State>): void {
    this.#nodes.delete(node.id);
    this.#idle.delete(node);
    const { parent } = node;
    if (parent === undefined) return;
    if (node.input < 0) parent.embedded--;
    else parent.children.delete(node.input);
    if (parent.depth > 0) this.#idleOrDrop(parent);
  }

  #child(parent: ToyNode<State>, input: number | Float32Array): ToyNode<State> {
    const known = typeof input === 'number' ? parent.children.get(input) : undefined;
    if (known !== undefined) return known;
    const depth = parent.depth + 1;
    if (depth > this.info.contextLength) {
      throw new ModelStopped(
        'contextFull',
        `the context of ${this.info.name} holds ${this.info.contextLength} tokens`,
      );
    }
    const node: ToyNode<State> = {
      id: this.#nextId++,
      depth,
      state: this.#cell.advance(parent.state, input, depth),
      parent,
      input: typeof input === 'number' ? input : -1,
      children: new Map(),
      holds: 0,
      embedded: 0,
    };
    if (typeof input === 'number') parent.children.set(input, node);
    else parent.embedded++;
    this.#idle.delete(parent);
    this.#nodes.set(node.id, node);
    return node;
  }

  /** Lets other work run, then stops a cancelled or closed call. */
  async #pause(cancellation: Cancellation | undefined): Promise<void> {
    await Promise.resolve();
    if (!this.#open) throw new ModelStopped('closed', 'the model session is closed');
    if (cancellation?.cancelled === true) throw new ModelStopped('cancelled', 'cancelled');
  }
}
