// The scan of a folder that is not on disk (a virtual file system): the host lists and reads, the worker counts.
// Slower than the scan on disk, one file system call at a time, but with the same rules and results.
import * as vscode from 'vscode';
import { IGNORE_FILE_NAMES, type RuleFile } from '../core/files/ignoreFiles';
import type { FileOutcome } from '../core/files/tokenTreeModel';
import type { EngineClient } from '../engine/engineClient';
import type { ScannedFile } from '../engine/folderScan';
import type { KnownFile } from './scanCache';

const BATCH_BYTES = 2_000_000;

export interface VirtualScanOptions {
  readonly tokenizer: string;
  readonly filesExclude: Readonly<Record<string, unknown>>;
  readonly maxBytes: number;
  readonly known: ReadonlyMap<string, KnownFile>;
  readonly cancelled: () => boolean;
}

/** Batches of files of `root`, ignore rules honoured; ends early when cancelled. */
export async function* scanVirtualFolder(
  root: vscode.Uri,
  engine: EngineClient,
  options: VirtualScanOptions,
): AsyncGenerator<readonly ScannedFile[]> {
  const folders: { readonly path: string; readonly ruleFiles: readonly RuleFile[] }[] = [
    { path: '', ruleFiles: [] },
  ];
  let waiting: { path: string; stamp: KnownFile['stamp']; bytes: Uint8Array }[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<readonly ScannedFile[]> => {
    const batch = waiting;
    waiting = [];
    waitingBytes = 0;
    if (batch.length === 0) return [];
    const contents = batch.map((file) => file.bytes);
    const reply = await engine.request('countBytes', { tokenizer: options.tokenizer, contents });
    return batch.map(({ path, stamp }, i) => ({
      path,
      stamp,
      outcome: (reply.ok ? reply.value[i] : undefined) ?? unreadable(reply.ok ? '' : reply.error.message),
      cached: false,
    }));
  };
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (options.cancelled()) return;
    const at = (path: string): vscode.Uri => (path === '' ? root : vscode.Uri.joinPath(root, path));
    let entries: [string, vscode.FileType][];
    try {
      entries = await vscode.workspace.fs.readDirectory(at(folder.path));
    } catch (error) {
      yield [failed(folder.path, error)];
      continue;
    }
    const ruleFiles = [...folder.ruleFiles];
    for (const name of IGNORE_FILE_NAMES) {
      if (!entries.some(([entry]) => entry === name)) continue;
      const path = folder.path === '' ? name : `${folder.path}/${name}`;
      const content = await vscode.workspace.fs.readFile(at(path)).then(
        (bytes) => new TextDecoder().decode(bytes),
        () => '',
      );
      ruleFiles.push({ folder: folder.path, content });
    }
    const paths = entries.map(([name, type]) => ({
      path: folder.path === '' ? name : `${folder.path}/${name}`,
      isFolder: (type & vscode.FileType.Directory) !== 0,
      type,
    }));
    const verdicts = await engine.request('leftOut', {
      filesExclude: options.filesExclude,
      ruleFiles,
      paths: paths.map(({ path, isFolder }) => ({ path, isFolder })),
    });
    if (!verdicts.ok) {
      yield [failed(folder.path, verdicts.error.message)];
      continue;
    }
    for (const [i, { path, isFolder, type }] of paths.entries()) {
      if (options.cancelled()) return;
      // Links to folders are not entered, as on disk.
      if (verdicts.value[i] === true || (isFolder && type !== vscode.FileType.Directory)) continue;
      if (isFolder) {
        folders.push({ path, ruleFiles });
        continue;
      }
      try {
        const stat = await vscode.workspace.fs.stat(at(path));
        const stamp = { size: stat.size, modified: stat.mtime };
        const before = options.known.get(path);
        if (before?.stamp.size === stamp.size && before.stamp.modified === stamp.modified) {
          yield [{ path, stamp, outcome: before.outcome, cached: true }];
        } else if (stat.size > options.maxBytes) {
          const outcome: FileOutcome = { kind: 'skipped', reason: 'too-large', detail: String(stat.size) };
          yield [{ path, stamp, outcome, cached: false }];
        } else {
          const bytes = await vscode.workspace.fs.readFile(at(path));
          waiting.push({ path, stamp, bytes });
          waitingBytes += bytes.length;
          if (waitingBytes > BATCH_BYTES) yield await flush();
        }
      } catch (error) {
        yield [failed(path, error)];
      }
    }
  }
  yield await flush();
}

function unreadable(detail: string): FileOutcome {
  return { kind: 'skipped', reason: 'unreadable', detail };
}

function failed(path: string, error: unknown): ScannedFile {
  const detail = error instanceof Error ? error.message : String(error);
  return { path, stamp: { size: 0, modified: 0 }, outcome: unreadable(detail), cached: false };
}
