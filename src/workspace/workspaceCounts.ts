// The token counts of all workspace folders: scanned when asked for, then kept up to date by saves, creations,
// deletions and renames. Scans run in a token worker of their own, so that typing never waits for them.
import * as vscode from 'vscode';
import { IGNORE_FILE_NAMES } from '../core/files/ignoreFiles';
import { TokenTreeModel } from '../core/files/tokenTreeModel';
import { scanOnDisk } from '../engine/diskScan';
import type { EngineClient } from '../engine/engineClient';
import type { ScannedFile } from '../engine/folderScan';
import { scanMaxBytes, type TokenizerOfFolder } from './workspaceSettings';
import { isLeftOutByRules } from './rulesAbove';
import { type KnownFile, ScanCache } from './scanCache';
import { scanVirtualFolder } from './virtualScan';

export interface FolderCounts {
  readonly folder: vscode.WorkspaceFolder;
  readonly tree: TokenTreeModel;
  /** 'partial': the scan was cancelled or failed; what is there is right, but not all. */
  readonly state: 'unscanned' | 'complete' | 'partial';
  /** What its files were counted with; undefined before the first scan. */
  readonly tokenizer: string | undefined;
}

interface Folder {
  readonly folder: vscode.WorkspaceFolder;
  readonly tree: TokenTreeModel;
  files: Map<string, KnownFile>;
  state: FolderCounts['state'];
  tokenizer: string | undefined;
}

export interface ScanProgress {
  readonly files: number;
  readonly tokens: number;
}

export class WorkspaceCounts {
  private folders: Folder[] = [];
  private readonly changed = new vscode.EventEmitter<readonly vscode.Uri[] | undefined>();
  private readonly subscriptions: readonly { dispose(): void }[];
  private readonly cache: ScanCache;
  private readonly engine: EngineClient;
  private scanning = false;

  /** The uris whose counts changed, or undefined for all. */
  readonly onDidChange = this.changed.event;

