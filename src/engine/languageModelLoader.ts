// Opens a model folder as a LanguageModel: chooses the runner for its graph, cuts the graph at its embedding where that
// gives superposed input, checks sizes and shapes, and says in one sentence why a model cannot be used.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { findFimTokens } from '../core/decoding/fimTokens';
import { CachedSession, type SessionOptions } from '../core/model/cachedSession';
import { chainGraphRunner } from '../core/model/chainGraphRunner';
import { cutEmbedding } from '../core/model/embeddingCut';
import { embeddingTable, type EmbeddingTable } from '../core/model/embeddingTable';
import type { GraphRunner } from '../core/model/graphRunner';
import { bytesPerToken, type KeyValueShape } from '../core/model/keyValueCache';
import type { LanguageModel, ModelInfo, StepCost } from '../core/model/languageModel';
import { readOnnx, type OnnxInitialiser, type OnnxModel } from '../core/model/onnxFile';
import { measureStepCost } from '../core/model/stepCostMeasurement';
import { toFloat32 } from '../core/model/tensorSession';
import { treeGraphRunner } from '../core/model/treeGraphRunner';
import { readModelFolder, type ModelFolder } from './modelFiles';
import { openGraph, type OpenedGraph, type OpenOptions, type RuntimeKind } from './onnxRuntime';

export interface LoadOptions {
  /** 0 chooses by the size of the graph. */
  readonly threads: number;
  readonly runtime: RuntimeKind | 'auto';
  /** Most bytes for weights and caches together. */
  readonly memoryBudget: number;
  /** Longest context to use, even if the model reads more: bounds the cache. */
  readonly contextLimit: number;
}

/** Graphs up to this size run on one thread. */
const SMALL_GRAPH_BYTES = 12_000_000;

export const DEFAULT_LOAD_OPTIONS: LoadOptions = {
  threads: 0,
  runtime: 'auto',
  memoryBudget: 4 * 1024 ** 3,
  contextLimit: 4096,
};

/** What the status item, the model list and `tessera model` show. */
export interface ModelDescription {
  readonly name: string;
  readonly folder: string;
  readonly graphFile: string;
  readonly graphBytes: number;
  readonly runtime: RuntimeKind;
  readonly runtimeVersion: string;
  readonly layers: number;
  readonly contextLength: number;
  readonly vocabularySize: number;
  readonly embeddingSize: number;
  /** True when one forward takes a whole tree of drafts. */
  readonly treeSteps: boolean;
  readonly fimFamily: string | undefined;
  readonly bytesPerCachedToken: number;
  readonly loadMilliseconds: number;
  readonly limits: readonly string[];
}

export interface LoadedModel extends LanguageModel {
  readonly description: ModelDescription;
  readonly files: ModelFolder;
  openSession(): CachedSession;
  /** Times forwards once and keeps the result as `stepCost`. */
  measure(milliseconds?: number): Promise<StepCost>;
  release(): Promise<void>;
}

export type ModelLoading =
  { readonly ok: true; readonly model: LoadedModel } | { readonly ok: false; readonly reason: string };

/** Above this a graph is not held in memory twice in order to cut it; it then takes ids only. */
const CUT_LIMIT = 1024 ** 3;
const CHUNK_MILLISECONDS = 12;
const SPARE_SLOTS = 256;
const TREE_SLOTS = 256;

/** Loads a model folder or graph file. Never rejects. */
export async function loadLanguageModel(
  path: string,
  options: LoadOptions = DEFAULT_LOAD_OPTIONS,
): Promise<ModelLoading> {
  const began = performance.now();
  const reading = await readModelFolder(path);
  if (!reading.ok) return reading;
  const files = reading.model;
  if (files.graphBytes > options.memoryBudget)
    return {
      ok: false,
      reason: `${files.name} needs more than ${megabytes(files.graphBytes)} and the limit is ${megabytes(options.memoryBudget)}. Choose a smaller or quantised model, or raise the limit.`,
    };
  try {
    const opened = await openRunner(files, options);
    if (!opened.ok) return opened;
    return { ok: true, model: loadedModel(files, opened, options, performance.now() - began) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `${files.name} cannot be loaded: ${reason}` };
  }
}

interface OpenedRunner {
  readonly ok: true;
  readonly runner: GraphRunner;
  readonly graph: OpenedGraph;
  readonly limits: readonly string[];
}

type RunnerOpening = OpenedRunner | { readonly ok: false; readonly reason: string };

async function openRunner(files: ModelFolder, options: LoadOptions): Promise<RunnerOpening> {
  const whole =
    files.graphBytes <= CUT_LIMIT || files.layout === 'tessera' ? await readFile(files.graph) : undefined;
  const parsed = whole === undefined ? undefined : readOnnx(whole);
  if (parsed?.ok === false) return parsed;
  const model = parsed?.model;
  if (model?.metadata.get('tessera.layout') === 'tree-1') return openTree(files, model, options);
  return openChain(files, model, options);
}

