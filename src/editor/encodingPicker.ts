// The QuickPick that chooses a tokenizer. A button in its title switches between "everywhere" and "this language only".
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import { storeTokenizer } from '../settings';
import { ENCODING_CHOICES, type TokenizerChoice } from './encodingChoices';

/** Further choices, such as the user's own tokenizer files; asked each time the list opens. */
export type ExtraChoices = () => readonly TokenizerChoice[];

export interface EncodingPick extends vscode.QuickPickItem {
  readonly choice: TokenizerChoice;
}

export function picksFor(choices: readonly TokenizerChoice[], current: string | undefined): EncodingPick[] {
  return choices.map((choice) => ({
    choice,
    label: choice.id === current ? `$(check) ${choice.label}` : choice.label,
    description: choice.family,
    detail:
      choice.exactness === 'exact'
        ? vscode.l10n.t('Exact · {0}', choice.source)
        : vscode.l10n.t('Estimate · {0}', choice.source),
  }));
}

/** Shows the list; resolves when it is closed. */
export async function chooseEncoding(
  models: ChosenModels,
  extraChoices: ExtraChoices = () => [],
): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const languageId = document?.languageId ?? '';
  const current = document === undefined ? undefined : models.encodingFor(document);
  const pick = vscode.window.createQuickPick<EncodingPick>();
  const items = picksFor([...ENCODING_CHOICES, ...extraChoices()], current);
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
  const active = items.find(({ choice }) => choice.id === current);
  if (active !== undefined) pick.activeItems = [active];
  const chosen = await new Promise<TokenizerChoice | undefined>((resolve) => {
    pick.onDidTriggerButton(() => {
      forLanguage = !forLanguage;
      describe();
    });
    pick.onDidAccept(() => resolve(pick.selectedItems[0]?.choice));
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
  pick.dispose();
  if (chosen === undefined) return;
  // A chosen model would bring its own encoding and win over this choice.
  if (models.forScope(document) !== undefined) await models.store('', document);
  await storeTokenizer(chosen.id, document, forLanguage);
}
