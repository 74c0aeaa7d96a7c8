// Split patterns that the byte-pair engine has hand-written scanners for, by how files write them.
// Sources: tiktoken openai_public.py (o200k, cl100k in its old and new spelling, r50k), the tokenizer files of Llama 3
// (cl100k), Qwen 2 and 3 (cl100k with single digits) and Mistral (o200k without contractions, single digits).
import { GPT2_SOURCE } from './preTokenizers';
import { patternOf, type SplitPattern } from '../splitScanners';

const TAIL = String.raw`\s*[\r\n]+|\s+(?!\S)|\s+`;
const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const cl100k = (digits: string): string =>
  `${CONTRACTIONS}|` + String.raw`[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|${TAIL}`;
const CL100K_NEW = String.raw`'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`;
const o200k = (digits: string, contractions: string): string =>
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+${contractions}|` +
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*${contractions}|` +
  String.raw`${digits}| ?[^\s\p{L}\p{N}]+[\r\n/]*|${TAIL}`;
const [ONE, THREE] = [String.raw`\p{N}`, String.raw`\p{N}{1,3}`];

const FAMILIES: ReadonlyMap<string, SplitPattern> = new Map([
  [cl100k(THREE), patternOf('cl100k')],
  [CL100K_NEW, patternOf('cl100k')],
  [cl100k(ONE), { family: 'cl100k', digits: 1, contractions: true }],
  [o200k(THREE, `${CONTRACTIONS}?`), patternOf('o200k')],
  [o200k(ONE, `${CONTRACTIONS}?`), { family: 'o200k', digits: 1, contractions: true }],
  [o200k(ONE, ''), { family: 'o200k', digits: 1, contractions: false }],
  [o200k(THREE, ''), { family: 'o200k', digits: 3, contractions: false }],
  [GPT2_SOURCE, patternOf('gpt2')],
]);

/** The scanner's pattern, or null when the pattern must run as a regular expression. */
export function knownSplit(source: string): SplitPattern | null {
  // Some files write the line ends as characters instead of escapes.
  return FAMILIES.get(source.replaceAll('\r', '\\r').replaceAll('\n', '\\n')) ?? null;
}
