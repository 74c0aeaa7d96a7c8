// "Show Tokens as Text": a read-only document that lists the tokens of another one, refreshed as that one changes.
// Its address carries the other's: tessera-tokens:/name.tokens?<uri of the source>.
import * as vscode from 'vscode';
import { RUNTIME_IDS } from '../ids';
import type { DocumentTokens } from './documentTokens';

/** Tokens per request, so that the worker can count what is typed in between. */
const ROWS_PER_REQUEST = 10_000;
/** More rows than this would make a document that VS Code itself refuses to give to extensions. */
const MAX_ROWS = 200_000;
const REFRESH_MS = 500;

export interface TokenListDocuments {
  /** Opens the list of a document beside it. */
  show(document: vscode.TextDocument): Promise<void>;
  dispose(): void;
}

const listUri = (source: vscode.Uri): vscode.Uri =>
  vscode.Uri.from({
    scheme: RUNTIME_IDS.tokensScheme,
    path: `/${source.path.split('/').at(-1) ?? ''}.tokens`,
    query: source.toString(),
  });

/** @param nameOf an encoding for the reader */
export function createTokenListDocuments(
  documents: DocumentTokens,
  nameOf: (encoding: string) => string,
): TokenListDocuments {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const timers = new Map<string, NodeJS.Timeout>();

  async function contentOf(uri: vscode.Uri, cancellation: vscode.CancellationToken): Promise<string> {
    const source = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri.query, true));
    const numbers = new Intl.NumberFormat(vscode.env.language);
    let rows = '';
    for (let first = 0; ;) {
      const reply = await documents.query(
        'tokenRows',
        source,
        { first, limit: ROWS_PER_REQUEST },
        cancellation,
      );
      if (!reply.ok) return vscode.l10n.t('The tokens cannot be listed: {0}', reply.error.message);
      const { totals, header, listed, text } = reply.value;
      rows += text;
      first += listed;
      if (listed > 0 && first < Math.min(totals.tokens, MAX_ROWS)) continue;
      const head = [
        source.uri.toString(true),
        vscode.l10n.t(
          '{0} tokens, {1}, {2}',
          numbers.format(totals.tokens),
          nameOf(totals.tokenizer),
          totals.provenance.source,
        ),
        totals.provenance.exactness === 'exact' ? vscode.l10n.t('Exact') : vscode.l10n.t('Estimate'),
      ];
      if (first < totals.tokens)
        head.push(vscode.l10n.t('Only the first {0} tokens are listed.', numbers.format(first)));
      return `${head.join('\n')}\n\n${header}\n${rows}`;
    }
  }

  const refreshLater = (source: vscode.TextDocument): void => {
    const uri = listUri(source.uri);
    const key = uri.toString();
    if (!vscode.workspace.textDocuments.some((document) => document.uri.toString() === key)) return;
    clearTimeout(timers.get(key));
    timers.set(
      key,
      setTimeout(() => {
        timers.delete(key);
        changed.fire(uri);
      }, REFRESH_MS),
    );
  };

  const subscriptions = vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(RUNTIME_IDS.tokensScheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: contentOf,
    }),
    documents.onDidChange((document) => {
      if (documents.state(document)?.kind === 'counted') refreshLater(document);
    }),
  );

  return {
    show: async (document) => {
      const list = await vscode.workspace.openTextDocument(listUri(document.uri));
      await vscode.window.showTextDocument(list, { viewColumn: vscode.ViewColumn.Beside, preview: true });
    },
    dispose: () => {
      for (const timer of timers.values()) clearTimeout(timer);
      subscriptions.dispose();
    },
  };
}