async function openTree(files: ModelFolder, model: OnnxModel, options: LoadOptions): Promise<RunnerOpening> {
  const value = (name: string): number => Number(model.metadata.get(`tessera.${name}`));
  const table = ownEmbeddings(model, value('vocabulary'), value('width'), value('block'));
  if (table === undefined)
    return {
      ok: false,
      reason:
        'The graph has no embedding table named head.weight. Export it again with training/export_onnx.py.',
    };
  const opening = await openGraph(model.bytes, {
    ...openOptions(options, model.bytes.length),
    weightsToFloat: true,
  });
  if (!opening.ok) return opening;
  const shape: KeyValueShape = {
    layers: value('layers'),
    heads: value('kv_heads'),
    headSize: value('head_size'),
    element: 'float32',
  };
  const { session } = opening.graph;
  const runner = treeGraphRunner({
    session,
    shape,
    vocabularySize: value('vocabulary'),
    embeddings: table,
  });
  return { ok: true, runner, graph: opening.graph, limits: files.limits };
}

function ownEmbeddings(
  model: OnnxModel,
  rows: number,
  width: number,
  block: number,
): EmbeddingTable | undefined {
  const weight = model.initialisers.get('head.weight');
  const scales = model.initialisers.get('head.scales');
  if (weight?.data === undefined) return undefined;
  if (weight.type === 'uint8' && scales?.data !== undefined)
    return embeddingTable(rows, width, {
      kind: 'blocks8',
      data: new Uint8Array(weight.data),
      scales: floats(scales.data),
      block,
    });
  if (weight.type !== 'float32') return undefined;
  // The head multiplies from the right, so an exact graph stores the table as [width, rows].
  const stored = floats(weight.data);
  const data = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < width; i++) data[row * width + i] = stored[i * rows + row]!;
  return embeddingTable(rows, width, { kind: 'float32', data });
}

async function openChain(
  files: ModelFolder,
  model: OnnxModel | undefined,
  options: LoadOptions,
): Promise<RunnerOpening> {
  const limits = [...files.limits, 'Drafts go through this model one after the other (no tree steps).'];
  const cut = model !== undefined && files.embeddingGraph === undefined ? cutEmbedding(model) : undefined;
  const cutTable = cut === undefined ? undefined : await storedTable(cut.table, files);
  const useCut = cut !== undefined && cutTable !== undefined;
  const runtime = openOptions(options, files.graphBytes);
  const opening = useCut
    ? await openGraph(cut.bytes, { ...runtime, dataFiles: files.dataFiles })
    : await openGraph(files.graph, { ...runtime, dataFiles: files.dataFiles });
  if (!opening.ok) return opening;
  const { session } = opening.graph;
  const key = session.inputs.find(({ name }) => name === 'past_key_values.0.key');
  if (key === undefined) {
    await session.release();
    return {
      ok: false,
      reason:
        'The graph keeps no past (no input past_key_values.0.key), so every token would cost a whole prompt. Export it with: optimum-cli export onnx --task text-generation-with-past.',
    };
  }
  const unknown = session.inputs.filter(({ name }) => !knownInput(name) && name !== cut?.input);
  if (unknown.length > 0) {
    await session.release();
    return {
      ok: false,
      reason: `The graph wants the input ${unknown[0]!.name}, which Tessera does not know how to fill.`,
    };
  }
  const heads = dimension(key.shape[1], files.kvHeads);
  const headSize = dimension(key.shape[3], files.headSize);
  const layers = session.inputs.filter(({ name }) => /^past_key_values\.\d+\.key$/.test(name)).length;
  const vocabularySize = dimension(
    session.outputs.find(({ name }) => name === 'logits')?.shape[2],
    undefined,
  );
  if (heads === undefined || headSize === undefined || vocabularySize === undefined) {
    await session.release();
    return {
      ok: false,
      reason: 'config.json does not say how many key/value heads the model has and how large they are.',
    };
  }
  const element = key.type === 'float16' ? 'float16' : 'float32';
  const wantsEmbeddings = session.inputs.some(({ name }) => name === 'inputs_embeds');
  let embeddings = useCut ? cutTable : undefined;
  if (wantsEmbeddings) {
    const separate =
      files.embeddingGraph === undefined
        ? {
            ok: false as const,
            reason: 'The graph takes embeddings, but embed_tokens.onnx is not beside it. Download it too.',
          }
        : await separateEmbeddings(files.embeddingGraph, vocabularySize, options);
    if (!separate.ok) {
      await session.release();
      return separate;
    }
    embeddings = separate.table;
  }
  if (embeddings === undefined)
    limits.push(
      'The embedding table cannot be reached, so superposed drafts are not available with this model.',
    );
  const input = wantsEmbeddings ? 'inputs_embeds' : cut?.input;
  const runner = chainGraphRunner({
    session,
    shape: { layers, heads, headSize, element },
    vocabularySize,
    ...(embeddings === undefined || input === undefined ? {} : { embeddings, embeddingInput: input }),
  });
  return { ok: true, runner, graph: opening.graph, limits };
}

