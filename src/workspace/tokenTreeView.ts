// The tree view "Tokens": folders and files by tokens, with their share and cost; filled by a scan the user starts.
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import type { FileOutcome, TreeEntry } from '../core/files/tokenTreeModel';
import { tokensOf } from '../core/files/tokenTreeModel';
import { BUDGET_NEAR_SHARE } from '../core/pricing/contextBudget';
import { formatMoney, modelTokenCount, requestCost } from '../core/pricing/requestCost';
import { CONTEXT_KEYS, VIEWS } from '../ids';
import type { FolderCounts, WorkspaceCounts } from './workspaceCounts';
import { workspaceBudget } from './workspaceSettings';

export interface TokenTreeNode {
  readonly counts: FolderCounts;
  readonly entry: TreeEntry;
}

export function uriOf({ counts, entry }: TokenTreeNode): vscode.Uri {
  return entry.path === '' ? counts.folder.uri : vscode.Uri.joinPath(counts.folder.uri, entry.path);
}

export interface TokenTreeView {
  readonly view: vscode.TreeView<TokenTreeNode>;
  readonly provider: vscode.TreeDataProvider<TokenTreeNode>;
  scan(): Promise<void>;
  dispose(): void;
}

export function createTokenTreeView(counts: WorkspaceCounts, models: ChosenModels): TokenTreeView {
  const changed = new vscode.EventEmitter<TokenTreeNode | undefined>();
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const percent = new Intl.NumberFormat(vscode.env.language, { style: 'percent', maximumFractionDigits: 1 });

  /** Tokens as the chosen model counts them, with the mark of an estimate. */
  function tokensText(folder: FolderCounts, tokens: number): string {
    return `${isExact(folder) ? '' : '≈ '}${numbers.format(ownTokens(folder, tokens))}`;
  }
  function ownTokens(folder: FolderCounts, tokens: number): number {
    const model = models.forScope(folder.folder.uri);
    return model === undefined ? tokens : modelTokenCount(model.tokenizer, tokens).tokens;
  }
  function isExact(folder: FolderCounts): boolean {
    return models.forScope(folder.folder.uri)?.tokenizer.exactness !== 'estimate';
  }
  /** Equal for folders whose tokens can be added up. */
  function countedWith(folder: FolderCounts): string {
    const model = models.forScope(folder.folder.uri);
    const factor = model?.tokenizer.exactness === 'estimate' ? (model.tokenizer.factor ?? 1) : 1;
    return `${folder.tokenizer} × ${factor}`;
  }
  function costText(folder: FolderCounts, tokens: number): string | undefined {
    const model = models.forScope(folder.folder.uri);
    if (model === undefined) return undefined;
    const cost = requestCost(model, { input: modelTokenCount(model.tokenizer, tokens).tokens });
    return cost === undefined ? undefined : formatMoney(cost.total, cost.currency, vscode.env.language);
  }

  const provider: vscode.TreeDataProvider<TokenTreeNode> = {
    onDidChangeTreeData: changed.event,
    getChildren: (node) => {
      if (node !== undefined) return childrenOf(node.counts, node.entry.path);
      const scanned = counts.counts.filter(({ state }) => state !== 'unscanned');
      const [only, ...others] = scanned;
      if (only !== undefined && others.length === 0) return childrenOf(only, '');
      return scanned.map((each) => ({ counts: each, entry: each.tree.total }));
    },
    getTreeItem: (node) => {
      const { counts: folder, entry } = node;
      const tokens = Math.max(0, tokensOf(entry));
      const total = folder.tree.total.tokens;
      const collapsed = vscode.TreeItemCollapsibleState;
      const item = new vscode.TreeItem(
        uriOf(node),
        entry.kind === 'folder' ? collapsed.Collapsed : collapsed.None,
      );
      item.label = entry.name;
      item.id = uriOf(node).toString();
      item.contextValue = entry.kind;
      if (entry.kind === 'file') {
        item.command = { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [uriOf(node)] };
        if (entry.outcome.kind === 'skipped') {
          item.description = skippedText(entry.outcome);
          item.accessibilityInformation = { label: `${entry.name}, ${skippedText(entry.outcome)}` };
          return item;
        }
      }
      const share = total === 0 ? '' : percent.format(tokens / total);
      const cost = costText(folder, tokens);
      const text = tokensText(folder, tokens);
      item.description = [text, share, cost].filter((part) => part !== undefined && part !== '').join(' · ');
      item.tooltip = tooltipOf(entry, text, share, cost);
      item.accessibilityInformation = {
        label: vscode.l10n.t('{0}, {1} tokens, {2} of the workspace', entry.name, text, share),
      };
      return item;
    },
    getParent: (node) => parentOf(node),
  };

  function childrenOf(folder: FolderCounts, path: string): TokenTreeNode[] {
    return folder.tree.children(path).map((entry) => ({ counts: folder, entry }));
  }
  function parentOf({ counts: folder, entry }: TokenTreeNode): TokenTreeNode | undefined {
    const slash = entry.path.lastIndexOf('/');
    if (slash < 0) return undefined;
    const path = entry.path.slice(0, slash);
    const above = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const found = folder.tree.children(above).find((candidate) => candidate.path === path);
    return found === undefined ? undefined : { counts: folder, entry: found };
  }

  const view = vscode.window.createTreeView(VIEWS.tokenTree, {
    treeDataProvider: provider,
    canSelectMany: true,
  });
  function summarize(): void {
    const scanned = counts.counts.filter(({ state }) => state !== 'unscanned');
    const [first] = scanned;
    if (first === undefined) {
      view.message = '';
      view.description = '';
      view.badge = undefined;
      return;
    }
    const files = scanned.reduce((sum, { tree }) => sum + tree.total.files, 0);
    const skipped = scanned.reduce((sum, { tree }) => sum + tree.total.skipped, 0);
    const partial = !counts.isScanning && scanned.some(({ state }) => state === 'partial');
    // As each folder's model counts them; the sum means something only where all are counted alike.
    const tokens = scanned.reduce((sum, folder) => sum + ownTokens(folder, folder.tree.total.tokens), 0);
    const alike = scanned.every((folder) => countedWith(folder) === countedWith(first));
    const budget = workspaceBudget();
    const over = typeof budget === 'number' && tokens > budget;
    view.description = alike
      ? vscode.l10n.t('{0} tokens', `${isExact(first) ? '' : '≈ '}${numbers.format(tokens)}`)
      : vscode.l10n.t('{0} folders', scanned.length);
    const lines = [
      skipped === 0
        ? vscode.l10n.t('{0} files', numbers.format(files))
        : vscode.l10n.t('{0} files, {1} not counted', numbers.format(files), numbers.format(skipped)),
    ];
    if (partial) lines.push(vscode.l10n.t('the scan is not complete'));
    if (!alike)
      lines.push(
        vscode.l10n.t('folders are counted with different tokenizers, so their tokens are not added up'),
      );
    if (budget === 'invalid')
      lines.push(
        vscode.l10n.t('⚠ the budget in the settings must be a whole number of tokens; it is ignored'),
      );
    else if (budget !== undefined) {
      const share = percent.format(tokens / budget);
      const near = !over && tokens >= budget * BUDGET_NEAR_SHARE;
      lines.push(
        over
          ? vscode.l10n.t('⚠ over the budget of {0} tokens ({1})', numbers.format(budget), share)
          : vscode.l10n.t(
              '{1} of the budget of {0} tokens',
              numbers.format(budget),
              near ? `⚠ ${share}` : share,
            ),
      );
    }
    view.message = lines.join(' · ');
    view.badge = over
      ? { value: 1, tooltip: vscode.l10n.t('The workspace is over its token budget') }
      : undefined;
  }

  async function scan(): Promise<void> {
    if (counts.isScanning) return;
    await vscode.commands.executeCommand('setContext', CONTEXT_KEYS.scanning, true);
    try {
      await vscode.window.withProgress(
        {
          location: vscode.ProgressLocation.Notification,
          title: vscode.l10n.t('Counting tokens in the workspace'),
          cancellable: true,
        },
        async (progress, token) => {
          let shown = 0;
          await counts.scan(({ files, tokens }) => {
            if (performance.now() - shown < 100) return;
            shown = performance.now();
            progress.report({
              message: vscode.l10n.t('{0} files, {1} tokens', numbers.format(files), numbers.format(tokens)),
            });
          }, token);
        },
      );
    } finally {
      await vscode.commands.executeCommand('setContext', CONTEXT_KEYS.scanning, false);
    }
  }

  const refresh = (): void => {
    summarize();
    changed.fire(undefined);
  };
  const subscriptions = vscode.Disposable.from(
    view,
    changed,
    counts.onDidChange(refresh),
    models.onDidChange(refresh),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('tessera.budget')) refresh();
    }),
  );
  return {
    view,
    provider,
    scan,
    dispose: () => {
      subscriptions.dispose();
    },
  };

  function tooltipOf(entry: TreeEntry, tokens: string, share: string, cost: string | undefined): string {
    const lines = [vscode.l10n.t('{0}: {1} tokens, {2} of the workspace', entry.path, tokens, share)];
    if (entry.kind === 'folder') lines.push(vscode.l10n.t('{0} files', numbers.format(entry.files)));
    else if (entry.outcome.kind === 'counted' && entry.outcome.tokens > 0) {
      const ratio = (entry.outcome.characters / entry.outcome.tokens).toFixed(2);
      lines.push(vscode.l10n.t('{0} characters per token', ratio));
    }
    if (cost !== undefined) lines.push(vscode.l10n.t('{0} as input', cost));
    return lines.join('\n');
  }
}

/** Why a file has no count, in a few words. */
export function skippedText(outcome: Extract<FileOutcome, { kind: 'skipped' }>): string {
  switch (outcome.reason) {
    case 'binary':
      return vscode.l10n.t('binary, not counted');
    case 'too-large':
      return vscode.l10n.t('{0} MB, larger than the limit', (Number(outcome.detail ?? 0) / 1e6).toFixed(1));
    case 'link-loop':
      return vscode.l10n.t('a loop of links, not counted');
    case 'unreadable':
      return vscode.l10n.t('cannot be read ({0})', outcome.detail ?? '');
  }
}
