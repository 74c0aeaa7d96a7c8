// The user's tokenizer files as the editor sees them: which are kept, what to call them, and adding, renaming and
// removing them. Files are read and checked by an engine of their own, so that a hostile one can do no more than end it.
// The list is read from disk when it is first needed, not at activation.
import type { EngineClient, RequestOptions } from '../engine/engineClient';
import type { EngineReply, TokenizerAnswer, TokenizerFacts, TokenizerId } from '../engine/engineProtocol';
import { FILE_PREFIX, findKept, KeptTokenizers, type StoredTokenizer } from '../engine/keptTokenizers';
import type { RankPattern } from '../core/tokenizers/formats/rankPatterns';
import type { TokenizerSource } from '../engine/tokenizerFiles';

export interface AddParams {
  readonly source: TokenizerSource;
  /** What its user calls it, or what to call it when it has no name yet. */
  readonly name?: string;
  readonly suggestedName?: string;
  readonly pattern?: RankPattern;
}

export interface TokenizerLibrary {
  /** What is kept, oldest first, as far as it is known; asking starts reading the list. */
  readonly entries: readonly StoredTokenizer[];
  /** Reads the list, once. */
  load(): Promise<readonly StoredTokenizer[]>;
  find(id: TokenizerId): StoredTokenizer | undefined;
  /** The id by whole fingerprint of the file that `id` names; any other id as it is. */
  canonicalId(id: TokenizerId): TokenizerId;
  /** An id for the reader: a file's name instead of its fingerprint. */
  label(id: TokenizerId): string;
  /** Checks a file and keeps it. */
  add(params: AddParams, options?: RequestOptions): Promise<EngineReply<TokenizerAnswer>>;
  rename(sha256: string, name: string): Promise<void>;
  remove(sha256: string): Promise<void>;
  describe(sha256: string): Promise<EngineReply<TokenizerFacts | null>>;
  /** 'added': no number changes that was shown. 'changed': a name is another or a file is gone. */
  onDidChange(listener: (change: 'added' | 'changed') => void): { dispose(): void };
}

/** Reading the largest published files takes a few seconds. */
const CHECK_BUDGET_MS = 60_000;

/**
 * @param checker an engine that does nothing else
 * @param counters the engines that count; they drop what they have loaded of files that change
 */
export function createTokenizerLibrary(
  folder: string,
  checker: EngineClient,
  counters: readonly EngineClient[],
): TokenizerLibrary {
  const kept = new KeptTokenizers(folder);
  const listeners = new Set<(change: 'added' | 'changed') => void>();
  let entries: readonly StoredTokenizer[] = [];
  let loading: Promise<void> | undefined;
  const tell = (change: 'added' | 'changed'): void => {
    for (const listener of [...listeners]) listener(change);
  };
  let reads = 0;
  /** Only the latest of several readings counts. */
  const read = async (): Promise<void> => {
    const run = ++reads;
    const list = await kept.list();
    if (run === reads) entries = list;
  };
  const refresh = async (change: 'added' | 'changed'): Promise<void> => {
    loading = read();
    await loading;
    if (change === 'changed') {
      const running = counters.filter(({ state }) => state === 'running');
      await Promise.all(running.map((engine) => engine.request('forgetTokenizers', {})));
    }
    tell(change);
  };
  const load = (): Promise<readonly StoredTokenizer[]> => {
    loading ??= read().then(() => {
      if (entries.length > 0) tell('added');
    });
    return loading.then(() => entries);
  };
  const find = (id: TokenizerId): StoredTokenizer | undefined => {
    if (!id.startsWith(FILE_PREFIX)) return undefined;
    void load();
    return findKept(id, entries);
  };
  return {
    get entries() {
      void load();
      return entries;
    },
    load,
    find,
    canonicalId: (id) => {
      const entry = find(id);
      return entry === undefined ? id : FILE_PREFIX + entry.sha256;
    },
    label: (id) => {
      if (!id.startsWith(FILE_PREFIX)) return id;
      const reference = id.slice(FILE_PREFIX.length);
      return find(id)?.name ?? (/^[0-9a-f]{64}$/.test(reference) ? `${reference.slice(0, 8)}…` : reference);
    },
    add: async (params, options = {}) => {
      // A file that ended the checker is no reason to refuse the next one.
      if (checker.state === 'stopped') checker.restart();
      const reply = await checker.request('addTokenizer', params, {
        budgetMs: CHECK_BUDGET_MS,
        ...options,
      });
      if (reply.ok && reply.value.ok) {
        const { entry } = reply.value;
        const before = entries.find(({ sha256 }) => sha256 === entry.sha256);
        const changed =
          before !== undefined && (before.name !== entry.name || before.pattern !== entry.pattern);
        await refresh(changed ? 'changed' : 'added');
      }
      return reply;
    },
    rename: async (sha256, name) => {
      await kept.rename(sha256, name);
      await refresh('changed');
    },
    remove: async (sha256) => {
      await kept.remove(sha256);
      await refresh('changed');
    },
    describe: (sha256) => checker.request('describeTokenizer', { sha256 }, { budgetMs: CHECK_BUDGET_MS }),
    onDidChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
}
