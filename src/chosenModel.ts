// The model the user counts for (setting tessera.model) and the catalogue with the user's own entries, read once and
// again when a setting changes.
import * as vscode from 'vscode';
import { findModel, modelCatalogue, similarModelIds } from './core/pricing/modelCatalogue';
import type { Model, ModelCatalogue } from './core/pricing/modelCatalogue';
import type { TokenizerId } from './engine/engineProtocol';
import type { TokenizerLibrary } from './editor/tokenizerLibrary';
import { SETTINGS } from './ids';
import { tokenizerFor, tokenizerForFolder } from './settings';
import { rememberSetting } from './settingsMemory';

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
  /** What is wrong with the settings about models, for a document: sentences that say what to change. */
  problemsFor(document: vscode.TextDocument): readonly string[];
  /** Stores the choice of a model; '' for none. */
  store(id: string, document: vscode.TextDocument | undefined): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
  dispose(): void;
}

/** How the user's tokenizer files are named; see TokenizerLibrary. */
export type TokenizerNames = Pick<TokenizerLibrary, 'canonicalId' | 'label'>;

/**
 * Problems in the settings go to the log, into the status item's tooltip, and, when the user has just changed the setting,
 * into one message.
 * @param report told once per distinct problem, in words for the user's log
 */
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
  const ofDocument = rememberSetting(
    (document) => {
      const model = lookUp(document);
      const encoding = model?.tokenizer.encoding ?? tokenizerFor(document);
      return { model, encoding, problems: problemsFor(document) };
    },
    [SETTINGS.models, SETTINGS.model, SETTINGS.encoding],
  );
  const listener = vscode.workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration(SETTINGS.models) && !event.affectsConfiguration(SETTINGS.model)) return;
    catalogue = undefined;
    const before = new Set(reported);
    changed.fire();
    const active = vscode.window.activeTextEditor?.document;
    const problems = active === undefined ? read().problems : problemsFor(active);
    const fresh = problems.find((problem) => !before.has(problem));
    if (fresh !== undefined) void warn(fresh);
  });
  const unknownModel = (id: string): string => {
    const similar = similarModelIds(read(), id);
    return similar.length === 0
      ? vscode.l10n.t('Setting {0} names "{1}", which is no known model.', SETTINGS.model, id)
      : vscode.l10n.t(
          'Setting {0} names "{1}", which is no known model. Did you mean {2}?',
          SETTINGS.model,
          id,
          similar.join(', '),
        );
  };
  const idFor = (scope: vscode.ConfigurationScope | undefined): string => {
    const id = vscode.workspace.getConfiguration(undefined, scope).get<unknown>(SETTINGS.model, '');
    return typeof id === 'string' ? id.trim() : '';
  };
  const problemsFor = (document: vscode.TextDocument): readonly string[] => {
    const { problems } = read();
    const id = idFor(document);
    return id === '' || findModel(read(), id) !== undefined ? problems : [unknownModel(id), ...problems];
  };
  const lookUp: ChosenModels['forScope'] = (scope) => {
    const id = idFor(scope);
    if (id === '') return undefined;
    const model = findModel(read(), id);
    if (model === undefined) tell(unknownModel(id));
    return model;
  };
  const isDocument = (scope: vscode.ConfigurationScope | undefined): scope is vscode.TextDocument =>
    scope !== undefined && 'lineCount' in scope;
  return {
    get catalogue() {
      return read();
    },
    forScope: (scope) => (isDocument(scope) ? ofDocument.of(scope).model : lookUp(scope)),
    encodingFor: (document) => files.canonicalId(ofDocument.of(document).encoding),
    encodingForFolder: (folder) =>
      files.canonicalId(lookUp(folder)?.tokenizer.encoding ?? tokenizerForFolder(folder)),
    encodingLabel: (id) => files.label(id),
    problemsFor: (document) => ofDocument.of(document).problems,
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
      ofDocument.dispose();
      changed.dispose();
    },
  };
}

async function warn(problem: string): Promise<void> {
  const open = vscode.l10n.t('Open Settings');
  if ((await vscode.window.showWarningMessage(problem, open)) === open)
    await vscode.commands.executeCommand('workbench.action.openSettings', SETTINGS.models);
}
