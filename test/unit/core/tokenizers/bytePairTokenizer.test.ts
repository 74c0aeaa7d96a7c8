// Ids of the OpenAI encodings against npm tiktoken.
import { readFileSync } from 'node:fs';
import { get_encoding, type Tiktoken } from 'tiktoken';
import { describe, expect, it } from 'vitest';
import { ENCODING_NAMES } from '../../../../src/core/tokenizers/encodings';
import { loadEncoding } from '../../../../src/engine/tiktokenLoader';

describe('ids equal tiktoken', () => {
  for (const name of ENCODING_NAMES) {
    it(`${name} on its own manifest and on awkward strings`, async () => {
      const reference: Tiktoken = get_encoding(name === 'o200k_harmony' ? 'o200k_base' : name);
      const tokenizer = await loadEncoding(name);
      const texts = [
        readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
        "I'LL don'T we'ſ 日本語 \u{1f469}\u200d\u{1f4bb}  \n\n  x\r\n\u0085\ufeff \ud800 ABC日DEFg <|endoftext|>",
      ];
      for (const text of texts) expect(tokenizer.encode(text)).toEqual(reference.encode_ordinary(text));
      reference.free();
    });
  }
});
