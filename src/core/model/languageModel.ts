// What every language model is to the decoders: contexts as cache nodes, and one call that evaluates a small tree of
// new inputs. Implementations: the ONNX runtime in the model process and the toy hash model of the tests.
// A cache node stands for one context (the path of inputs from the empty context to it) and for the keys and values the
// model keeps for it. Nodes form a radix tree: `evaluate` adds children anywhere in it, so greedy decoding, beams,
// forked drafts, byte covers and verification trees are all the same call with other parents.
// Worked example: three drafts that share a prompt are `evaluate([{parent: p, input: a}, {parent: p, input: b},
// {parent: p, input: c}])`: one forward of three rows, each seeing the prompt and itself only.

/** Unnormalised next-token scores, one per vocabulary id. Runtimes give Float32Array; exact test models Float64Array. */
export type Logits = Float32Array | Float64Array;

/** Looked at between chunks of a prefill and before every forward. A plain object: set `cancelled` to stop. */
export interface Cancellation {
  readonly cancelled: boolean;
}

/** Fill-in-the-middle tokens of a model, found by their text in its tokenizer. */
export interface FimTokens {
  readonly family: string;
  readonly prefix: number;
  readonly suffix: number;
  readonly middle: number;
  readonly pad?: number;
  /** Separates files of one repository in the prompt, where the family has such a token. */
  readonly fileSeparator?: number;
}

/** What is fixed for a loaded model. */
export interface ModelInfo {
  readonly name: string;
  /** Entries of a logits row. May exceed the tokenizer's vocabulary (padded head). */
  readonly vocabularySize: number;
  /** Longest path of inputs, prompt included. */
  readonly contextLength: number;
  /** Floats in one input embedding; 0 where the graph takes ids only, so superposed input is impossible. */
  readonly embeddingSize: number;
  /** Put before every prompt, when the model was trained so. */
  readonly beginOfText?: number;
  /** Ids that end a text or a fill: never part of a draft. */
  readonly endTokens: readonly number[];
  /** Absent: the model cannot fill in the middle and is prompted left to right. */
  readonly fim?: FimTokens;
  /** `vocabularyFingerprint` of the tokenizer that the model was trained with; absent when nobody recorded it. */
  readonly tokenizerFingerprint?: string;
}

/** Measured time of one forward by number of tree nodes, sorted by `nodes`, at `contextTokens` of cached context. */
export interface StepCost {
  readonly nodes: readonly number[];
  readonly milliseconds: readonly number[];
  readonly contextTokens: number;
  readonly prefillMillisecondsPerToken: number;
}

/** A context held by a session. Compare by `id`; `depth` is the number of inputs on its path (the next position). */
export interface CacheNode {
  readonly id: number;
  readonly depth: number;
}

/** One new input. Its position is its depth, its attention mask its ancestors: both follow from `parent`. */
export interface NodeInput {
  /** A node of this session, or the index of an EARLIER input of the same call. */
  readonly parent: CacheNode | number;
  /** A token id, or an embedding of `embeddingSize` floats (superposed input). */
  readonly input: number | Float32Array;
}

/** Result of `evaluate`, one entry per input and in their order. */
export interface Evaluated {
  readonly nodes: readonly CacheNode[];
  /** Rows stay valid until the caller drops them; they are never overwritten by a later call. */
  readonly logits: readonly Logits[];
}

export interface Prefilled {
  /** The context after the last id. */
  readonly node: CacheNode;
  /** Scores after the last id. */
  readonly logits: Logits;
  /** Leading ids that were found in the cache. */
  readonly reused: number;
  /** Ids that went through the model. */
  readonly computed: number;
}

/**
 * One user of a model with its own cache.
 * Ownership: every node returned by `prefill` or `evaluate` is held for the caller until it is passed to `release` (once
 * per return). A held node keeps its ancestors. Released nodes may stay as reusable cache until memory is needed:
 * inputs given as ids are found again by path, embeddings never are.
 * Failures reject with `ModelStopped`; after one, every node that was held before is still valid.
 */
export interface LmSession {
  readonly info: ModelInfo;
  /** The empty context, depth 0. Always held. */
  readonly root: CacheNode;
  /**
   * Evaluates `ids` from the root in chunks, re-using the longest cached prefix. Empty `ids` ask for the scores of the
   * empty context: trained models have none and reject with 'failed' (put `beginOfText` or an end token first).
   */
  prefill(ids: ArrayLike<number>, cancellation?: Cancellation): Promise<Prefilled>;
  /** One forward over all inputs. Results do not depend on which other inputs share the call. */
  evaluate(inputs: readonly NodeInput[], cancellation?: Cancellation): Promise<Evaluated>;
  /** Input embeddings as one row-major array, `ids.length` x `embeddingSize`. Rejects when `embeddingSize` is 0. */
  embeddingRows(ids: ArrayLike<number>): Promise<Float32Array>;
  release(nodes: Iterable<CacheNode>): void;
  /** Drops the cache. Later calls reject. */
  close(): void;
}

export interface LanguageModel {
  readonly info: ModelInfo;
  /** Undefined until measured. */
  readonly stepCost: StepCost | undefined;
  openSession(): LmSession;
}

export type StopReason = 'cancelled' | 'contextFull' | 'closed' | 'failed';

/** The only rejection of a session. Decoders turn it into a value at their entry point. */
export class ModelStopped extends Error {
  readonly reason: StopReason;
  constructor(reason: StopReason, message: string) {
    super(message);
    this.name = 'ModelStopped';
    this.reason = reason;
  }
}

/** Evaluates one token after `parent`. */
export async function step(
  session: LmSession,
  parent: CacheNode,
  id: number,
  cancellation?: Cancellation,
): Promise<{ readonly node: CacheNode; readonly logits: Logits }> {
  const { nodes, logits } = await session.evaluate([{ parent, input: id }], cancellation);
  return { node: nodes[0]!, logits: logits[0]! };
}

/** Milliseconds of a forward of `count` nodes, linear between measured points and beyond the last two. */
export function stepMilliseconds(cost: StepCost, count: number): number {
  const { nodes, milliseconds } = cost;
  let right = nodes.findIndex((n) => n >= count);
  if (right === 0) return milliseconds[0]!;
  if (right < 0) right = nodes.length - 1;
  const left = right - 1;
  if (left < 0) return milliseconds[right]!;
  const slope = (milliseconds[right]! - milliseconds[left]!) / (nodes[right]! - nodes[left]!);
  return milliseconds[left]! + slope * (count - nodes[left]!);
}
