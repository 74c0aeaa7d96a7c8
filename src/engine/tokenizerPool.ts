// Tokenizers by id, each loaded once and kept. Runs in the token worker and in the command line.
import { codePointCount, utf8Length } from '../core/text/utf8';
import { isEncodingName } from '../core/tokenizers/encodings';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import type { EngineReply, TextCount, TokenizerId } from './engineProtocol';
import { answer, refuse } from './requestContext';
import { loadEncoding, type LoadOptions } from './tiktokenLoader';
import { FILE_PREFIX, findKept } from './keptTokenizers';
import { TokenizerStore } from './tokenizerFiles';

export interface TokenizerPool {
  /** 'badRequest' for an unknown id; 'tablesMissing' when the tables cannot be read. A failure is not remembered. */
  get(id: TokenizerId): Promise<EngineReply<Tokenizer>>;
  /** Forgets the user's files, after some were removed or renamed. */
  forgetFiles(): void;
}

export interface PoolOptions extends LoadOptions {
  /** Where the user's tokenizer files are kept (TokenizerStore); without it no 'file:' id is known. */
  readonly tokenizerFolder?: string;
}

export function createTokenizerPool(options: PoolOptions = {}): TokenizerPool {
  const loaded = new Map<TokenizerId, Tokenizer>();
  return {
    get: async (id) => {
      const known = loaded.get(id);
      if (known !== undefined) return answer(known);
      if (id.startsWith(FILE_PREFIX) && options.tokenizerFolder !== undefined) {
        const store = new TokenizerStore(options.tokenizerFolder);
        const entry = findKept(id, await store.list());
        if (entry === undefined) return refuse('tablesMissing', goneMessage(id));
        const file = await store.load(entry.sha256);
        if (!file)
          return refuse(
            'tablesMissing',
            `The kept copy of tokenizer file "${entry.name}" is missing or damaged. Add the file again.`,
          );
        if (!file.ok) return refuse('tablesMissing', `${entry.name}: ${file.reason.message}`);
        loaded.set(id, file.tokenizer);
        return answer(file.tokenizer);
      }
      if (!isEncodingName(id)) return refuse('badRequest', `Unknown tokenizer "${id}".`);
      try {
        const tokenizer = await loadEncoding(id, options);
        loaded.set(id, tokenizer);
        return answer(tokenizer);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return refuse('tablesMissing', `The tables of ${id} cannot be read: ${reason}`);
      }
    },
    forgetFiles: () => {
      for (const id of [...loaded.keys()]) if (id.startsWith(FILE_PREFIX)) loaded.delete(id);
    },
  };
}

function goneMessage(id: TokenizerId): string {
  const reference = id.slice(FILE_PREFIX.length);
  const named = /^[0-9a-f]{64}$/.test(reference)
    ? `with fingerprint ${reference.slice(0, 8)}…`
    : `"${reference}"`;
  return `No tokenizer file ${named} is kept here. Run "Tessera: Add Tokenizer File…", or choose another encoding.`;
}

/** Tokens, code points and bytes of several texts, each tokenized on its own; null when cancelled. */
export function countOfTexts(
  tokenizer: Tokenizer,
  texts: readonly string[],
  cancelled: () => boolean,
): TextCount | null {
  let tokens = 0;
  let characters = 0;
  let bytes = 0;
  for (const text of texts) {
    if (cancelled()) return null;
    tokens += tokenizer.count(text);
    characters += codePointCount(text);
    bytes += utf8Length(text);
  }
  return { tokens, characters, bytes, provenance: tokenizer.provenance };
}
