// Every default test of the detector, as settings under a random key: what the false-positive bench runs over.
import { MersenneTwister } from '../../src/core/watermark/random/mersenneTwister';
import type { Scheme } from '../../src/core/watermark/scheme';
import { schemeFromSettings } from '../../src/core/watermark/schemeCatalogue';

export const VOCABULARY_SIZE = 50257;

export interface KeyedTest {
  readonly name: string;
  readonly settings: (key: number) => Record<string, unknown>;
  /** Texts checked before the key changes: building a scheme's tables takes longer than a check. */
  readonly textsAKey: number;
  /** Tokens of each text that are checked. */
  readonly tokens: number;
  /** Entropy rule, where the test needs entropies (the trigram model's, which do not depend on the key). */
  readonly entropy?: 'sweet' | 'ewd';
}

export const keysFrom = (key: number): number[] => {
  const random = new MersenneTwister(key);
  return Array.from({ length: 30 }, () => random.word());
};

const PRFS =
  'multiplicative additive minfunc simple_skip skipgram anchored_skipgram minhash anchored_minhash minskipgram noncomm position';

const green = (name: string, settings: KeyedTest['settings'], textsAKey = 1, tokens = 200): KeyedTest => ({
  name,
  settings,
  textsAKey,
  tokens,
});
const aligned = (name: string, settings: KeyedTest['settings'], tokens = 60): KeyedTest => ({
  name,
  settings,
  textsAKey: 1,
  tokens,
});

export const KEYED_TESTS: readonly KeyedTest[] = [
  green('transformers KGW lefthash', (key) => ({ scheme: 'hf-kgw', hashing_key: key })),
  green('transformers KGW lefthash, width 3', (key) => ({
    scheme: 'hf-kgw',
    hashing_key: key,
    context_width: 3,
  })),
  green(
    'transformers KGW selfhash, width 4',
    (key) => ({ scheme: 'hf-kgw', hashing_key: key, seeding_scheme: 'selfhash', context_width: 4 }),
    25,
  ),
  green('Unigram', (key) => ({ scheme: 'unigram', watermark_key: key }), 3),
  green('SynthID transformers, 30 keys, mean', (key) => ({
    scheme: 'synthid-hf',
    keys: keysFrom(key),
    sampling_table_seed: key,
  })),
  green('SynthID DeepMind, 30 keys, mean', (key) => ({ scheme: 'synthid-text', keys: keysFrom(key) })),
  green('MarkLLM EXP', (key) => ({ scheme: 'markllm-EXP', hash_key: key })),
  ...['time', 'additive', 'skip', 'min'].map((f) =>
    green(
      `MarkLLM KGW ${f}, prefix ${f === 'time' ? 1 : 3}`,
      (key) => ({
        scheme: 'markllm-KGW',
        hash_key: key,
        f_scheme: f,
        prefix_length: f === 'time' ? 1 : 3,
      }),
      1,
      100,
    ),
  ),
  green(
    'MarkLLM KGW time, self',
    (key) => ({
      scheme: 'markllm-KGW',
      hash_key: key,
      window_scheme: 'self',
    }),
    1,
    100,
  ),
  {
    ...green('MarkLLM SWEET', (key) => ({ scheme: 'markllm-SWEET', hash_key: key }), 1, 100),
    entropy: 'sweet',
  },
  { ...green('MarkLLM EWD', (key) => ({ scheme: 'markllm-EWD', hash_key: key }), 1, 100), entropy: 'ewd' },
  aligned('Kuditipudi exponential (library), n 256', (key) => ({ scheme: 'kuditipudi-exp', key })),
  aligned('Kuditipudi inverse transform (library), n 256', (key) => ({ scheme: 'kuditipudi-its', key })),
  aligned('Kuditipudi demo, Python, n 256', (key) => ({ scheme: 'kuditipudi-demo-exp', key })),
  aligned('Kuditipudi demo, JavaScript, n 256', (key) => ({
    scheme: 'kuditipudi-demo-exp',
    key,
    variant: 'js',
  })),
  aligned('MarkLLM EXPEdit, n 256', (key) => ({ scheme: 'markllm-EXPEdit', key })),
  aligned('MarkLLM ITSEdit, n 256', (key) => ({ scheme: 'markllm-ITSEdit', key })),
  ...['simple_1', 'minhash', 'skipgram', 'selfhash'].map((seeding) =>
    green(`lm-watermarking ${seeding}`, (key) => ({
      scheme: 'lm-watermarking',
      hash_key: key,
      seeding_scheme: seeding,
    })),
  ),
  ...PRFS.split(' ').map((prf) =>
    green(
      `lm-watermarking ${prf}_prf, width 4`,
      (key) => ({
        scheme: 'lm-watermarking',
        hash_key: key,
        seeding_scheme: `ff-${prf}_prf-4-False`,
      }),
      1,
      100,
    ),
  ),
];

export function keyedScheme(test: KeyedTest, key: number): Scheme {
  const built = schemeFromSettings({ vocab_size: VOCABULARY_SIZE, ...test.settings(key) });
  if (!built.ok) throw new Error(built.reason);
  return built.value;
}
