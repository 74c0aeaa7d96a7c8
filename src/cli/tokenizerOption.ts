// The options by which every command chooses its tokenizer, and the tokenizer they choose.
import { ENCODING_NAMES } from '../core/tokenizers/encodings';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import { isRankPattern, RANK_PATTERNS } from '../core/tokenizers/formats/rankPatterns';
import type { ReadOptions } from '../core/tokenizers/formats/tokenizerFileReader';
import { readTokenizerPath, type FileResult } from '../engine/tokenizerFiles';
import { createTokenizerPool } from '../engine/tokenizerPool';
import { nearest, UsageError, type CliArguments, type CliOption } from './cliCommand';

/** For rank files, which do not say how they split text. */
export const SPLIT_OPTION: CliOption = {
  name: 'split',
  value: 'NAME',
  summary: `How a .tiktoken file splits text: ${RANK_PATTERNS.join(', ')}`,
};

export const TOKENIZER_OPTIONS: readonly CliOption[] = [
  {
    name: 'encoding',
    short: 'e',
    value: 'NAME',
    summary: `One of ${ENCODING_NAMES.join(', ')} (default o200k_base)`,
  },
  {
    name: 'tokenizer',
    short: 't',
    value: 'FILE',
    summary: 'A tokenizer file instead: tokenizer.json, .tiktoken, SentencePiece .model, tekken.json',
  },
  SPLIT_OPTION,
];

/** Loads the tokenizer that the options choose. Throws UsageError when there is none of that name or in that file. */
export async function chosenTokenizer(args: CliArguments): Promise<Tokenizer> {
  const file = args.text('tokenizer');
  if (file !== undefined) {
    if (args.text('encoding') !== undefined)
      throw new UsageError('Give --encoding or --tokenizer, not both.');
    return fileTokenizer(file, args);
  }
  return namedTokenizer(args.text('encoding') ?? 'o200k_base');
}

/** Loads a tokenizer file. Throws UsageError when it cannot be used. */
export async function fileTokenizer(path: string, args: CliArguments): Promise<Tokenizer> {
  const result = await readFileOrExplain(path, fileReadOptions(args));
  if (!result.ok) throw new UsageError(`${path}: ${result.reason.message} [${result.reason.code}]`);
  return result.tokenizer;
}

/** Loads a tokenizer by name. Throws UsageError when there is none of that name. */
export async function namedTokenizer(name: string): Promise<Tokenizer> {
  const loaded = await createTokenizerPool().get(name);
  if (loaded.ok) return loaded.value;
  if (loaded.error.code !== 'badRequest') throw new Error(loaded.error.message);
  const best = nearest(name, ENCODING_NAMES);
  throw new UsageError(
    `Unknown encoding "${name}".${best === undefined ? '' : ` Did you mean ${best}?`} Known: ${ENCODING_NAMES.join(', ')}.`,
  );
}

/** Reads a tokenizer file. Throws UsageError when there is no file to read. */
export async function readFileOrExplain(path: string, options: ReadOptions): Promise<FileResult> {
  try {
    return await readTokenizerPath(path, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder; name the file in it'
          : code;
    throw new UsageError(`Cannot read ${path}: ${why}.`);
  }
}

/** What --split says. */
export function fileReadOptions(args: CliArguments): ReadOptions {
  const split = args.text('split');
  if (split === undefined) return {};
  if (!isRankPattern(split)) {
    throw new UsageError(`Unknown split "${split}". Known: ${RANK_PATTERNS.join(', ')}.`);
  }
  return { pattern: split };
}
