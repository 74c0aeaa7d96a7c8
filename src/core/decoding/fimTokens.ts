// Finds the fill-in-the-middle tokens of a model family among a tokenizer's special tokens.
// Names are those of the published tokenizer files: StarCoder and Granite and ours (`<fim_prefix>`), Qwen2.5-Coder
// (`<|fim_prefix|>`), DeepSeek-Coder (`<｜fim▁begin｜>`; its HOLE token marks the gap and END asks for it), Code Llama
// (`▁<PRE>`), Codestral (`[PREFIX]`, suffix first), CodeGemma (as Qwen), StableCode (as StarCoder).
import type { FimTokens } from '../model/languageModel';

interface Family {
  readonly family: string;
  readonly prefix: readonly string[];
  readonly suffix: readonly string[];
  readonly middle: readonly string[];
  readonly pad?: readonly string[];
  readonly fileSeparator?: readonly string[];
}

const families: readonly Family[] = [
  {
    family: 'qwen',
    prefix: ['<|fim_prefix|>'],
    suffix: ['<|fim_suffix|>'],
    middle: ['<|fim_middle|>'],
    pad: ['<|fim_pad|>'],
    fileSeparator: ['<|file_sep|>', '<|file_separator|>'],
  },
  {
    family: 'starcoder',
    prefix: ['<fim_prefix>', '<fim-prefix>'],
    suffix: ['<fim_suffix>', '<fim-suffix>'],
    middle: ['<fim_middle>', '<fim-middle>'],
    pad: ['<fim_pad>', '<fim-pad>'],
    fileSeparator: ['<file_sep>', '<filename>'],
  },
  {
    family: 'deepseek',
    prefix: ['<｜fim▁begin｜>'],
    suffix: ['<｜fim▁hole｜>'],
    middle: ['<｜fim▁end｜>'],
  },
  {
    family: 'codellama',
    prefix: ['▁<PRE>', '<PRE>', ' <PRE>'],
    suffix: ['▁<SUF>', '<SUF>', ' <SUF>'],
    middle: ['▁<MID>', '<MID>', ' <MID>'],
  },
  { family: 'codestral', prefix: ['[PREFIX]'], suffix: ['[SUFFIX]'], middle: ['[MIDDLE]', '[PREFIX]'] },
];

/** The model's fill-in-the-middle tokens, or undefined when its tokenizer has no complete known set. */
export function findFimTokens(specialTokens: ReadonlyMap<string, number>): FimTokens | undefined {
  const find = (names: readonly string[] | undefined): number | undefined =>
    names?.map((name) => specialTokens.get(name)).find((id) => id !== undefined);
  for (const row of families) {
    const prefix = find(row.prefix);
    const suffix = find(row.suffix);
    const middle = find(row.middle);
    if (prefix === undefined || suffix === undefined || middle === undefined) continue;
    const pad = find(row.pad);
    const fileSeparator = find(row.fileSeparator);
    return {
      family: row.family,
      prefix,
      suffix,
      middle,
      ...(pad === undefined ? {} : { pad }),
      ...(fileSeparator === undefined ? {} : { fileSeparator }),
    };
  }
  return undefined;
}
