// The options by which every command chooses its tokenizer, and the tokenizer they choose.
import { ENCODING_NAMES } from '../core/tokenizers/encodings';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import { createTokenizerPool } from '../engine/tokenizerPool';
import { nearest, UsageError, type CliArguments, type CliOption } from './cliCommand';

export const TOKENIZER_OPTIONS: readonly CliOption[] = [
  {
    name: 'encoding',
    short: 'e',
    value: 'NAME',
    summary: `One of ${ENCODING_NAMES.join(', ')} (default o200k_base)`,
  },
];

/** Loads the tokenizer that the options choose. Throws UsageError when there is none of that name. */
export function chosenTokenizer(args: CliArguments): Promise<Tokenizer> {
  return namedTokenizer(args.text('encoding') ?? 'o200k_base');
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
