// Keeps the token worker's copies of open documents in step with the editor's, and knows the latest totals of each.
// Knows nothing of vscode: a document is a TextSource. Opens documents when first needed, again when the worker was
// restarted, and falls back to an estimate when a document is too large, too slow or crashed the worker.
import type { TextEdit } from '../core/tokenizers/liveDocument';
import type { CancellationLike, EngineClient } from './engineClient';
import type {
  DocumentHandle,
  DocumentTotals,
  EngineError,
  EngineReply,
  RequestParams,
  RequestResult,
  TokenizerId,
} from './engineProtocol';

/** A document of the editor. Offsets are UTF-16 units. */
export interface TextSource {
  readonly key: string;
  /** Version and length now. */
  readonly version: number;
  readonly utf16Length: number;
  /** Neighbouring slices must join to the text; an end inside a line break may move to its start for both. */
  slice(start: number, end: number): string;
}

export type EstimateReason = 'tooLarge' | 'timeout' | 'crashed';

export type DocumentState =
  /** Being counted; `totals` are those of an earlier version, if there are any. */
  | { readonly kind: 'counting'; readonly totals: DocumentTotals | null }
  | { readonly kind: 'counted'; readonly totals: DocumentTotals }
  | {
      readonly kind: 'estimated';
      readonly tokens: number;
      readonly utf16Length: number;
      readonly reason: EstimateReason;
    }
  | { readonly kind: 'unavailable'; readonly error: EngineError };

/** Requests about one open document. */
export type QueryName =
  | 'spans'
  | 'tokensAt'
  | 'tokenByIndex'
  | 'countRanges'
  | 'lineCounts'
  | 'tokenRows'
  | 'sections'
  | 'hottestLines';

export interface DocumentTrackerOptions {
  /** UTF-16 units above which a document is estimated. */
  readonly exactLimit: () => number;
  /** Documents kept in the worker at once. */
  readonly maxOpen?: number;
  readonly openBudgetMs?: (utf16Length: number) => number;
}

export interface DocumentTracker {
  /** Starts following a document, or changes its tokenizer. */
  track(source: TextSource, tokenizer: TokenizerId): void;
  /** Tells of an edit that the source already contains. */
  edited(key: string, edits: readonly TextEdit[]): void;
  /** Stops following; answers under way are dropped. */
  untrack(key: string): void;
  state(key: string): DocumentState | undefined;
  query<N extends QueryName>(
    name: N,
    key: string,
    params: Omit<RequestParams<N>, 'handle'>,
    cancellation?: CancellationLike,
  ): Promise<EngineReply<RequestResult<N>>>;
  /** Counts documents again whose counting failed, after the user restarted the engine. */
  retryFailed(): void;
  onDidChange(listener: (key: string) => void): { dispose(): void };
}

interface Tracked {
  readonly source: TextSource;
  readonly tokenizer: TokenizerId;
  handle: DocumentHandle;
  /** Worker in which `handle` is open; -1 when it is not. */
  generation: number;
  /** True from the first piece of the text to the last; edits in that time start the upload again. */
  uploading: boolean;
  /** The opening under way, if there is one; resolves when the worker has been sent the text or cannot have it. */
  opening: Promise<void> | undefined;
  state: DocumentState;
  /** Length when counting failed; a much shorter text is worth another try. */
  failedLength: number;
  estimateTimer: NodeJS.Timeout | undefined;
}

