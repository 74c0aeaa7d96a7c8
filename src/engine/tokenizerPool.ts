// Tokenizers by id, each loaded once and kept. Runs in the token worker and in the command line.
import { codePointCount, utf8Length } from '../core/text/utf8';
import { isEncodingName } from '../core/tokenizers/encodings';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import type { EngineReply, TextCount, TokenizerId } from './engineProtocol';
import { answer, refuse } from './requestContext';
import { loadEncoding, type LoadOptions } from './tiktokenLoader';

export interface TokenizerPool {
  /** 'badRequest' for an unknown id; 'tablesMissing' when the tables cannot be read. A failure is not remembered. */
  get(id: TokenizerId): Promise<EngineReply<Tokenizer>>;
}

export function createTokenizerPool(options: LoadOptions = {}): TokenizerPool {
  const loaded = new Map<TokenizerId, Tokenizer>();
  return {
    get: async (id) => {
      const known = loaded.get(id);
      if (known !== undefined) return answer(known);
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
