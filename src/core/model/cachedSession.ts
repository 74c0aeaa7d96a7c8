// A session over any graph: the cache tree, prompt reuse, chunked prefill with cancellation, and atomic failures.
// One call runs at a time; calls made meanwhile wait their turn.
import { CacheTree, pathSlots, type CacheEntry } from './cacheTree.js';
import type { ForwardPlan, GraphRunner } from './graphRunner.js';
import { KeyValueCache } from './keyValueCache.js';
import {
  ModelStopped,
  type Cancellation,
  type CacheNode,
  type Evaluated,
  type LmSession,
  type Logits,
  type ModelInfo,
  type NodeInput,
  type Prefilled,
} from './languageModel.js';

export interface SessionOptions {
  /** Most tokens cached at once; at least the context length plus a tree. */
  readonly slots: number;
  /** Cached tokens beside a new prompt that stay when it comes (earlier drafts and places): each costs a little in every step. */
  readonly spareSlots: number;
  /** Longest time between two looks at the cancellation during a prefill. */
  readonly chunkMilliseconds: number;
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** Lets messages in between two chunks. */
  readonly pause: () => Promise<void>;
}

const SMALLEST_CHUNK = 16;
const LARGEST_CHUNK = 128;

export class CachedSession implements LmSession {
  readonly root: CacheNode;
  private readonly tree = new CacheTree();
  private readonly cache: KeyValueCache;
  private turn: Promise<unknown> = Promise.resolve();
  private closed = false;
  private chunk = SMALLEST_CHUNK * 2;

  constructor(
    readonly info: ModelInfo,
    private readonly runner: GraphRunner,
    private readonly options: SessionOptions,
  ) {
    this.root = this.tree.root;
    this.cache = new KeyValueCache(runner.shape, options.slots);
  }

  /** Bytes of the key/value buffers and tokens cached now. */
  get usage(): { readonly bytes: number; readonly tokens: number } {
    return { bytes: this.cache.bytes, tokens: this.tree.size };
  }

  prefill(ids: ArrayLike<number>, cancellation?: Cancellation): Promise<Prefilled> {
    return this.inTurn(() => this.prefillNow(ids, cancellation));
  }

  evaluate(inputs: readonly NodeInput[], cancellation?: Cancellation): Promise<Evaluated> {
    return this.inTurn(async () => {
      if (inputs.length === 0) return { nodes: [], logits: [] };
      const all = Int32Array.from(inputs, (_, i) => i);
      return this.evaluateNow(inputs, all, cancellation);
    });
  }

  async embeddingRows(ids: ArrayLike<number>): Promise<Float32Array> {
    if (this.info.embeddingSize === 0)
      throw new ModelStopped('failed', `${this.info.name} takes token ids only: no input embeddings.`);
    return this.runner.embeddingRows(ids);
  }

  release(nodes: Iterable<CacheNode>): void {
    for (const node of nodes) {
      const found = this.tree.find(node);
      if (found !== undefined) this.tree.release(found);
    }
  }

  close(): void {
    this.closed = true;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.turn;
    let done: () => void = () => undefined;
    this.turn = new Promise<void>((resolve) => (done = resolve));
    await before;
    try {
      return await work();
    } finally {
      done();
    }
  }

  private async prefillNow(
    ids: ArrayLike<number>,
    cancellation: Cancellation | undefined,
  ): Promise<Prefilled> {
    if (ids.length === 0) throw new ModelStopped('failed', 'A prompt needs at least one token.');
    this.checkDepth(ids.length);
    this.check(cancellation);
    // The last token always goes through the model: its logits are the result.
    const from = this.tree.longestPrefix(ids, ids.length - 1);
    const reused = from.depth;
    let at = from;
    this.tree.hold(at);
    this.cache.free(this.tree.dropUnreachable());
    this.dropSpare(ids.length, ids.length - reused);
    try {
      for (let i = reused; ;) {
        const end = Math.min(ids.length, i + this.chunk);
        const inputs: NodeInput[] = [];
        for (let k = i; k < end; k++) inputs.push({ parent: k === i ? at : k - i - 1, input: ids[k]! });
        const last = end === ids.length;
        const wanted = last ? Int32Array.of(inputs.length - 1) : new Int32Array(0);
        const began = this.options.now();
        const { nodes, logits } = await this.evaluateNow(inputs, wanted, cancellation);
        this.tuneChunk(inputs.length, this.options.now() - began);
        const tail = this.tree.find(nodes[nodes.length - 1]!)!;
        this.release(last ? nodes.slice(0, -1) : nodes);
        if (last) return { node: tail, logits: logits[0]!, reused, computed: ids.length - reused };
        this.tree.hold(tail);
        this.tree.release(at);
        at = tail;
        i = end;
        await this.options.pause();
      }
    } finally {
      this.tree.release(at);
    }
  }

