// One forward of a model over a small tree of new inputs: what a session asks of a graph, whatever the graph's layout.
import type { EmbeddingTable } from './embeddingTable.js';
import type { KeyValueCache, KeyValueShape } from './keyValueCache.js';
import type { Logits } from './languageModel.js';

/** New inputs in an order in which parents come before children. Arrays have one entry per input. */
export interface ForwardPlan {
  /** Token ids, or embeddings of the model's width. */
  readonly inputs: readonly (number | Float32Array)[];
  /** Index of the parent within this plan, or -1 when the parent is cached already. */
  readonly parents: Int32Array;
  /** Slots of the cached ancestors, in order of depth; shared between inputs with the same cached parent. */
  readonly pasts: readonly Int32Array[];
  /** Position of each input: its depth from the empty context. */
  readonly positions: Int32Array;
  /** Where the input's keys and values go; -1 when they are in the cache already (then they are read from `known`). */
  readonly slots: Int32Array;
  /** Slot of an input that was cached before, else -1. */
  readonly known: Int32Array;
  /** Inputs whose logits are wanted. */
  readonly wanted: Int32Array;
}

export interface GraphRunner {
  readonly shape: KeyValueShape;
  /** Entries of a logits row. */
  readonly vocabularySize: number;
  /** Floats in an input embedding; 0 when the graph takes ids only. */
  readonly embeddingSize: number;
  /** True when one forward takes a whole tree; false when branches go through the model one after the other. */
  readonly tree: boolean;
  /** Evaluates the plan, stores new keys and values in the cache, returns one row per wanted input. */
  forward(plan: ForwardPlan, cache: KeyValueCache): Promise<readonly Logits[]>;
  /** Row-major embeddings of ids. Rejects when `embeddingSize` is 0. */
  embeddingRows(ids: ArrayLike<number>): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Rows of a [rows, width] logits tensor; each is its own view. */
export function logitRows(data: Float32Array, rows: number, width: number): readonly Float32Array[] {
  return Array.from({ length: rows }, (_, i) => data.subarray(i * width, (i + 1) * width));
}

/** Inputs as embeddings [inputs, width]: ids are looked up, embeddings copied. */
export async function inputEmbeddings(
  inputs: readonly (number | Float32Array)[],
  table: EmbeddingTable,
): Promise<Float32Array> {
  const ids = inputs.filter((input) => typeof input === 'number');
  const rows = ids.length > 0 ? await table.read(ids) : new Float32Array(0);
  if (ids.length === inputs.length) return rows;
  const { width } = table;
  const out = new Float32Array(inputs.length * width);
  let next = 0;
  inputs.forEach((input, i) => {
    const row = typeof input === 'number' ? rows.subarray(next * width, ++next * width) : input;
    out.set(row, i * width);
  });
  return out;
}
