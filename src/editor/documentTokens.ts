// VS Code documents as sources of the document tracker: follows edits and closings, re-reads the tokenizer when settings
// or the language change.
import * as vscode from 'vscode';
import type { CancellationLike } from '../engine/engineClient';
import type { DocumentState, DocumentTracker, QueryName, TextSource } from '../engine/documentTracker';
import type { EngineReply, RequestParams, RequestResult, TokenizerId } from '../engine/engineProtocol';
import { FILE_PREFIX } from '../engine/keptTokenizers';
import { RUNTIME_IDS, SETTINGS } from '../ids';
import type { ChosenModels } from '../chosenModel';

/** Output channels change all the time, and lists and descriptions are about something else: none is counted. */
const IGNORED_SCHEMES: ReadonlySet<string> = new Set([
  'output',
  RUNTIME_IDS.tokensScheme,
  RUNTIME_IDS.tokenizerScheme,
]);

export interface DocumentTokens {
  /** Whether this document is counted at all. */
  accepts(document: vscode.TextDocument): boolean;
  /** Starts counting the document, unless it is counted already. */
  follow(document: vscode.TextDocument): void;
  state(document: vscode.TextDocument): DocumentState | undefined;
  /** Asks about a document, following it first if need be. Offsets are UTF-16 units of its text. */
  query<N extends QueryName>(
    name: N,
    document: vscode.TextDocument,
    params: Omit<RequestParams<N>, 'handle'>,
    cancellation?: CancellationLike,
  ): Promise<EngineReply<RequestResult<N>>>;
  /**
   * Tokenizer files were added, or renamed and removed (`recount`): documents that wait for one are counted, and those
   * that used one are counted again, which shows when it is gone.
   */
  tokenizersChanged(recount: boolean): void;
  /** The state of a followed document changed. */
  readonly onDidChange: vscode.Event<vscode.TextDocument>;
  dispose(): void;
}

function sourceOf(document: vscode.TextDocument): TextSource {
  return {
    key: document.uri.toString(),
    get version() {
      return document.version;
    },
    get utf16Length() {
      return document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
    },
    slice: (start, end) =>
      document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end))),
  };
}

export function createDocumentTokens(tracker: DocumentTracker, models: ChosenModels): DocumentTokens {
  interface Followed {
    readonly document: vscode.TextDocument;
    readonly source: TextSource;
    readonly encoding: TokenizerId;
  }
  const followed = new Map<string, Followed>();
  const changed = new vscode.EventEmitter<vscode.TextDocument>();
  const keyOf = (document: vscode.TextDocument): string => document.uri.toString();

  const track = (document: vscode.TextDocument): void => {
    const key = keyOf(document);
    const known = followed.get(key);
    const source = known?.document === document ? known.source : sourceOf(document);
    const encoding = models.encodingFor(document);
    followed.set(key, { document, source, encoding });
    tracker.track(source, encoding);
  };
  const forget = (document: vscode.TextDocument): void => {
    if (followed.delete(keyOf(document))) tracker.untrack(keyOf(document));
  };
  /** After a change of settings: what is in sight first and only, so that no hidden giant delays it. */
  const trackVisible = (): void => {
    const visible = new Set(vscode.window.visibleTextEditors.map(({ document }) => document));
    for (const { document, encoding } of [...followed.values()]) {
      if (visible.has(document)) track(document);
      else if (encoding !== models.encodingFor(document)) {
        forget(document);
        // Whoever still shows it elsewhere, such as a pinned inspector, follows it again.
        changed.fire(document);
      }
    }
  };
  const accepts = (document: vscode.TextDocument): boolean =>
    !document.isClosed && !IGNORED_SCHEMES.has(document.uri.scheme);

  const subscriptions = vscode.Disposable.from(
    changed,
    tracker.onDidChange((key) => {
      const entry = followed.get(key);
      if (entry !== undefined) changed.fire(entry.document);
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length === 0 || !followed.has(keyOf(document))) return;
      tracker.edited(
        keyOf(document),
        contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
          offset: rangeOffset,
          deletedLength: rangeLength,
          text,
        })),
      );
    }),
    // A change of language closes and opens the document; whoever shows it follows it again.
    vscode.workspace.onDidCloseTextDocument(forget),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const settings = [SETTINGS.encoding, SETTINGS.model, SETTINGS.models];
      if (settings.some((setting) => event.affectsConfiguration(setting))) trackVisible();
    }),
  );

  return {
    accepts,
    follow: (document) => {
      if (accepts(document)) track(document);
    },
    state: (document) => tracker.state(keyOf(document)),
    query: (name, document, params, cancellation) => {
      if (accepts(document)) track(document);
      return tracker.query(name, keyOf(document), params, cancellation);
    },
    tokenizersChanged: (recount) => {
      const waits = ({ document, encoding }: Followed): boolean => {
        const state = tracker.state(keyOf(document));
        if (!encoding.startsWith(FILE_PREFIX)) return false;
        return recount || (state?.kind === 'unavailable' && state.error.code === 'tablesMissing');
      };
      const again = [...followed.values()].filter(waits);
      for (const { document } of again) forget(document);
      const visible = new Set(vscode.window.visibleTextEditors.map(({ document }) => document));
      for (const { document } of again) {
        if (visible.has(document)) track(document);
        // Whoever still shows it elsewhere follows it again.
        changed.fire(document);
      }
      trackVisible();
    },
    onDidChange: changed.event,
    dispose: () => {
      subscriptions.dispose();
      for (const { document } of [...followed.values()]) forget(document);
    },
  };
}
