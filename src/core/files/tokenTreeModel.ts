// The counted files of a workspace as a tree of folders with totals. Pure: the tree view draws it, tests and the
// command line build it. Adding, changing or removing a file updates its folders only.

export type FileOutcome =
  | { readonly kind: 'counted'; readonly tokens: number; readonly bytes: number; readonly characters: number }
  | { readonly kind: 'skipped'; readonly reason: SkipReason; readonly detail?: string };

export type SkipReason = 'binary' | 'too-large' | 'unreadable' | 'link-loop';

export interface TreeFile {
  readonly kind: 'file';
  readonly name: string;
  readonly path: string;
  readonly outcome: FileOutcome;
}

export interface TreeFolder {
  readonly kind: 'folder';
  readonly name: string;
  /** Path from the root with forward slashes; '' is the root. */
  readonly path: string;
  /** Totals of everything below. */
  readonly tokens: number;
  readonly files: number;
  readonly skipped: number;
}

export type TreeEntry = TreeFile | TreeFolder;

interface FolderNode {
  name: string;
  path: string;
  tokens: number;
  files: number;
  skipped: number;
  folders: Map<string, FolderNode>;
  entries: Map<string, TreeFile>;
}

function emptyFolder(name: string, path: string): FolderNode {
  return { name, path, tokens: 0, files: 0, skipped: 0, folders: new Map(), entries: new Map() };
}

export class TokenTreeModel {
  private root: FolderNode;

  constructor(readonly name: string) {
    this.root = emptyFolder(name, '');
  }

  /** The whole tree as one entry. */
  get total(): TreeFolder {
    return asEntry(this.root);
  }

  clear(): void {
    this.root = emptyFolder(this.name, '');
  }

  /** Adds a file or replaces what was known about it. */
  set(path: string, outcome: FileOutcome): void {
    this.remove(path);
    const parts = path.split('/');
    const name = parts.pop()!;
    const counted = outcome.kind === 'counted';
    let node = this.root;
    add(node, outcome);
    parts.forEach((part, depth) => {
      let child = node.folders.get(part);
      if (child === undefined) {
        child = emptyFolder(part, parts.slice(0, depth + 1).join('/'));
        node.folders.set(part, child);
      }
      node = child;
      add(node, outcome);
    });
    node.entries.set(name, { kind: 'file', name, path, outcome });

    function add(folder: FolderNode, added: FileOutcome): void {
      if (counted) folder.files++;
      else folder.skipped++;
      folder.tokens += added.kind === 'counted' ? added.tokens : 0;
    }
  }

  /** Forgets a file, or a folder and everything in it. True when there was one. */
  remove(path: string): boolean {
    const parts = path.split('/');
    const name = parts.pop()!;
    const above = [this.root];
    for (const part of parts) {
      const next = above.at(-1)!.folders.get(part);
      if (next === undefined) return false;
      above.push(next);
    }
    const parent = above.at(-1)!;
    const file = parent.entries.get(name);
    const folder = parent.folders.get(name);
    if (file === undefined && folder === undefined) return false;
    const gone = folder ?? {
      tokens: file!.outcome.kind === 'counted' ? file!.outcome.tokens : 0,
      files: file!.outcome.kind === 'counted' ? 1 : 0,
      skipped: file!.outcome.kind === 'counted' ? 0 : 1,
    };
    parent.entries.delete(name);
    parent.folders.delete(name);
    for (const node of above) {
      node.tokens -= gone.tokens;
      node.files -= gone.files;
      node.skipped -= gone.skipped;
    }
    for (let depth = above.length - 1; depth > 0; depth--) {
      const node = above[depth]!;
      if (node.entries.size === 0 && node.folders.size === 0) above[depth - 1]!.folders.delete(node.name);
    }
    return true;
  }

  /** What is known about a file. */
  file(path: string): TreeFile | undefined {
    const slash = path.lastIndexOf('/');
    return this.folderNode(slash < 0 ? '' : path.slice(0, slash))?.entries.get(path.slice(slash + 1));
  }

  /** Folders and files directly in a folder, most tokens first; skipped files last. */
  children(path: string): TreeEntry[] {
    const node = this.folderNode(path);
    if (node === undefined) return [];
    const entries: TreeEntry[] = [...[...node.folders.values()].map(asEntry), ...node.entries.values()];
    return entries.sort((a, b) => tokensOf(b) - tokensOf(a) || (a.name < b.name ? -1 : 1));
  }

  /** Every file, in no particular order. */
  *files(node: FolderNode = this.root): Generator<TreeFile> {
    yield* node.entries.values();
    for (const folder of node.folders.values()) yield* this.files(folder);
  }

  private folderNode(path: string): FolderNode | undefined {
    if (path === '') return this.root;
    let node: FolderNode | undefined = this.root;
    for (const part of path.split('/')) {
      node = node.folders.get(part);
      if (node === undefined) return undefined;
    }
    return node;
  }
}

function asEntry(node: FolderNode): TreeFolder {
  const { name, path, tokens, files, skipped } = node;
  return { kind: 'folder', name, path, tokens, files, skipped };
}

/** Tokens of an entry; -1 for a skipped file, so that it sorts last. */
export function tokensOf(entry: TreeEntry): number {
  if (entry.kind === 'folder') return entry.tokens;
  return entry.outcome.kind === 'counted' ? entry.outcome.tokens : -1;
}

/**
 * A count in the two characters an explorer badge has: 0 to 99 as they are, "<k" below a thousand, then thousands
 * ("9k", and "k+" from 10 000 on) and millions ("2M", "M+"). The tooltip has the full number.
 */
export function badgeText(tokens: number): string {
  if (tokens < 100) return String(tokens);
  if (tokens < 1000) return '<k';
  if (tokens < 10_000) return `${Math.floor(tokens / 1000)}k`;
  if (tokens < 1_000_000) return 'k+';
  return tokens < 10_000_000 ? `${Math.floor(tokens / 1e6)}M` : 'M+';
}
