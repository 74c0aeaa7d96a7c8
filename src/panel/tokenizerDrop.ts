// The host's part of dropping tokenizer files on the panel, and the news that the list of tokenizers has changed.
import * as vscode from 'vscode';
import type { CompareChoice, EncodingChoice, HostEvent } from '../shared/panelProtocol';
import type { TokenizerDropResult } from '../shared/tokenizerDrop';
import type { PanelFeature } from './panelFeature';

/** A dropped file: its address, or its contents. */
export type DroppedTokenizer = vscode.Uri | { readonly fileName: string; readonly content: Uint8Array };

export interface TokenizerDropServices {
  /** Adds files, telling the user about each; resolves with the names of those that were added. */
  add(files: readonly DroppedTokenizer[]): Promise<readonly string[]>;
  encodings(): readonly EncodingChoice[];
  compareChoices(): readonly CompareChoice[];
  /** The lists have changed. */
  onDidChange(listener: () => void): { dispose(): void };
}

export function tokenizerDropFeature(services: TokenizerDropServices): PanelFeature & { dispose(): void } {
  const sent = new vscode.EventEmitter<HostEvent>();
  const listening = services.onDidChange(() =>
    sent.fire({
      type: 'choices',
      encodings: services.encodings(),
      compareChoices: services.compareChoices(),
    }),
  );
  return {
    onDidSend: sent.event,
    freeAnswers: {
      addTokenizers: async ({ files, uris, tooLarge }) => {
        for (const name of tooLarge)
          void vscode.window.showErrorMessage(
            vscode.l10n.t(
              '{0} is too large to be dropped. Run “Tessera: Add Tokenizer File…”, which reads it from disk.',
              name,
            ),
          );
        const dropped: DroppedTokenizer[] = files.map(({ name, content }) => ({ fileName: name, content }));
        for (const text of uris) {
          const uri = localUri(text);
          if (uri !== undefined) dropped.push(uri);
          else
            void vscode.window.showErrorMessage(
              vscode.l10n.t('{0} is not a file that can be read here. Save it to disk first.', text),
            );
        }
        const result: TokenizerDropResult = { added: await services.add(dropped) };
        return { ok: true, result };
      },
    },
    dispose: () => {
      listening.dispose();
      sent.dispose();
    },
  };
}

/** The file that an address of the window names, as this extension host sees it; undefined for what is no file. */
function localUri(text: string): vscode.Uri | undefined {
  let uri: vscode.Uri;
  try {
    uri = vscode.Uri.parse(text, true);
  } catch {
    return undefined;
  }
  if (uri.scheme === 'file') return uri;
  if (uri.scheme === 'vscode-remote' && vscode.env.remoteName !== undefined) return vscode.Uri.file(uri.path);
  return vscode.workspace.getWorkspaceFolder(uri) === undefined ? undefined : uri;
}
