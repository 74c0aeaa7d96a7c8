// Runs a decoder in the layout that Hugging Face optimum and transformers.js write: `past_key_values.N.key/value`
// in, `present.N.key/value` out (past and new rows together), a causal mask inside the graph. Such a graph knows no trees,
// so the branches of a plan go through it one after the other, each over its own gathered past.
// When a chain continues the one before it, the graph's own `present` tensors are fed back and nothing is gathered.
import type { EmbeddingTable } from './embeddingTable.js';
import { logitRows, inputEmbeddings, type ForwardPlan, type GraphRunner } from './graphRunner.js';
import type { KeyValueCache, KeyValueRows, KeyValueShape } from './keyValueCache.js';
import type { Logits } from './languageModel.js';
import { numberToHalf, toFloat32, type Tensor, type TensorSession } from './tensorSession.js';

export interface ChainGraph {
  readonly session: TensorSession;
  readonly shape: KeyValueShape;
  readonly vocabularySize: number;
  /** Absent: the graph takes ids only. */
  readonly embeddings?: EmbeddingTable;
  /** Name of the input that takes embeddings, when `embeddings` is there. */
  readonly embeddingInput?: string;
}

/** The `present` tensors of the last chain, and whose rows they are. */
interface Tail {
  readonly cache: KeyValueCache;
  readonly path: Int32Array;
  readonly generations: Uint32Array;
  readonly past: Readonly<Record<string, Tensor>>;
}

/** Consecutive inputs of a plan, each the child of the one before. */
export interface Chain {
  readonly indices: readonly number[];
}

export function chainGraphRunner(graph: ChainGraph): GraphRunner {
  const { session, shape, vocabularySize, embeddings, embeddingInput } = graph;
  const has = new Set(session.inputs.map(({ name }) => name));
  const layers = Array.from({ length: shape.layers }, (_, i) => i);
  let tail: Tail | undefined;

  const pastFeeds = (path: Int32Array, cache: KeyValueCache): Record<string, Tensor> => {
    if (tail !== undefined && continues(tail, path, cache)) return { ...tail.past };
    const dims = [1, shape.heads, path.length, shape.headSize];
    const feeds: Record<string, Tensor> = {};
    for (const layer of layers) {
      const past = (buffer: KeyValueRows): Tensor => ({
        type: shape.element,
        data: cache.gather(buffer, path),
        dims,
      });
      feeds[`past_key_values.${layer}.key`] = past(cache.keys[layer]!);
      feeds[`past_key_values.${layer}.value`] = past(cache.values[layer]!);
    }
    return feeds;
  };

  const runChain = async (
    plan: ForwardPlan,
    chain: Chain,
    path: Int32Array,
    cache: KeyValueCache,
  ): Promise<readonly Float32Array[]> => {
    const { indices } = chain;
    const count = indices.length;
    const total = path.length + count;
    const feeds = pastFeeds(path, cache);
    const ids = indices.map((i) => plan.inputs[i]!);
    if (embeddings !== undefined && embeddingInput !== undefined) {
      const data = await inputEmbeddings(ids, embeddings);
      const half = session.inputs.find(({ name }) => name === embeddingInput)?.type === 'float16';
      feeds[embeddingInput] = {
        type: half ? 'float16' : 'float32',
        data: half ? Uint16Array.from(data, numberToHalf) : data,
        dims: [1, count, embeddings.width],
      };
    }
    if (has.has('input_ids')) {
      const data = BigInt64Array.from(ids, (id) => BigInt(typeof id === 'number' ? id : 0));
      feeds['input_ids'] = { type: 'int64', data, dims: [1, count] };
    }
    if (has.has('attention_mask'))
      feeds['attention_mask'] = { type: 'int64', data: new BigInt64Array(total).fill(1n), dims: [1, total] };
    if (has.has('position_ids')) {
      const data = BigInt64Array.from(indices, (i) => BigInt(plan.positions[i]!));
      feeds['position_ids'] = { type: 'int64', data, dims: [1, count] };
    }
    if (has.has('use_cache_branch'))
      feeds['use_cache_branch'] = { type: 'bool', data: Uint8Array.of(path.length > 0 ? 1 : 0), dims: [1] };
    if (has.has('num_logits_to_keep'))
      feeds['num_logits_to_keep'] = { type: 'int64', data: BigInt64Array.of(BigInt(count)), dims: [] };
    const outputs = await session.run(feeds);
    storeChain(plan, chain, path.length, cache, outputs);
    const whole = Int32Array.from([...path, ...indices.map((i) => slotOf(plan, i))]);
    tail = {
      cache,
      path: whole,
      generations: Uint32Array.from(whole, (slot) => cache.generations[slot]!),
      past: Object.fromEntries(
        layers.flatMap((layer) =>
          ['key', 'value'].map((kind) => [
            `past_key_values.${layer}.${kind}`,
            outputs[`present.${layer}.${kind}`]!,
          ]),
        ),
      ),
    };
    return logitRows(toFloat32(outputs['logits']!), count, vocabularySize);
  };

  return {
    shape,
    vocabularySize,
    embeddingSize: embeddings?.width ?? 0,
    tree: false,
    forward: async (plan, cache) => {
      const rows: Float32Array[] = [];
      for (const chain of chainsOf(plan)) {
        const chainRows = await runChain(plan, chain, chainPast(plan, chain), cache);
        chain.indices.forEach((index, i) => (rows[index] = chainRows[i]!));
      }
      // A copy: the rows that were not asked for must not stay in memory with the ones that were.
      const logits: readonly Logits[] = Array.from(plan.wanted, (i) => rows[i]!.slice());
      return logits;
    },
    embeddingRows: async (ids) => {
      if (embeddings === undefined) throw new TypeError('this graph takes token ids only');
      return embeddings.read(ids);
    },
    release: () => session.release(),
  };
}

