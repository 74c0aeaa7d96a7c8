// A list of places in a document: moving through it shows each place in the editor, Enter stays there, Escape goes back
// to where the cursor was, as Go to Symbol does.
import * as vscode from 'vscode';

/** `start` and `end` are UTF-16 offsets; an item without them cannot be jumped to. */
export type Place = vscode.QuickPickItem & { readonly start?: number; readonly end?: number };

export interface PlaceButton extends vscode.QuickInputButton {
  readonly run: () => unknown;
}

/** Shows the list until the user is done with it. */
export async function pickPlace(
  document: vscode.TextDocument,
  title: string,
  items: readonly Place[],
  button?: PlaceButton,
): Promise<void> {
  const shown = vscode.window.visibleTextEditors.find((each) => each.document === document);
  const editor = shown ?? (await vscode.window.showTextDocument(document));
  const before = { selections: editor.selections, visible: editor.visibleRanges[0] };
  const pick = vscode.window.createQuickPick<Place>();
  pick.title = title;
  pick.placeholder = vscode.l10n.t('Move to see a place, Enter to stay, Escape to go back');
  pick.items = items;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  if (button !== undefined) pick.buttons = [button];
  const outcome = { stays: false };
  const reveal = (item: Place | undefined): void => {
    if (item?.start === undefined) return;
    const range = new vscode.Range(
      document.positionAt(item.start),
      document.positionAt(item.end ?? item.start),
    );
    editor.selection = new vscode.Selection(range.start, range.end);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  };
  await new Promise<void>((resolve) => {
    pick.onDidChangeActive(([item]) => reveal(item));
    pick.onDidAccept(() => {
      outcome.stays = true;
      pick.hide();
    });
    pick.onDidTriggerButton(() => {
      outcome.stays = true;
      pick.hide();
      button?.run();
    });
    pick.onDidHide(() => resolve());
    pick.show();
  });
  pick.dispose();
  if (outcome.stays) {
    await vscode.window.showTextDocument(document, {
      viewColumn: editor.viewColumn ?? vscode.ViewColumn.Active,
    });
    return;
  }
  editor.selections = before.selections;
  if (before.visible !== undefined) editor.revealRange(before.visible, vscode.TextEditorRevealType.AtTop);
}
