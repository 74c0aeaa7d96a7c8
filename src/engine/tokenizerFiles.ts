// Tokenizer files of the user: read, fingerprinted, and kept as copies in a storage folder, so that a number stays
// reproducible when the original moves. Folder layout: '<sha256>' for each file, 'index.json' with what is known of them.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MAX_FILE_BYTES, type FormatResult } from '../core/tokenizers/formats/formatResult';
import { RANK_PATTERNS, type RankPattern } from '../core/tokenizers/formats/rankFileReader';
import { readTokenizerFile, type ReadOptions } from '../core/tokenizers/formats/tokenizerFileReader';

/** One kept file. */
export interface StoredTokenizer {
  /** Hex SHA-256 of the bytes; the tokenizer's id is 'file:' and this. */
  readonly sha256: string;
  readonly name: string;
  readonly format: string;
  readonly vocabularySize: number;
  readonly bytes: number;
  /** ISO 8601. */
  readonly added: string;
  /** How a rank file splits, when the user chose it. */
  readonly pattern?: RankPattern;
}

export type FileResult = FormatResult & { readonly sha256: string; readonly bytes: number };

export const fingerprint = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const isRankPattern = (name: string): name is RankPattern =>
  (RANK_PATTERNS as readonly string[]).includes(name);

/** Reads a file by path. Rejects when it cannot be read from disk; what is in it is a value. */
export async function readTokenizerPath(path: string, options: ReadOptions = {}): Promise<FileResult> {
  const { bytes, name } = await bytesAt(path);
  return readBytes(bytes, name, options);
}

function readBytes(bytes: Uint8Array, name: string, options: ReadOptions): FileResult {
  const sha256 = fingerprint(bytes);
  return { ...readTokenizerFile(bytes, { name, sha256 }, options), sha256, bytes: bytes.length };
}

async function bytesAt(path: string): Promise<{ bytes: Uint8Array; name: string }> {
  const { size } = await stat(path);
  // A file that is far too large is refused by the reader; it need not be in memory for that.
  const bytes = size > MAX_FILE_BYTES ? new Uint8Array(MAX_FILE_BYTES + 1) : await readFile(path);
  return { bytes, name: basename(path) };
}

/** Tokenizer files kept in one folder. Several processes may read it; the last writer of the index wins. */
export class TokenizerStore {
  constructor(readonly folder: string) {}

  /** Checks a file and keeps a copy. Rejects for disk errors only. */
  async add(path: string, options: ReadOptions = {}): Promise<FileResult> {
    const { bytes, name } = await bytesAt(path);
    const result = readBytes(bytes, name, options);
    if (!result.ok) return result;
    await mkdir(this.folder, { recursive: true });
    await this.#replace(result.sha256, bytes);
    const entry: StoredTokenizer = {
      sha256: result.sha256,
      name,
      format: result.description.format,
      vocabularySize: result.description.vocabularySize,
      bytes: bytes.length,
      added: new Date().toISOString(),
      ...(options.pattern === undefined ? {} : { pattern: options.pattern }),
    };
    const others = (await this.list()).filter((one) => one.sha256 !== entry.sha256);
    await this.#writeIndex([...others, entry]);
    return result;
  }

  /** What is kept, oldest first. A damaged index counts as empty: files can be added again. */
  async list(): Promise<readonly StoredTokenizer[]> {
    let index: unknown;
    try {
      index = JSON.parse(await readFile(join(this.folder, 'index.json'), 'utf8'));
    } catch {
      return [];
    }
    return Array.isArray(index) ? index.filter(isEntry) : [];
  }

  /** Loads a kept file; null when there is none of that sum or its bytes have changed. */
  async load(sha256: string): Promise<FileResult | null> {
    const entry = (await this.list()).find((one) => one.sha256 === sha256);
    if (!entry) return null;
    const bytes = await readFile(join(this.folder, sha256)).catch(() => null);
    if (!bytes || fingerprint(bytes) !== sha256) return null;
    return readBytes(bytes, entry.name, entry.pattern === undefined ? {} : { pattern: entry.pattern });
  }

  /** Whether there was one to remove. */
  async remove(sha256: string): Promise<boolean> {
    const entries = await this.list();
    const rest = entries.filter((one) => one.sha256 !== sha256);
    if (rest.length === entries.length) return false;
    await this.#writeIndex(rest);
    await rm(join(this.folder, sha256), { force: true });
    return true;
  }

  #writeIndex(entries: readonly StoredTokenizer[]): Promise<void> {
    return this.#replace('index.json', Buffer.from(`${JSON.stringify(entries, null, 2)}\n`));
  }

  /** Writes beside and renames, so that a reader never sees half a file. */
  async #replace(name: string, bytes: Uint8Array): Promise<void> {
    const target = join(this.folder, name);
    const draft = `${target}.${process.pid}.new`;
    await writeFile(draft, bytes);
    await rename(draft, target);
  }
}

function isEntry(value: unknown): value is StoredTokenizer {
  if (typeof value !== 'object' || value === null) return false;
  const { sha256, name, format, pattern } = value as Record<string, unknown>;
  return (
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    typeof name === 'string' &&
    typeof format === 'string' &&
    (pattern === undefined || (typeof pattern === 'string' && isRankPattern(pattern)))
  );
}
