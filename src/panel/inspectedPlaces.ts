// Which document a restored inspector opens again, and how it names a part of one.
import * as vscode from 'vscode';

/** The remembered document, when it still can be opened. */
export async function reopen(uri: string): Promise<vscode.TextDocument | undefined> {
  if (uri === '') return undefined;
  try {
    return await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true));
  } catch {
    // Deleted, untitled or of a provider that is not here yet: the inspector follows the active editor instead.
    return undefined;
  }
}

/** Lines of a selection for the reader: 'lines 12–40'. */
export function linesOf(selection: vscode.Selection): string {
  const first = selection.start.line + 1;
  const last = selection.end.line + 1;
  return first === last ? vscode.l10n.t('line {0}', first) : vscode.l10n.t('lines {0}–{1}', first, last);
}
