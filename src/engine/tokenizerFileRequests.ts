// Adding and describing tokenizer files in a worker: a hostile or enormous file can take its time and memory there, and
// the worker's death is all that comes of it.
import { selfTest } from '../core/tokenizers/formats/selfTest';
import { answer, refuse, type RequestHandlers } from './requestContext';
import { TokenizerStore, type FileResult } from './tokenizerFiles';
import type { TokenizerFacts } from './engineProtocol';
import type { TokenizerPool } from './tokenizerPool';

type FileRequestName = 'addTokenizer' | 'describeTokenizer' | 'forgetTokenizers';

/** @param folder where the files are kept; without one every request about them is refused */
export function createTokenizerFileRequests(
  tokenizers: TokenizerPool,
  folder: string | undefined,
): RequestHandlers<FileRequestName> {
  const store = folder === undefined ? undefined : new TokenizerStore(folder);
  const nowhere = refuse('badRequest', 'Tokenizer files are kept nowhere here.');
  return {
    addTokenizer: async ({ source, name, suggestedName, pattern }) => {
      if (store === undefined) return nowhere;
      try {
        const result = await store.add(source, {
          ...(name === undefined ? {} : { name }),
          ...(suggestedName === undefined ? {} : { suggestedName }),
          ...(pattern === undefined ? {} : { pattern }),
        });
        return answer(
          result.ok
            ? { ok: true, entry: result.entry, facts: factsOf(result) }
            : { ok: false, reason: result.reason, sha256: result.sha256 },
        );
      } catch (error) {
        return refuse('unreadable', diskReason(error));
      }
    },
    describeTokenizer: async ({ sha256 }) => {
      const loaded = await store?.load(sha256);
      return answer(loaded?.ok === true ? factsOf(loaded) : null);
    },
    forgetTokenizers: () => {
      tokenizers.forgetFiles();
      return answer(null);
    },
  };
}

function factsOf({ tokenizer, description }: Extract<FileResult, { ok: true }>): TokenizerFacts {
  return { description, provenance: tokenizer.provenance, roundTrip: selfTest(tokenizer) };
}

function diskReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'There is no such file.';
    case 'EISDIR':
      return 'It is a folder; choose the file in it.';
    case 'EACCES':
    case 'EPERM':
      return 'It may not be read: the file system refuses.';
    case 'ENOSPC':
      return 'The disk is full, so no copy can be kept.';
    default:
      return message;
  }
}
