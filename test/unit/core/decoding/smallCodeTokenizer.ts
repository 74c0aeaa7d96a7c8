// A byte-pair tokenizer with a few hundred merges learnt from a scrap of code, with fill-in-the-middle specials: large
// enough that words are whole tokens, small enough that every number can be checked by brute force.
import { BytePairTokenizer } from '../../../../src/core/tokenizers/bytePairTokenizer';
import { buildTables } from '../../../../src/core/tokenizers/bytePairTables';
import { vocabularyFromTokens } from '../../../../src/core/tokenizers/bytePairVocabulary';
import { patternOf } from '../../../../src/core/tokenizers/splitScanners';

export const sample = `export function countTokens(text: string): number {
  const tokens = tokenizer.encode(text);
  return tokens.length;
}

// return the text before the cursor, café 日本
export class TokenCounter {
  private total = 0;
  add(text: string): void {
    this.total += countTokens(text);
    if (this.total > 1000) throw new Error('too many tokens');
  }
  getTotal(): number { return this.total; }
}
`;

/** Learns `count` merges: the most frequent neighbouring pair of the split text, again and again. */
function learnMerges(text: string, count: number): Buffer[] {
  const tokens = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]));
  const pieces = (
    text.match(/[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+/gu) ?? []
  ).map((piece) => Array.from(Buffer.from(piece), (byte) => String.fromCharCode(byte)));
  for (let n = 0; n < count; n++) {
    const counts = new Map<string, number>();
    for (const piece of pieces) {
      for (let i = 1; i < piece.length; i++) {
        const pair = `${piece[i - 1]!}\u0000${piece[i]!}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const best = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0];
    if (best === undefined) break;
    const [left, right] = best[0].split('\u0000') as [string, string];
    tokens.push(Buffer.from(left + right, 'latin1'));
    for (const piece of pieces) {
      for (let i = 1; i < piece.length; i++) {
        if (piece[i - 1] === left && piece[i] === right) piece.splice(i - 1, 2, left + right);
      }
    }
  }
  return tokens;
}

export interface SmallTokenizer {
  readonly tokenizer: BytePairTokenizer;
  readonly endToken: number;
  readonly specials: ReadonlyMap<string, number>;
}

export function smallTokenizer(merges = 220): SmallTokenizer {
  const tokens = learnMerges(sample, merges);
  const names = ['<|endoftext|>', '<fim_prefix>', '<fim_suffix>', '<fim_middle>', '<fim_pad>', '<file_sep>'];
  const specials = new Map(names.map((name, i) => [name, tokens.length + i]));
  const tokenizer = new BytePairTokenizer(buildTables(vocabularyFromTokens(tokens)), {
    name: 'small code',
    pattern: patternOf('cl100k'),
    provenance: { exactness: 'exact', source: 'test' },
    specialTokens: specials,
  });
  return { tokenizer, endToken: tokens.length, specials };
}
