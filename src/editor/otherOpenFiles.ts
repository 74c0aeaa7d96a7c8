// Which other open files go into a prompt: those of the same language in visible or open tabs, a few, from their start. They
// are read from documents that VS Code holds already; nothing is opened or read from disk.
import * as vscode from 'vscode';
import type { OtherFile } from '../core/decoding/promptLayout';

const MOST_FILES = 3;
const CHARACTERS = 4000;

/** Excerpts of the other open files, in a stable order, so that the prompt cache stays valid. */
export function otherOpenFiles(document: vscode.TextDocument): OtherFile[] {
  const inTabs = new Set(
    vscode.window.tabGroups.all.flatMap(({ tabs }) =>
      tabs.flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri.toString()] : [])),
    ),
  );
  return vscode.workspace.textDocuments
    .filter(
      (other) =>
        other.uri.toString() !== document.uri.toString() &&
        other.languageId === document.languageId &&
        inTabs.has(other.uri.toString()),
    )
    .sort((a, b) => (a.uri.path < b.uri.path ? -1 : 1))
    .slice(0, MOST_FILES)
    .map((other) => ({
      path: vscode.workspace.asRelativePath(other.uri, false),
      text: other.getText(new vscode.Range(new vscode.Position(0, 0), other.positionAt(CHARACTERS))),
    }));
}
