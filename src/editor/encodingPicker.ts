// The QuickPick that chooses a tokenizer. A button in its title switches between "everywhere" and "this language only".
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import { FILE_PREFIX } from '../engine/keptTokenizers';
import { COMMANDS } from '../ids';
import { storeTokenizer } from '../settings';
import type { TokenizerChoice } from './encodingChoices';
import { tokenizerChoices } from './tokenizerChoices';
import type { TokenizerLibrary } from './tokenizerLibrary';

export interface EncodingPick extends vscode.QuickPickItem {
  /** Undefined for separators and for the row that adds a file. */
  readonly choice?: TokenizerChoice;
}

/** Rows of the list: built-in encodings, tokenizer files, and the row that adds one. */
export function picksFor(choices: readonly TokenizerChoice[], current: string | undefined): EncodingPick[] {
  const rows = (files: boolean): EncodingPick[] =>
    choices
      .filter(({ id }) => id.startsWith(FILE_PREFIX) === files)
      .map((choice) => ({
        choice,
        label: choice.id === current ? `$(check) ${choice.label}` : choice.label,
        description: choice.family,
        detail:
          choice.exactness === 'exact'
            ? vscode.l10n.t('Exact · {0}', choice.source)
            : vscode.l10n.t('Estimate · {0}', choice.source),
      }));
  return [
    ...rows(false),
    { label: vscode.l10n.t('Tokenizer files'), kind: vscode.QuickPickItemKind.Separator },
    ...rows(true),
    { label: `$(add) ${vscode.l10n.t('Add Tokenizer File…')}` },
  ];
}

/** Makes a tokenizer the one to count with, for one language when `forLanguage`. */
export async function useEncoding(
  models: ChosenModels,
  id: string,
  document: vscode.TextDocument | undefined,
  forLanguage: boolean,
): Promise<void> {
  // A chosen model would bring its own encoding and win over this choice.
  if (models.forScope(document) !== undefined) await models.store('', document);
  await storeTokenizer(id, document, forLanguage);
}

/** Shows the list; resolves when it is closed. */
export async function chooseEncoding(models: ChosenModels, library: TokenizerLibrary): Promise<void> {
  await library.load();
  const document = vscode.window.activeTextEditor?.document;
  const languageId = document?.languageId ?? '';
  const current = document === undefined ? undefined : models.encodingFor(document);
  const pick = vscode.window.createQuickPick<EncodingPick>();
  const items = picksFor(tokenizerChoices(library), current);
  let forLanguage = false;
  const describe = (): void => {
    pick.title = forLanguage
      ? vscode.l10n.t('Encoding for {0} files', languageId)
      : vscode.l10n.t('Encoding for token counts');
    pick.buttons =
      document === undefined
        ? []
        : [
            forLanguage
              ? { iconPath: new vscode.ThemeIcon('globe'), tooltip: vscode.l10n.t('Set for all files') }
              : {
                  iconPath: new vscode.ThemeIcon('symbol-namespace'),
                  tooltip: vscode.l10n.t('Set for {0} files only', languageId),
                },
          ];
  };
  describe();
  pick.items = items;
  pick.matchOnDescription = true;
  const active = items.find(({ choice }) => choice !== undefined && choice.id === current);
  if (active !== undefined) pick.activeItems = [active];
  const chosen = await new Promise<EncodingPick | undefined>((resolve) => {
    pick.onDidTriggerButton(() => {
      forLanguage = !forLanguage;
      describe();
    });
    pick.onDidAccept(() => resolve(pick.selectedItems[0]));
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
  pick.dispose();
  if (chosen === undefined) return;
  if (chosen.choice === undefined) await vscode.commands.executeCommand(COMMANDS.addTokenizerFile);
  else await useEncoding(models, chosen.choice.id, document, forLanguage);
}
