// The one log of the extension: a LogOutputChannel. It holds no file contents and no keys.
import * as vscode from 'vscode';
import { COMMANDS } from './ids';

export type Log = vscode.LogOutputChannel;

export function createLog(): Log {
  return vscode.window.createOutputChannel('Tessera', { log: true });
}

/** One error message with "Open Log", for actions that the user started. Background failures only go to the log. */
export async function showFailure(message: string): Promise<void> {
  const openLog = vscode.l10n.t('Open Log');
  const choice = await vscode.window.showErrorMessage(message, openLog);
  if (choice === openLog) await vscode.commands.executeCommand(COMMANDS.openLog);
}
