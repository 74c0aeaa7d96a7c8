// A status item that exists only while drafts are being written, or for a moment after they could not be. What goes wrong
// while the user types is told here and in the log, never in a message that takes the focus.
import * as vscode from 'vscode';
import { COMMANDS, RUNTIME_IDS } from '../ids';
import type { Log } from '../log';
import type { DraftService } from './draftService';

export interface DraftStatus {
  /** A failure the user should be able to find. */
  problem(message: string): void;
  /** Something that is no failure, such as "nothing to add here". */
  note(message: string): void;
  /** What is shown now; undefined while the item is hidden. */
  readonly text: string | undefined;
  dispose(): void;
}

/** A quick answer must not make the status bar flicker. */
const BUSY_AFTER_MS = 200;
const SHOWN_MS = 8000;

export function createDraftStatus(service: DraftService, log: Log): DraftStatus {
  const item = vscode.window.createStatusBarItem(
    RUNTIME_IDS.draftsStatusItem,
    vscode.StatusBarAlignment.Right,
    99,
  );
  item.name = vscode.l10n.t('Tessera Drafts');
  let shown: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  function hide(): void {
    clearTimeout(timer);
    shown = undefined;
    item.hide();
  }

  function show(icon: string, text: string, tooltip: string, command: string | undefined): void {
    clearTimeout(timer);
    shown = text;
    item.text = `${icon} ${text}`;
    item.tooltip = tooltip;
    item.command = command;
    item.accessibilityInformation = { label: `${text}. ${tooltip}`, role: 'status' };
    item.show();
  }

  function forAMoment(icon: string, text: string, tooltip: string, command?: string): void {
    show(icon, text, tooltip, command);
    timer = setTimeout(hide, SHOWN_MS);
  }

  const listening = service.onDidChangeBusy(() => {
    if (service.busy === 0) {
      if (shown === undefined || shown === writing()) hide();
      return;
    }
    if (shown !== undefined) return;
    clearTimeout(timer);
    timer = setTimeout(
      () => show(busyIcon(), writing(), vscode.l10n.t('The local model is writing.'), undefined),
      BUSY_AFTER_MS,
    );
  });
  return {
    problem: (message) => {
      log.warn(`drafts: ${message}`);
      forAMoment('$(warning)', vscode.l10n.t('No drafts'), message, COMMANDS.openLog);
    },
    note: (message) => forAMoment('$(info)', vscode.l10n.t('No drafts'), message),
    get text() {
      return shown;
    },
    dispose: () => {
      hide();
      listening.dispose();
      item.dispose();
    },
  };
}

const writing = (): string => vscode.l10n.t('Drafting');

/** The turning icon, unless the user asked for less motion. */
function busyIcon(): string {
  const motion = vscode.workspace.getConfiguration('workbench').get<unknown>('reduceMotion');
  return motion === 'on' ? '$(ellipsis)' : '$(loading~spin)';
}
