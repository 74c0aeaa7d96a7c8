// The webview's side of the protocol: requests with ids that resolve once, events to listeners, and the generation
// that marks what is stale. Nothing else in the webview talks to the host.
import { l10n } from './language';
import type {
  HostEvent,
  PanelErrorCode,
  PanelRequestName,
  PanelRequestParams,
  PanelRequestResult,
  WebviewMessage,
  WebviewNotice,
} from '../src/shared/panelProtocol';

/** What acquireVsCodeApi() gives. */
export interface VsCodeApi {
  postMessage(message: WebviewMessage): void;
  getState(): unknown;
  setState(state: unknown): void;
}

export type LinkReply<T> =
  | { readonly ok: true; readonly result: T }
  | { readonly ok: false; readonly code: PanelErrorCode; readonly message: string };

export type HostEventListener = (event: Exclude<HostEvent, { type: 'reply' }>) => void;

interface Pending {
  readonly generation: number;
  settle(reply: LinkReply<unknown>): void;
}

const stale: LinkReply<never> = {
  ok: false,
  code: 'stale',
  message: l10n.t('The document has changed since.'),
};

export class HostLink {
  private nextId = 1;
  private generation = 0;
  private readonly pending = new Map<number, Pending>();
  private readonly listeners = new Set<HostEventListener>();

  constructor(private readonly api: VsCodeApi) {}

  /** Takes one message of the host. Replies to requests of an older generation resolve as stale. */
  receive(event: HostEvent): void {
    if (event.type === 'reply') {
      const waiting = this.pending.get(event.id);
      this.pending.delete(event.id);
      if (!waiting) return;
      const lasting = waiting.generation === 0 || waiting.generation === this.generation;
      waiting.settle(lasting ? event.reply : stale);
      return;
    }
    if (event.type === 'document')
      this.moveTo(event.document.state === 'ready' ? event.document.generation : 0);
    // A cursor that was computed for another version points at other tokens.
    if (event.type === 'cursor' && event.generation !== this.generation) return;
    for (const listener of this.listeners) listener(event);
  }

  /** Calls `listener` for every event from now on; the result stops that. */
  listen(listener: HostEventListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  notify(notice: WebviewNotice): void {
    this.api.postMessage(notice);
  }

  /** Selects a token in the editor, if it still is the version that the reader sees. */
  reveal(index: number, focus: boolean): void {
    if (this.generation > 0) this.notify({ type: 'reveal', generation: this.generation, index, focus });
  }

  /**
   * Asks the host about the current generation. Never rejects: 'stale' when the document changed meanwhile, or when
   * `signal` took the request back.
   */
  request<N extends PanelRequestName>(
    name: N,
    params: PanelRequestParams<N>,
    signal?: AbortSignal,
  ): Promise<LinkReply<PanelRequestResult<N>>> {
    return this.generation === 0 ? Promise.resolve(stale) : this.post(name, params, this.generation, signal);
  }

  /** Asks the host something that holds whatever the document is. Never rejects. */
  ask<N extends PanelRequestName>(
    name: N,
    params: PanelRequestParams<N>,
    signal?: AbortSignal,
  ): Promise<LinkReply<PanelRequestResult<N>>> {
    return this.post(name, params, 0, signal);
  }

  private post<N extends PanelRequestName>(
    name: N,
    params: PanelRequestParams<N>,
    generation: number,
    signal: AbortSignal | undefined,
  ): Promise<LinkReply<PanelRequestResult<N>>> {
    if (signal?.aborted === true) return Promise.resolve(stale);
    const id = this.nextId++;
    return new Promise((resolve) => {
      const settle = (reply: LinkReply<unknown>): void => resolve(reply as LinkReply<PanelRequestResult<N>>);
      this.pending.set(id, { generation, settle });
      signal?.addEventListener('abort', () => this.takeBack(id), { once: true });
      this.api.postMessage({ type: 'request', id, generation, name, params } as WebviewMessage);
    });
  }

  private takeBack(id: number): void {
    const waiting = this.pending.get(id);
    if (waiting === undefined) return;
    this.pending.delete(id);
    this.notify({ type: 'cancel', id });
    waiting.settle(stale);
  }

  private moveTo(generation: number): void {
    if (generation === this.generation) return;
    this.generation = generation;
    for (const [id, waiting] of this.pending) {
      if (waiting.generation === 0) continue;
      this.pending.delete(id);
      waiting.settle(stale);
    }
  }
}
