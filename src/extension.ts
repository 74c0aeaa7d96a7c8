// Composition root: builds the object graph and nothing else. Activation does no I/O; the token worker starts with the
// first document that is counted.
import * as vscode from 'vscode';
import { createChosenModels, type ChosenModels } from './chosenModel';
import { registerCommands } from './commands';
import { createCountSurfaces, type CountSurfaces } from './countSurfaces';
import { createDraftSurfaces, type DraftSurfaces } from './draftSurfaces';
import { createDocumentTokens, type DocumentTokens } from './editor/documentTokens';
import { ENCODING_CHOICES } from './editor/encodingChoices';
import { chooseEncoding } from './editor/encodingPicker';
import { createTokenBoundaries, type TokenBoundaries } from './editor/tokenBoundaries';
import { registerTokenHover } from './editor/tokenHover';
import { createTokenListDocuments } from './editor/tokenListDocument';
import { modelNotes } from './editor/modelNotes';
import { createTokenStatusItem, type TokenStatusItem } from './editor/tokenStatusItem';
import { createDocumentTracker } from './engine/documentTracker';
import { createEngineClient, type EngineClient } from './engine/engineClient';
import { COMMANDS, CONTEXT_KEYS } from './ids';
import { createLog } from './log';
import type { LocalModel } from './localModel';
import { createModelSurfaces } from './modelSurfaces';
import { comparisonFeature, createComparisonService } from './panel/comparison';
import { registerInspectorPanel, type Inspector } from './panel/inspectorPanel';
import { exactLimitUnits, storeTokenizer } from './settings';
import { createWatermarkSurfaces, type WatermarkSurfaces } from './watermarkSurfaces';

let engines: readonly { dispose(): Promise<void> }[] = [];

/** What `activate` returns: the live parts, for the tests that run inside VS Code. Not an API for other extensions. */
export interface TesseraParts {
  readonly engine: EngineClient;
  readonly documents: DocumentTokens;
  readonly status: TokenStatusItem;
  readonly boundaries: TokenBoundaries;
  readonly models: ChosenModels;
  readonly surfaces: CountSurfaces;
  readonly inspector: Inspector;
  readonly localModel: LocalModel;
  readonly drafts: DraftSurfaces;
  readonly watermark: WatermarkSurfaces;
}

export function activate(context: vscode.ExtensionContext): TesseraParts {
  const log = createLog();
  const dist = vscode.Uri.joinPath(context.extensionUri, 'dist');
  const engineOptions = {
    workerPath: vscode.Uri.joinPath(dist, 'tokenWorker.js').fsPath,
    tableFolder: vscode.Uri.joinPath(dist, 'tables').fsPath,
    snapshotFolder: vscode.Uri.joinPath(context.globalStorageUri, 'tables').fsPath,
  };
  const client = createEngineClient({ ...engineOptions, log: (line) => log.info(line) });
  const scanEngine = createEngineClient({ ...engineOptions, log: (line) => log.info(`workspace: ${line}`) });
  const modelSurfaces = createModelSurfaces(context, log);
  const { localModel } = modelSurfaces;
  engines = [client, scanEngine, localModel];
  const models = createChosenModels((problem) => log.warn(problem));
  const tracker = createDocumentTracker(client, { exactLimit: exactLimitUnits });
  const documents = createDocumentTokens(tracker, models);
  const status = createTokenStatusItem(documents, client, models);
  const comparison = createComparisonService(client, models, () => ENCODING_CHOICES);
  const watermark: WatermarkSurfaces = createWatermarkSurfaces(context, scanEngine, () =>
    inspector.open('watermark'),
  );
  const inspector = registerInspectorPanel(context, {
    compareChoices: () => comparison.choices(),
    features: [comparisonFeature(comparison), watermark.feature],
    tokens: documents,
    encodings: () => ENCODING_CHOICES,
    encodingOf: (document) => models.encodingFor(document),
    chooseEncoding: async (document, encoding) => {
      if (models.forScope(document) !== undefined) await models.store('', document);
      await storeTokenizer(encoding, document, false);
    },
    notes: (document, { tokens, characters }) => modelNotes(models, document, tokens, characters),
    onDidChangeNotes: models.onDidChange,
    retry: () => tracker.retryFailed(),
  });
  const boundaries = createTokenBoundaries(documents, context.workspaceState);
  const surfaces = createCountSurfaces(context, documents, client, scanEngine, models);
  const drafts = createDraftSurfaces(localModel, log, () => inspector.open());
  const tokenLists = createTokenListDocuments(documents);

  context.subscriptions.push(
    log,
    documents,
    status,
    boundaries,
    tokenLists,
    models,
    surfaces,
    modelSurfaces,
    drafts,
    watermark,
    registerTokenHover(documents, boundaries),
    client.onDidChangeState((state) => {
      void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.engineState, state);
    }),
    registerCommands(log, {
      ...surfaces.commands,
      ...modelSurfaces.commands,
      ...drafts.commands,
      ...watermark.commands,
      [COMMANDS.chooseEncoding]: () => chooseEncoding(models),
      [COMMANDS.openInspector]: () => inspector.open(),
      [COMMANDS.compareTokenizers]: () => inspector.open('compare'),
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
  return {
    engine: client,
    documents,
    status,
    boundaries,
    inspector,
    models,
    surfaces,
    localModel,
    drafts,
    watermark,
  };
}

export async function deactivate(): Promise<void> {
  await Promise.all(engines.map((engine) => engine.dispose()));
  engines = [];
}
