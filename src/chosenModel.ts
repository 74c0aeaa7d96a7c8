// The model the user counts for (setting tessera.model) and the catalogue with the user's own entries, read once and
// again when a setting changes.
import * as vscode from 'vscode';
import { findModel, modelCatalogue, similarModelIds } from './core/pricing/modelCatalogue';
import type { Model, ModelCatalogue } from './core/pricing/modelCatalogue';
import type { TokenizerId } from './engine/engineProtocol';
import type { TokenizerLibrary } from './editor/tokenizerLibrary';
import { SETTINGS } from './ids';
import { tokenizerFor, tokenizerForFolder } from './settings';

export interface ChosenModels {
  readonly catalogue: ModelCatalogue;
  /** The model chosen for a document or folder; undefined when none is chosen or its id is unknown. */
  forScope(scope?: vscode.ConfigurationScope): Model | undefined;
  /** What a document is counted with: the encoding of its model, or the one set where no model is chosen. */
  encodingFor(document: vscode.TextDocument): TokenizerId;
  /** The same for a folder as a whole, or for a file that is no document. */
  encodingForFolder(folder: vscode.Uri): TokenizerId;
  /** An encoding for the reader: the name of a tokenizer file instead of its fingerprint. */
  encodingLabel(id: TokenizerId): string;
  /** Stores the choice of a model; '' for none. */
  store(id: string, document: vscode.TextDocument | undefined): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
  dispose(): void;
}

/** How the user's tokenizer files are named; see TokenizerLibrary. */
export type TokenizerNames = Pick<TokenizerLibrary, 'canonicalId' | 'label'>;

/** @param report told once per distinct problem in the settings, in words for the user's log */
export function createChosenModels(report: (problem: string) => void, files: TokenizerNames): ChosenModels {
  const changed = new vscode.EventEmitter<void>();
  const reported = new Set<string>();
  let catalogue: ModelCatalogue | undefined;
  const tell = (problem: string): void => {
    if (reported.has(problem)) return;
    reported.add(problem);
    report(problem);
  };
  const read = (): ModelCatalogue => {
    if (catalogue === undefined) {
      catalogue = modelCatalogue(vscode.workspace.getConfiguration().get<unknown>(SETTINGS.models, []));
      catalogue.problems.forEach(tell);
    }
    return catalogue;
  };
  const listener = vscode.workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration(SETTINGS.models) && !event.affectsConfiguration(SETTINGS.model)) return;
    catalogue = undefined;
    changed.fire();
  });
  const forScope: ChosenModels['forScope'] = (scope) => {
    const id = vscode.workspace.getConfiguration(undefined, scope).get<unknown>(SETTINGS.model, '');
    if (typeof id !== 'string' || id.trim() === '') return undefined;
    const model = findModel(read(), id);
    if (model === undefined) {
      const similar = similarModelIds(read(), id);
      const hint = similar.length === 0 ? '' : ` Did you mean ${similar.join(' or ')}?`;
      tell(`Setting ${SETTINGS.model} names "${id}", which is no known model.${hint}`);
    }
    return model;
  };
  return {
    get catalogue() {
      return read();
    },
    forScope,
    encodingFor: (document) =>
      files.canonicalId(forScope(document)?.tokenizer.encoding ?? tokenizerFor(document)),
    encodingForFolder: (folder) =>
      files.canonicalId(forScope(folder)?.tokenizer.encoding ?? tokenizerForFolder(folder)),
    encodingLabel: (id) => files.label(id),
    store: async (id, document) => {
      const configuration = vscode.workspace.getConfiguration(undefined, document);
      const found = configuration.inspect<string>(SETTINGS.model);
      const target =
        found?.workspaceFolderValue !== undefined
          ? vscode.ConfigurationTarget.WorkspaceFolder
          : found?.workspaceValue !== undefined
            ? vscode.ConfigurationTarget.Workspace
            : vscode.ConfigurationTarget.Global;
      const inLanguage = found?.languageIds?.includes(document?.languageId ?? '') ?? false;
      await configuration.update(SETTINGS.model, id, target, inLanguage);
    },
    onDidChange: changed.event,
    dispose: () => {
      listener.dispose();
      changed.dispose();
    },
  };
}
