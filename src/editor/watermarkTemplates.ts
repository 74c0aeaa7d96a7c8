// The schemes that can be added by name, with the parameters their reference uses by default. Distortion-free ones come
// first: they leave a model's distribution as it is, so they are the ones to plant with.
import type { TokenizerId } from '../engine/engineProtocol';
import { describeEncoding, isEncodingName } from '../core/tokenizers/encodings';

export interface SchemeTemplate {
  readonly label: string;
  /** Where it comes from. */
  readonly source: string;
  readonly distortionFree: boolean;
  /** Settings without key and vocabulary size, to be edited. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Keys to draw when the user has none, and the number of values each may take. */
  readonly randomKeys: { readonly count: number; readonly below: number };
}

const ONE_KEY = { count: 1, below: 2 ** 32 };

export const SCHEME_TEMPLATES: readonly SchemeTemplate[] = [
  {
    label: 'SynthID-Text (transformers)',
    source: 'Dathathri et al. 2024',
    distortionFree: true,
    settings: {
      scheme: 'synthid-hf',
      ngram_len: 5,
      context_history_size: 1024,
      sampling_table_size: 65536,
      sampling_table_seed: 0,
    },
    randomKeys: { count: 30, below: 2 ** 16 },
  },
  {
    label: 'SynthID-Text (DeepMind)',
    source: 'Dathathri et al. 2024',
    distortionFree: true,
    settings: { scheme: 'synthid-text', ngram_len: 5, context_history_size: 1024, num_leaves: 2 },
    randomKeys: { count: 30, below: 2 ** 47 },
  },
  {
    label: 'EXP (MarkLLM)',
    source: 'Aaronson 2022; Pan et al. 2024',
    distortionFree: true,
    settings: { scheme: 'markllm-EXP', prefix_length: 4, top_k: 50 },
    randomKeys: ONE_KEY,
  },
  {
    label: 'Key sequence, exponential',
    source: 'Kuditipudi et al. 2024',
    distortionFree: true,
    settings: { scheme: 'kuditipudi-exp', n: 256 },
    randomKeys: ONE_KEY,
  },
  {
    label: 'Key sequence, inverse transform',
    source: 'Kuditipudi et al. 2024',
    distortionFree: true,
    settings: { scheme: 'kuditipudi-its', n: 256 },
    randomKeys: ONE_KEY,
  },
  {
    label: 'KGW lefthash (transformers)',
    source: 'Kirchenbauer et al. 2023',
    distortionFree: false,
    settings: {
      scheme: 'hf-kgw',
      greenlist_ratio: 0.25,
      bias: 2,
      seeding_scheme: 'lefthash',
      context_width: 1,
    },
    randomKeys: ONE_KEY,
  },
  {
    label: 'KGW selfhash (transformers)',
    source: 'Kirchenbauer et al. 2024',
    distortionFree: false,
    settings: {
      scheme: 'hf-kgw',
      greenlist_ratio: 0.25,
      bias: 2,
      seeding_scheme: 'selfhash',
      context_width: 4,
    },
    randomKeys: ONE_KEY,
  },
  {
    label: 'KGW (lm-watermarking)',
    source: 'Kirchenbauer et al. 2024',
    distortionFree: false,
    settings: { scheme: 'lm-watermarking', seeding_scheme: 'selfhash', gamma: 0.25, delta: 2 },
    randomKeys: ONE_KEY,
  },
  {
    label: 'KGW (MarkLLM)',
    source: 'Pan et al. 2024',
    distortionFree: false,
    settings: {
      scheme: 'markllm-KGW',
      gamma: 0.5,
      delta: 2,
      prefix_length: 1,
      f_scheme: 'time',
      window_scheme: 'left',
    },
    randomKeys: ONE_KEY,
  },
  {
    label: 'Unigram',
    source: 'Zhao et al. 2024',
    distortionFree: false,
    settings: { scheme: 'unigram', fraction: 0.5, strength: 2 },
    randomKeys: ONE_KEY,
  },
];

/** Ids that ordinary text can have under a built-in encoding; undefined for a tokenizer that is not built in. */
export function usualVocabularySize(tokenizer: TokenizerId): number | undefined {
  if (!isEncodingName(tokenizer)) return undefined;
  return USUAL_SIZES[describeEncoding(tokenizer).table];
}

/** Ranks and special tokens as the models that use them count their vocabulary; models may pad it further. */
const USUAL_SIZES = {
  o200k_base: 200_019,
  cl100k_base: 100_277,
  p50k_base: 50_281,
  r50k_base: 50_257,
} as const;
