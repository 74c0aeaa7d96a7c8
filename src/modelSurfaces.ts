// Builds everything around the local model: the model itself, and its commands. Nothing here does I/O before the user asks
// for something that needs a model.
import * as vscode from 'vscode';
import type { CommandTable } from './commands';
import { COMMANDS } from './ids';
import { createLocalModel, type LocalModel } from './localModel';
import type { Log } from './log';

export interface ModelSurfaces {
  readonly localModel: LocalModel;
  readonly commands: CommandTable;
  dispose(): void;
}

export function createModelSurfaces(context: vscode.ExtensionContext, log: Log): ModelSurfaces {
  const localModel = createLocalModel({
    dist: vscode.Uri.joinPath(context.extensionUri, 'dist'),
    secrets: context.secrets,
    log: (line) => log.info(line),
  });
  const commands: CommandTable = {
    [COMMANDS.restartLocalModel]: () => localModel.restart(),
  };
  return { localModel, commands, dispose: () => undefined };
}
