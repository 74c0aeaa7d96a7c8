// Counts of an earlier scan, kept in the workspace's storage so that opening the tree again reads only changed files.
// One JSON file per folder and tokenizer; it holds paths, stamps and counts, never contents.
import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import type { FileOutcome } from '../core/files/tokenTreeModel';
import type { ScannedFile } from '../engine/folderScan';

export type KnownFile = Pick<ScannedFile, 'stamp' | 'outcome'>;

const CACHE_VERSION = 1;

interface CacheFile {
  readonly version: number;
  readonly files: readonly (readonly [path: string, size: number, modified: number, outcome: FileOutcome])[];
}

export class ScanCache {
  /** @param storage the workspace's storage folder, or undefined in a window without one: then nothing is kept */
  constructor(private readonly storage: vscode.Uri | undefined) {}

  /** What is known of a folder; empty when there is nothing, or nothing readable. */
  async load(folder: vscode.Uri, tokenizer: string): Promise<Map<string, KnownFile>> {
    const file = this.fileOf(folder, tokenizer);
    if (file === undefined) return new Map();
    try {
      const bytes = await vscode.workspace.fs.readFile(file);
      const cache = JSON.parse(new TextDecoder().decode(bytes)) as CacheFile;
      if (cache.version !== CACHE_VERSION) return new Map();
      return new Map(
        cache.files.map(([path, size, modified, outcome]) => [path, { stamp: { size, modified }, outcome }]),
      );
    } catch {
      // No cache yet, or one that another version wrote: the scan simply reads every file.
      return new Map();
    }
  }

  async save(folder: vscode.Uri, tokenizer: string, files: ReadonlyMap<string, KnownFile>): Promise<void> {
    const file = this.fileOf(folder, tokenizer);
    if (file === undefined || this.storage === undefined) return;
    const cache: CacheFile = {
      version: CACHE_VERSION,
      files: [...files].map(([path, { stamp, outcome }]) => [path, stamp.size, stamp.modified, outcome]),
    };
    await vscode.workspace.fs.createDirectory(this.storage);
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(JSON.stringify(cache)));
  }

  private fileOf(folder: vscode.Uri, tokenizer: string): vscode.Uri | undefined {
    if (this.storage === undefined) return undefined;
    const name = createHash('sha256').update(`${folder.toString()}\n${tokenizer}`).digest('hex').slice(0, 24);
    return vscode.Uri.joinPath(this.storage, `scan-${name}.json`);
  }
}
