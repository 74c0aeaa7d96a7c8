// "Manage Tokenizer Files": the kept files with buttons to describe, rename and remove each, and to add another.
import * as vscode from 'vscode';
import { cleanName } from '../core/tokenizers/formats/tokenizerFileNames';
import type { StoredTokenizer } from '../engine/keptTokenizers';
import { SETTINGS } from '../ids';
import { entrySummary } from './addTokenizer';
import type { TokenizerLibrary } from './tokenizerLibrary';

export interface ManagerActions {
  add(): Promise<unknown>;
  describe(entry: StoredTokenizer): Promise<void>;
}

interface EntryPick extends vscode.QuickPickItem {
  /** Undefined for the row that adds a file. */
  readonly entry?: StoredTokenizer;
}

/** Shows the list; resolves when it is closed. */
export async function manageTokenizers(library: TokenizerLibrary, actions: ManagerActions): Promise<void> {
  await library.load();
  const pick = vscode.window.createQuickPick<EntryPick>();
  const describe = { iconPath: new vscode.ThemeIcon('info'), tooltip: vscode.l10n.t('Describe') };
  const rename = { iconPath: new vscode.ThemeIcon('edit'), tooltip: vscode.l10n.t('Rename') };
  const remove = { iconPath: new vscode.ThemeIcon('trash'), tooltip: vscode.l10n.t('Remove') };
  pick.title = vscode.l10n.t('Tokenizer Files');
  pick.placeholder = vscode.l10n.t('Choose a file to see what it is');
  pick.matchOnDetail = true;
  pick.items = [
    ...library.entries.map((entry) => ({
      entry,
      label: entry.name,
      description: entry.fileName === entry.name ? '' : entry.fileName,
      detail: entrySummary(entry),
      buttons: [describe, rename, remove],
    })),
    { label: `$(add) ${vscode.l10n.t('Add Tokenizer File…')}` },
  ];
  const next = await new Promise<(() => Promise<unknown>) | undefined>((resolve) => {
    pick.onDidTriggerItemButton(({ item: { entry }, button }) => {
      if (entry === undefined) return;
      resolve(() =>
        button === rename
          ? renameTokenizer(library, entry)
          : button === remove
            ? removeTokenizer(library, entry)
            : actions.describe(entry),
      );
    });
    pick.onDidAccept(() => {
      const item = pick.selectedItems[0];
      const entry = item?.entry;
      resolve(item === undefined ? undefined : () => (entry ? actions.describe(entry) : actions.add()));
    });
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
  pick.dispose();
  await next?.();
}

export async function renameTokenizer(library: TokenizerLibrary, entry: StoredTokenizer): Promise<void> {
  const others = new Set(library.entries.filter((one) => one !== entry).map(({ name }) => name));
  const given = await vscode.window.showInputBox({
    title: vscode.l10n.t('Name of the Tokenizer'),
    value: entry.name,
    prompt: vscode.l10n.t('{0}, sha256 {1}…', entry.fileName, entry.sha256.slice(0, 8)),
    validateInput: (value) => {
      const name = cleanName(value);
      if (name === undefined) return vscode.l10n.t('A name has at least one character.');
      return others.has(name) ? vscode.l10n.t('Another tokenizer has this name.') : undefined;
    },
  });
  const name = given === undefined ? undefined : cleanName(given);
  if (name !== undefined && name !== entry.name) await library.rename(entry.sha256, name);
}

export async function removeTokenizer(library: TokenizerLibrary, entry: StoredTokenizer): Promise<void> {
  const remove = vscode.l10n.t('Remove');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('Remove tokenizer “{0}”?', entry.name),
    {
      modal: true,
      detail: vscode.l10n.t(
        'Tessera’s copy is deleted, the file it was made from is not. Files and languages set to it show no count until another encoding is chosen. A file that setting {0} names comes back.',
        SETTINGS.tokenizerFiles,
      ),
    },
    remove,
  );
  if (choice === remove) await library.remove(entry.sha256);
}
