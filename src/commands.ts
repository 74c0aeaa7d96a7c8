// The command table: binds ids to functions; what fails is logged, and told to the user once, because commands are
// started by the user.
import * as vscode from 'vscode';
import type { CommandId } from './ids';
import { showFailure, type Log } from './log';

export type CommandTable = Partial<Readonly<Record<CommandId, (...args: readonly unknown[]) => unknown>>>;

export function registerCommands(log: Log, table: CommandTable): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(table).map(([id, run]) =>
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          return await run(...args);
        } catch (error) {
          log.error(error instanceof Error ? error : String(error));
          const reason = error instanceof Error ? error.message : String(error);
          void showFailure(vscode.l10n.t('Tessera: {0}', reason));
          return undefined;
        }
      }),
    ),
  );
}
