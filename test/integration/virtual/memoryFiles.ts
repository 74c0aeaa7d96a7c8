// A file system in memory, as an extension such as GitHub Repositories would bring one: no paths on disk.
import * as vscode from 'vscode';

type Entry = Map<string, Entry> | Uint8Array;

export class MemoryFiles implements vscode.FileSystemProvider {
  private readonly root: Map<string, Entry> = new Map();
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changed.event;
  private times = new Map<string, number>();
  /** Paths that cannot be read. */
  readonly broken = new Set<string>();

  put(path: string, content: string | Uint8Array): void {
    const parts = path.split('/').filter((part) => part !== '');
    const name = parts.pop() ?? '';
    let folder = this.root;
    for (const part of parts) {
      const next = folder.get(part) ?? new Map<string, Entry>();
      folder.set(part, next);
      if (!(next instanceof Map)) throw vscode.FileSystemError.FileNotADirectory(path);
      folder = next;
    }
    folder.set(name, typeof content === 'string' ? new TextEncoder().encode(content) : content);
    this.times.set(path, (this.times.get(path) ?? 1000) + 1000);
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const entry = this.find(uri);
    const isFolder = entry instanceof Map;
    return {
      type: isFolder ? vscode.FileType.Directory : vscode.FileType.File,
      ctime: 0,
      mtime: this.times.get(uri.path) ?? 0,
      size: isFolder ? 0 : entry.length,
    };
  }

  readDirectory(uri: vscode.Uri): [string, vscode.FileType][] {
    const entry = this.find(uri);
    if (!(entry instanceof Map)) throw vscode.FileSystemError.FileNotADirectory(uri);
    return [...entry].map(([name, child]) => [
      name,
      child instanceof Map ? vscode.FileType.Directory : vscode.FileType.File,
    ]);
  }

  readFile(uri: vscode.Uri): Uint8Array {
    const entry = this.find(uri);
    if (entry instanceof Map) throw vscode.FileSystemError.FileIsADirectory(uri);
    return entry;
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    this.put(uri.path, content);
    this.changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }
  createDirectory(): void {
    throw vscode.FileSystemError.NoPermissions();
  }
  delete(): void {
    throw vscode.FileSystemError.NoPermissions();
  }
  rename(): void {
    throw vscode.FileSystemError.NoPermissions();
  }

  private find(uri: vscode.Uri): Entry {
    if (this.broken.has(uri.path)) throw vscode.FileSystemError.NoPermissions(uri);
    let entry: Entry | undefined = this.root;
    for (const part of uri.path.split('/').filter((each) => each !== ''))
      entry = entry instanceof Map ? entry.get(part) : undefined;
    if (entry === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return entry;
  }
}