  private async evaluateNow(
    inputs: readonly NodeInput[],
    wanted: Int32Array,
    cancellation: Cancellation | undefined,
  ): Promise<Evaluated> {
    this.check(cancellation);
    const { plan, parents, existing } = this.plan(inputs, wanted);
    let logits: readonly Logits[];
    try {
      logits = await this.runner.forward(plan, this.cache);
    } catch (error) {
      this.cache.free([...plan.slots].filter((slot) => slot >= 0));
      const reason = error instanceof Error ? error.message : String(error);
      throw new ModelStopped('failed', `The model could not be evaluated: ${reason}`);
    }
    const made: CacheEntry[] = [];
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i]!.input;
      const token = typeof input === 'number' ? input : undefined;
      const parent = parents[i] ?? made[plan.parents[i]!]!;
      // The same token asked for twice under one parent is one context.
      const known = existing[i] ?? (token === undefined ? undefined : parent.children.get(token));
      if (known !== undefined && plan.slots[i]! >= 0) this.cache.free([plan.slots[i]!]);
      const node = known ?? this.tree.add(parent, token, plan.slots[i]!);
      this.tree.hold(node);
      made.push(node);
    }
    return { nodes: made, logits };
  }

  /** Lays a call out for the graph and takes its slots. */
  private plan(
    inputs: readonly NodeInput[],
    wanted: Int32Array,
  ): {
    readonly plan: ForwardPlan;
    readonly parents: readonly (CacheEntry | undefined)[];
    readonly existing: readonly (CacheEntry | undefined)[];
  } {
    const count = inputs.length;
    const parents: (CacheEntry | undefined)[] = [];
    const existing: (CacheEntry | undefined)[] = [];
    const positions = new Int32Array(count);
    const parentIndex = new Int32Array(count).fill(-1);
    const pasts: Int32Array[] = [];
    const pathOf = new Map<CacheEntry, Int32Array>();
    inputs.forEach(({ parent, input }, i) => {
      if (typeof parent === 'number') {
        if (!(Number.isInteger(parent) && parent >= 0 && parent < i))
          throw new ModelStopped('failed', `Input ${i} names a parent that does not come before it.`);
        parentIndex[i] = parent;
        positions[i] = positions[parent]! + 1;
        parents.push(undefined);
        pasts.push(pasts[parent]!);
        existing.push(childOf(existing[parent], input));
      } else {
        const found = this.tree.find(parent);
        if (found === undefined)
          throw new ModelStopped('failed', `Input ${i} continues a context that was released.`);
        positions[i] = found.depth;
        parents.push(found);
        const path = pathOf.get(found) ?? pathSlots(found);
        pathOf.set(found, path);
        pasts.push(path);
        existing.push(childOf(found, input));
      }
      this.checkInput(input);
      this.checkDepth(positions[i] + 1);
    });
    const fresh = existing.filter((known) => known === undefined).length;
    const held = parents.filter((parent) => parent !== undefined);
    const kept = existing.filter((known) => known !== undefined);
    for (const entry of [...held, ...kept]) this.tree.hold(entry);
    this.makeRoom(fresh);
    for (const entry of [...held, ...kept]) this.tree.release(entry);
    const taken = this.cache.allocate(fresh);
    let next = 0;
    const slots = Int32Array.from(existing, (known) => (known === undefined ? taken[next++]! : -1));
    const known = Int32Array.from(existing, (entry) => entry?.slot ?? -1);
    const plan = {
      inputs: inputs.map(({ input }) => input),
      parents: parentIndex,
      pasts,
      positions,
      slots,
      known,
      wanted,
    };
    return { plan, parents, existing };
  }

  private makeRoom(count: number): void {
    if (this.cache.freeSlots < count) this.cache.free(this.tree.evict(count - this.cache.freeSlots));
    if (this.cache.freeSlots < count)
      throw new ModelStopped('contextFull', `All ${this.cache.slots} cached tokens are in use.`);
  }

  /**
   * Forgets the oldest tokens of other prompts: the graph looks at every slot below the highest used one, so what is left
   * of earlier drafts and places would make every later step slower (by half at 2 300 cached tokens against 640).
   */
  private dropSpare(depth: number, computed: number): void {
    const limit = depth + this.options.spareSlots;
    const excess = this.tree.size + computed - limit;
    if (excess > 0) this.cache.free(this.tree.evict(excess));
  }

  private tuneChunk(count: number, milliseconds: number): void {
    if (count < this.chunk || milliseconds <= 0) return;
    const fitting = (count * this.options.chunkMilliseconds) / milliseconds;
    this.chunk = Math.max(SMALLEST_CHUNK, Math.min(LARGEST_CHUNK, this.chunk * 2, Math.floor(fitting)));
  }

  private checkInput(input: number | Float32Array): void {
    if (typeof input === 'number') {
      if (!(Number.isInteger(input) && input >= 0 && input < this.info.vocabularySize))
        throw new ModelStopped('failed', `Token ${input} is outside the model's vocabulary.`);
    } else if (input.length !== this.info.embeddingSize)
      throw new ModelStopped(
        'failed',
        `An embedding of ${input.length} floats; ${this.info.name} takes ${this.info.embeddingSize}.`,
      );
  }

  private checkDepth(depth: number): void {
    if (depth > this.info.contextLength)
      throw new ModelStopped(
        'contextFull',
        `${this.info.name} reads ${this.info.contextLength} tokens, not ${depth}.`,
      );
  }

  private check(cancellation: Cancellation | undefined): void {
    if (this.closed) throw new ModelStopped('closed', 'The session was closed.');
    if (cancellation?.cancelled === true) throw new ModelStopped('cancelled', 'Cancelled.');
  }
}

function childOf(parent: CacheEntry | undefined, input: number | Float32Array): CacheEntry | undefined {
  return typeof input === 'number' ? parent?.children.get(input) : undefined;
}
