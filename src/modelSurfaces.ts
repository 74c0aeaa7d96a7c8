// Builds everything around the local model: the model itself, the choice among models, downloads, servers, and the surprise
// of a text. Nothing here does I/O before the user asks for something that needs a model.
import * as vscode from 'vscode';
import type { CommandTable } from './commands';
import { chooseLocalModel } from './editor/localModelPicker';
import { lastName, localModelLines, type LocalModelSection } from './editor/localModelText';
import { createModelDetails } from './editor/modelDetails';
import { downloadDialog, downloadModelCommand } from './editor/modelDownloadCommand';
import { createRememberedFolders, type RememberedFolders } from './editor/rememberedFolders';
import { removeServerKey, useServer } from './editor/serverSetup';
import { registerSurpriseHover } from './editor/surpriseHover';
import { createSurpriseMap, type SurpriseMap } from './editor/surpriseMap';
import { createSurpriseScores, type SurpriseScores } from './editor/surpriseScores';
import { createSurpriseStatusItem, type SurpriseStatusItem } from './editor/surpriseStatusItem';
import { COMMANDS } from './ids';
import { createLocalModel, type LocalModel } from './localModel';
import type { Log } from './log';
import type { PanelFeature } from './panel/panelFeature';
import { surpriseFeature } from './panel/surpriseFeature';
import type { HostEvent, ViewId } from './shared/panelProtocol';

export interface ModelSurfaces {
  readonly localModel: LocalModel;
  readonly folders: RememberedFolders;
  readonly scores: SurpriseScores;
  readonly surprise: SurpriseMap;
  readonly surpriseStatus: SurpriseStatusItem;
  /** What the status tooltip says about the model. */
  readonly section: LocalModelSection;
  readonly panelFeatures: readonly PanelFeature[];
  /** @param openView brings a view of the inspector to the front */
  commands(openView: (view: ViewId) => void): CommandTable;
  dispose(): void;
}

export function createModelSurfaces(context: vscode.ExtensionContext, log: Log): ModelSurfaces {
  const localModel = createLocalModel({
    dist: vscode.Uri.joinPath(context.extensionUri, 'dist'),
    secrets: context.secrets,
    log: (line) => log.info(line),
  });
  const folders = createRememberedFolders(context.globalState, context.globalStorageUri);
  const scores = createSurpriseScores(localModel);
  const surprise = createSurpriseMap(scores);
  const surpriseStatus = createSurpriseStatusItem(surprise);
  const details = createModelDetails(localModel);
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const panelEvents = new vscode.EventEmitter<HostEvent>();
  const parts = [
    panelEvents,
    scores,
    surprise,
    surpriseStatus,
    details,
    registerSurpriseHover(scores, surprise),
  ];
  return {
    localModel,
    folders,
    scores,
    surprise,
    surpriseStatus,
    section: {
      lines: () => localModelLines(localModel, lastName(localModel.embeddedFolder), numbers, vscode.l10n.t),
      onDidChange: localModel.onDidChange,
    },
    panelFeatures: [surpriseFeature(scores, panelEvents)],
    commands: (openView) => ({
      [COMMANDS.chooseLocalModel]: (wanted) => chooseLocalModel({ model: localModel, folders }, wanted),
      [COMMANDS.downloadModel]: () => downloadModelCommand(folders, downloadDialog),
      [COMMANDS.useServer]: () => useServer(localModel),
      [COMMANDS.removeServerKey]: () => removeServerKey(localModel),
      [COMMANDS.restartLocalModel]: () => {
        localModel.restart();
        surprise.refresh();
      },
      [COMMANDS.showModelDetails]: () => details.show(),
      [COMMANDS.toggleSurprise]: () => surprise.toggle(),
      [COMMANDS.showSurprise]: () => openView('surprise'),
    }),
    dispose: () => {
      for (const part of parts) part.dispose();
    },
  };
}
