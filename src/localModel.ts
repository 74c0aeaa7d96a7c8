// The language model that Tessera uses now: the one in the box, a folder of the user's, or a server. Made at activation
// without I/O; the model process starts with the first request and the chosen model is loaded before it is answered.
import * as vscode from 'vscode';
import { EMBEDDED_MODEL } from './engine/embeddedModel';
import type { CancellationLike, EngineState } from './engine/engineClient';
import type { EngineError, EngineReply } from './engine/engineProtocol';
import { createModelClient, type ModelClient, type ModelRequestOptions } from './engine/modelClient';
import type {
  LoadParams,
  ModelParams,
  ModelRequestName,
  ModelResult,
  ModelStatus,
} from './engine/modelProtocol';
import { createRemoteEngine, type RemoteEngine } from './engine/remoteEngine';
import { modelChoice, rememberedServer, runSettings, type ModelChoice } from './modelSettings';
import { createServerKeys, type ServerKeys } from './serverKeys';

/**
 * What the user sees of a model's life. `asleep`: its process was stopped when idle or died, the next request starts it;
 * `stopped`: it crashed too often and waits for `restart`.
 */
export type LocalModelState = 'unloaded' | 'loading' | 'ready' | 'asleep' | 'failed' | 'stopped' | 'server';

export interface LocalModel {
  readonly client: ModelClient;
  /** What is chosen now: the embedded model, the user's folder, or a server. */
  readonly choice: ModelChoice;
  readonly state: LocalModelState;
  /** Why the chosen model cannot be used, in words for the user; undefined while nothing is known against it. */
  readonly problem: string | undefined;
  /** The last known status of the model process; undefined before the first load and after a change of model. */
  readonly status: ModelStatus | undefined;
  /** Fires when choice, state, problem or status changed. */
  readonly onDidChange: vscode.Event<void>;
  /** Fires when another model answers from now on, so that results of the former one are stale. */
  readonly onDidChangeModel: vscode.Event<void>;
  /** Folder of the model in the box. */
  readonly embeddedFolder: string;
  /** The server in the settings, chosen or not. */
  readonly rememberedServer: Extract<ModelChoice, { kind: 'server' }> | undefined;
  /** Keys of servers, kept in the secret storage. */
  readonly keys: ServerKeys;
  /**
   * Sends a request, after loading the chosen model when it is not loaded. Never rejects; while a server is chosen every
   * request is refused with `badRequest`, because a server has neither embeddings nor whole distributions.
   */
  request<N extends ModelRequestName>(
    name: N,
    params: ModelParams<N>,
    options?: ModelRequestOptions,
  ): Promise<EngineReply<ModelResult<N>>>;
  /** The chosen server with its key (`complete` for n drafts, streamed, with log-probabilities); undefined otherwise. */
  server(): Promise<RemoteEngine | undefined>;
  /** Asks for the status when the model process runs; never starts it. */
  refreshStatus(): Promise<void>;
  /** Ends the process and forgets crashes and failed loads; the next request starts anew. */
  restart(): void;
  dispose(): Promise<void>;
}

export interface LocalModelOptions {
  /** Folder of the bundles: modelProcess.js and models/ lie there. */
  readonly dist: vscode.Uri;
  readonly secrets: vscode.SecretStorage;
  /** Told about starts, ends and crashes; never about contents. */
  readonly log: (line: string) => void;
}

const SETTINGS_ROOT = 'tessera.localModel';
/** A first load of a large model from a slow disk takes longer than any request. */
const LOAD_BUDGET_MS = 180_000;
/** The status is asked for this long after the last request, so that typing does not ask at every key. */
const STATUS_DELAY_MS = 400;

const failure = (code: EngineError['code'], message: string): EngineReply<never> => ({
  ok: false,
  error: { code, message },
});

