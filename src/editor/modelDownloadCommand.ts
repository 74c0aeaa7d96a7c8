// "Download Model": asks for a repository, shows the address, the files and their size, and only then fetches them, with
// progress. What was fetched before a cancellation or a failure is kept, so the next try continues.
import { join } from 'node:path';
import * as vscode from 'vscode';
import {
  downloadModel,
  planDownload,
  type DownloadProgress,
  type DownloadRequest,
  type DownloadResult,
  type RemoteFile,
} from '../engine/modelDownload';
import { hubAddress, storeModelChoice } from '../modelSettings';
import { fileSize } from './localModelText';
import type { RememberedFolders } from './rememberedFolders';

/** What the flow asks the user. The real one shows VS Code's dialogs; tests answer by themselves. */
export interface DownloadDialog {
  /** 'owner/name' or 'owner/name@revision'; undefined to stop. */
  repository(hub: string): Promise<string | undefined>;
  /** Shows address, target and size; true to go on. */
  agree(offer: DownloadOffer): Promise<boolean>;
  /** Runs `work` under a progress message that can be cancelled. */
  progress<T>(
    title: string,
    work: (report: (progress: DownloadProgress) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** Tells what went wrong; true to try again. */
  failed(message: string): Promise<boolean>;
  /** Asks whether the new model is to be used now. */
  use(name: string): Promise<boolean>;
}

export interface DownloadOffer {
  readonly address: string;
  readonly repository: string;
  readonly target: string;
  readonly files: readonly RemoteFile[];
  readonly bytes: number;
}

export type DownloadOutcome = 'done' | 'declined' | 'cancelled' | 'failed';

/** The whole flow; problems are told through the dialog. */
export async function downloadModelCommand(
  folders: RememberedFolders,
  dialog: DownloadDialog,
): Promise<DownloadOutcome> {
  const hub = hubAddress();
  const address = originOf(hub);
  if (address === undefined) {
    await dialog.failed(vscode.l10n.t('"{0}" in the settings is no http or https address.', hub));
    return 'failed';
  }
  const named = await dialog.repository(address);
  if (named === undefined) return 'declined';
  const [repository = '', revision = 'main'] = named.trim().split('@');
  const target = join(folders.downloads.fsPath, ...safeParts(repository));
  const request: DownloadRequest = { hub, repository, revision, target, agreedAddress: address };
  for (;;) {
    const result = await attempt(request, address, dialog);
    if (result === 'declined') return 'declined';
    if (result.ok) {
      await folders.remember(target);
      if (await dialog.use(repository)) await storeModelChoice({ kind: 'folder', path: target });
      return 'done';
    }
    if (result.reason === 'cancelled') return 'cancelled';
    if (!(await dialog.failed(result.message))) return 'failed';
  }
}

async function attempt(
  request: DownloadRequest,
  address: string,
  dialog: DownloadDialog,
): Promise<DownloadResult | 'declined'> {
  const { repository, target } = request;
  const plan = await dialog.progress(
    vscode.l10n.t('Asking {0} about {1}', address, repository),
    (_, signal) => planDownload({ ...request, signal }),
  );
  if (!plan.ok) return plan;
  const { files, bytes } = plan;
  if (!(await dialog.agree({ address, repository, target, files, bytes }))) return 'declined';
  return dialog.progress(vscode.l10n.t('Downloading {0}', repository), (onProgress, signal) =>
    downloadModel({ ...request, signal, onProgress }, files),
  );
}

/** VS Code's dialogs. */
export const downloadDialog: DownloadDialog = {
  repository: async (address) =>
    vscode.window.showInputBox({
      title: vscode.l10n.t('Download Model'),
      prompt: vscode.l10n.t(
        'Repository with an ONNX model at {0}. Enter asks that address for the list of its files; nothing is downloaded yet.',
        address,
      ),
      placeHolder: 'onnx-community/Qwen2.5-Coder-0.5B-Instruct',
      ignoreFocusOut: true,
      validateInput: (value) =>
        /^\s*[\w.-]+\/[\w.-]+(@[\w./-]+)?\s*$/.test(value)
          ? undefined
          : vscode.l10n.t('Write owner/name, or owner/name@revision.'),
    }),
  agree: async ({ address, repository, target, files, bytes }) => {
    const numbers = new Intl.NumberFormat(vscode.env.language);
    const size = (value: number): string => fileSize(value, numbers, vscode.l10n.t);
    const go = vscode.l10n.t('Download {0}', size(bytes));
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t('Download {0} from {1}?', repository, address),
      {
        modal: true,
        detail: [
          ...files.map(({ path, size: each }) => `${path}, ${size(each)}`),
          '',
          vscode.l10n.t('{0} in all, into {1}.', size(bytes), target),
          vscode.l10n.t('The hub may hand large files out from its own file servers.'),
        ].join('\n'),
      },
      go,
    );
    return answer === go;
  },
  progress: async (title, work) =>
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, cancellation) => {
        const controller = new AbortController();
        cancellation.onCancellationRequested(() => controller.abort());
        const numbers = new Intl.NumberFormat(vscode.env.language);
        const size = (value: number): string => fileSize(value, numbers, vscode.l10n.t);
        let shown = 0;
        return work(({ file, doneBytes, totalBytes }) => {
          const share = totalBytes === 0 ? 100 : (100 * doneBytes) / totalBytes;
          // Chunks come a thousand a second; the message need not.
          if (share - shown < 0.5 && doneBytes < totalBytes) return;
          progress.report({
            increment: share - shown,
            message: vscode.l10n.t('{0} of {1} · {2}', size(doneBytes), size(totalBytes), file),
          });
          shown = share;
        }, controller.signal);
      },
    ),
  failed: async (message) => {
    const again = vscode.l10n.t('Try Again');
    return (await vscode.window.showErrorMessage(message, again)) === again;
  },
  use: async (name) => {
    const use = vscode.l10n.t('Use It Now');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t('{0} was downloaded and its checksums are right.', name),
      use,
    );
    return answer === use;
  },
};

function originOf(address: string): string | undefined {
  try {
    const { origin, protocol } = new URL(address);
    return protocol === 'http:' || protocol === 'https:' ? origin : undefined;
  } catch {
    return undefined;
  }
}

/** Folder names for 'owner/name'. The hub refuses other names; none of them may lead out of the folder before it does. */
function safeParts(repository: string): readonly string[] {
  return repository.split('/').map((part) => part.replace(/[^\w.-]|^\.+$/g, '_'));
}
