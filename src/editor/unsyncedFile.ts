// Files that VS Code shows but gives no extension the text of, because they are above 50 MB: counted from the disk by the
// worker, where they are on a disk, and said to be so.
import * as vscode from 'vscode';
import type { EngineClient } from '../engine/engineClient';
import { createLatestOnly } from './latestOnly';
import { diskFileText, type StatusText } from './statusText';

export interface UnsyncedFile {
  /** What to show for the active tab; undefined when it is not such a file. */
  status(): StatusText | undefined;
  /** Looks at the active tab again. */
  refresh(): void;
  readonly onDidChange: vscode.Event<void>;
  dispose(): void;
}

/** VS Code's limit for documents of extensions. Smaller files that have no text editor yet are only still opening. */
const SYNC_LIMIT_BYTES = 50 * 1024 * 1024;
/** The longest text that can be tokenized at once: V8's strings end at 2^29 units. */
const COUNT_LIMIT_BYTES = 2 ** 29 - 24;
const BUDGET_MS = 120_000;

export function createUnsyncedFile(
  engine: EngineClient,
  tokenizerFor: (uri: vscode.Uri) => string,
): UnsyncedFile {
  const changed = new vscode.EventEmitter<void>();
  const job = createLatestOnly();
  let current: { readonly key: string; readonly status: StatusText } | undefined;

  const activeFile = (): vscode.Uri | undefined => {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    if (vscode.window.activeTextEditor !== undefined || !(input instanceof vscode.TabInputText))
      return undefined;
    return input.uri;
  };
  const set = (key: string, status: StatusText): void => {
    current = { key, status };
    changed.fire();
  };

  async function count(
    uri: vscode.Uri,
    key: string,
    tokenizer: string,
    size: number,
    cancellation: Parameters<typeof engine.request>[2],
  ): Promise<void> {
    const context = {
      tokenizer,
      numbers: new Intl.NumberFormat(vscode.env.language),
      translate: vscode.l10n.t,
    };
    const show = (tokens: number | undefined): void =>
      set(key, diskFileText({ tokens, bytes: size }, context));
    show(undefined);
    if (uri.scheme !== 'file' || size > COUNT_LIMIT_BYTES) return;
    const folder = vscode.Uri.joinPath(uri, '..').fsPath;
    const path = uri.path.split('/').at(-1) ?? '';
    const params = { root: folder, path, tokenizer, maxBytes: COUNT_LIMIT_BYTES };
    const reply = await engine.request('countFile', params, { ...cancellation, budgetMs: BUDGET_MS });
    const outcome = reply.ok ? reply.value?.outcome : undefined;
    if (outcome?.kind === 'counted' && current?.key === key) show(outcome.tokens);
  }

  return {
    status: () => {
      const uri = activeFile();
      return uri !== undefined && current?.key === uri.toString() ? current.status : undefined;
    },
    refresh: () => {
      const uri = activeFile();
      if (uri === undefined) {
        job.cancel();
        current = undefined;
        return;
      }
      const key = uri.toString();
      if (current?.key === key) return;
      job.run(
        async (cancellation) => {
          // A file that cannot be looked at is VS Code's to complain about.
          const size = await vscode.workspace.fs.stat(uri).then(
            (stat) => stat.size,
            () => 0,
          );
          if (size <= SYNC_LIMIT_BYTES || cancellation.isCancellationRequested) return;
          await count(uri, key, tokenizerFor(uri), size, { cancellation });
        },
        () => changed.fire(),
      );
    },
    onDidChange: changed.event,
    dispose: () => {
      job.cancel();
      changed.dispose();
    },
  };
}
