// The extension host's side of the token worker. The worker is started by the first request, stopped when idle, killed
// when over its time budget, and given up after three crashes in five minutes. Every request is answered, whatever
// happens to the worker.
import { Worker } from 'node:worker_threads';
import { createCrashPolicy } from './crashPolicy';
import { CANCEL_SLOTS } from './engineProtocol';
import type {
  EngineError,
  EngineProgress,
  EngineReply,
  RequestName,
  RequestParams,
  RequestResult,
  WorkerData,
  WorkerMessage,
} from './engineProtocol';

/** The part of vscode.CancellationToken that the engine needs; engine code does not know vscode. */
export interface CancellationLike {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): { dispose(): void };
}

export interface RequestOptions {
  readonly cancellation?: CancellationLike;
  /** Milliseconds that the worker may take for this request, waiting for earlier ones not counted. */
  readonly budgetMs?: number;
  readonly onProgress?: (progress: EngineProgress) => void;
}

/**
 * idle: no worker, the next request starts one. running: a worker is alive. stopped: given up after repeated crashes,
 * `restart` is needed. disposed: for good.
 */
export type EngineState = 'idle' | 'running' | 'stopped' | 'disposed';

export interface EngineClient {
  readonly state: EngineState;
  /** Number of the present worker; grows with every start. Documents opened in an earlier one are gone. */
  readonly generation: number;
  /** Never rejects: every failure, cancellation included, is a value. */
  request<N extends RequestName>(
    name: N,
    params: RequestParams<N>,
    options?: RequestOptions,
  ): Promise<EngineReply<RequestResult<N>>>;
  onDidChangeState(listener: (state: EngineState) => void): { dispose(): void };
  /** Ends the present worker, forgets past crashes and lets the next request start a new one. */
  restart(): void;
  /** Ends the worker; resolves when its thread is gone. */
  dispose(): Promise<void>;
}

export interface EngineClientOptions {
  /** Path of the bundled worker, dist/tokenWorker.js. */
  readonly workerPath: string;
  readonly tableFolder: string;
  /** Folder of the user's tokenizer files; none are known when it is left out. */
  readonly tokenizerFolder?: string;
  /** Told about starts, ends and crashes; never about contents. */
  readonly log?: (line: string) => void;
  readonly idleMs?: number;
  readonly budgetMs?: number;
  /** Largest heap of the worker in megabytes. */
  readonly heapMegabytes?: number;
}

interface Pending {
  readonly name: RequestName;
  readonly budgetMs: number;
  readonly settle: (reply: EngineReply<unknown>) => void;
  readonly onProgress: ((progress: EngineProgress) => void) | undefined;
}

const IDLE_MS = 60_000;
const BUDGET_MS = 10_000;
// A worker that runs out of memory must die alone; without a limit it would take the extension host with it.
const HEAP_MEGABYTES = 2048;

const failure = (code: EngineError['code'], message: string): EngineReply<never> => ({
  ok: false,
  error: { code, message },
});