/** Splits a plan into maximal chains of consecutive inputs; parents come before children. */
export function chainsOf(plan: ForwardPlan): readonly Chain[] {
  const chains: { indices: number[] }[] = [];
  for (let i = 0; i < plan.inputs.length; i++) {
    const last = chains[chains.length - 1];
    if (i > 0 && last !== undefined && plan.parents[i] === i - 1) last.indices.push(i);
    else chains.push({ indices: [i] });
  }
  return chains;
}

/** Slots of everything before a chain: the cached path and the new ancestors, which were stored before. */
function chainPast(plan: ForwardPlan, chain: Chain): Int32Array {
  const first = chain.indices[0]!;
  const above: number[] = [];
  for (let at = plan.parents[first]!; at >= 0; at = plan.parents[at]!) above.push(slotOf(plan, at));
  return Int32Array.from([...plan.pasts[first]!, ...above.reverse()]);
}

function slotOf(plan: ForwardPlan, index: number): number {
  return plan.slots[index]! >= 0 ? plan.slots[index]! : plan.known[index]!;
}

function storeChain(
  plan: ForwardPlan,
  { indices }: Chain,
  past: number,
  cache: KeyValueCache,
  outputs: Readonly<Record<string, Tensor>>,
): void {
  for (let layer = 0; layer < cache.shape.layers; layer++) {
    const keys = outputs[`present.${layer}.key`]!.data as KeyValueRows;
    const values = outputs[`present.${layer}.value`]!.data as KeyValueRows;
    indices.forEach((index, i) => {
      const slot = plan.slots[index]!;
      if (slot >= 0) cache.write(layer, slot, keys, values, past + i, past + indices.length);
    });
  }
}

function continues(tail: Tail, path: Int32Array, cache: KeyValueCache): boolean {
  return (
    tail.cache === cache &&
    tail.path.length === path.length &&
    path.every((slot, i) => slot === tail.path[i] && cache.generations[slot] === tail.generations[i])
  );
}
