// The extension host's side of the token worker: what callers see. The worker is started by the first request, stopped
// when idle, killed when over its time budget, and given up after three crashes in five minutes.
import type {
  EngineProgress,
  EngineReply,
  RequestName,
  RequestParams,
  RequestResult,
} from './engineProtocol';

/** The part of vscode.CancellationToken that the engine needs; engine code does not know vscode. */
export interface CancellationLike {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): { dispose(): void };
}

export interface RequestOptions {
  readonly cancellation?: CancellationLike;
  /** Milliseconds after which the worker is killed; counted from the moment the request is sent. */
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
