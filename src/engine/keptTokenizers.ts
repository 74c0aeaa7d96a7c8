// The list of tokenizer files that Tessera keeps, in a storage folder: '<sha256>' is a file's copy, '<sha256>.json' what
// is known of it. One description a file, so that two windows that add files at once do not lose each other's. Reading
// the files themselves is tokenizerFiles.ts, which runs in a worker; this part is small enough for the extension host.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRankPattern, type RankPattern } from '../core/tokenizers/formats/rankPatterns';

/** Start of the ids of tokenizer files: 'file:' and a fingerprint, the start of one, or a name. */
export const FILE_PREFIX = 'file:';

/** One kept file. */
export interface StoredTokenizer {
  /** Hex SHA-256 of the bytes; the tokenizer's id is 'file:' and this. */
  readonly sha256: string;
  /** What its user calls it; no two kept files have the same name. */
  readonly name: string;
  /** What the file was called. */
  readonly fileName: string;
  readonly format: string;
  /** 'BPE, byte-level', 'Unigram', … */
  readonly model: string;
  readonly vocabularySize: number;
  readonly bytes: number;
  /** ISO 8601. */
  readonly added: string;
  /** Where it was read from, when that is a path; for the reader only. */
  readonly origin?: string;
  /** How a rank file splits, when the user chose it. */
  readonly pattern?: RankPattern;
}

export class KeptTokenizers {
  constructor(readonly folder: string) {}

  /** What is kept, oldest first. A damaged description counts as none: the file can be added again. */
  async list(): Promise<readonly StoredTokenizer[]> {
    const names = await readdir(this.folder).catch((): string[] => []);
    const described = names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
    const entries = await Promise.all(described.map((name) => this.#describe(name)));
    return entries
      .filter((entry) => entry !== undefined)
      .sort((a, b) => (a.added < b.added ? -1 : a.added > b.added ? 1 : 0));
  }

  /** The bytes of a kept file; null when there are none. */
  bytesOf(sha256: string): Promise<Uint8Array | null> {
    return readFile(join(this.folder, sha256)).catch(() => null);
  }

  /** Keeps a file that has been checked, under a name that no other kept file has. */
  async keep(entry: StoredTokenizer, bytes: Uint8Array): Promise<StoredTokenizer> {
    await mkdir(this.folder, { recursive: true });
    await this.#replace(entry.sha256, bytes);
    return this.#write(entry);
  }

  /** The entry under its new name; undefined when there is no such file. */
  async rename(sha256: string, name: string): Promise<StoredTokenizer | undefined> {
    const entry = (await this.list()).find((one) => one.sha256 === sha256);
    return entry && this.#write({ ...entry, name });
  }

  /** Whether there was one to remove. */
  async remove(sha256: string): Promise<boolean> {
    const known = (await this.list()).some((one) => one.sha256 === sha256);
    await rm(join(this.folder, `${sha256}.json`), { force: true });
    await rm(join(this.folder, sha256), { force: true });
    return known;
  }

  async #write(entry: StoredTokenizer): Promise<StoredTokenizer> {
    const others = (await this.list()).filter((one) => one.sha256 !== entry.sha256);
    const taken = others.some((one) => one.name === entry.name);
    const written = taken ? { ...entry, name: `${entry.name} (${entry.sha256.slice(0, 8)})` } : entry;
    await this.#replace(`${entry.sha256}.json`, Buffer.from(`${JSON.stringify(written, null, 2)}\n`));
    return written;
  }

  async #describe(name: string): Promise<StoredTokenizer | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(join(this.folder, name), 'utf8'));
      return isEntry(value) && `${value.sha256}.json` === name ? value : undefined;
    } catch {
      return undefined;
    }
  }

  /** Writes beside and renames, so that a reader never sees half a file. */
  async #replace(name: string, bytes: Uint8Array): Promise<void> {
    const target = join(this.folder, name);
    const draft = `${target}.${process.pid}.new`;
    await writeFile(draft, bytes);
    await rename(draft, target);
  }
}

/**
 * The kept file that an id names: 'file:' and its whole fingerprint, at least eight digits of it, or its name. Undefined
 * when there is none or, for a shortened fingerprint, more than one.
 */
export function findKept(id: string, entries: readonly StoredTokenizer[]): StoredTokenizer | undefined {
  if (!id.startsWith(FILE_PREFIX)) return undefined;
  const reference = id.slice(FILE_PREFIX.length);
  const named = entries.find((entry) => entry.name === reference);
  if (named !== undefined) return named;
  if (!/^[0-9a-f]{8,64}$/.test(reference)) return undefined;
  const found = entries.filter((entry) => entry.sha256.startsWith(reference));
  return found.length === 1 ? found[0] : undefined;
}

function isEntry(value: unknown): value is StoredTokenizer {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const { sha256, vocabularySize, bytes, pattern, origin } = fields;
  return (
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    ['name', 'fileName', 'format', 'model', 'added'].every((field) => typeof fields[field] === 'string') &&
    typeof vocabularySize === 'number' &&
    typeof bytes === 'number' &&
    (origin === undefined || typeof origin === 'string') &&
    (pattern === undefined || (typeof pattern === 'string' && isRankPattern(pattern)))
  );
}
