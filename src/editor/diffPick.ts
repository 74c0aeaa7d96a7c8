// Changed tokens as a list to jump through: the totals in the title, one line for each place that changed. Moving through
// the list shows the place; Escape goes back to where the cursor was.
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import type { TokenDiff, TokenHunk } from '../core/analysis/tokenDiff';
import type { EngineClient } from '../engine/engineClient';
import { headDiff, sidesDiff } from './headDiff';
import { pickPlace, type Place } from './placePick';

export interface DiffTexts {
  readonly title: string;
  readonly items: readonly Place[];
}

/** The comparison in words. */
export function diffTexts(name: string, against: string, diff: TokenDiff): DiffTexts {
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const change = ({ added, removed }: Pick<TokenHunk, 'added' | 'removed'>): string =>
    `+${numbers.format(added)} −${numbers.format(removed)}`;
  const title = vscode.l10n.t(
    '{0}: {1} tokens since {2} ({3} → {4})',
    name,
    change(diff),
    against,
    numbers.format(diff.before),
    numbers.format(diff.after),
  );
  const items = diff.hunks.map((hunk): Place => {
    const { line, start, end, preview } = hunk;
    return {
      label: change(hunk),
      description: vscode.l10n.t('line {0}', line + 1),
      detail: preview.trim().replace(/\s+/g, ' '),
      start,
      end,
    };
  });
  if (diff.method === 'bounds') {
    const note = vscode.l10n.t('The texts differ too much for a shortest edit; the net change is exact.');
    return { title, items: [{ label: `$(info) ${note}`, alwaysShow: true }, ...items] };
  }
  return { title, items };
}

/**
 * The command: the resource of the source control view, the two sides of an open diff editor, or the active editor
 * against HEAD.
 */
export async function showTokenDiff(
  engine: EngineClient,
  models: ChosenModels,
  resource: unknown,
): Promise<void> {
  const fromView = (resource as { resourceUri?: vscode.Uri } | undefined)?.resourceUri;
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  const sides =
    fromView === undefined && tab?.input instanceof vscode.TabInputTextDiff ? tab.input : undefined;
  const uri = fromView ?? sides?.modified ?? vscode.window.activeTextEditor?.document.uri;
  if (uri === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Open a file first: it is compared with its version in git.'),
    );
    return;
  }
  const result =
    sides === undefined ? await headDiff(uri, engine, models) : await sidesDiff(sides, engine, models);
  if (!result.ok) {
    void vscode.window.showInformationMessage(result.reason);
    return;
  }
  const { diff, document, isNew } = result;
  const name = vscode.workspace.asRelativePath(uri);
  const against =
    sides === undefined
      ? isNew
        ? vscode.l10n.t('nothing, the file is new')
        : 'HEAD'
      : vscode.l10n.t('the left side');
  const { title, items } = diffTexts(name, against, diff);
  if (diff.hunks.length === 0 || document === undefined) {
    void vscode.window.showInformationMessage(
      diff.hunks.length === 0 ? vscode.l10n.t('{0}: no token has changed.', name) : title,
    );
    return;
  }
  const changes = {
    iconPath: new vscode.ThemeIcon('diff'),
    tooltip: vscode.l10n.t('Open Changes'),
    run: () => vscode.commands.executeCommand('git.openChange', uri),
  };
  await pickPlace(document, title, items, sides === undefined && !isNew ? changes : undefined);
}
