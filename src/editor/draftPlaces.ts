// Where drafts stay silent: several cursors, documents that cannot be written, documents too large to read at a keystroke,
// a cursor between the halves of a character. Each reason is a sentence for the user who asked all the same.
import * as vscode from 'vscode';
import { insideCharacter } from './cursorText';

/** UTF-16 units of a document, and of a line, above which nothing is offered. */
const LARGEST_DOCUMENT = 5_000_000;
const LONGEST_LINE = 100_000;
/** Documents without a file system that can nevertheless be edited. */
const WRITABLE_SCHEMES = new Set(['untitled', 'vscode-notebook-cell', 'file']);

/** Why nothing is offered here; undefined when drafts may be offered. Looks at what is in memory only. */
export function reasonForSilence(
  document: vscode.TextDocument,
  position: vscode.Position,
): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document === document && editor.selections.length > 1)
    return vscode.l10n.t('Drafts are written for one cursor; there are several.');
  const writable = vscode.workspace.fs.isWritableFileSystem(document.uri.scheme);
  if (writable === false || (writable === undefined && !WRITABLE_SCHEMES.has(document.uri.scheme)))
    return vscode.l10n.t('This document cannot be edited.');
  if (
    document.lineAt(position.line).text.length > LONGEST_LINE ||
    document.offsetAt(document.lineAt(document.lineCount - 1).range.end) > LARGEST_DOCUMENT
  )
    return vscode.l10n.t('This document is too large for drafts.');
  if (insideCharacter(document, position)) return vscode.l10n.t('The cursor stands inside a character.');
  return undefined;
}

/** Whether the file itself is read-only. Asks the file system, so only before the model is asked. */
export async function isReadOnlyFile(document: vscode.TextDocument): Promise<boolean> {
  if (document.isUntitled || document.uri.scheme === 'vscode-notebook-cell') return false;
  try {
    const { permissions = 0 } = await vscode.workspace.fs.stat(document.uri);
    return (permissions & vscode.FilePermission.Readonly) !== 0;
  } catch {
    // Not on disk yet, or gone: the editor still lets the user type.
    return false;
  }
}
