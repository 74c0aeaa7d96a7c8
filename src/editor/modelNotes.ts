// What the inspector adds about the chosen model, beside the exact count of the encoding: the model's own count and how
// sure it is, the cost as input. The status bar's tooltip says the same.
import * as vscode from 'vscode';
import { modelStatus } from './modelStatus';
import type { ChosenModels } from '../chosenModel';

/** Sentences for a document with so many tokens; none when no model is chosen. */
export function modelNotes(
  models: ChosenModels,
  document: vscode.TextDocument,
  tokens: number,
  characters: number,
): readonly string[] {
  const model = models.forScope(document);
  if (model === undefined) return [];
  const locale = vscode.env.language;
  const status = modelStatus({
    model,
    tokens,
    characters,
    fileBudget: undefined,
    now: Date.now(),
    locale,
    translate: vscode.l10n.t,
  });
  const count = new Intl.NumberFormat(locale).format(status.tokens);
  const own = status.exact ? [] : [vscode.l10n.t('{0}: ≈ {1} tokens', model.name, count)];
  return [...own, ...status.lines];
}
