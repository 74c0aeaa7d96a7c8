// The model the user counts for (setting tessera.model) and the catalogue with the user's own entries, read once and
// again when a setting changes.
import * as vscode from 'vscode';
import { findModel, modelCatalogue, similarModelIds } from './core/pricing/modelCatalogue';
import type { Model, ModelCatalogue } from './core/pricing/modelCatalogue';
import { SETTINGS } from './ids';

export interface ChosenModels {
  readonly catalogue: ModelCatalogue;
  /** The model chosen for a document or folder; undefined when none is chosen or its id is unknown. */
  forScope(scope?: vscode.ConfigurationScope): Model | undefined;
  readonly onDidChange: vscode.Event<void>;
  dispose(): void;
}

/** @param report told once per distinct problem in the settings, in words for the user's log */
export function createChosenModels(report: (problem: string) => void): ChosenModels {
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
  return {
    get catalogue() {
      return read();
    },
    forScope: (scope) => {
      const id = vscode.workspace.getConfiguration(undefined, scope).get<unknown>(SETTINGS.model, '');
      if (typeof id !== 'string' || id.trim() === '') return undefined;
      const model = findModel(read(), id);
      if (model === undefined) {
        const similar = similarModelIds(read(), id);
        const hint = similar.length === 0 ? '' : ` Did you mean ${similar.join(' or ')}?`;
        tell(`Setting ${SETTINGS.model} names "${id}", which is no known model.${hint}`);
      }
      return model;
    },
    onDidChange: changed.event,
    dispose: () => {
      listener.dispose();
      changed.dispose();
    },
  };
}
