// Builds everything around the user's own tokenizer files: adding them by command, by setting or by a drop on the panel,
// the choices they make everywhere, their descriptions, and recounting when one changes. Nothing here does I/O before a
// list of tokenizers is needed or the setting names a file.
import * as vscode from 'vscode';
import type { ChosenModels } from './chosenModel';
import type { CommandTable } from './commands';
import { addTokenizerFiles, chooseTokenizerFiles, type NamedSource } from './editor/addTokenizer';
import type { DocumentTokens } from './editor/documentTokens';
import { useEncoding } from './editor/encodingPicker';
import { createTokenizerDocuments } from './editor/tokenizerDocument';
import type { TokenizerLibrary } from './editor/tokenizerLibrary';
import { manageTokenizers, renameTokenizer } from './editor/tokenizerManager';
import { followTokenizerSetting, type TokenizerSetting } from './editor/tokenizerSetting';
import { cleanName } from './core/tokenizers/formats/tokenizerFileNames';
import { FILE_PREFIX, type StoredTokenizer } from './engine/keptTokenizers';
import { COMMANDS, SETTINGS } from './ids';
import type { Log } from './log';
import { tokenizerDropFeature, type DroppedTokenizer } from './panel/tokenizerDrop';
import type { PanelFeature } from './panel/panelFeature';
import type { CompareChoice } from './shared/panelProtocol';
import { tokenizerChoices } from './editor/tokenizerChoices';

export interface TokenizerSurfaces {
  readonly library: TokenizerLibrary;
  readonly setting: TokenizerSetting;
  /** Adds files and tells the user what came of each. */
  add(files: readonly (DroppedTokenizer | NamedSource)[]): Promise<readonly StoredTokenizer[]>;
  /** The panel's part: drops, and lists that follow changes. */
  readonly feature: PanelFeature;
  readonly commands: CommandTable;
  dispose(): void;
}

export function createTokenizerSurfaces(
  context: vscode.ExtensionContext,
  log: Log,
  library: TokenizerLibrary,
  models: ChosenModels,
  documents: DocumentTokens,
  compareChoices: () => readonly CompareChoice[],
): TokenizerSurfaces {
  const descriptions = createTokenizerDocuments(library);
  const activeDocument = (): vscode.TextDocument | undefined => vscode.window.activeTextEditor?.document;
  const actions = {
    use: (entry: StoredTokenizer) => useEncoding(models, FILE_PREFIX + entry.sha256, activeDocument(), false),
    describe: (entry: StoredTokenizer) => descriptions.show(entry),
    rename: (entry: StoredTokenizer) => renameTokenizer(library, entry),
  };
  const add: TokenizerSurfaces['add'] = (files) =>
    addTokenizerFiles(
      library,
      files.map((file) =>
        file instanceof vscode.Uri || 'source' in file
          ? file
          : { source: file, fileName: file.fileName, name: cleanName(file.fileName) ?? 'tokenizer' },
      ),
      actions,
    );
  const setting = followTokenizerSetting(library, context.globalState, (problem) => {
    log.warn(problem);
    void offerSettings(problem);
  });
  const feature = tokenizerDropFeature({
    add: async (files) => (await add(files)).map(({ name }) => name),
    encodings: () => tokenizerChoices(library),
    compareChoices,
    onDidChange: (listener) => library.onDidChange(listener),
  });
  const parts = [
    feature,
    descriptions,
    setting,
    library.onDidChange((change) => documents.tokenizersChanged(change === 'changed')),
  ];
  const commands: CommandTable = {
    [COMMANDS.addTokenizerFile]: async (uri, chosen) => {
      const uris = (Array.isArray(chosen) ? chosen : [uri]).filter((each) => each instanceof vscode.Uri);
      await add(uris.length > 0 ? uris : await chooseTokenizerFiles());
    },
    [COMMANDS.manageTokenizers]: () =>
      manageTokenizers(library, {
        add: async () => add(await chooseTokenizerFiles()),
        describe: actions.describe,
      }),
  };
  return {
    library,
    setting,
    add,
    feature,
    commands,
    dispose: () => {
      for (const part of parts) part.dispose();
    },
  };
}

async function offerSettings(problem: string): Promise<void> {
  const open = vscode.l10n.t('Open Settings');
  if ((await vscode.window.showWarningMessage(problem, open)) === open)
    await vscode.commands.executeCommand('workbench.action.openSettings', SETTINGS.tokenizerFiles);
}
