// Composition root: builds the object graph and nothing else. Activation does no I/O; the token worker starts with the
// first document that is counted.
import * as vscode from 'vscode';
import { registerCommands } from './commands';
import { createDocumentTokens, type DocumentTokens } from './editor/documentTokens';
import { ENCODING_CHOICES } from './editor/encodingChoices';
import { chooseEncoding } from './editor/encodingPicker';
import { createTokenBoundaries, type TokenBoundaries } from './editor/tokenBoundaries';
import { registerTokenHover } from './editor/tokenHover';
import { createTokenListDocuments } from './editor/tokenListDocument';
import { createTokenStatusItem, type TokenStatusItem } from './editor/tokenStatusItem';
import { createDocumentTracker } from './engine/documentTracker';
import { createEngineClient, type EngineClient } from './engine/engineClient';
import { COMMANDS, CONTEXT_KEYS } from './ids';
import { createLog } from './log';
import { registerInspectorPanel } from './panel/inspectorPanel';
import { exactLimitUnits, storeTokenizer, tokenizerFor } from './settings';

let engine: EngineClient | undefined;

/** What `activate` returns: the live parts, for the tests that run inside VS Code. Not an API for other extensions. */
export interface TesseraParts {
  readonly engine: EngineClient;
  readonly documents: DocumentTokens;
  readonly status: TokenStatusItem;
  readonly boundaries: TokenBoundaries;
}

export function activate(context: vscode.ExtensionContext): TesseraParts {
  const log = createLog();
  const dist = vscode.Uri.joinPath(context.extensionUri, 'dist');
  const client = createEngineClient({
    workerPath: vscode.Uri.joinPath(dist, 'tokenWorker.js').fsPath,
    tablesFolder: vscode.Uri.joinPath(dist, 'tables').fsPath,
    log: (line) => log.info(line),
  });
  engine = client;
  const tracker = createDocumentTracker(client, { exactLimit: exactLimitUnits });
  const documents = createDocumentTokens(tracker);
  const status = createTokenStatusItem(documents, client);
  const inspector = registerInspectorPanel(context, {
    tokens: documents,
    encodings: () => ENCODING_CHOICES,
    encodingOf: tokenizerFor,
    chooseEncoding: (document, encoding) => storeTokenizer(encoding, document, false),
    retry: () => tracker.retryFailed(),
  });
  const boundaries = createTokenBoundaries(documents, context.workspaceState);
  const tokenLists = createTokenListDocuments(documents);

  context.subscriptions.push(
    log,
    documents,
    status,
    boundaries,
    tokenLists,
    registerTokenHover(documents, boundaries),
    client.onDidChangeState((state) => {
      void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.engineState, state);
    }),
    registerCommands(log, {
      [COMMANDS.chooseEncoding]: () => chooseEncoding(),
      [COMMANDS.openInspector]: () => inspector.open(),
      [COMMANDS.showSelectionTokens]: () => inspector.showSelection(),
      [COMMANDS.toggleBoundaries]: () => boundaries.toggle(),
      [COMMANDS.showTokensAsText]: async () => {
        const document = vscode.window.activeTextEditor?.document;
        if (document !== undefined && documents.accepts(document)) await tokenLists.show(document);
      },
      [COMMANDS.openLog]: () => log.show(),
      [COMMANDS.restartEngine]: () => {
        client.restart();
        tracker.retryFailed();
      },
    }),
  );
  return { engine: client, documents, status, boundaries };
}

export async function deactivate(): Promise<void> {
  await engine?.dispose();
  engine = undefined;
}