const PIECE_UNITS = 256 * 1024;
/** Longest run of host work before other events get their turn. */
const SLICE_MS = 8;
const MAX_OPEN = 12;
const EDIT_BUDGET_MS = 10_000;
const ESTIMATE_QUIET_MS = 500;
const SAMPLE_PIECES = 8;
const SAMPLE_UNITS = 8192;
/** English prose under most tokenizers; used only where even a sample cannot be counted. */
const ROUGH_UNITS_PER_TOKEN = 4;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createDocumentTracker(
  client: EngineClient,
  options: DocumentTrackerOptions,
): DocumentTracker {
  const documents = new Map<string, Tracked>();
  const listeners = new Set<(key: string) => void>();
  const openBudget = options.openBudgetMs ?? ((units: number) => 10_000 + units / 1000);
  let nextHandle = 1;

  const isCurrent = (document: Tracked): boolean => documents.get(document.source.key) === document;
  const isOpen = (document: Tracked): boolean =>
    document.generation === client.generation && client.state === 'running';

  function setState(document: Tracked, state: DocumentState): void {
    if (!isCurrent(document)) return;
    document.state = state;
    for (const listener of [...listeners]) listener(document.source.key);
  }

  const lastTotals = ({ state }: Tracked): DocumentTotals | null =>
    state.kind === 'counted' || state.kind === 'counting' ? state.totals : null;

  function acceptTotals(document: Tracked, totals: DocumentTotals): void {
    const last = lastTotals(document);
    if (last !== null && last.version > totals.version) return;
    setState(document, { kind: 'counted', totals });
  }

  function accept(
    document: Tracked,
    handle: DocumentHandle,
    reply: EngineReply<DocumentTotals | null>,
  ): void {
    if (!isCurrent(document) || document.handle !== handle) return;
    if (reply.ok) {
      if (reply.value !== null) acceptTotals(document, reply.value);
      return;
    }
    const { code } = reply.error;
    document.generation = -1;
    if (code === 'timeout' || code === 'crashed') {
      document.failedLength = document.source.utf16Length;
      void estimate(document, code);
    } else if (code === 'workerDied' || code === 'notOpen' || code === 'outOfSync') void open(document);
    else setState(document, { kind: 'unavailable', error: reply.error });
  }

  /** Sends the whole text, in pieces with pauses, so that no single turn of the host takes long. */
  async function upload(document: Tracked): Promise<void> {
    const { source, tokenizer } = document;
    document.uploading = true;
    while (isCurrent(document)) {
      const { version, utf16Length } = source;
      const handle = nextHandle++;
      document.handle = handle;
      // An object, because TypeScript would take a plain variable for unchanged across the calls that change it.
      const outcome = { failed: false };
      const send = async (start: number): Promise<EngineReply<DocumentTotals | null>> => {
        const text = source.slice(start, Math.min(start + PIECE_UNITS, utf16Length));
        const more = start + PIECE_UNITS < utf16Length;
        const budgetMs = openBudget(utf16Length);
        const reply = await (start === 0
          ? client.request('openDocument', { handle, version, tokenizer, text, more }, { budgetMs })
          : client.request('appendText', { handle, text, more }, { budgetMs }));
        outcome.failed ||= !reply.ok;
        return reply;
      };
      const replies = [send(0)];
      document.generation = client.generation;
      let turn = performance.now();
      let start = PIECE_UNITS;
      const stillWanted = (): boolean => !outcome.failed && source.version === version && isCurrent(document);
      for (; start < utf16Length && stillWanted(); start += PIECE_UNITS) {
        if (performance.now() - turn > SLICE_MS) {
          await nextTurn();
          if (!stillWanted()) break;
          turn = performance.now();
        }
        replies.push(send(start));
      }
      if (start >= utf16Length || outcome.failed) {
        document.uploading = false;
        // The first failure is the cause; pieces sent after it only find that the document is gone.
        void Promise.all(replies).then((all) => {
          const reply = all.find(({ ok }) => !ok) ?? all.at(-1);
          if (reply !== undefined) accept(document, handle, reply);
        });
        return;
      }
      // Edited while the text was on its way: what the worker has is a mixture of two versions.
      void client.request('closeDocument', { handle });
      await new Promise((resolve) => setTimeout(resolve, ESTIMATE_QUIET_MS));
    }
  }

  function open(document: Tracked): Promise<void> {
    if (document.opening !== undefined) return document.opening;
    if (document.source.utf16Length > options.exactLimit()) {
      if (isOpen(document)) void client.request('closeDocument', { handle: document.handle });
      document.generation = -1;
      return estimate(document, 'tooLarge');
    }
    setState(document, { kind: 'counting', totals: lastTotals(document) });
    const opening = upload(document).finally(() => {
      document.opening = undefined;
    });
    document.opening = opening;
    closeLeastRecent();
    return opening;
  }

  async function estimate(document: Tracked, reason: EstimateReason): Promise<void> {
    const { source, tokenizer } = document;
    const { utf16Length } = source;
    const step = utf16Length / SAMPLE_PIECES;
    const pieces = Array.from({ length: SAMPLE_PIECES }, (_, i) =>
      source.slice(Math.floor(i * step), Math.min(utf16Length, Math.floor(i * step) + SAMPLE_UNITS)),
    );
    const text = pieces.join('');
    const reply = await client.request('countText', { tokenizer, text }, { budgetMs: EDIT_BUDGET_MS });
    if (
      !reply.ok &&
      reply.error.code !== 'timeout' &&
      reply.error.code !== 'crashed' &&
      reply.error.code !== 'workerDied'
    ) {
      setState(document, { kind: 'unavailable', error: reply.error });
      return;
    }
    const tokensPerUnit =
      reply.ok && text !== '' ? reply.value.tokens / text.length : 1 / ROUGH_UNITS_PER_TOKEN;
    setState(document, {
      kind: 'estimated',
      tokens: Math.round(utf16Length * tokensPerUnit),
      utf16Length,
      reason,
    });
  }

  /** An estimated document was edited: estimate again when the typing pauses, or count it if it became small. */
  function estimateLater(document: Tracked, reason: EstimateReason): void {
    clearTimeout(document.estimateTimer);
    document.estimateTimer = setTimeout(() => {
      if (!isCurrent(document)) return;
      const { utf16Length } = document.source;
      const worthTrying =
        reason === 'tooLarge' ? utf16Length <= options.exactLimit() : utf16Length < document.failedLength / 2;
      void (worthTrying ? open(document) : estimate(document, reason));
    }, ESTIMATE_QUIET_MS);
  }

  function closeLeastRecent(): void {
    const inWorker = [...documents.values()].filter((document) => isOpen(document));
    for (const document of inWorker.slice(0, Math.max(0, inWorker.length - (options.maxOpen ?? MAX_OPEN)))) {
      if (document.opening !== undefined) continue;
      document.generation = -1;
      void client.request('closeDocument', { handle: document.handle });
    }
  }

  /** Marks a document as the most recently used one: `documents` is in the order of last use. */
  function touch(document: Tracked): void {
    documents.delete(document.source.key);
    documents.set(document.source.key, document);
  }

  function forget(document: Tracked): void {
    clearTimeout(document.estimateTimer);
    documents.delete(document.source.key);
    if (isOpen(document)) void client.request('closeDocument', { handle: document.handle });
  }

  async function query<N extends QueryName>(
    name: N,
    key: string,
    params: Omit<RequestParams<N>, 'handle'>,
    cancellation?: CancellationLike,
    retries = 1,
  ): Promise<EngineReply<RequestResult<N>>> {
    const document = documents.get(key);
    if (document === undefined) return failure('notOpen', 'This document is not followed.');
    touch(document);
    if (!isOpen(document) && document.state.kind !== 'estimated') await open(document);
    await document.opening;
    if (document.state.kind === 'estimated')
      return failure('notOpen', 'This document is estimated, not tokenized.');
    if (document.state.kind === 'unavailable') return { ok: false, error: document.state.error };
    const all = { ...params, handle: document.handle } as RequestParams<N>;
    const reply = await client.request(name, all, cancellation === undefined ? {} : { cancellation });
    const gone = !reply.ok && (reply.error.code === 'notOpen' || reply.error.code === 'workerDied');
    return gone && retries > 0 && isCurrent(document)
      ? query(name, key, params, cancellation, retries - 1)
      : reply;
  }

  return {
    track: (source, tokenizer) => {
      const known = documents.get(source.key);
      if (known?.tokenizer === tokenizer && known.source === source) {
        touch(known);
        return;
      }
      if (known !== undefined) forget(known);
      const document: Tracked = {
        source,
        tokenizer,
        handle: 0,
        generation: -1,
        uploading: false,
        opening: undefined,
        state: { kind: 'counting', totals: null },
        failedLength: 0,
        estimateTimer: undefined,
      };
      documents.set(source.key, document);
      void open(document);
    },
    edited: (key, edits) => {
      const document = documents.get(key);
      if (document === undefined) return;
      const { version, utf16Length } = document.source;
      if (document.state.kind === 'estimated') {
        estimateLater(document, document.state.reason);
        return;
      }
      // An upload under way notices the new version itself.
      if (document.uploading) return;
      if (!isOpen(document) || utf16Length > options.exactLimit()) {
        void open(document);
        return;
      }
      const { handle } = document;
      void client
        .request('editDocument', { handle, version, edits, utf16Length }, { budgetMs: EDIT_BUDGET_MS })
        .then((reply) => accept(document, handle, reply));
    },
    untrack: (key) => {
      const document = documents.get(key);
      if (document !== undefined) forget(document);
    },
    state: (key) => documents.get(key)?.state,
    query: (name, key, params, cancellation) => query(name, key, params, cancellation),
    retryFailed: () => {
      for (const document of [...documents.values()]) {
        const { state } = document;
        if (state.kind === 'unavailable' || state.kind === 'estimated') void open(document);
      }
    },
    onDidChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
}

function failure(code: EngineError['code'], message: string): EngineReply<never> {
  return { ok: false, error: { code, message } };
}
