// The commands around watermark checks: what to check, with which schemes, with progress and a way out; and managing the
// saved schemes. What they find goes to WatermarkChecks, from which panel, heat map and hover take it.
import * as vscode from 'vscode';
import { COMMANDS } from '../ids';
import type { TokenizerChoice } from './encodingChoices';
import type { HiddenCharacterReports } from './hiddenCharacterReports';
import type { CheckProgress, WatermarkChecks, WatermarkFinding } from './watermarkChecks';
import { addWatermarkScheme } from './watermarkSchemeInput';
import type { SavedScheme, WatermarkSchemeStore } from './watermarkSchemeStore';

export interface WatermarkCommandParts {
  readonly store: WatermarkSchemeStore;
  readonly checks: WatermarkChecks;
  readonly hidden: HiddenCharacterReports;
  readonly memory: vscode.Memento;
  tokenizers(): readonly TokenizerChoice[];
}

/** What a keybinding or another caller may fix beforehand. */
interface CheckArguments {
  /** Names of saved schemes, or 'all'. */
  readonly schemes?: readonly string[] | 'all';
}

const LAST_CHOICE = 'watermark.lastSchemes';

/** Looks for marks in the active editor: its selection, or all of it. Undefined when there was nothing to do. */
export async function checkActiveEditor(
  parts: WatermarkCommandParts,
  given: unknown,
): Promise<WatermarkFinding | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined)
    throw new Error(vscode.l10n.t('Open a file first: the check reads the active editor.'));
  const schemes = await schemesToTry(parts, given);
  if (schemes === undefined || schemes.length === 0) return undefined;
  const range = editor.selection.isEmpty ? undefined : editor.selection;
  return await checkWithProgress(parts, editor.document, range, schemes);
}

/** Checks with a notification that can cancel. Throws what went wrong; cancelling is not wrong. */
export async function checkWithProgress(
  { checks, hidden }: WatermarkCommandParts,
  document: vscode.TextDocument,
  range: vscode.Range | undefined,
  schemes: readonly SavedScheme[],
): Promise<WatermarkFinding | undefined> {
  const looked = hidden.look(document).catch(() => undefined);
  const outcome = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Looking for watermarks'),
      cancellable: true,
    },
    (progress, cancellation) =>
      checks.check(document, range, schemes, {
        cancellation,
        onProgress: (now) => progress.report({ message: progressText(now) }),
      }),
  );
  await looked;
  if (outcome.ok) return outcome.value;
  if (outcome.cancelled) return undefined;
  throw new Error(outcome.reason);
}

function progressText({ scheme, number, of, step }: CheckProgress): string {
  const share =
    step?.total === null || step === undefined || step.total === 0
      ? ''
      : ` ${Math.floor((100 * step.done) / step.total)} %`;
  return of === 1 ? `${scheme}${share}` : `${scheme}${share} (${number}/${of})`;
}

async function schemesToTry(
  parts: WatermarkCommandParts,
  given: unknown,
): Promise<readonly SavedScheme[] | undefined> {
  const { store, memory } = parts;
  const wanted = (given as CheckArguments | undefined)?.schemes;
  if (wanted === 'all') return store.all;
  if (Array.isArray(wanted)) {
    return (wanted as unknown[]).map((name) => {
      const found = store.byName(String(name));
      if (found === undefined)
        throw new Error(vscode.l10n.t('There is no watermark scheme “{0}”.', String(name)));
      return found;
    });
  }
  if (store.all.length === 0) {
    const added = await addWatermarkScheme(store, parts.tokenizers());
    return added === undefined ? undefined : [added];
  }
  if (store.all.length === 1) return store.all;
  const last = new Set(
    memory.get<readonly string[]>(
      LAST_CHOICE,
      store.all.map(({ id }) => id),
    ),
  );
  const picked = await vscode.window.showQuickPick(
    store.all.map((scheme) => ({ ...itemOf(scheme), picked: last.has(scheme.id) })),
    {
      title: vscode.l10n.t('Watermarks to look for'),
      placeHolder: vscode.l10n.t('Every further scheme or key raises the bar for all of them'),
      canPickMany: true,
      matchOnDescription: true,
    },
  );
  if (picked === undefined) return undefined;
  await memory.update(
    LAST_CHOICE,
    picked.map(({ saved }) => saved.id),
  );
  return picked.map(({ saved }) => saved);
}

