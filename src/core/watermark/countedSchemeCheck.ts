// The check of schemes whose evidence adds up token by token: green lists, a fixed list, SynthID and EXP.
import { entropyWeightedResult } from './entropyDetection';
import { exponentialEvidence, exponentialValue } from './exponentialEvidence';
import {
  type Counting,
  firstAppearances,
  fixedListFlags,
  type GreenEvidence,
  greenFlags,
  greenZ,
  nGramName,
  repeatNumbers,
  transformersP,
} from './greenListEvidence';
import type { Stepwise } from './progress';
import { type AlignedKeyScheme, nullModelOf, type Scheme, type TournamentScheme } from './scheme';
import { weightedUnion } from './significance/multipleTests';
import { logNullTail, nullDeviation, nullMean, type NullModel, P_KIND } from './significance/nullModel';
import { powerAtLength } from './significance/power';
import { probabilityFromLog } from './significance/tails';
import { scanWindows } from './significance/windowScan';
import {
  bayesPosterior,
  onesPerToken,
  tournamentEvidence,
  type TournamentEvidence,
  tournamentScores,
} from './tournamentEvidence';
import type { CheckCache, CheckOptions } from './watermarkCheck';
import { keyFingerprint, type SchemeResult } from './watermarkReport';

export type CountedScheme = Exclude<Scheme, AlignedKeyScheme>;

interface Evidence {
  readonly first: number;
  readonly values: Float64Array;
  /** Equal numbers for repeats of one pair or n-gram, -1 where the scheme's own mask rules a position out. */
  readonly identities: Int32Array;
  readonly statisticName: string;
  readonly notes: readonly string[];
  readonly green?: GreenEvidence;
}

export function* checkCountedScheme(
  scheme: CountedScheme,
  ids: ArrayLike<number>,
  options: CheckOptions,
  level: number,
  cache: CheckCache,
): Stepwise<SchemeResult> {
  const counting = options.counting ?? 'pairs';
  const evidence = yield* evidenceOf(scheme, ids, counting, cache);
  if (scheme.family === 'green-list' && options.entropy !== undefined && evidence.green !== undefined) {
    const counted = firstAppearances(evidence.identities);
    return entropyWeightedResult(scheme, ids, evidence.green, counted, options.entropy, level);
  }
  const model = nullModelOf(scheme);
  const { first, values } = evidence;
  const counted = firstAppearances(evidence.identities);
  const positions: number[] = [];
  counted.forEach((flag, i) => {
    if (flag === 1) positions.push(i);
  });
  const kept = Float64Array.from(positions, (i) => values[i]!);
  const sum = kept.reduce((total, value) => total + value, 0);
  const whole = logNullTail(model, kept.length, sum);
  const scan =
    options.scan === false || counting !== 'pairs' ? undefined : yield* scanWindows(model, evidence);
  const corrected =
    scan === undefined
      ? whole
      : weightedUnion([
          { logP: whole, share: 0.5 },
          { logP: scan.logCorrectedP, share: 0.5 },
        ]);
  // Holm can only raise the corrected p: where it is above the level already, no range will be shown.
  const range =
    scan !== undefined && corrected <= Math.log(level) ? scan.locate() : { start: 0, end: values.length };
  const power = powerAtLength(
    model,
    kept.length,
    assumedMean(scheme, model),
    scan === undefined ? level : level / 2,
  );
  const mean = kept.length === 0 ? 0 : sum / kept.length;
  const z =
    kept.length === 0
      ? null
      : scheme.family === 'green-list' || scheme.family === 'fixed-list'
        ? greenZ({ scored: kept.length, green: sum }, scheme.gamma)
        : (sum - kept.length * nullMean(model)) / nullDeviation(model, kept.length);
  return {
    schemeId: scheme.id,
    scheme: scheme.name,
    keyFingerprint: keyFingerprint(scheme),
    vocabularySize: scheme.vocabularySize,
    scored: kept.length,
    ignored: counted.length - kept.length,
    statisticName: evidence.statisticName,
    statistic: scheme.family === 'tournament' ? mean / scheme.depth : sum,
    z,
    p: probabilityFromLog(whole),
    pKind: P_KIND[model.kind],
    correctedP: probabilityFromLog(corrected),
    tests: 1 + (scan?.windows ?? 0),
    range: kept.length === 0 ? null : { start: first + range.start, end: first + range.end },
    windows: scan?.windows ?? 0,
    power,
    tokens: {
      first,
      values,
      counted,
      nullMean: nullMean(model),
      most: model.kind === 'binomial' ? model.trials : model.kind === 'gamma' ? 6 : 1,
    },
    verdict: 'not-found',
    notes: [
      ...scheme.notes,
      ...evidence.notes,
      ...countingNotes(counting, scheme, z),
      ...lengthNotes(scheme, kept.length, power.probability, model, level),
    ],
  };
}

