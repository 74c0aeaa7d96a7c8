// What a watermark scheme is to the detector, the planter and the reports: a description with the few functions that
// depend on the key. Five families cover every scheme; each scheme's own file builds one of them from its settings.
import type { NullModel } from './significance/nullModel';

export type SchemeId =
  | 'hf-kgw'
  | 'lm-watermarking'
  | 'unigram'
  | 'synthid-hf'
  | 'synthid-text'
  | 'kuditipudi-its'
  | 'kuditipudi-exp'
  | 'kuditipudi-demo-exp'
  | 'markllm-kgw'
  | 'markllm-exp';

/** A result that may be refused with a sentence for the user. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

export const accept = <T>(value: T): Outcome<T> => ({ ok: true, value });
export const refuse = (reason: string): { readonly ok: false; readonly reason: string } => ({
  ok: false,
  reason,
});

interface SchemeBase {
  readonly id: SchemeId;
  /** For people: 'KGW (transformers, lefthash)'. */
  readonly name: string;
  /** Secret. Leaves this object only as a fingerprint. */
  readonly key: string;
  readonly vocabularySize: number;
  /** What a reader of the result should know about this scheme or its settings. */
  readonly notes: readonly string[];
  /** Whether planting leaves the model's distribution as it is, averaged over keys. */
  readonly distortionFree: boolean;
}

/** A list of green tokens for every context (Kirchenbauer et al. 2023 and its relatives). */
export interface GreenListScheme extends SchemeBase {
  readonly family: 'green-list';
  /** Share that the reference puts into its z; the list holds `listSize` tokens, trunc(vocabularySize * gamma). */
  readonly gamma: number;
  readonly listSize: number;
  /** The list is the tail of the permutation. */
  readonly fromTail: boolean;
  /** Added to green logits when planting. */
  readonly delta: number;
  /** Tokens that the reference looks at per scored position, its target included: what it removes duplicates by. */
  readonly nGramLength: number;
  /** Tokens before the first scored one. */
  readonly prefixLength: number;
  /** A leading token to drop before scoring, as the reference does. */
  readonly dropFirst: number | undefined;
  /** The candidate itself takes part in the seed; planting then tries this many candidates from the top. */
  readonly selfSaltTries: number | undefined;
  /** Only tokens whose context has at least this entropy (nats) are marked and scored (SWEET). */
  readonly entropyThreshold: number | undefined;
  /** Weights by entropy (EWD) when entropies are given. */
  readonly entropyWeighted: boolean;
  /** Low 32 bits of the generator seed for the token at `index`; reads `ids[index]` only with self salt. */
  readonly seedAt: (ids: ArrayLike<number>, index: number) => number;
}

/** One green list for the whole text (Unigram, Zhao et al. 2024). */
export interface FixedListScheme extends SchemeBase {
  readonly family: 'fixed-list';
  readonly gamma: number;
  readonly listSize: number;
  readonly delta: number;
  /** One byte a token, 1 where green; computed once. */
  readonly mask: () => Uint8Array;
}

/** Tournament sampling (SynthID-Text, Dathathri et al. 2024). */
export interface TournamentScheme extends SchemeBase {
  readonly family: 'tournament';
  readonly nGramLength: number;
  readonly depth: number;
  readonly contextHistorySize: number;
  readonly eosTokenId: number | undefined;
  readonly leaves: 2 | 3;
  /** Part of the processor in the DeepMind variant only. */
  readonly topK: number | undefined;
  readonly temperature: number | undefined;
  /** Share of ones among g-values of unmarked text. */
  readonly onesRate: () => number;
  /** State of the hash after the context ids[start..end). */
  readonly contextHash: (ids: ArrayLike<number>, start: number, end: number) => bigint;
  /** g-values of `token` after a context, one byte a layer, into `into` from `offset`. */
  readonly layerBits: (context: bigint, token: number, into: Uint8Array, offset: number) => void;
  /** Reader for many positions at once; same values as the two functions above. */
  readonly allBits: (ids: ArrayLike<number>) => Uint8Array;
  readonly bayes: BayesParameters | undefined;
}

/** Parameters of the trained Bayesian detector (`BayesianDetectorModel`). */
export interface BayesParameters {
  readonly prior: number;
  /** One a layer. */
  readonly beta: readonly number[];
  /** Row l holds the weights of the layers before l. */
  readonly delta: readonly (readonly number[])[];
}

/** Exponential sampling seeded by the preceding tokens (MarkLLM's EXP after Aaronson). */
export interface ExponentialScheme extends SchemeBase {
  readonly family: 'exponential';
  readonly prefixLength: number;
  readonly topK: number;
  readonly seedAt: (ids: ArrayLike<number>, index: number) => number;
}

/** A key sequence as long as n that is aligned with the text (Kuditipudi et al. 2024). */
export interface AlignedKeyScheme extends SchemeBase {
  readonly family: 'aligned-key';
  readonly sampling: 'exponential' | 'inverse-transform';
  /** Length n of the key sequence. */
  readonly keyLength: number;
  /** Cost of an insertion or deletion in the edit statistic. */
  readonly editCost: number;
  /** Tokens per block; undefined for the whole text. */
  readonly blockSize: number | undefined;
  /** Over several blocks: their minimum (the paper), or the median (the demo's JavaScript). */
  readonly blockSummary: 'minimum' | 'median';
  /** The JavaScript demo computes in doubles; everything else in float32. */
  readonly precision: 'float32' | 'float64';
  /** Runs that the reference makes. */
  readonly runs: number;
  /**
   * Costs of the given distinct tokens against each row of the key, row-major by token: entry t * n + j. For the
   * inverse transform the value is the row's xi and `tokenValues` gives each token's; cost = |xi - value|.
   */
  readonly keyStream: (tokens: ArrayLike<number>) => KeyStream;
  /** For planting: a reader of one draft's key rows, xi of every token (exponential) or one xi (inverse transform). */
  readonly keyRows: () => (row: number) => Float64Array;
}

export interface KeyStream {
  /** Cost of token t (index in the list asked for) at row j, at t * n + j. */
  readonly costs: Float64Array;
  /** The drawn numbers behind the costs: xi of (t, j), or of row j alone for the inverse transform. */
  readonly draws: Float64Array;
  /** Cells where float32 rounds the draw to 1 and the reference's cost would be -Infinity. */
  readonly clamped: number;
}

export type Scheme =
  GreenListScheme | FixedListScheme | TournamentScheme | ExponentialScheme | AlignedKeyScheme;

/** Exact null model of the counted evidence; aligned keys have none (their test is a permutation). */
export function nullModelOf(scheme: Exclude<Scheme, AlignedKeyScheme>): NullModel {
  switch (scheme.family) {
    case 'green-list':
      return { kind: 'binomial', trials: 1, rate: scheme.listSize / scheme.vocabularySize };
    case 'fixed-list':
      return { kind: 'hypergeometric', population: scheme.vocabularySize, marked: scheme.listSize };
    case 'tournament':
      return { kind: 'binomial', trials: scheme.depth, rate: scheme.onesRate() };
    case 'exponential':
      return { kind: 'gamma' };
  }
}
