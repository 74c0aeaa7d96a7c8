// Settings of a document, remembered until they change. Reading one from VS Code takes a good part of a millisecond,
// which is too much for something that every keystroke asks for.
import * as vscode from 'vscode';

export interface SettingMemory<T> {
  of(document: vscode.TextDocument): T;
  dispose(): void;
}

/**
 * @param read reads the setting for a document
 * @param affected the settings on which the result depends
 */
export function rememberSetting<T>(
  read: (document: vscode.TextDocument) => T,
  affected: readonly string[],
): SettingMemory<T> {
  // The language is part of the key: it can change while the document stays the same object.
  let known = new WeakMap<vscode.TextDocument, { readonly languageId: string; readonly value: T }>();
  const listener = vscode.workspace.onDidChangeConfiguration((event) => {
    if (affected.some((setting) => event.affectsConfiguration(setting))) known = new WeakMap();
  });
  return {
    of: (document) => {
      const entry = known.get(document);
      if (entry?.languageId === document.languageId) return entry.value;
      const value = read(document);
      known.set(document, { languageId: document.languageId, value });
      return value;
    },
    dispose: () => {
      listener.dispose();
    },
  };
}

/** A setting of the window as a whole, remembered until it changes. */
export function rememberWindowSetting<T>(
  read: () => T,
  affected: readonly string[],
): { readonly value: T; dispose(): void } {
  let value = read();
  const listener = vscode.workspace.onDidChangeConfiguration((event) => {
    if (affected.some((setting) => event.affectsConfiguration(setting))) value = read();
  });
  return {
    get value() {
      return value;
    },
    dispose: () => {
      listener.dispose();
    },
  };
}
