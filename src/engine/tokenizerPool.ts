// Tokenizers by id, each loaded once and kept. Runs in the token worker and in the command line.
import { codePointCount, utf8Length } from '../core/text/utf8';
import { isEncodingName } from '../core/tokenizers/encodings';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import type { EngineReply, TextCount, TokenizerId } from './engineProtocol';
import { answer, refuse } from './requestContext';
import { loadEncoding, type LoadOptions } from './tiktokenLoader';
import { TokenizerStore } from './tokenizerFiles';

export interface TokenizerPool {
  /** 'badRequest' for an unknown id; 'tablesMissing' when the tables cannot be read. A failure is not remembered. */
  get(id: TokenizerId): Promise<EngineReply<Tokenizer>>;
}

export interface PoolOptions extends LoadOptions {
  /** Where the user's tokenizer files are kept (TokenizerStore); without it no 'file:' id is known. */
  readonly tokenizerFolder?: string;
}

const FILE_ID = /^file:([0-9a-f]{64})$/;

export function createTokenizerPool(options: PoolOptions = {}): TokenizerPool {
  const loaded = new Map<TokenizerId, Tokenizer>();
  return {
    get: async (id) => {
      const known = loaded.get(id);
      if (known !== undefined) return answer(known);
      const sum = FILE_ID.exec(id)?.[1];
      if (sum !== undefined && options.tokenizerFolder !== undefined) {
        const file = await new TokenizerStore(options.tokenizerFolder).load(sum);
        if (!file)
          return refuse(
            'tablesMissing',
            'The tokenizer file is no longer kept or has changed. Add it again.',
          );
        if (!file.ok) return refuse('tablesMissing', file.reason.message);
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
  };
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
