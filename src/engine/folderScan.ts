// Walks a folder on disk and counts its files, a slice of work at a time. The caller pulls slices, so that it can stop
// between any two, show progress, and never waits for the whole. Folders behind symbolic links are not entered (git and
// ripgrep do the same), so that a loop of links ends nowhere; links to files are counted.
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  type Dirent,
} from 'node:fs';
import { join, sep } from 'node:path';
import { IGNORE_FILE_NAMES } from '../core/files/ignoreFiles';
import { IgnoreRules } from '../core/files/ignoreRules';
import { HEAD_BYTES, startsBinary } from '../core/files/textDetection';
import type { FileOutcome } from '../core/files/tokenTreeModel';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import { countContent } from './fileContent';

/** What a file looked like when it was counted; the same stamp means that the count still holds. */
export interface FileStamp {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export interface ScannedFile {
  /** Relative to the scanned folder, with forward slashes. */
  readonly path: string;
  readonly stamp: FileStamp;
  readonly outcome: FileOutcome;
  /** True when the count was taken from what the caller already knew. */
  readonly cached: boolean;
}

/** One part of a scan that several workers share: of the files, those whose path falls to `index`, 0 to `of` - 1. */
export interface ScanShare {
  readonly index: number;
  readonly of: number;
}

export interface FolderScanOptions {
  /** The setting files.exclude. */
  readonly filesExclude: Readonly<Record<string, unknown>>;
  /** False leaves .gitignore files unread; .tesseraignore always counts. */
  readonly useGitignore?: boolean;
  /** Larger files are skipped and named. */
  readonly maxBytes: number;
  /** What is known from an earlier scan with the same tokenizer. */
  readonly known?: ReadonlyMap<string, { readonly stamp: FileStamp; readonly outcome: FileOutcome }>;
  /** Looked at within long files too; a file that was not finished is left out. */
  readonly cancelled?: () => boolean;
  /** Left out: all files. */
  readonly share?: ScanShare;
}

/** Whether a path belongs to a share. By a hash (FNV-1a) and not by counting: workers may see different files appear. */
function belongsTo(path: string, { index, of }: ScanShare): boolean {
  let hash = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
  // The low bits of the last characters alone would follow the file extension.
  return ((hash ^ (hash >>> 15)) >>> 0) % of === index;
}

/**
 * Every file of a folder, in the order of the walk, one by one: the caller decides when to go on.
 * @param root absolute path of the folder
 */
export function* scanFolder(
  root: string,
  tokenizer: Tokenizer,
  options: FolderScanOptions,
): Generator<ScannedFile, void> {
  const scratch = Buffer.allocUnsafe(SCRATCH_BYTES);
  const { share } = options;
  const isMine = (path: string): boolean => share === undefined || share.of === 1 || belongsTo(path, share);
  const folders: { readonly path: string; readonly rules: IgnoreRules }[] = [
    { path: '', rules: IgnoreRules.forFolder(options.filesExclude) },
  ];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    let entries: Dirent[];
    try {
      entries = readdirSync(join(root, folder.path), { withFileTypes: true });
    } catch (error) {
      const outcome: FileOutcome = { kind: 'skipped', reason: 'unreadable', detail: codeOf(error) };
      if (isMine(folder.path))
        yield { path: folder.path, stamp: { size: 0, modified: 0 }, outcome, cached: false };
      continue;
    }
    const rules = rulesOf(root, folder.path, folder.rules, entries, options.useGitignore ?? true);
    for (const entry of entries) {
      const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!rules.leavesOut(path, true)) folders.push({ path, rules });
      } else if (
        (entry.isFile() || entry.isSymbolicLink()) &&
        isMine(path) &&
        !rules.leavesOut(path, false)
      ) {
        const file = scanFile(root, path, tokenizer, options, scratch);
        if (file !== undefined) yield file;
      }
    }
  }
}

function rulesOf(
  root: string,
  folder: string,
  outer: IgnoreRules,
  entries: readonly Dirent[],
  useGitignore: boolean,
): IgnoreRules {
  let rules = outer;
  for (const name of IGNORE_FILE_NAMES) {
    if (name === '.gitignore' && !useGitignore) continue;
    if (!entries.some((entry) => entry.name === name && entry.isFile())) continue;
    try {
      rules = rules.withFile(folder, readFileSync(join(root, folder, name), 'utf8'));
    } catch {
      // A rule file that cannot be read rules nothing; its own line in the tree says that it is unreadable.
    }
  }
  return rules;
}

/** Files up to this size are read to one place again and again: a buffer each costs more than reading them. */
const SCRATCH_BYTES = 256 * 1024;

/** To open a pipe, which a link may lead to, waits for its writer otherwise. Windows has neither the flag nor such files. */
const READ_AT_ONCE = constants.O_RDONLY | ((constants as { O_NONBLOCK?: number }).O_NONBLOCK ?? 0);

/** Counts one file; undefined for what is no regular file (sockets, links to folders), and when cancelled. */
export function scanFile(
  root: string,
  path: string,
  tokenizer: Tokenizer,
  { maxBytes, known, cancelled = () => false }: Pick<FolderScanOptions, 'maxBytes' | 'known' | 'cancelled'>,
  scratch?: Buffer,
): ScannedFile | undefined {
  let stamp: FileStamp = { size: 0, modified: 0 };
  let descriptor: number | undefined;
  try {
    descriptor = openSync(`${root}${sep}${path}`, READ_AT_ONCE);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return undefined;
    stamp = { size: stat.size, modified: stat.mtimeMs };
    const before = known?.get(path);
    if (before?.stamp.size === stamp.size && before.stamp.modified === stamp.modified) {
      return { path, stamp, outcome: before.outcome, cached: true };
    }
    const { size } = stat;
    const outcome: FileOutcome | undefined =
      size > maxBytes
        ? { kind: 'skipped', reason: 'too-large', detail: String(size) }
        : // Libraries and pictures of many megabytes are told from text by their first bytes, and not read any further.
          size > SCRATCH_BYTES && startsBinary(readStart(descriptor, HEAD_BYTES))
          ? { kind: 'skipped', reason: 'binary' }
          : countContent(tokenizer, readStart(descriptor, size, scratch), cancelled);
    return outcome === undefined ? undefined : { path, stamp, outcome, cached: false };
  } catch (error) {
    const code = codeOf(error);
    const reason = code === 'ELOOP' ? 'link-loop' : 'unreadable';
    return { path, stamp, outcome: { kind: 'skipped', reason, detail: code }, cached: false };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The file's first bytes in one call: readFileSync asks for the size again and reads on until there is nothing more. */
function readStart(descriptor: number, size: number, scratch?: Buffer): Uint8Array {
  const bytes = scratch !== undefined && size <= scratch.length ? scratch : Buffer.allocUnsafe(size);
  let read = 0;
  while (read < size) {
    const more = readSync(descriptor, bytes, read, size - read, read);
    if (more === 0) break;
    read += more;
  }
  return bytes.subarray(0, read);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
