// Token counts as explorer badges: two characters beside the file name, the full number in the tooltip. Off by default,
// only for files the workspace scan has counted, and never carried up to folders.
import * as vscode from 'vscode';
import { badgeText } from '../core/files/tokenTreeModel';
import { SETTINGS } from '../ids';
import { isOn } from '../settings';
import type { WorkspaceCounts } from './workspaceCounts';

export function createFileBadges(counts: WorkspaceCounts): { dispose(): void } {
  const changed = new vscode.EventEmitter<vscode.Uri[] | undefined>();
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const subscriptions = vscode.Disposable.from(
    changed,
    counts.onDidChange((uris) => changed.fire(uris === undefined ? undefined : [...uris])),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTINGS.badges)) changed.fire(undefined);
    }),
    vscode.window.registerFileDecorationProvider({
      onDidChangeFileDecorations: changed.event,
      provideFileDecoration: (uri) => {
        if (!isOn(SETTINGS.badges, uri)) return undefined;
        const count = counts.fileCount(uri);
        if (count === undefined) return undefined;
        const tooltip = vscode.l10n.t('{0} tokens', numbers.format(count.tokens));
        return new vscode.FileDecoration(badgeText(count.tokens), tooltip);
      },
    }),
  );
  return {
    dispose: () => {
      subscriptions.dispose();
    },
  };
}
