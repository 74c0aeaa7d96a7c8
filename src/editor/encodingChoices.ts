// The built-in encodings as the choice list shows them: which models use each. Sources: tiktoken's model table
// (openai_public.py, model.py) as of version 0.12 and the model names of its npm package 1.0.22.
import type { EncodingName } from '../core/tokenizers/encodings';
import type { TokenizerId } from '../engine/engineProtocol';

export interface TokenizerChoice {
  readonly id: TokenizerId;
  readonly label: string;
  /** Who uses it, for the reader. */
  readonly family: string;
  readonly exactness: 'exact' | 'estimate';
  readonly source: string;
}

const FAMILIES: Readonly<Record<EncodingName, string>> = {
  o200k_base: 'GPT-4o, GPT-4.1, GPT-5, o1, o3, o4-mini',
  o200k_harmony: 'gpt-oss',
  cl100k_base: 'GPT-4, GPT-3.5 Turbo, text-embedding-3',
  p50k_base: 'Codex, text-davinci-002, text-davinci-003',
  p50k_edit: 'text-davinci-edit-001, code-davinci-edit-001',
  r50k_base: 'GPT-3: davinci, curie, babbage, ada',
  gpt2: 'GPT-2',
};

/** Built-in encodings, newest family first. */
export const ENCODING_CHOICES: readonly TokenizerChoice[] = Object.entries(FAMILIES).map(([id, family]) => ({
  id,
  label: id,
  family,
  exactness: 'exact',
  source: 'tiktoken 1.0.22',
}));
