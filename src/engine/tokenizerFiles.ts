// Tokenizer files of the user: read, checked, fingerprinted, and kept as copies in a storage folder (keptTokenizers.ts),
// so that a number stays reproducible when the original moves or changes.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  MAX_FILE_BYTES,
  type FileIdentity,
  type FormatResult,
} from '../core/tokenizers/formats/formatResult';
import { readTokenizerFile, type ReadOptions } from '../core/tokenizers/formats/tokenizerFileReader';
import { KeptTokenizers, type StoredTokenizer } from './keptTokenizers';

export type FileResult = FormatResult & { readonly sha256: string; readonly bytes: number };

/** A file to read: where it is, or what is in it and what it is called. */
export type TokenizerSource =
  { readonly path: string } | { readonly fileName: string; readonly content: Uint8Array };

export interface AddOptions extends ReadOptions {
  /** What its user calls it. */
  readonly name?: string;
  /** What to call it when it has no name yet; the file's own name when left out. */
  readonly suggestedName?: string;
}

export type AddResult =
  | (Extract<FileResult, { ok: true }> & { readonly entry: StoredTokenizer })
  | Extract<FileResult, { ok: false }>;

export const fingerprint = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Reads a file by path. Rejects when it cannot be read from disk; what is in it is a value. */
export async function readTokenizerPath(path: string, options: ReadOptions = {}): Promise<FileResult> {
  const { bytes, fileName } = await contentOf({ path });
  return readBytes(bytes, { name: fileName }, options);
}

function readBytes(bytes: Uint8Array, identity: FileIdentity, options: ReadOptions): FileResult {
  const sha256 = fingerprint(bytes);
  return { ...readTokenizerFile(bytes, { ...identity, sha256 }, options), sha256, bytes: bytes.length };
}

async function contentOf(source: TokenizerSource): Promise<{ bytes: Uint8Array; fileName: string }> {
  if (!('path' in source)) return { bytes: source.content, fileName: source.fileName };
  const { size } = await stat(source.path);
  // A file that is far too large is refused by the reader; it need not be in memory for that.
  const bytes = size > MAX_FILE_BYTES ? new Uint8Array(MAX_FILE_BYTES + 1) : await readFile(source.path);
  return { bytes, fileName: basename(source.path) };
}

/** The kept files, and reading them. */
export class TokenizerStore extends KeptTokenizers {
  /** Checks a file and keeps a copy. Rejects for disk errors only. */
  async add(source: TokenizerSource, options: AddOptions = {}): Promise<AddResult> {
    const { bytes, fileName } = await contentOf(source);
    const sha256 = fingerprint(bytes);
    const before = (await this.list()).find((one) => one.sha256 === sha256);
    const pattern = options.pattern ?? before?.pattern;
    const name = options.name ?? before?.name ?? options.suggestedName ?? fileName;
    const result = readBytes(bytes, { name, fileName }, pattern === undefined ? {} : { pattern });
    if (!result.ok) return result;
    const entry = await this.keep(
      {
        sha256,
        name,
        fileName,
        format: result.description.format,
        model: result.description.model,
        vocabularySize: result.description.vocabularySize,
        bytes: bytes.length,
        added: before?.added ?? new Date().toISOString(),
        ...('path' in source ? { origin: source.path } : {}),
        ...(pattern === undefined ? {} : { pattern }),
      },
      bytes,
    );
    return { ...result, entry };
  }

  /** Loads a kept file; null when there is none of that sum or its bytes have changed. */
  async load(sha256: string): Promise<FileResult | null> {
    const entry = (await this.list()).find((one) => one.sha256 === sha256);
    if (!entry) return null;
    const bytes = await this.bytesOf(sha256);
    if (!bytes || fingerprint(bytes) !== sha256) return null;
    const { name, fileName, pattern } = entry;
    return readBytes(bytes, { name, fileName }, pattern === undefined ? {} : { pattern });
  }
}
