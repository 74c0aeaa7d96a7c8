// The only file that loads an ONNX runtime: onnxruntime-node (native) where there is a build for this machine, else
// onnxruntime-web (WASM). Both run the same graphs; the native one is several times faster.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type * as Onnx from 'onnxruntime-node';
import type {
  Tensor,
  TensorData,
  TensorDescription,
  TensorSession,
  TensorType,
} from '../core/model/tensorSession';

export type RuntimeKind = 'native' | 'wasm';

export interface OpenOptions {
  readonly threads: number;
  /** 'auto' tries native first. */
  readonly runtime: RuntimeKind | 'auto';
  /** Paths of the files that the model's initialisers point to, by their base names. */
  readonly dataFiles?: readonly string[];
  /**
   * True for graphs of ours that store 8-bit weights and compute in float: the weights are turned into floats once, at
   * loading. The runtime otherwise keeps such nodes for its quantised operators and would do it in every forward.
   */
  readonly weightsToFloat?: boolean;
}

export interface OpenedGraph {
  readonly session: TensorSession;
  readonly runtime: RuntimeKind;
  /** 'onnxruntime-node 1.30.0', for the reader. */
  readonly description: string;
}

export type GraphOpening =
  { readonly ok: true; readonly graph: OpenedGraph } | { readonly ok: false; readonly reason: string };

// Both packages export the same interface (onnxruntime-common); only this file names it.
type Runtime = typeof Onnx;
type RuntimeSession = Onnx.InferenceSession;

/**
 * Loads a graph from a file or from memory. Failures (no runtime, damaged file, unknown operator or opset, not enough
 * memory) come back as a sentence that says what to do.
 */
export async function openGraph(model: string | Uint8Array, options: OpenOptions): Promise<GraphOpening> {
  const found = await findRuntime(options.runtime);
  if (!found.ok) return found;
  const { runtime, kind } = found;
  const { dataFiles = [] } = options;
  try {
    // The WebAssembly runtime takes a string for an address to fetch.
    const source = typeof model === 'string' && kind === 'wasm' ? await readFile(model) : model;
    const sessionOptions = {
      executionProviders: [kind === 'native' ? 'cpu' : 'wasm'],
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all' as const,
      // Idle threads must sleep: an editor extension that spins a core is a bug.
      extra: {
        session: {
          intra_op: { allow_spinning: '0' },
          use_env_allocators: '1',
          ...(options.weightsToFloat === true && { disable_quant_qdq: '1' }),
        },
      },
      logSeverityLevel: 3 as const,
      // Beside a path the native runtime finds the files itself.
      ...(typeof source === 'string' || dataFiles.length === 0
        ? {}
        : { externalData: await externalData(dataFiles) }),
    };
    // Two calls, because the package types a path and bytes as two overloads.
    const session =
      typeof source === 'string'
        ? await runtime.InferenceSession.create(source, sessionOptions)
        : await runtime.InferenceSession.create(source, sessionOptions);
    const version = kind === 'native' ? runtime.env.versions.node : runtime.env.versions.web;
    const description = `${kind === 'native' ? 'onnxruntime-node' : 'onnxruntime-web'} ${version ?? runtime.env.versions.common}`;
    return {
      ok: true,
      graph: { session: tensorSession(runtime, session), runtime: kind, description },
    };
  } catch (error) {
    return { ok: false, reason: explainLoadFailure(error) };
  }
}

function externalData(paths: readonly string[]): Promise<{ path: string; data: Uint8Array }[]> {
  return Promise.all(paths.map(async (path) => ({ path: basename(path), data: await readFile(path) })));
}

type RuntimeFinding =
  | { readonly ok: true; readonly runtime: Runtime; readonly kind: RuntimeKind }
  | { readonly ok: false; readonly reason: string };

async function findRuntime(wanted: RuntimeKind | 'auto'): Promise<RuntimeFinding> {
  const reasons: string[] = [];
  if (wanted !== 'wasm')
    try {
      return { ok: true, runtime: unwrap(await import('onnxruntime-node')), kind: 'native' };
    } catch (error) {
      reasons.push(`onnxruntime-node: ${firstLine(error)}`);
    }
  if (wanted !== 'native')
    try {
      const web: unknown = await import('onnxruntime-web/wasm');
      const runtime = unwrap(web as Runtime);
      // One thread: the WASM build starts its threads as web workers, which a Node process does not have.
      runtime.env.wasm.numThreads = 1;
      return { ok: true, runtime, kind: 'wasm' };
    } catch (error) {
      reasons.push(`onnxruntime-web: ${firstLine(error)}`);
    }
  return {
    ok: false,
    reason: `No ONNX runtime can be loaded on this machine (${reasons.join('; ')}). Reinstall the extension for this platform.`,
  };
}

/** A CommonJS package imported from a bundle may hide behind `default`. */
function unwrap(module: Runtime & { readonly default?: Runtime }): Runtime {
  return 'InferenceSession' in module ? module : (module as { default: Runtime }).default;
}

function tensorSession(runtime: Runtime, session: RuntimeSession): TensorSession {
  // The key/value buffers are fed again and again as the same objects; wrapping them once is enough.
  const wrapped = new WeakMap<Tensor, InstanceType<Runtime['Tensor']>>();
  const wrap = (tensor: Tensor): InstanceType<Runtime['Tensor']> => {
    const known = wrapped.get(tensor);
    if (known !== undefined) return known;
    const made = new runtime.Tensor(tensor.type as 'float32', tensor.data as Float32Array, tensor.dims);
    wrapped.set(tensor, made);
    return made;
  };
  return {
    inputs: session.inputMetadata.map(describe),
    outputs: session.outputMetadata.map(describe),
    run: async (feeds, fetches) => {
      const given = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, wrap(tensor)]));
      const results =
        fetches === undefined ? await session.run(given) : await session.run(given, [...fetches]);
      return Object.fromEntries(
        Object.entries(results).map(([name, { type, data, dims }]) => [
          name,
          { type: type as TensorType, data: data as TensorData, dims },
        ]),
      );
    },
    release: () => session.release(),
  };
}

type ValueMetadata = RuntimeSession['inputMetadata'][number];

function describe(value: ValueMetadata): TensorDescription {
  if (!value.isTensor) return { name: value.name, type: 'float32', shape: [] };
  return { name: value.name, type: value.type as TensorType, shape: value.shape };
}

/** Turns the runtime's own message into one sentence and keeps the message for the log. */
export function explainLoadFailure(error: unknown): string {
  const message = firstLine(error);
  const advice: readonly (readonly [RegExp, string])[] = [
    [/opset|ir[_ ]version/i, 'The model was exported for a newer ONNX version than this runtime reads.'],
    [
      /not implemented|no op registered|is not a registered function|could not find an implementation/i,
      'The model uses an operator that this runtime does not have.',
    ],
    [
      /protobuf|invalid model|parse|wire/i,
      'The model file is damaged or not an ONNX file. Download or export it again.',
    ],
    [
      /alloc|bad_alloc|memory/i,
      'There is not enough memory to load this model. Choose a smaller or quantised one.',
    ],
    [/external data|no such file|not found|doesn't exist/i, 'A file that belongs to the model is missing.'],
  ];
  const found = advice.find(([pattern]) => pattern.test(message));
  return `${found?.[1] ?? 'The model cannot be loaded.'} (${message})`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 300);
}
