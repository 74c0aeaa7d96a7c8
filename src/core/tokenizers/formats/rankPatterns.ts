// The split patterns a rank file can be read with. Apart from the reader, because the editor's list of choices needs the
// names and nothing else.

export const RANK_PATTERNS = ['o200k', 'cl100k', 'gpt2', 'llama3', 'qwen'] as const;
export type RankPattern = (typeof RANK_PATTERNS)[number];

export const isRankPattern = (name: string): name is RankPattern =>
  (RANK_PATTERNS as readonly string[]).includes(name);
