// Runs Tessera's own graph layout ("tree-1", written by training/export_onnx.py): any tree of new inputs in one forward
// over a fixed key/value buffer that is read in place, with an additive mask that shows each input its ancestors only.
import type { EmbeddingTable } from './embeddingTable.js';
import { logitRows, inputEmbeddings, type ForwardPlan, type GraphRunner } from './graphRunner.js';
import type { KeyValueCache, KeyValueRows, KeyValueShape } from './keyValueCache.js';
import type { Logits } from './languageModel.js';
import { toFloat32, type Tensor, type TensorSession } from './tensorSession.js';

/** Added to the score of a row that must not be seen. Large enough that its weight is exactly 0 in float32. */
const HIDDEN = -1e9;

export interface TreeGraph {
  readonly session: TensorSession;
  readonly shape: KeyValueShape;
  readonly vocabularySize: number;
  readonly embeddings: EmbeddingTable;
}

export function treeGraphRunner(graph: TreeGraph): GraphRunner {
  const { session, shape, vocabularySize, embeddings } = graph;
  const width = embeddings.width;
  let tensors: PastTensors | undefined;
  return {
    shape,
    vocabularySize,
    embeddingSize: width,
    tree: true,
    forward: async (plan, cache) => {
      if (tensors?.keys !== cache.keys) tensors = pastTensors(cache);
      const count = plan.inputs.length;
      const outputs = await session.run({
        inputs_embeds: float(await inputEmbeddings(plan.inputs, embeddings), [count, width]),
        positions: int64(plan.positions),
        mask: float(treeMask(plan, cache.capacity), [count, cache.capacity + count]),
        logit_rows: int64(plan.wanted.length > 0 ? plan.wanted : Int32Array.of(count - 1)),
        ...tensors.feeds,
      });
      storeRows(plan, cache, outputs, (layer) => [`new_key.${layer}`, `new_value.${layer}`]);
      const logits: readonly Logits[] = logitRows(
        toFloat32(outputs['logits']!),
        plan.wanted.length,
        vocabularySize,
      );
      return logits;
    },
    embeddingRows: async (ids) => embeddings.read(ids),
    release: () => session.release(),
  };
}

/**
 * Mask [inputs, capacity + inputs]: 0 where an input may look (its cached ancestors, its ancestors among the new inputs,
 * itself), a large negative number elsewhere.
 */
export function treeMask(plan: ForwardPlan, capacity: number): Float32Array {
  const count = plan.inputs.length;
  const row = capacity + count;
  const mask = new Float32Array(count * row).fill(HIDDEN);
  for (let i = 0; i < count; i++) {
    const parent = plan.parents[i]!;
    if (parent >= 0) mask.copyWithin(i * row, parent * row, (parent + 1) * row);
    else for (const slot of plan.pasts[i]!) mask[i * row + slot] = 0;
    mask[i * row + capacity + i] = 0;
  }
  return mask;
}

interface PastTensors {
  readonly keys: readonly KeyValueRows[];
  readonly feeds: Readonly<Record<string, Tensor>>;
}

function pastTensors(cache: KeyValueCache): PastTensors {
  const dims = [cache.shape.heads, cache.capacity, cache.shape.headSize];
  const type = cache.shape.element;
  const feeds: Record<string, Tensor> = {};
  cache.keys.forEach((data, layer) => (feeds[`past_key.${layer}`] = { type, data, dims }));
  cache.values.forEach((data, layer) => (feeds[`past_value.${layer}`] = { type, data, dims }));
  return { keys: cache.keys, feeds };
}

function storeRows(
  plan: ForwardPlan,
  cache: KeyValueCache,
  outputs: Readonly<Record<string, Tensor>>,
  names: (layer: number) => readonly [string, string],
): void {
  const count = plan.inputs.length;
  for (let layer = 0; layer < cache.shape.layers; layer++) {
    const [key, value] = names(layer);
    const keys = outputs[key]!.data as KeyValueRows;
    const values = outputs[value]!.data as KeyValueRows;
    for (let i = 0; i < count; i++)
      if (plan.slots[i]! >= 0) cache.write(layer, plan.slots[i]!, keys, values, i, count);
  }
}

function float(data: Float32Array, dims: readonly number[]): Tensor {
  return { type: 'float32', data, dims };
}

function int64(values: Int32Array): Tensor {
  return { type: 'int64', data: BigInt64Array.from(values, BigInt), dims: [values.length] };
}
