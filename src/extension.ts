// Composition root: builds the object graph and nothing else. Activation does no I/O.
import type * as vscode from 'vscode';
import { COMMANDS } from './ids';
import { createLog } from './log';
import { registerCommands } from './commands';

export function activate(context: vscode.ExtensionContext): void {
  const log = createLog();
  context.subscriptions.push(
    log,
    registerCommands({
      [COMMANDS.openLog]: () => log.show(),
    }),
  );
}
