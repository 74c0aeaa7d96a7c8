// Rank files and tekken.json: the tables inside npm's tiktoken written as files and read back must give tiktoken's own
// ids; a tekken file is made from the same ranks with another pattern and first id, and checked against tiktoken's
// constructor, which takes ranks, pattern and special tokens as they are.
import { createHash } from 'node:crypto';
import { Tiktoken } from 'tiktoken';
import o200k from 'tiktoken/encoders/o200k_base';
import r50k from 'tiktoken/encoders/r50k_base';
import { describe, expect, test } from 'vitest';
import { readTokenizerFile } from '../../../../../src/core/tokenizers/formats/tokenizerFileReader';
import type { Tokenizer } from '../../../../../src/core/tokenizers/tokenizer';
import { expected } from './tokenizerFixtures';

/** tiktoken's npm ranks as [base64, rank]. */
function ranksOf(text: string): [string, number][] {
  return text.split('\n').flatMap((line) => {
    const [mark, first, ...tokens] = line.split(' ');
    return mark === '!' ? tokens.map((token, i): [string, number] => [token, Number(first) + i]) : [];
  });
}

const fileOf = (ranks: readonly [string, number][]): Buffer =>
  Buffer.from(ranks.map(([token, rank]) => `${token} ${rank}\n`).join(''));

function open(bytes: Uint8Array, name: string): { tokenizer: Tokenizer; preTokenizer: string } {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const result = readTokenizerFile(bytes, { name, sha256 });
  if (!result.ok) throw new Error(result.reason.message);
  return { tokenizer: result.tokenizer, preTokenizer: result.description.preTokenizer };
}

describe('.tiktoken', () => {
  test.each([
    ['o200k', o200k, 199999],
    ['gpt2', r50k, 50256],
  ])(
    '%s is known by its fingerprint under any name and gives tiktoken’s ids',
    (family, encoder, endOfText) => {
      const { tokenizer, preTokenizer } = open(fileOf(ranksOf(encoder.bpe_ranks)), 'renamed.bin');
      expect(preTokenizer).toBe(`Split as ${family} (known by the fingerprint)`);
      expect(tokenizer.specialTokens.get('<|endoftext|>')).toBe(endOfText);
      const reference = new Tiktoken(encoder.bpe_ranks, encoder.special_tokens, encoder.pat_str);
      for (const text of expected.strings) {
        expect([...tokenizer.encode(text)]).toEqual([...reference.encode_ordinary(text)]);
      }
      reference.free();
    },
  );

  test('asks for the pattern when neither sum nor name tells it', () => {
    const result = readTokenizerFile(fileOf(ranksOf(r50k.bpe_ranks).slice(0, 40_000)), {
      name: 'mine.tiktoken',
    });
    expect(result).toMatchObject({ ok: false, reason: { code: 'needs-pattern' } });
    const chosen = readTokenizerFile(
      fileOf(ranksOf(r50k.bpe_ranks).slice(0, 40_000)),
      { name: 'mine.tiktoken' },
      { pattern: 'qwen' },
    );
    expect(chosen).toMatchObject({ ok: true, description: { normalizer: 'NFC' } });
  });
});

/** As in Mistral's file: o200k without contractions, single digits. */
const TEKKEN_PATTERN =
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|` +
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|` +
  String.raw`\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

/** A tekken file with more ranks than it uses, as Mistral's has. */
export function tekkenFile(pattern: string, used: number, specials: number): Record<string, unknown> {
  return {
    config: {
      pattern,
      num_vocab_tokens: used + 100,
      default_vocab_size: used + specials,
      default_num_special_tokens: specials,
      version: 'v3',
    },
    vocab: ranksOf(r50k.bpe_ranks)
      .slice(0, used + 100)
      .map(([token, rank]) => ({ rank, token_bytes: token, token_str: null })),
  };
}

describe('tekken.json', () => {
  test.each([
    ['a known pattern', TEKKEN_PATTERN],
    ['an unknown pattern', `${TEKKEN_PATTERN}|zq`],
    ['a case-blind pattern', String.raw`(?i:the|[a-k])+|\p{N}{1,2}|\s+|[^\s\p{N}]`],
  ])('with %s gives the ids of tiktoken’s constructor, special tokens first', (_, pattern) => {
    const [used, specials] = [30_000, 1000];
    const file = Buffer.from(JSON.stringify(tekkenFile(pattern, used, specials)));
    const { tokenizer } = open(file, 'tekken.json');
    expect(tokenizer.specialTokens.get('[INST]')).toBe(3);
    expect(tokenizer.specialTokens.get('<SPECIAL_999>')).toBe(999);
    const ranks = ranksOf(r50k.bpe_ranks).slice(0, used);
    const reference = new Tiktoken(`! 0 ${ranks.map(([token]) => token).join(' ')}`, {}, pattern);
    for (const text of expected.strings) {
      const ids = [...tokenizer.encode(text)];
      expect({ text, ids }).toEqual({
        text,
        ids: Array.from(reference.encode_ordinary(text), (id) => id + specials),
      });
      const back = new TextDecoder('utf-8', { ignoreBOM: true }).decode(tokenizer.decodeBytes(ids));
      expect(back).toBe(text);
    }
    reference.free();
  });
});
