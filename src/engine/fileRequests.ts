// Counting files on disk in the worker, a batch at a time: the caller sends batches, so that cancelling never waits for
// more than one file and progress comes for free.
import { open } from 'node:fs/promises';
import { decodeFile } from '../core/files/textDetection';
import type { FileOutcome } from '../core/files/tokenTreeModel';
import { codePointCount } from '../core/text/utf8';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import { answer, refuse, type RequestHandlers } from './requestContext';
import type { TokenizerPool } from './tokenizerPool';

type FileRequestName = 'countFiles' | 'countBytes';

/** Counts the content of one file. */
export function countContent(tokenizer: Tokenizer, bytes: Uint8Array): FileOutcome {
  const decoded = decodeFile(bytes);
  if (decoded.kind === 'binary') return { kind: 'skipped', reason: 'binary' };
  return {
    kind: 'counted',
    tokens: tokenizer.count(decoded.text),
    bytes: bytes.length,
    characters: codePointCount(decoded.text),
  };
}

/** Reads and counts a file; a file that cannot be read, is no regular file or is too large is an outcome too. */
export async function countFile(tokenizer: Tokenizer, path: string, maxBytes: number): Promise<FileOutcome> {
  try {
    const file = await open(path, 'r');
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return { kind: 'skipped', reason: 'unreadable', detail: 'not a regular file' };
      if (stat.size > maxBytes) return { kind: 'skipped', reason: 'too-large', detail: String(stat.size) };
      return countContent(tokenizer, await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ELOOP') return { kind: 'skipped', reason: 'link-loop' };
    return { kind: 'skipped', reason: 'unreadable', detail: code ?? String(error) };
  }
}

export function createFileRequests(tokenizers: TokenizerPool): RequestHandlers<FileRequestName> {
  return {
    countFiles: async ({ tokenizer, paths, maxBytes }, context) => {
      const loaded = await tokenizers.get(tokenizer);
      if (!loaded.ok) return loaded;
      const outcomes: FileOutcome[] = [];
      for (const path of paths) {
        if (context.cancelled()) return refuse('cancelled', 'Cancelled.');
        outcomes.push(await countFile(loaded.value, path, maxBytes));
      }
      return answer(outcomes);
    },
    countBytes: async ({ tokenizer, contents }, context) => {
      const loaded = await tokenizers.get(tokenizer);
      if (!loaded.ok) return loaded;
      const outcomes: FileOutcome[] = [];
      for (const bytes of contents) {
        if (context.cancelled()) return refuse('cancelled', 'Cancelled.');
        outcomes.push(countContent(loaded.value, bytes));
      }
      return answer(outcomes);
    },
  };
}
