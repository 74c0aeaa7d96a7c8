// What can be chosen to count with: the built-in encodings, then the user's tokenizer files.
import { FILE_PREFIX } from '../engine/keptTokenizers';
import { entrySummary } from './addTokenizer';
import { ENCODING_CHOICES, type TokenizerChoice } from './encodingChoices';
import type { TokenizerLibrary } from './tokenizerLibrary';

export function tokenizerChoices(library: TokenizerLibrary): readonly TokenizerChoice[] {
  return [
    ...ENCODING_CHOICES,
    ...library.entries.map((entry): TokenizerChoice => {
      const { sha256, name, fileName } = entry;
      return {
        id: FILE_PREFIX + sha256,
        label: name,
        family: entrySummary(entry),
        exactness: 'exact',
        source: `${fileName}, sha256 ${sha256.slice(0, 8)}…`,
      };
    }),
  ];
}
