// One step of Superposed Decoding (Shen et al., NeurIPS 2024, arXiv 2405.18400) as pure functions: k drafts share ONE
// forward whose input is the weighted mean of the embeddings of their newest tokens; k x n (draft, token) pairs are then
// re-weighted by a draft-specific n-gram model and the best k go on.
//   gamma_i = softmax(score_i / gammaTemperature);     input = sum_i gamma_i E[newest token of i]
//   f_i(v) = (1 - alpha) log p(v) + alpha log q_i(v);  score(i, v) = score_i + f_i(v)
// Variants beyond the paper: a gamma temperature of its own (the paper's scores make gamma nearly one-hot), a soft filter
// (q mixed with p, so that new names stay possible), lineage (each draft keeps its own best continuation).
// Worked example: scores [-1, -1.69], newest tokens [7, 9] give gamma [2/3, 1/3] and input 2/3 E[7] + 1/3 E[9].
import type { Logits } from '../model/languageModel';
import { logSumExp, topIndices } from './logProbabilities';
import type { NgramModel } from './ngramMixture';

export interface SuperposedSettings {
  /** n: candidate tokens kept from each distribution. */
  readonly candidates: number;
  /** tau: the model's temperature. */
  readonly temperature: number;
  /** Weight of the n-gram model in log space. 0 switches it off. */
  readonly alpha: number;
  /** 1 is the paper's: gamma from the scores as they are. */
  readonly gammaTemperature: number;
  /** 'hard': tokens that no n-gram knows are out, as published. 'soft': q is mixed with `softShare` of p. */
  readonly filter: 'hard' | 'soft';
  readonly softShare: number;
  readonly lineage: boolean;
}

/** The paper's setting for three drafts (params/*.json of its code). */
export const PAPER_SETTINGS: SuperposedSettings = {
  candidates: 9,
  temperature: 0.06,
  alpha: 0.54,
  gammaTemperature: 1,
  filter: 'hard',
  softShare: 0,
  lineage: false,
};

/** Ours: see docs/algorithms-decoding.md. */
export const LINEAGE_SETTINGS: SuperposedSettings = {
  candidates: 9,
  temperature: 1,
  alpha: 0.5,
  gammaTemperature: 1,
  filter: 'soft',
  softShare: 0.2,
  lineage: true,
};

/** Subtracted when no n-gram knows any candidate of a draft (value of the published code). */
const NO_OVERLAP_PENALTY = 200;

export interface Candidates {
  readonly ids: readonly number[];
  /** log p of each, renormalised over the candidates at the model temperature. */
  readonly logProbs: Float64Array;
}

/** The n most probable tokens of a row; `skip` leaves ids out. */
export function candidatesOf(
  logits: Logits,
  settings: SuperposedSettings,
  skip?: (id: number) => boolean,
): Candidates {
  const ids = topIndices(logits, settings.candidates, skip);
  const scaled = Float64Array.from(ids, (id) => logits[id]! / settings.temperature);
  const total = logSumExp(scaled);
  return { ids, logProbs: scaled.map((value) => value - total) };
}

/** Weights of the drafts in the shared input; they sum to 1. */
export function gammaOf(scores: readonly number[], gammaTemperature: number): Float64Array {
  const scaled = Float64Array.from(scores, (score) => score / gammaTemperature);
  const total = logSumExp(scaled);
  return scaled.map((value) => Math.exp(value - total));
}

/** sum_i gamma_i rows_i, in float64 and rounded once. `rows`: one embedding of `width` floats for each draft. */
export function superposedInput(gamma: Float64Array, rows: Float32Array, width: number): Float32Array {
  const mixed = new Float64Array(width);
  for (let i = 0; i < gamma.length; i++) {
    for (let d = 0; d < width; d++) mixed[d]! += gamma[i]! * rows[i * width + d]!;
  }
  return Float32Array.from(mixed);
}

/** f of every candidate of one draft. */
export function candidateScores(
  candidates: Candidates,
  settings: SuperposedSettings,
  ngrams: NgramModel | undefined,
  history: ArrayLike<number>,
): Float64Array {
  const { alpha, filter, softShare } = settings;
  const { ids, logProbs } = candidates;
  if (alpha === 0 || ngrams === undefined) return logProbs;
  const q = ngrams.shares(history, ids);
  if (filter === 'soft') {
    return logProbs.map((logP, i) => {
      const mixed = (1 - softShare) * q[i]! + softShare * Math.exp(logP);
      return (1 - alpha) * logP + alpha * Math.log(mixed);
    });
  }
  const known = q.some((share) => share > 0);
  return logProbs.map((logP, i) => {
    if (!known) return (1 - alpha) * logP - NO_OVERLAP_PENALTY;
    return q[i]! > 0 ? (1 - alpha) * logP + alpha * Math.log(q[i]!) : -Infinity;
  });
}

/** One surviving pair. */
export interface Choice {
  /** Index of the draft that goes on. */
  readonly draft: number;
  readonly token: number;
  readonly score: number;
}

/**
 * The best `count` of all draft x candidate pairs, best first; among equals the lower draft, then the lower id.
 * With lineage each draft's best pair comes first, and only what is left is filled by competition.
 */
export function chooseContinuations(
  scores: readonly number[],
  candidates: readonly Candidates[],
  f: readonly Float64Array[],
  count: number,
  lineage: boolean,
): Choice[] {
  const pairs: Choice[] = [];
  scores.forEach((score, draft) => {
    candidates[draft]!.ids.forEach((token, c) => {
      const sum = score + f[draft]![c]!;
      if (sum > -Infinity) pairs.push({ draft, token, score: sum });
    });
  });
  pairs.sort((a, b) => b.score - a.score || a.draft - b.draft || a.token - b.token);
  if (!lineage) return pairs.slice(0, count);
  const own = new Map<number, Choice>();
  for (const pair of pairs) if (!own.has(pair.draft)) own.set(pair.draft, pair);
  const rest = pairs.filter((pair) => own.get(pair.draft) !== pair);
  return [...own.values(), ...rest].slice(0, count);
}
