// Composition root: builds the object graph and nothing else. Activation does no I/O; the token worker starts with the
// first document that is counted.
import { availableParallelism } from 'node:os';
import * as vscode from 'vscode';
import { createChosenModels, type ChosenModels } from './chosenModel';
import { registerCommands } from './commands';
import { createCountSurfaces, type CountSurfaces } from './countSurfaces';
import { createDraftSurfaces, type DraftSurfaces } from './draftSurfaces';
import { createDocumentTokens, type DocumentTokens } from './editor/documentTokens';
import { chooseEncoding, useEncoding } from './editor/encodingPicker';
import { createTokenBoundaries, type TokenBoundaries } from './editor/tokenBoundaries';
import { registerTokenHover } from './editor/tokenHover';
import { createTokenListDocuments } from './editor/tokenListDocument';
import { modelNotes } from './editor/modelNotes';
import { tokenizerChoices } from './editor/tokenizerChoices';
import { createTokenizerLibrary } from './editor/tokenizerLibrary';
import { createTokenStatusItem, type TokenStatusItem } from './editor/tokenStatusItem';
import { scanWorkers } from './engine/diskScan';
import { createDocumentTracker } from './engine/documentTracker';
import { createEngineClient, type EngineClient } from './engine/engineClient';
import { COMMANDS, CONTEXT_KEYS, SETTINGS } from './ids';
import { createLog } from './log';
import type { LocalModel } from './localModel';
import { createModelSurfaces, type ModelSurfaces } from './modelSurfaces';
import { comparisonFeature, createComparisonService } from './panel/comparison';
import { registerInspectorPanel, type Inspector } from './panel/inspectorPanel';
import { exactLimitUnits } from './settings';
import { rememberWindowSetting } from './settingsMemory';
import { createTokenizerSurfaces, type TokenizerSurfaces } from './tokenizerSurfaces';
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
  readonly tokenizers: TokenizerSurfaces;
  readonly modelSurfaces: ModelSurfaces;
}

export function activate(context: vscode.ExtensionContext): TesseraParts {
  const log = createLog();
  const dist = vscode.Uri.joinPath(context.extensionUri, 'dist');
  const engineOptions = {
    workerPath: vscode.Uri.joinPath(dist, 'tokenWorker.js').fsPath,
    tableFolder: vscode.Uri.joinPath(dist, 'tables').fsPath,
    tokenizerFolder: vscode.Uri.joinPath(context.globalStorageUri, 'tokenizers').fsPath,
  };
  const client = createEngineClient({ ...engineOptions, log: (line) => log.info(line) });
  const createScanEngine = (): EngineClient =>
    createEngineClient({ ...engineOptions, log: (line) => log.info(`workspace: ${line}`) });
  const scanEngine = createScanEngine();
  const scanEngines = [
    scanEngine,
    ...Array.from({ length: scanWorkers(availableParallelism()) - 1 }, createScanEngine),
  ] as const;
  const checker = createEngineClient({
    ...engineOptions,
    log: (line) => log.info(`tokenizer files: ${line}`),
  });
  const library = createTokenizerLibrary(engineOptions.tokenizerFolder, checker, [client, ...scanEngines]);
  const modelSurfaces = createModelSurfaces(context, log);
  const { localModel } = modelSurfaces;
  engines = [client, ...scanEngines, checker, localModel];
  const models = createChosenModels((problem) => log.warn(problem), library);
  const exactLimit = rememberWindowSetting(exactLimitUnits, [SETTINGS.exactLimitMegabytes]);
  const tracker = createDocumentTracker(client, { exactLimit: () => exactLimit.value });
  const documents = createDocumentTokens(tracker, models);
  const status = createTokenStatusItem(documents, client, models, modelSurfaces.section);
  const comparison = createComparisonService(client, models, () => tokenizerChoices(library));
  const tokenizers = createTokenizerSurfaces(context, log, library, models, documents, () =>
    comparison.choices(),
  );
  const watermark: WatermarkSurfaces = createWatermarkSurfaces(context, scanEngine, library, localModel, () =>
    inspector.open('watermark'),
  );
  const drafts: DraftSurfaces = createDraftSurfaces(
    localModel,
    log,
    () => inspector.open('drafts'),
    watermark.planting,
  );
  const inspector: Inspector = registerInspectorPanel(context, {
    compareChoices: () => comparison.choices(),
    features: [
      comparisonFeature(comparison),
      drafts.view,
      ...modelSurfaces.panelFeatures,
      tokenizers.feature,
      watermark.feature,
    ],
    tokens: documents,
    encodings: () => tokenizerChoices(library),
    encodingOf: (document) => models.encodingFor(document),
    chooseEncoding: (document, encoding) => useEncoding(models, encoding, document, false),
    notes: (document, { tokens, characters }) => modelNotes(models, document, tokens, characters),
    onDidChangeNotes: models.onDidChange,
    retry: () => tracker.retryFailed(),
  });
  const boundaries = createTokenBoundaries(documents, context.workspaceState);
  const surfaces = createCountSurfaces(context, documents, client, scanEngines, models, library);
  const tokenLists = createTokenListDocuments(documents, (id) => library.label(id));

  context.subscriptions.push(
    log,
    exactLimit,
    documents,
    status,
    boundaries,
    tokenLists,
    models,
    surfaces,
    modelSurfaces,
    drafts,
    watermark,
    tokenizers,
    registerTokenHover(documents, boundaries),
    client.onDidChangeState((state) => {
      void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.engineState, state);
    }),
    registerCommands(log, {
      ...surfaces.commands,
      ...modelSurfaces.commands((view) => inspector.open(view)),
      ...drafts.commands,
      ...watermark.commands,
      ...tokenizers.commands,
      [COMMANDS.chooseEncoding]: () => chooseEncoding(models, library),
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
    tokenizers,
    modelSurfaces,
  };
}

export async function deactivate(): Promise<void> {
  await Promise.all(engines.map((engine) => engine.dispose()));
  engines = [];
}
