// The host's side of the model process. The process is started by the first request, stopped when idle, killed when over
// its time budget or when a cancelled request does not end, and given up after three crashes in five minutes. A process
// that is started again loads the same model first. Every request is answered, whatever happens to the process.
import { fork, type ChildProcess } from 'node:child_process';
import { createCrashPolicy } from './crashPolicy';
import type { CancellationLike, EngineState } from './engineClient';
import type { EngineError, EngineProgress, EngineReply } from './engineProtocol';
import { modelProcessArguments, modelProcessEnvironment } from './modelProcessOptions';
import type {
  LoadParams,
  ModelHostMessage,
  ModelParams,
  ModelProcessMessage,
  ModelRequestName,
  ModelResult,
} from './modelProtocol';

export interface ModelRequestOptions {
  readonly cancellation?: CancellationLike;
  /** Milliseconds that the process may take for this request, waiting for earlier ones not counted. */
  readonly budgetMs?: number;
  readonly onProgress?: (progress: EngineProgress) => void;
}

export interface ModelClient {
  readonly state: EngineState;
  /** Process id, for the log; undefined while none runs. */
  readonly pid: number | undefined;
  /** Never rejects: every failure, cancellation included, is a value. */
  request<N extends ModelRequestName>(
    name: N,
    params: ModelParams<N>,
    options?: ModelRequestOptions,
  ): Promise<EngineReply<ModelResult<N>>>;
  onDidChangeState(listener: (state: EngineState) => void): { dispose(): void };
  /** Ends the process, forgets past crashes and lets the next request start a new one with the same model. */
  restart(): void;
  /** Ends the process; resolves when it is gone. */
  dispose(): Promise<void>;
}

export interface ModelClientOptions {
  /** Path of the bundled process, dist/modelProcess.js. */
  readonly processPath: string;
  /** Told about starts, ends and crashes; never about contents. */
  readonly log?: (line: string) => void;
  readonly idleMs?: number;
  readonly budgetMs?: number;
}

interface Pending {
  readonly name: ModelRequestName;
  readonly budgetMs: number;
  readonly settle: (reply: EngineReply<unknown>) => void;
  readonly onProgress: ((progress: EngineProgress) => void) | undefined;
}

const IDLE_MS = 5 * 60_000;
const BUDGET_MS = 60_000;
/** A process that does not come to the end of a cancelled request in this time hangs inside a forward. */
const CANCEL_GRACE_MS = 5000;

const failure = (code: EngineError['code'], message: string): EngineReply<never> => ({
  ok: false,
  error: { code, message },
});

