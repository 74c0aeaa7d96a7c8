// The check itself: ids and schemes in, report out. Runs in steps (see progress.ts), so a worker can cancel it.
// Every default test is corrected for all that was tried: windows within a scheme, then Holm over keys and schemes.
import { type Counting, GreenFlagCache } from './greenListEvidence';
import { runSteps, type RunHooks, type Stepwise } from './progress';
import { type GreenListScheme, type Outcome, type Scheme, accept, refuse } from './scheme';
import { holm } from './significance/multipleTests';
import { checkAlignedKey } from './alignedKeyCheck';
import { checkCountedScheme } from './countedSchemeCheck';
import { CAVEATS, type SchemeResult, summaryOf, type Verdict, type WatermarkReport } from './watermarkReport';

/** Per-token entropies of a language model, for SWEET and EWD. */
export interface EntropyInput {
  /** sweet: count only tokens above the threshold. ewd: weight each token by its entropy above the smallest. */
  readonly rule: 'sweet' | 'ewd';
  /** Entropy in nats of the model's prediction of each token (spike entropy for EWD as published); NaN where unknown. */
  readonly entropies: ArrayLike<number>;
  /** For SWEET; the scheme's own threshold otherwise. */
  readonly threshold?: number;
  /** Whose entropies: named in the report. */
  readonly model: string;
}

export interface CheckOptions {
  /** p-value that counts as found, after all corrections. Default 0.01. */
  readonly level?: number;
  /** How repeats count; anything but 'pairs' is a comparison mode and labelled as such. */
  readonly counting?: Counting;
  /** Look for a marked stretch as well as at the whole text. Default true. */
  readonly scan?: boolean;
  /** Runs of a permutation test; by default 999 for short texts and 199 for long ones. */
  readonly maximumRuns?: number;
  /** Seed of the permutation test's random keys. */
  readonly nullSeed?: number;
  readonly entropy?: EntropyInput;
}

export interface WatermarkRequest {
  readonly ids: ArrayLike<number>;
  readonly schemes: readonly Scheme[];
  /** Name of the tokenizer that made the ids, for the report. */
  readonly tokenizer: string;
  readonly options?: CheckOptions;
}

/** Flags known from earlier checks with the same scheme objects. */
export class CheckCache {
  private readonly green = new WeakMap<GreenListScheme, GreenFlagCache>();

  greenFlags(scheme: GreenListScheme): GreenFlagCache {
    const cache = this.green.get(scheme) ?? new GreenFlagCache(scheme);
    this.green.set(scheme, cache);
    return cache;
  }
}

/** The verdict of one result once its corrected p is known. */
export function verdictOf(correctedP: number, power: number, level: number): Verdict {
  if (correctedP <= level) return 'found';
  return power < 0.5 ? 'too-little-text' : 'not-found';
}

/** Checks in steps. Refuses ids that the scheme's vocabulary cannot hold. */
export function* watermarkCheckSteps(
  request: WatermarkRequest,
  cache = new CheckCache(),
): Stepwise<Outcome<WatermarkReport>> {
  const { ids, schemes, tokenizer, options = {} } = request;
  if (schemes.length === 0) return refuse('Choose at least one watermark scheme to look for.');
  const level = options.level ?? 0.01;
  if (!(level > 0 && level < 1)) return refuse('The level must lie between 0 and 1, for example 0.01.');
  const single: SchemeResult[] = [];
  for (const scheme of schemes) {
    const problem = idProblem(scheme, ids);
    if (problem !== undefined) return refuse(problem);
    single.push(
      scheme.family === 'aligned-key'
        ? yield* checkAlignedKey(scheme, ids, options, level)
        : yield* checkCountedScheme(scheme, ids, options, level, cache),
    );
  }
  const adjusted = holm(single.map((result) => result.correctedP));
  const results = single.map((result, i): SchemeResult => {
    const correctedP = adjusted[i]!;
    const verdict = verdictOf(correctedP.p, result.power.probability, level);
    return { ...result, correctedP, verdict, range: verdict === 'found' ? result.range : null };
  });
  let strongest = 0;
  results.forEach((result, i) => {
    if (result.correctedP.log10P < results[strongest]!.correctedP.log10P) strongest = i;
  });
  const verdicts = new Set(results.map((result) => result.verdict));
  const verdict: Verdict = verdicts.has('found')
    ? 'found'
    : verdicts.has('not-found')
      ? 'not-found'
      : 'too-little-text';
  return accept({
    verdict,
    summary: summaryOf(verdict, results[strongest]!, results.length),
    level,
    tokenizer,
    tokenCount: ids.length,
    results,
    strongest,
    caveats: CAVEATS,
  });
}

/** Runs a check to its end, or to undefined when `shouldStop` says so. */
export function checkWatermark(
  request: WatermarkRequest,
  hooks: RunHooks = {},
  cache?: CheckCache,
): Outcome<WatermarkReport> | undefined {
  return runSteps(watermarkCheckSteps(request, cache), hooks);
}

function idProblem(scheme: Scheme, ids: ArrayLike<number>): string | undefined {
  for (let i = 0; i < ids.length; i += 1) {
    const id = ids[i]!;
    if (Number.isInteger(id) && id >= 0 && id < scheme.vocabularySize) continue;
    return Number.isInteger(id) && id >= 0
      ? `Token ${i} has id ${id}, but the scheme "${scheme.name}" is set to a vocabulary of ${scheme.vocabularySize}. Either the tokenizer is not the one the text was made with, or the vocabulary size is wrong: it must be the model's config.vocab_size, padding included.`
      : `Token ${i} is ${String(id)}; ids must be whole numbers from 0 up.`;
  }
  return undefined;
}
