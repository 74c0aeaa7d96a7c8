// Builds everything around drafts: the service that asks the chosen model, inline completions, their status and command.
// Nothing here starts a model before the user asks for drafts or has set them to come while typing.
import * as vscode from 'vscode';
import type { CommandTable } from './commands';
import { draftSettings } from './draftSettings';
import { createDraftCompletions, type DraftCompletions } from './editor/draftCompletions';
import { reasonForSilence } from './editor/draftPlaces';
import { createDraftService, type DraftService } from './editor/draftService';
import { createDraftStatus, type DraftStatus } from './editor/draftStatus';
import type { WatermarkPlanting } from './editor/watermarkPlanting';
import { COMMANDS } from './ids';
import type { LocalModel } from './localModel';
import type { Log } from './log';
import { createDraftsFeature, type DraftsFeature } from './panel/draftsFeature';
import { rememberSetting } from './settingsMemory';
import type { WhyPart } from './shared/draftsProtocol';

export interface DraftSurfaces {
  readonly service: DraftService;
  readonly completions: DraftCompletions;
  readonly status: DraftStatus;
  /** The host's part of the Drafts view. */
  readonly view: DraftsFeature;
  readonly commands: CommandTable;
  dispose(): void;
}

const TRIGGER_INLINE_SUGGESTION = 'editor.action.inlineSuggest.trigger';

/** @param openView brings the Drafts view to the front */
export function createDraftSurfaces(
  localModel: LocalModel,
  log: Log,
  openView: () => unknown,
  planting: WatermarkPlanting,
): DraftSurfaces {
  const service = createDraftService(localModel, planting);
  const view = createDraftsFeature(service, localModel, (command) =>
    command === 'restart' ? localModel.restart() : vscode.commands.executeCommand(COMMANDS.chooseLocalModel),
  );
  const openDraftsView = (part: WhyPart | 'drafts'): void => {
    view.want(part);
    openView();
  };
  const status = createDraftStatus(service, log);
  // Every keystroke asks whether drafts are wanted.
  const settings = rememberSetting(draftSettings, ['tessera.drafts']);
  const completions = createDraftCompletions(service, status, planting, settings);
  const parts = [
    service,
    status,
    view,
    settings,
    vscode.languages.registerInlineCompletionItemProvider({ pattern: '**' }, completions),
    localModel.onDidChangeModel(() => completions.forget()),
    planting.onDidChangeScheme(() => completions.forget()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('tessera.drafts')) completions.forget();
    }),
  ];

  async function showDrafts(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Open a file and place the cursor where drafts should start.'),
      );
      return;
    }
    const { document, selection } = editor;
    const reason = reasonForSilence(document, selection.active);
    if (reason !== undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t('No drafts here: {0}', reason));
      return;
    }
    const inline = vscode.workspace
      .getConfiguration('editor', document)
      .get<unknown>('inlineSuggest.enabled');
    if (inline === false) openDraftsView('drafts');
    else await vscode.commands.executeCommand(TRIGGER_INLINE_SUGGESTION);
  }

  return {
    service,
    completions,
    status,
    view,
    commands: {
      [COMMANDS.showDrafts]: showDrafts,
      [COMMANDS.openDraftsView]: () => openDraftsView('drafts'),
      [COMMANDS.explainNextByte]: () => openDraftsView('nextByte'),
    },
    dispose: () => {
      for (const part of parts) part.dispose();
    },
  };
}
