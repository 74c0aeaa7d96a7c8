// Builds everywhere a count helps beyond the status bar: the workspace view, lenses, hints, heat, badges, reports and the
// tools for agents. Nothing here does I/O before the user asks for it.
import * as vscode from 'vscode';
import { registerTokenTools } from './agent/tokenTools';
import type { ChosenModels } from './chosenModel';
import type { CommandTable } from './commands';
import type { DocumentTokens } from './editor/documentTokens';
import { showTokenDiff } from './editor/diffPick';
import { createLineCosts } from './editor/lineCosts';
import { chooseModel } from './editor/modelPicker';
import { createNotebookCells, type NotebookCells } from './editor/notebookCells';
import { createSectionLenses } from './editor/sectionLenses';
import type { TokenizerLibrary } from './editor/tokenizerLibrary';
import { askProvider } from './editor/providerCount';
import { showWasteReport } from './editor/wastePick';
import type { EngineClient } from './engine/engineClient';
import { COMMANDS, SETTINGS } from './ids';
import { toggle } from './settings';
import { copyAsContext } from './workspace/copyAsContext';
import { createFileBadges } from './workspace/fileBadges';
import { createTokenTreeView, type TokenTreeNode, type TokenTreeView } from './workspace/tokenTreeView';
import { WorkspaceCounts } from './workspace/workspaceCounts';

export interface CountSurfaces {
  readonly counts: WorkspaceCounts;
  readonly tree: TokenTreeView;
  readonly notebookCells: NotebookCells;
  readonly commands: CommandTable;
  dispose(): void;
}

/**
 * @param engine the engine that serves the open documents
 * @param scanEngines engines of their own for workspace scans, so that typing never waits for them
 */
export function createCountSurfaces(
  context: vscode.ExtensionContext,
  documents: DocumentTokens,
  engine: EngineClient,
  scanEngines: readonly [EngineClient, ...EngineClient[]],
  models: ChosenModels,
  library: TokenizerLibrary,
): CountSurfaces {
  const folderTokenizer = (folder: vscode.Uri): string => models.encodingForFolder(folder);
  const counts = new WorkspaceCounts(scanEngines, context.storageUri, folderTokenizer);
  const tree = createTokenTreeView(counts, models);
  const notebookCells = createNotebookCells(engine, models);
  const parts = [
    counts,
    tree,
    createFileBadges(counts),
    createSectionLenses(documents, models),
    createLineCosts(documents),
    notebookCells,
    registerTokenTools(engine, models, (uri) => folderTokenizer(uri ?? vscode.Uri.file('/')), library),
  ];
  const commands: CommandTable = {
    [COMMANDS.chooseModel]: () => chooseModel(models),
    [COMMANDS.askProvider]: () => askProvider(documents, models),
    [COMMANDS.scanWorkspace]: () => tree.scan(),
    [COMMANDS.copyAsContext]: (node, chosen) => {
      const nodes = (
        Array.isArray(chosen) ? chosen : node === undefined ? tree.view.selection : [node]
      ) as TokenTreeNode[];
      return copyAsContext(nodes, scanEngines[0], models, folderTokenizer);
    },
    [COMMANDS.toggleLens]: () => toggle(SETTINGS.lens),
    [COMMANDS.toggleLineHints]: () => toggle(SETTINGS.lineHints),
    [COMMANDS.toggleLineHeat]: () => toggle(SETTINGS.lineHeat),
    [COMMANDS.toggleBadges]: () => toggle(SETTINGS.badges),
    [COMMANDS.toggleNotebookCells]: () => toggle(SETTINGS.notebookCells),
    [COMMANDS.showWasteReport]: () => showWasteReport(engine, models),
    [COMMANDS.diffWithHead]: (resource) => showTokenDiff(engine, models, resource),
  };
  return {
    counts,
    tree,
    notebookCells,
    commands,
    dispose: () => {
      for (const part of parts) part.dispose();
    },
  };
}