function knownInput(name: string): boolean {
  return (
    /^past_key_values\.\d+\.(key|value)$/.test(name) ||
    [
      'input_ids',
      'attention_mask',
      'position_ids',
      'inputs_embeds',
      'use_cache_branch',
      'num_logits_to_keep',
    ].includes(name)
  );
}

/** The embedding table of a cut graph, read from where the file keeps it. */
async function storedTable(table: OnnxInitialiser, files: ModelFolder): Promise<EmbeddingTable | undefined> {
  const [rows, width] = table.dims as readonly [number, number];
  let data = table.data;
  if (table.external !== undefined) {
    const path = files.dataFiles.find((file) => basename(file) === table.external?.file);
    if (path === undefined) return undefined;
    const { offset, length } = table.external;
    data = (await readFile(path)).subarray(offset, offset + length);
  }
  if (data === undefined) return undefined;
  if (table.type === 'float16')
    return embeddingTable(rows, width, {
      kind: 'float16',
      data: new Uint16Array(new Uint8Array(data).buffer),
    });
  return embeddingTable(rows, width, { kind: 'float32', data: floats(data) });
}

async function separateEmbeddings(
  path: string,
  rows: number,
  options: LoadOptions,
): Promise<
  { readonly ok: true; readonly table: EmbeddingTable } | { readonly ok: false; readonly reason: string }
> {
  const opening = await openGraph(path, openOptions(options, 0));
  if (!opening.ok) return opening;
  const { session } = opening.graph;
  const output = session.outputs[0]!;
  const read = async (ids: ArrayLike<number>): Promise<Float32Array> => {
    const data = BigInt64Array.from(Array.from(ids), BigInt);
    const results = await session.run({ input_ids: { type: 'int64', data, dims: [1, ids.length] } });
    return toFloat32(results[output.name]!);
  };
  const width = (await read([0])).length;
  return { ok: true, table: { rows, width, read } };
}

function loadedModel(
  files: ModelFolder,
  { runner, graph, limits }: OpenedRunner,
  options: LoadOptions,
  loadMilliseconds: number,
): LoadedModel {
  const fim = findFimTokens(files.specialTokens);
  const info: ModelInfo = {
    name: files.name,
    vocabularySize: runner.vocabularySize,
    contextLength: Math.min(files.contextLength, options.contextLimit),
    embeddingSize: runner.embeddingSize,
    endTokens: files.endTokens,
    ...(files.beginOfText === undefined ? {} : { beginOfText: files.beginOfText }),
    ...(fim === undefined ? {} : { fim }),
    ...(files.tokenizerFingerprint === undefined ? {} : { tokenizerFingerprint: files.tokenizerFingerprint }),
  };
  const sessionOptions: SessionOptions = {
    slots: info.contextLength + SPARE_SLOTS + TREE_SLOTS,
    spareSlots: SPARE_SLOTS,
    chunkMilliseconds: CHUNK_MILLISECONDS,
    now: () => performance.now(),
    pause: () => pause(),
  };
  let stepCost: StepCost | undefined;
  const openSession = (): CachedSession => new CachedSession(info, runner, sessionOptions);
  return {
    info,
    files,
    get stepCost() {
      return stepCost;
    },
    description: {
      name: files.name,
      folder: files.folder,
      graphFile: basename(files.graph),
      graphBytes: files.graphBytes,
      runtime: graph.runtime,
      runtimeVersion: graph.description,
      layers: runner.shape.layers,
      contextLength: info.contextLength,
      vocabularySize: info.vocabularySize,
      embeddingSize: info.embeddingSize,
      treeSteps: runner.tree,
      fimFamily: fim?.family,
      bytesPerCachedToken: bytesPerToken(runner.shape),
      loadMilliseconds,
      limits:
        fim === undefined
          ? [...limits, 'No fill-in-the-middle tokens: drafts see the text before the cursor only.']
          : limits,
    },
    openSession,
    measure: async (milliseconds = 1000) => {
      const session = openSession();
      stepCost = await measureStepCost(session, {
        contextTokens: 512,
        nodes: runner.tree ? [1, 2, 3, 4, 8, 16, 32] : [1, 2, 3, 4],
        milliseconds,
        now: () => performance.now(),
      });
      session.close();
      return stepCost;
    },
    release: () => runner.release(),
  };
}

/**
 * A small graph runs on one thread: waking a second one for each of its short operations costs more than it saves, the more
 * so as idle threads sleep here (measured on tessera-tiny: one token 1.0 against 1.4 ms, 512 tokens 46 against 54 ms).
 */
function openOptions({ threads, runtime }: LoadOptions, graphBytes: number): OpenOptions {
  return { threads: threads > 0 ? threads : graphBytes <= SMALL_GRAPH_BYTES ? 1 : 2, runtime };
}

/** A float view of little-endian bytes; copied, because file data need not be aligned. */
function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}

function dimension(value: number | string | undefined, otherwise: number | undefined): number | undefined {
  return typeof value === 'number' && value > 0 ? value : otherwise;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
