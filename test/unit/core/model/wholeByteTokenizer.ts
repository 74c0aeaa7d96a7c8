// A byte-level tokenizer.json that can spell every byte, unlike that of the random models: a second vocabulary for tests in
// which two models write together.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomWeights, SMALL, writeQwenFolder } from './randomModel';

/** No fill-in-the-middle tokens: texts are prompted left to right, so a longer text has a prompt that only grows. */
const SPECIALS = ['<|endoftext|>', '<|a|>', '<|b|>', '<|c|>', '<|d|>', '<|im_end|>'];

const MERGES = [
  ['t', 'h'],
  ['g', 't'],
  ['i', 't'],
  ['e', 'm'],
  ['it', 'em'],
  ['l', 'e'],
] as const;

/** GPT-2's names of the 256 bytes: printable ones stand for themselves, the others follow from U+0100 on. */
function byteNames(): string[] {
  const isPrintable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
}

/** A random model in the Qwen layout, in `folder`, whose tokenizer has all bytes and a few merges of its own. */
export function writeWholeByteFolder(folder: string, seed: number): void {
  const tokens = [...byteNames(), ...MERGES.map(([left, right]) => left + right)];
  const vocabulary = tokens.length + SPECIALS.length;
  writeQwenFolder(folder, randomWeights({ ...SMALL, vocabulary }, seed));
  const added = SPECIALS.map((content, i) => ({
    id: tokens.length + i,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true };
  const file = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(tokens.map((text, id) => [text, id])),
      merges: MERGES.map((pair) => pair.join(' ')),
    },
  };
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(file));
}