export function createEngineClient(options: EngineClientOptions): EngineClient {
  const crashes = createCrashPolicy();
  const listeners = new Set<(state: EngineState) => void>();
  const pending = new Map<number, Pending>();
  const log = options.log ?? (() => undefined);
  let state: EngineState = 'idle';
  let generation = 0;
  let nextId = 1;
  let worker: { readonly thread: Worker; readonly cancelled: Int32Array } | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let budget: { readonly id: number; readonly timer: NodeJS.Timeout } | undefined;
  /** Threads told to end whose end has not been seen yet. */
  const ending = new Set<Promise<unknown>>();

  function setState(next: EngineState): void {
    if (next === state) return;
    state = next;
    for (const listener of [...listeners]) listener(next);
  }

  /** Ends the worker and answers everything pending: the oldest request with `first`, the rest with 'workerDied'. */
  function endWorker(first: EngineError, next: EngineState): void {
    const thread = worker?.thread;
    worker = undefined;
    clearTimeout(idleTimer);
    clearTimeout(budget?.timer);
    budget = undefined;
    if (thread !== undefined) {
      thread.removeAllListeners();
      // A dying thread may still report errors, and an 'error' event without a listener would be thrown.
      thread.on('error', () => undefined);
      const end = thread.terminate().finally(() => ending.delete(end));
      ending.add(end);
    }
    const waiting = [...pending.values()];
    pending.clear();
    setState(next);
    waiting.forEach(({ settle }, i) => {
      settle({
        ok: false,
        error: i === 0 ? first : { code: 'workerDied', message: 'The token engine was restarted.' },
      });
    });
  }

  function crashed(thread: Worker, reason: string): void {
    if (worker?.thread !== thread) return;
    const givenUp = crashes.crashed(Date.now());
    log(`token worker crashed: ${reason}${givenUp ? '; not started again' : ''}`);
    endWorker(
      { code: 'crashed', message: `The token engine crashed: ${reason}` },
      givenUp ? 'stopped' : 'idle',
    );
  }

  function receive(message: WorkerMessage): void {
    if (message.type === 'ready') return;
    const entry = pending.get(message.id);
    if (entry === undefined) return;
    if (message.type === 'progress') {
      entry.onProgress?.(message.progress);
      return;
    }
    pending.delete(message.id);
    watchOldest();
    entry.settle(
      message.type === 'result' ? { ok: true, value: message.value } : { ok: false, error: message.error },
    );
  }

  /** The worker answers in order, so only the oldest request runs, and only its budget is running. */
  function watchOldest(): void {
    const oldest = pending.entries().next();
    if (budget !== undefined && !oldest.done && oldest.value[0] === budget.id) return;
    clearTimeout(budget?.timer);
    budget = undefined;
    clearTimeout(idleTimer);
    if (oldest.done) {
      idleTimer = setTimeout(() => {
        log('token worker stopped: idle');
        endWorker({ code: 'workerDied', message: '' }, 'idle');
      }, options.idleMs ?? IDLE_MS);
      idleTimer.unref();
      return;
    }
    const [id, { name, budgetMs }] = oldest.value;
    const timer = setTimeout(() => {
      log(`token worker ended: ${name} took more than ${budgetMs} ms`);
      endWorker({ code: 'timeout', message: `Tokenizing took more than ${budgetMs / 1000} s.` }, 'idle');
    }, budgetMs);
    timer.unref();
    budget = { id, timer };
  }

  function startWorker(): NonNullable<typeof worker> {
    const cancelled = new Int32Array(new SharedArrayBuffer(4 * CANCEL_SLOTS));
    const { tableFolder, tokenizerFolder } = options;
    const workerData: WorkerData = {
      cancelled,
      tableFolder,
      ...(tokenizerFolder === undefined ? {} : { tokenizerFolder }),
    };
    const thread = new Worker(options.workerPath, {
      workerData,
      name: 'tessera-tokens',
      resourceLimits: { maxOldGenerationSizeMb: options.heapMegabytes ?? HEAP_MEGABYTES },
    });
    thread.on('message', receive);
    thread.on('error', (error) => crashed(thread, error instanceof Error ? error.message : String(error)));
    thread.on('messageerror', (error) => crashed(thread, error.message));
    thread.on('exit', (code) => crashed(thread, `exit code ${code}`));
    thread.unref();
    worker = { thread, cancelled };
    generation++;
    setState('running');
    return worker;
  }

  function send(id: number, name: RequestName, params: unknown): number {
    const { thread } = worker ?? startWorker();
    thread.postMessage({ type: 'request', id, name, params });
    return generation;
  }

  return {
    get state() {
      return state;
    },
    get generation() {
      return generation;
    },
    request: (name, params, { cancellation, budgetMs, onProgress } = {}) => {
      type Reply = EngineReply<RequestResult<typeof name>>;
      if (state === 'disposed') return Promise.resolve(failure('stopped', 'Tessera is shutting down.'));
      if (state === 'stopped')
        return Promise.resolve(failure('stopped', 'The token engine stopped after repeated crashes.'));
      if (cancellation?.isCancellationRequested === true)
        return Promise.resolve(failure('cancelled', 'Cancelled.'));
      const id = nextId++;
      return new Promise<Reply>((resolve) => {
        const listening: { dispose(): void }[] = [];
        const settle = (reply: EngineReply<unknown>): void => {
          for (const each of listening) each.dispose();
          resolve(reply as Reply);
        };
        pending.set(id, { name, budgetMs: budgetMs ?? options.budgetMs ?? BUDGET_MS, settle, onProgress });
        try {
          send(id, name, params);
        } catch (error) {
          pending.delete(id);
          settle(failure('badRequest', error instanceof Error ? error.message : String(error)));
          return;
        }
        watchOldest();
        const own = worker;
        // The entry stays pending: the worker is still busy with it, and its budget still counts.
        const subscription = cancellation?.onCancellationRequested(() => {
          if (own !== undefined) Atomics.store(own.cancelled, id % CANCEL_SLOTS, id);
          settle(failure('cancelled', 'Cancelled.'));
        });
        if (subscription !== undefined) listening.push(subscription);
      });
    },
    onDidChangeState: (listener) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    restart: () => {
      if (state === 'disposed') return;
      crashes.reset();
      endWorker({ code: 'workerDied', message: 'The token engine was restarted.' }, 'idle');
    },
    dispose: async () => {
      endWorker({ code: 'stopped', message: 'Tessera is shutting down.' }, 'disposed');
      listeners.clear();
      await Promise.all(ending);
    },
  };
}