  /** @param engines at least one; a scan of a folder on disk is shared among them, the first answers everything else */
  constructor(
    private readonly engines: readonly [EngineClient, ...EngineClient[]],
    storage: vscode.Uri | undefined,
    private readonly tokenizerOf: TokenizerOfFolder,
  ) {
    [this.engine] = engines;
    this.cache = new ScanCache(storage);
    this.readFolders();
    const refresh = (uri: vscode.Uri): void => void this.refreshFile(uri);
    const forget = (uri: vscode.Uri): void => this.forgetFile(uri);
    this.subscriptions = [
      this.changed,
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.readFolders()),
      vscode.workspace.onDidSaveTextDocument((document) => refresh(document.uri)),
      vscode.workspace.onDidCreateFiles(({ files }) => files.forEach(refresh)),
      vscode.workspace.onDidDeleteFiles(({ files }) => files.forEach(forget)),
      vscode.workspace.onDidRenameFiles(({ files }) =>
        files.forEach(({ oldUri, newUri }) => {
          forget(oldUri);
          refresh(newUri);
        }),
      ),
    ];
  }

  get counts(): readonly FolderCounts[] {
    return this.folders;
  }

  get isScanning(): boolean {
    return this.scanning;
  }

  /** What is known about a file. */
  fileCount(uri: vscode.Uri): { readonly tokens: number } | undefined {
    const place = this.placeOf(uri);
    const outcome = place?.entry.tree.file(place.path)?.outcome;
    return outcome?.kind === 'counted' ? outcome : undefined;
  }

  /** Scans all folders; resolves with false when cancelled. One scan at a time: a second call joins nothing and returns. */
  async scan(progress: (progress: ScanProgress) => void, token: vscode.CancellationToken): Promise<boolean> {
    if (this.scanning) return false;
    this.scanning = true;
    try {
      const total = { files: 0, tokens: 0 };
      for (const entry of this.folders) {
        if (token.isCancellationRequested) return false;
        await this.scanFolder(entry, token, (files) => {
          total.files += files.length;
          for (const { outcome } of files) total.tokens += outcome.kind === 'counted' ? outcome.tokens : 0;
          progress(total);
        });
      }
      return !token.isCancellationRequested;
    } finally {
      this.scanning = false;
      this.changed.fire(undefined);
    }
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
  }

  private readFolders(): void {
    const before = new Map(this.folders.map((entry) => [entry.folder.uri.toString(), entry]));
    this.folders = (vscode.workspace.workspaceFolders ?? []).map(
      (folder) =>
        before.get(folder.uri.toString()) ?? {
          folder,
          tree: new TokenTreeModel(folder.name),
          files: new Map(),
          state: 'unscanned',
          tokenizer: undefined,
        },
    );
    this.changed.fire(undefined);
  }

  private async scanFolder(
    entry: Folder,
    token: vscode.CancellationToken,
    report: (files: readonly ScannedFile[]) => void,
  ): Promise<void> {
    const { uri } = entry.folder;
    const tokenizer = this.tokenizerOf(uri);
    const known = await this.cache.load(uri, tokenizer);
    entry.tree.clear();
    entry.files = new Map();
    entry.tokenizer = tokenizer;
    // 'partial' until the last file: whatever ends the scan early, the label is right.
    entry.state = 'partial';
    this.changed.fire(undefined);
    const batches =
      uri.scheme === 'file'
        ? this.diskBatches(entry, tokenizer, known, token)
        : this.virtualBatches(entry, tokenizer, known, token);
    for await (const files of batches) {
      for (const file of files) {
        entry.tree.set(file.path, file.outcome);
        entry.files.set(file.path, file);
      }
      report(files);
      if (token.isCancellationRequested) break;
    }
    if (!token.isCancellationRequested) entry.state = 'complete';
    // Counts of an ended scan are kept too, so that the next one goes on where it stopped.
    const kept = entry.state === 'complete' ? entry.files : new Map([...known, ...entry.files]);
    await this.cache.save(uri, tokenizer, kept);
  }

  private diskBatches(
    entry: Folder,
    tokenizer: string,
    known: ReadonlyMap<string, KnownFile>,
    token: vscode.CancellationToken,
  ): AsyncGenerator<readonly ScannedFile[]> {
    const { uri } = entry.folder;
    return scanOnDisk(
      this.engines,
      {
        root: uri.fsPath,
        tokenizer,
        filesExclude: filesExclude(uri),
        maxBytes: scanMaxBytes(),
        known: [...known],
      },
      token,
    );
  }

  private virtualBatches(
    entry: Folder,
    tokenizer: string,
    known: ReadonlyMap<string, KnownFile>,
    token: vscode.CancellationToken,
  ): AsyncGenerator<readonly ScannedFile[]> {
    return scanVirtualFolder(entry.folder.uri, this.engine, {
      tokenizer,
      filesExclude: filesExclude(entry.folder.uri),
      maxBytes: scanMaxBytes(),
      known,
      cancelled: () => token.isCancellationRequested,
    });
  }

  private placeOf(uri: vscode.Uri): { readonly entry: Folder; readonly path: string } | undefined {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    const entry = this.folders.find(
      (candidate) => candidate.folder.uri.toString() === folder?.uri.toString(),
    );
    if (entry === undefined) return undefined;
    return { entry, path: uri.path.slice(entry.folder.uri.path.length).replace(/^\/+/, '') };
  }

  /** Counts a saved or new file again, if the scan would have counted it. */
  private async refreshFile(uri: vscode.Uri): Promise<void> {
    const place = this.placeOf(uri);
    if (place === undefined || place.entry.state === 'unscanned') return;
    const { entry, path } = place;
    const name = path.slice(path.lastIndexOf('/') + 1);
    // New rules can concern every file; the next scan applies them.
    if (IGNORE_FILE_NAMES.some((rules) => rules === name)) entry.state = 'partial';
    if (
      entry.tree.file(path) === undefined &&
      (await isLeftOutByRules(this.engine, entry.folder.uri, path, filesExclude(entry.folder.uri)))
    )
      return;
    const tokenizer = this.tokenizerOf(entry.folder.uri);
    if (uri.scheme === 'file') {
      const root = entry.folder.uri.fsPath;
      const reply = await this.engine.request('countFile', {
        root,
        path,
        tokenizer,
        maxBytes: scanMaxBytes(),
      });
      if (!reply.ok || reply.value === null) return;
      entry.tree.set(path, reply.value.outcome);
      entry.files.set(path, reply.value);
    } else {
      const contents = [await vscode.workspace.fs.readFile(uri)];
      const stat = await vscode.workspace.fs.stat(uri);
      const reply = await this.engine.request('countBytes', { tokenizer, contents });
      const outcome = reply.ok ? reply.value[0] : undefined;
      if (outcome === undefined) return;
      entry.tree.set(path, outcome);
      entry.files.set(path, { stamp: { size: stat.size, modified: stat.mtime }, outcome });
    }
    this.changed.fire([uri]);
  }

  private forgetFile(uri: vscode.Uri): void {
    const place = this.placeOf(uri);
    if (place === undefined || !place.entry.tree.remove(place.path)) return;
    for (const path of [...place.entry.files.keys()]) {
      if (path === place.path || path.startsWith(`${place.path}/`)) place.entry.files.delete(path);
    }
    this.changed.fire([uri]);
  }
}

function filesExclude(scope: vscode.Uri): Record<string, unknown> {
  return { ...vscode.workspace.getConfiguration('files', scope).get<Record<string, unknown>>('exclude', {}) };
}
