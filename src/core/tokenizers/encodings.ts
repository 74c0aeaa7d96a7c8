// The OpenAI encodings by name: which rank table, which split pattern, which special tokens.
// Source: tiktoken 1.0.22 (npm) for the six it ships; o200k_harmony from openai/tiktoken openai_public.py, which
// adds special tokens to o200k_base and lists 200018 twice ('<|endofprompt|>' and '<|reserved_200018|>').

export const ENCODING_NAMES = [
  'o200k_base',
  'o200k_harmony',
  'cl100k_base',
  'p50k_base',
  'p50k_edit',
  'r50k_base',
  'gpt2',
] as const;

export type EncodingName = (typeof ENCODING_NAMES)[number];

/** The split patterns these encodings use; gpt2 serves r50k and p50k too. */
export type PatternKind = 'o200k' | 'cl100k' | 'gpt2';

/** Encodings that share ranks share one table. */
export type RankTableName = 'o200k_base' | 'cl100k_base' | 'p50k_base' | 'r50k_base';

export interface EncodingDescription {
  readonly name: EncodingName;
  readonly pattern: PatternKind;
  readonly table: RankTableName;
  readonly specialTokens: ReadonlyMap<string, number>;
}

const END_OF_TEXT = '<|endoftext|>';
const FILL_IN = ['<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>'] as const;
const HARMONY_NAMED: readonly (readonly [string, number])[] = [
  ['<|startoftext|>', 199998],
  [END_OF_TEXT, 199999],
  ['<|endofprompt|>', 200018],
  ['<|return|>', 200002],
  ['<|constrain|>', 200003],
  ['<|channel|>', 200005],
  ['<|start|>', 200006],
  ['<|end|>', 200007],
  ['<|message|>', 200008],
  ['<|call|>', 200012],
];
const HARMONY_FIRST_RESERVED = 200000;
const HARMONY_END = 201088;

function harmonySpecials(): Map<string, number> {
  const specials = new Map(HARMONY_NAMED);
  const named = new Set(HARMONY_NAMED.map(([, id]) => id));
  for (let id = HARMONY_FIRST_RESERVED; id < HARMONY_END; id++) {
    // 200018 keeps both of its names, as upstream has it.
    if (!named.has(id) || id === 200018) specials.set(`<|reserved_${id}|>`, id);
  }
  return specials;
}

const fillIn = (first: number): [string, number][] => FILL_IN.map((text, i) => [text, first + i]);

function describe(
  name: EncodingName,
  pattern: PatternKind,
  table: RankTableName,
  specials: Iterable<readonly [string, number]>,
): EncodingDescription {
  return { name, pattern, table, specialTokens: new Map(specials) };
}

const DESCRIPTIONS: Readonly<Record<EncodingName, () => EncodingDescription>> = {
  o200k_base: () =>
    describe('o200k_base', 'o200k', 'o200k_base', [
      [END_OF_TEXT, 199999],
      ['<|endofprompt|>', 200018],
    ]),
  o200k_harmony: () => describe('o200k_harmony', 'o200k', 'o200k_base', harmonySpecials()),
  cl100k_base: () =>
    describe('cl100k_base', 'cl100k', 'cl100k_base', [
      [END_OF_TEXT, 100257],
      ...fillIn(100258),
      ['<|endofprompt|>', 100276],
    ]),
  p50k_base: () => describe('p50k_base', 'gpt2', 'p50k_base', [[END_OF_TEXT, 50256]]),
  p50k_edit: () => describe('p50k_edit', 'gpt2', 'p50k_base', [[END_OF_TEXT, 50256], ...fillIn(50281)]),
  r50k_base: () => describe('r50k_base', 'gpt2', 'r50k_base', [[END_OF_TEXT, 50256]]),
  gpt2: () => describe('gpt2', 'gpt2', 'r50k_base', [[END_OF_TEXT, 50256]]),
};

/** What an encoding is made of. */
export function describeEncoding(name: EncodingName): EncodingDescription {
  return DESCRIPTIONS[name]();
}

export function isEncodingName(name: string): name is EncodingName {
  return (ENCODING_NAMES as readonly string[]).includes(name);
}