function itemOf(saved: SavedScheme): vscode.QuickPickItem & { readonly saved: SavedScheme } {
  return {
    saved,
    label: saved.name,
    description: saved.scheme,
    detail: vscode.l10n.t(
      'key {0} · {1} · vocabulary {2}',
      saved.fingerprint,
      saved.tokenizer,
      saved.vocabularySize,
    ),
  };
}

/** Lists the saved schemes; a chosen one can be renamed, removed, or given its key again. */
export async function manageSchemes(parts: WatermarkCommandParts): Promise<void> {
  const { store } = parts;
  const add = { label: `$(add) ${vscode.l10n.t('Add a watermark scheme…')}`, saved: undefined };
  const picked = await vscode.window.showQuickPick([add, ...store.all.map(itemOf)], {
    title: vscode.l10n.t('Watermark schemes'),
    placeHolder: vscode.l10n.t('Keys are in the secret storage and are never shown'),
    matchOnDescription: true,
  });
  if (picked === undefined) return;
  const { saved } = picked;
  if (saved === undefined) {
    await addWatermarkScheme(store, parts.tokenizers());
    return;
  }
  const actions = {
    rename: vscode.l10n.t('Rename…'),
    key: vscode.l10n.t('Enter the key again…'),
    remove: vscode.l10n.t('Remove, with its key'),
  };
  const action = await vscode.window.showQuickPick(Object.values(actions), { title: saved.name });
  if (action === actions.rename) await renameScheme(store, saved);
  else if (action === actions.key) await enterKey(store, saved);
  else if (action === actions.remove) await removeScheme(store, saved);
}

export async function renameScheme(store: WatermarkSchemeStore, saved: SavedScheme): Promise<void> {
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('New name of “{0}”', saved.name),
    value: saved.name,
    validateInput: (text) => store.nameProblem(text, saved.id),
  });
  if (name === undefined) return;
  const renamed = await store.rename(saved.id, name);
  if (!renamed.ok) throw new Error(renamed.reason);
}

async function enterKey(store: WatermarkSchemeStore, saved: SavedScheme): Promise<void> {
  const key = await vscode.window.showInputBox({
    title: vscode.l10n.t('Key of “{0}”, fingerprint {1}', saved.name, saved.fingerprint),
    password: true,
    ignoreFocusOut: true,
  });
  if (key === undefined || key.trim() === '') return;
  const restored = await store.restoreKey(saved.id, key.trim());
  if (!restored.ok) throw new Error(restored.reason);
}

/** Asks first: a key that is gone cannot be brought back. */
export async function removeScheme(store: WatermarkSchemeStore, saved: SavedScheme): Promise<void> {
  const remove = vscode.l10n.t('Remove');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Remove “{0}” and its key? Tessera keeps no copy of the key.', saved.name),
    { modal: true },
    remove,
  );
  if (answer === remove) await store.remove(saved.id);
}

/** Looks for hidden characters in the active editor and says how many there are. */
export async function findHiddenCharacters({ hidden }: WatermarkCommandParts): Promise<void> {
  const document = activeDocument();
  const report = await hidden.look(document);
  if (report === undefined) return;
  if (report.total === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('No hidden or misleading characters in this file.'),
    );
    return;
  }
  const [show, remove] = [vscode.l10n.t('Show Problems'), vscode.l10n.t('Remove All')];
  void vscode.window
    .showInformationMessage(
      vscode.l10n.t('{0} hidden or misleading characters in this file.', report.total),
      show,
      remove,
    )
    .then((answer) => {
      if (answer === show) return vscode.commands.executeCommand('workbench.actions.view.problems');
      if (answer === remove) return vscode.commands.executeCommand(COMMANDS.removeHiddenCharacters);
      return undefined;
    });
}

/** Removes them from the active editor, as one edit. */
export async function removeHiddenCharacters({ hidden }: WatermarkCommandParts): Promise<void> {
  const removed = await hidden.removeAll(activeDocument());
  void vscode.window.setStatusBarMessage(
    removed === 0
      ? vscode.l10n.t('No hidden characters to remove')
      : vscode.l10n.t('{0} hidden characters removed or replaced; undo brings them back', removed),
    6000,
  );
}

function activeDocument(): vscode.TextDocument {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined) throw new Error(vscode.l10n.t('Open a file first.'));
  return document;
}