export function createLocalModel(options: LocalModelOptions): LocalModel {
  const client = createModelClient({
    processPath: vscode.Uri.joinPath(options.dist, 'modelProcess.js').fsPath,
    log: options.log,
  });
  const embedded = vscode.Uri.joinPath(options.dist, 'models', EMBEDDED_MODEL).fsPath;
  const changed = new vscode.EventEmitter<void>();
  const modelChanged = new vscode.EventEmitter<void>();
  const keys = createServerKeys(options.secrets);
  let choice = modelChoice();
  let configured = JSON.stringify([choice, runSettings()]);
  let status: ModelStatus | undefined;
  /** The load that was asked for last, by its parameters as text. A load that crashed is forgotten, a refused one kept. */
  let load: { readonly key: string; readonly done: Promise<EngineReply<unknown>> } | undefined;
  let phase: 'unloaded' | 'loading' | 'ready' | 'failed' = 'unloaded';
  let problem: string | undefined;
  let statusTimer: NodeJS.Timeout | undefined;

  function forget(): void {
    load = undefined;
    phase = 'unloaded';
    problem = undefined;
    status = undefined;
  }

  function ensureLoaded(): Promise<EngineReply<unknown>> {
    const params: LoadParams = { path: choice.kind === 'folder' ? choice.path : embedded, ...runSettings() };
    const key = JSON.stringify(params);
    if (load?.key === key) return load.done;
    phase = 'loading';
    problem = undefined;
    status = undefined;
    const done = client.request('load', params, { budgetMs: LOAD_BUDGET_MS }).then((reply) => {
      if (load?.key !== key) return reply;
      phase = reply.ok ? 'ready' : 'failed';
      if (!reply.ok) {
        problem = reply.error.message;
        options.log(`model not loaded: ${problem}`);
        if (reply.error.code !== 'failed') load = undefined;
      }
      changed.fire();
      return reply;
    });
    load = { key, done };
    changed.fire();
    return done;
  }

  async function refreshStatus(): Promise<void> {
    clearTimeout(statusTimer);
    if (client.state !== 'running' || phase !== 'ready') return;
    const asked = load;
    const reply = await client.request('status', null);
    if (!reply.ok || asked !== load) return;
    status = reply.value;
    changed.fire();
  }

  function refreshSoon(): void {
    clearTimeout(statusTimer);
    statusTimer = setTimeout(() => void refreshStatus(), STATUS_DELAY_MS);
    statusTimer.unref();
  }

  const subscriptions = vscode.Disposable.from(
    changed,
    modelChanged,
    client.onDidChangeState((state: EngineState) => {
      // A stopped process keeps its last numbers, but holds no memory.
      if (state !== 'running' && status !== undefined)
        status = { ...status, residentBytes: 0, cachedTokens: 0 };
      changed.fire();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(SETTINGS_ROOT)) return;
      choice = modelChoice();
      const now = JSON.stringify([choice, runSettings()]);
      if (now === configured) return;
      configured = now;
      forget();
      changed.fire();
      modelChanged.fire();
    }),
  );

  return {
    client,
    keys,
    embeddedFolder: embedded,
    get rememberedServer() {
      return rememberedServer();
    },
    get choice() {
      return choice;
    },
    get state() {
      if (choice.kind === 'server') return 'server';
      if (client.state === 'stopped') return 'stopped';
      return phase === 'ready' && client.state === 'idle' ? 'asleep' : phase;
    },
    get problem() {
      return problem;
    },
    get status() {
      return status;
    },
    onDidChange: changed.event,
    onDidChangeModel: modelChanged.event,
    request: async (name, params, given = {}) => {
      if (choice.kind === 'server')
        return failure(
          'badRequest',
          vscode.l10n.t(
            'This needs a model on this machine: the chosen server gives text and a few log-probabilities only. Run "Tessera: Choose Local Model".',
          ),
        );
      if (given.cancellation?.isCancellationRequested === true) return failure('cancelled', 'Cancelled.');
      const loaded = await unlessCancelled(ensureLoaded(), given.cancellation);
      if (!loaded.ok) return loaded;
      const reply = await client.request(name, params, given);
      if (name !== 'status') refreshSoon();
      return reply;
    },
    server: async () => {
      if (choice.kind !== 'server') return undefined;
      const { url, model } = choice;
      const apiKey = await keys.get(url);
      return createRemoteEngine({ baseUrl: url, model, ...(apiKey === undefined ? {} : { apiKey }) });
    },
    refreshStatus,
    restart: () => {
      client.restart();
      forget();
      changed.fire();
    },
    dispose: async () => {
      clearTimeout(statusTimer);
      subscriptions.dispose();
      await client.dispose();
    },
  };
}

/** A request that is cancelled while its model is being loaded is answered at once; the load goes on for the next one. */
async function unlessCancelled(
  loading: Promise<EngineReply<unknown>>,
  cancellation: CancellationLike | undefined,
): Promise<EngineReply<unknown>> {
  let listening: { dispose(): void } | undefined;
  const cancelled = new Promise<EngineReply<never>>((resolve) => {
    listening = cancellation?.onCancellationRequested(() => resolve(failure('cancelled', 'Cancelled.')));
  });
  const reply = await Promise.race([loading, cancelled]);
  listening?.dispose();
  return reply;
}