function* evidenceOf(
  scheme: CountedScheme,
  ids: ArrayLike<number>,
  counting: Counting,
  cache: CheckCache,
): Stepwise<Evidence> {
  switch (scheme.family) {
    case 'green-list': {
      const green = yield* greenFlags(scheme, ids, cache.greenFlags(scheme));
      const identities = repeatNumbers(ids, green, scheme.nGramLength, counting);
      const values = Float64Array.from(green.flags);
      return { first: green.first, values, identities, statisticName: 'green tokens', notes: [], green };
    }
    case 'fixed-list': {
      const fixed = fixedListFlags(scheme, ids);
      const identities = repeatNumbers(ids, fixed, 1, counting === 'all' ? 'all' : 'pairs');
      const values = Float64Array.from(fixed.flags);
      return { first: 0, values, identities, statisticName: 'green tokens', notes: [] };
    }
    case 'tournament': {
      const tournament = tournamentEvidence(scheme, ids);
      yield { done: 1, total: 1 };
      return {
        first: tournament.first,
        values: Float64Array.from(onesPerToken(tournament, scheme.depth)),
        identities: tournamentIdentities(ids, tournament, counting),
        statisticName: 'mean g-value',
        notes: tournamentNotes(scheme, tournament),
      };
    }
    case 'exponential': {
      const { first, seeds, uniforms } = yield* exponentialEvidence(scheme, ids);
      const identities = repeatNumbers(ids, { first, seeds }, scheme.prefixLength + 1, counting);
      const values = uniforms.map(exponentialValue);
      return { first, values, identities, statisticName: 'sum of -log(1 - u)', notes: [] };
    }
  }
}

function tournamentNotes(scheme: TournamentScheme, evidence: TournamentEvidence): string[] {
  const { weightedMean, weightedZ } = tournamentScores(evidence, scheme.depth, scheme.onesRate());
  const notes = [
    `Weighted mean ${weightedMean.toFixed(4)} (z ${weightedZ.toFixed(2)}, normal approximation: a second look, not the test).`,
  ];
  if (scheme.bayes !== undefined) {
    const posterior = bayesPosterior(evidence, scheme.depth, scheme.bayes);
    notes.push(
      `Trained Bayesian detector: posterior ${posterior.toFixed(4)} (depends on its training; no p-value).`,
    );
  }
  return notes;
}

/**
 * Masked positions count for nothing. The reference forgets contexts after its history; with 'pairs' an n-gram seen
 * before the history began still counts only once.
 */
function tournamentIdentities(
  ids: ArrayLike<number>,
  { first, mask }: TournamentEvidence,
  counting: Counting,
): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(mask, (open, i) => {
    if (counting === 'all') return i;
    if (open === 0) return -1;
    if (counting === 'ngrams') return i;
    const name = nGramName(ids, i, i + first + 1);
    const number = known.get(name) ?? known.size;
    known.set(name, number);
    return number;
  });
}

/** Evidence per token that a mark of the scheme's usual strength leaves in ordinary text, for the power statement. */
export function assumedMean(scheme: CountedScheme, model: NullModel): number {
  switch (scheme.family) {
    case 'green-list':
    case 'fixed-list': {
      // Half the shift that text of unlimited entropy would show.
      const boost = scheme.gamma * Math.exp(scheme.delta);
      return (scheme.gamma + boost / (1 - scheme.gamma + boost)) / 2;
    }
    case 'tournament':
      return nullMean(model) * 1.12;
    case 'exponential':
      return 1.6;
  }
}

function countingNotes(counting: Counting, scheme: CountedScheme, z: number | null): string[] {
  if (counting === 'pairs') return [];
  const how = counting === 'all' ? 'Every token is counted' : 'Distinct n-grams are counted';
  const notes = [
    `${how}, as the reference does, for comparison: repeated text then looks marked (up to 45 % of unmarked texts at 1 %).`,
  ];
  if (scheme.id === 'hf-kgw' && z !== null) {
    notes.push(
      `transformers' own p-value: ${transformersP(z).toExponential(3)} (a formula that overstates evidence above z = 3.31).`,
    );
  }
  return notes;
}

const LONGEST_ADVICE = 20_000;

/** Says how much text would do where this is too little. */
function lengthNotes(
  scheme: CountedScheme,
  scored: number,
  power: number,
  model: NullModel,
  level: number,
): string[] {
  if (power >= 0.5) return [];
  const mean = assumedMean(scheme, model);
  let enough = Math.max(16, scored);
  while (enough < LONGEST_ADVICE && powerAtLength(model, enough, mean, level / 2).probability < 0.8) {
    enough = Math.ceil(enough * 1.25);
  }
  return [
    `Only ${scored} distinct tokens could be scored. A mark of this scheme's usual strength needs about ${enough}: select a longer passage.`,
  ];
}