export function createModelClient(options: ModelClientOptions): ModelClient {
  const crashes = createCrashPolicy();
  const listeners = new Set<(state: EngineState) => void>();
  const pending = new Map<number, Pending>();
  const ending = new Set<Promise<void>>();
  const log = options.log ?? (() => undefined);
  let state: EngineState = 'idle';
  let child: ChildProcess | undefined;
  let nextId = 1;
  /** The model that a new process must load before the first request that needs one, and whether it was told to. */
  let wanted: LoadParams | undefined;
  let told = false;
  let idleTimer: NodeJS.Timeout | undefined;
  let budget: { readonly id: number; readonly timer: NodeJS.Timeout } | undefined;

  function setState(next: EngineState): void {
    if (next === state) return;
    state = next;
    for (const listener of [...listeners]) listener(next);
  }

  /** Ends the process and answers everything pending: the oldest request with `first`, the rest with 'workerDied'. */
  function endProcess(first: EngineError, next: EngineState): void {
    const dying = child;
    child = undefined;
    clearTimeout(idleTimer);
    clearTimeout(budget?.timer);
    budget = undefined;
    if (dying !== undefined) {
      dying.removeAllListeners();
      dying.on('error', () => undefined);
      if (dying.exitCode === null && dying.signalCode === null) {
        const end = new Promise<void>((resolve) => dying.once('exit', () => resolve()));
        ending.add(end);
        void end.then(() => ending.delete(end));
        dying.kill('SIGKILL');
      }
    }
    const waiting = [...pending.values()];
    pending.clear();
    setState(next);
    waiting.forEach(({ settle }, i) =>
      settle({
        ok: false,
        error: i === 0 ? first : { code: 'workerDied', message: 'The model process was restarted.' },
      }),
    );
  }

  function crashed(dead: ChildProcess, reason: string): void {
    if (child !== dead) return;
    const givenUp = crashes.crashed(Date.now());
    log(`model process crashed: ${reason}${givenUp ? '; not started again' : ''}`);
    endProcess(
      { code: 'crashed', message: `The model process ended unexpectedly (${reason}).` },
      givenUp ? 'stopped' : 'idle',
    );
  }

  function receive(message: ModelProcessMessage): void {
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

  function watchOldest(): void {
    const oldest = pending.entries().next();
    if (budget !== undefined && !oldest.done && oldest.value[0] === budget.id) return;
    clearTimeout(budget?.timer);
    budget = undefined;
    clearTimeout(idleTimer);
    if (oldest.done) {
      idleTimer = setTimeout(() => {
        log('model process stopped: idle');
        endProcess({ code: 'workerDied', message: '' }, 'idle');
      }, options.idleMs ?? IDLE_MS);
      idleTimer.unref();
      return;
    }
    const [id, { name, budgetMs }] = oldest.value;
    setBudget(id, budgetMs, `${name} took more than ${budgetMs} ms`);
  }

  function setBudget(id: number, milliseconds: number, what: string): void {
    clearTimeout(budget?.timer);
    const timer = setTimeout(() => {
      log(`model process ended: ${what}`);
      endProcess(
        { code: 'timeout', message: `The model took more than ${milliseconds / 1000} s and was stopped.` },
        'idle',
      );
    }, milliseconds);
    timer.unref();
    budget = { id, timer };
  }

  function startProcess(): ChildProcess {
    const started = fork(options.processPath, [], {
      // Typed arrays travel as they are.
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [...modelProcessArguments],
      env: modelProcessEnvironment(process.env),
    });
    started.on('message', (message) => receive(message as ModelProcessMessage));
    started.on('error', (error) => crashed(started, error.message));
    started.on('exit', (code, signal) => crashed(started, signal ?? `exit code ${code ?? -1}`));
    started.unref();
    started.channel?.unref();
    child = started;
    told = false;
    setState('running');
    return started;
  }

  function post(message: ModelHostMessage): void {
    // A process that died a moment ago is reported by its exit event.
    child?.send(message, () => undefined);
  }

  function enqueue(
    name: ModelRequestName,
    params: unknown,
    { cancellation, budgetMs, onProgress }: ModelRequestOptions,
  ): Promise<EngineReply<unknown>> {
    const id = nextId++;
    return new Promise((resolve) => {
      const listening: { dispose(): void }[] = [];
      const settle = (reply: EngineReply<unknown>): void => {
        for (const each of listening) each.dispose();
        resolve(reply);
      };
      pending.set(id, { name, budgetMs: budgetMs ?? options.budgetMs ?? BUDGET_MS, settle, onProgress });
      post({ type: 'request', id, name, params });
      watchOldest();
      // The entry stays pending: the process is still busy with it for a moment.
      const subscription = cancellation?.onCancellationRequested(() => {
        post({ type: 'cancel', id });
        if (budget?.id === id) setBudget(id, CANCEL_GRACE_MS, `${name} did not stop when cancelled`);
        settle(failure('cancelled', 'Cancelled.'));
      });
      if (subscription !== undefined) listening.push(subscription);
    });
  }

  return {
    get state() {
      return state;
    },
    get pid() {
      return child?.pid;
    },
    request: async (name, params, given = {}) => {
      type Reply = EngineReply<ModelResult<typeof name>>;
      if (state === 'disposed') return failure('stopped', 'Tessera is shutting down.');
      if (state === 'stopped')
        return failure(
          'stopped',
          'The model process stopped after repeated crashes. Restart it from the status item.',
        );
      if (given.cancellation?.isCancellationRequested === true) return failure('cancelled', 'Cancelled.');
      if (child === undefined) startProcess();
      if (name === 'load') {
        wanted = params as LoadParams;
        told = true;
      } else if (name !== 'inspect' && !told && wanted !== undefined) {
        told = true;
        // Sent first and answered first: the process works in order.
        const loading = enqueue('load', wanted, {});
        const reply = enqueue(name, params, given);
        const loaded = await loading;
        return (loaded.ok ? await reply : loaded) as Reply;
      }
      return (await enqueue(name, params, given)) as Reply;
    },
    onDidChangeState: (listener) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    restart: () => {
      if (state === 'disposed') return;
      crashes.reset();
      endProcess({ code: 'workerDied', message: 'The model process was restarted.' }, 'idle');
    },
    dispose: async () => {
      endProcess({ code: 'stopped', message: 'Tessera is shutting down.' }, 'disposed');
      listeners.clear();
      await Promise.all(ending);
    },
  };
}
