// Files for the command line: named ones, folders walked in a fixed order, and standard input; decoded as the editor
// decodes them. What is not text, or cannot be read, is told and left out; the rest goes on.
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { startsBinary } from '../core/files/textDetection';
import { UsageError, type CliArguments, type CliStreams } from './cliCommand';

export interface InputText {
  readonly kind: 'text';
  /** '-' for standard input. */
  readonly path: string;
  readonly text: string;
  /** What the reader should know about how the text was read. */
  readonly note?: string;
}

export interface InputLeftOut {
  /** skipped: not text, by design. unreadable: could not be read, so the answer is not whole. */
  readonly kind: 'skipped' | 'unreadable';
  readonly path: string;
  readonly reason: string;
}

export type Input = InputText | InputLeftOut;

/** Folders that hold no text of the user's own. One that is named on the command line is walked all the same. */
const FOLDERS_NOT_WALKED: ReadonlySet<string> = new Set(['.git', '.hg', '.svn', 'node_modules']);
/** V8's longest string is 2^29 − 24 units. */
const MAX_BYTES = 2 ** 29 - 24;

/** Reads each path in turn; one file is in memory at a time. */
export async function* readInputs(paths: readonly string[], streams: CliStreams): AsyncGenerator<Input> {
  const walked = new Set<string>();
  for (const path of paths) {
    if (path === '-') yield decodeInput('-', await streams.standardInput());
    else yield* readPath(path, walked);
  }
}

/** The one file that the arguments name, or '-'. Throws UsageError for none and for several. */
export function onePath(args: CliArguments): string {
  const [path, ...others] = args.positionals;
  if (path === undefined || others.length > 0)
    throw new UsageError('Name exactly one file, or - for standard input.');
  return path;
}

/** The text of one file, or of standard input for '-'; what is to be known about it is noted. Undefined when it is not text. */
export async function readOneText(path: string, streams: CliStreams): Promise<string | undefined> {
  const input = await readOneInput(path, streams);
  if (input.kind !== 'text') {
    streams.note(`${input.path}: ${input.kind}: ${input.reason}`);
    return undefined;
  }
  if (input.note !== undefined) streams.note(`${path}: ${input.note}`);
  return input.text;
}

/** Reads one file, or standard input for '-'. A folder is 'unreadable'. */
async function readOneInput(path: string, streams: CliStreams): Promise<Input> {
  if (path === '-') return decodeInput('-', await streams.standardInput());
  try {
    if ((await stat(path)).isDirectory())
      return { kind: 'unreadable', path, reason: 'a folder; name a file' };
    return decodeInput(path, await readFile(path));
  } catch (error) {
    return { kind: 'unreadable', path, reason: reasonOf(error) };
  }
}

async function* readPath(path: string, walked: Set<string>): AsyncGenerator<Input> {
  try {
    const info = await stat(path);
    if (info.isDirectory()) yield* readFolder(path, walked);
    else if (info.size > MAX_BYTES)
      yield { kind: 'unreadable', path, reason: 'larger than 512 MB; split it and count the parts' };
    else yield decodeInput(path, await readFile(path));
  } catch (error) {
    yield { kind: 'unreadable', path, reason: reasonOf(error) };
  }
}

async function* readFolder(folder: string, walked: Set<string>): AsyncGenerator<Input> {
  // A link may lead back up; each real folder is walked once.
  const real = await realpath(folder);
  if (walked.has(real)) return;
  walked.add(real);
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && FOLDERS_NOT_WALKED.has(entry.name))
      yield { kind: 'skipped', path, reason: 'folder not walked; name it to count it' };
    else if (entry.isDirectory() || entry.isFile() || entry.isSymbolicLink()) yield* readPath(path, walked);
    else yield { kind: 'skipped', path, reason: 'not a regular file' };
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ELOOP') return 'a link that leads to itself';
  return error instanceof Error ? error.message : String(error);
}

/** The text of a file's bytes. UTF-16 needs a byte order mark to be known; everything else is read as UTF-8. */
export function decodeInput(path: string, bytes: Uint8Array): Input {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    const text = new TextDecoder(first === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
    return { kind: 'text', path, text, note: 'UTF-16; byte offsets are those of its UTF-8 form' };
  }
  if (startsBinary(bytes)) return { kind: 'skipped', path, reason: 'binary' };
  // A byte order mark stays, so that byte offsets are those of the file.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const notes: string[] = [];
  if (text.startsWith('\ufeff')) notes.push('starts with a byte order mark, which is counted');
  if (text.includes('\ufffd') && !Buffer.from(text).equals(bytes))
    notes.push('not valid UTF-8; counted as decoded, with U+FFFD for what is invalid');
  return notes.length === 0
    ? { kind: 'text', path, text }
    : { kind: 'text', path, text, note: notes.join('; ') };
}
