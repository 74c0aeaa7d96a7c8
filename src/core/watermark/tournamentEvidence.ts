// SynthID-Text evidence: which positions may be scored (contexts not seen lately, before the end of text), and the three
// published scores of their g-values. Source: Dathathri et al. 2024 and the two reference implementations.
import type { BayesParameters, TournamentScheme } from './scheme';

export interface TournamentEvidence {
  /** Index in the ids of the first scored position, nGramLength - 1. */
  readonly first: number;
  /** g-values, `depth` bytes a position. */
  readonly bits: Uint8Array;
  /** The references' repetition mask and end-of-text mask, one byte a position. */
  readonly repetitionMask: Uint8Array;
  readonly eosMask: Uint8Array;
  /** Both masks together. */
  readonly mask: Uint8Array;
}

export function tournamentEvidence(scheme: TournamentScheme, ids: ArrayLike<number>): TournamentEvidence {
  const first = scheme.nGramLength - 1;
  const repetitionMask = contextRepetitionMask(scheme, ids);
  const eosMask = new Uint8Array(repetitionMask.length).fill(1);
  if (scheme.eosTokenId !== undefined) {
    const end = Array.prototype.indexOf.call(ids, scheme.eosTokenId);
    if (end >= 0) eosMask.fill(0, Math.max(0, end - first));
  }
  const mask = repetitionMask.map((bit, i) => bit & eosMask[i]!);
  return { first, bits: scheme.allBits(ids), repetitionMask, eosMask, mask };
}

/** 0 where the hash of the context is among the last `contextHistorySize` hashes (which start as zeros). */
function contextRepetitionMask(scheme: TournamentScheme, ids: ArrayLike<number>): Uint8Array {
  const length = scheme.nGramLength - 1;
  const count = Math.max(0, ids.length - length);
  const mask = new Uint8Array(count);
  const lastSeen = new Map<bigint, number>();
  for (let i = 0; i < count; i += 1) {
    const hash = scheme.contextHash(ids, i, i + length);
    const before = lastSeen.get(hash);
    const repeated =
      (before !== undefined && i - before <= scheme.contextHistorySize) ||
      (hash === 0n && i < scheme.contextHistorySize);
    mask[i] = repeated ? 0 : 1;
    lastSeen.set(hash, i);
  }
  return mask;
}

/** Number of ones of each position. */
export function onesPerToken({ bits, mask }: TournamentEvidence, depth: number): Uint8Array {
  return mask.map((_, i) => {
    let ones = 0;
    for (let layer = 0; layer < depth; layer += 1) ones += bits[i * depth + layer]!;
    return ones;
  });
}

export interface TournamentScores {
  readonly scored: number;
  readonly ones: number;
  readonly mean: number;
  readonly weightedMean: number;
  /** z of the weighted mean under independent bits that are one as often as the scheme's table has it. */
  readonly weightedZ: number;
}

/** @param onesRate share of ones in unmarked text; transformers' table holds a little more or less than half. */
export function tournamentScores(
  { bits, mask }: TournamentEvidence,
  depth: number,
  onesRate = 0.5,
): TournamentScores {
  const perLayer = new Float64Array(depth);
  let scored = 0;
  for (let i = 0; i < mask.length; i += 1) {
    if (mask[i] === 0) continue;
    scored += 1;
    for (let layer = 0; layer < depth; layer += 1)
      perLayer[layer] = perLayer[layer]! + bits[i * depth + layer]!;
  }
  // Weights fall from 10 to 1 over the layers and are scaled to sum to the depth.
  const raw = perLayer.map((_, layer) => (depth === 1 ? 10 : 10 - (9 * layer) / (depth - 1)));
  const scale = depth / raw.reduce((sum, w) => sum + w, 0);
  const ones = perLayer.reduce((sum, x) => sum + x, 0);
  if (scored === 0) return { scored, ones, mean: 0.5, weightedMean: 0.5, weightedZ: 0 };
  let weighted = 0;
  let squares = 0;
  perLayer.forEach((count, layer) => {
    const weight = raw[layer]! * scale;
    weighted += weight * count;
    squares += weight * weight;
  });
  const weightedMean = weighted / (scored * depth);
  const deviation = Math.sqrt((onesRate * (1 - onesRate) * squares) / (depth * depth * scored));
  return {
    scored,
    ones,
    mean: ones / (scored * depth),
    weightedMean,
    weightedZ: (weightedMean - onesRate) / deviation,
  };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Posterior probability of the trained Bayesian detector; its parameters come with the model that plants. */
export function bayesPosterior(
  { bits, mask }: TournamentEvidence,
  depth: number,
  { prior, beta, delta }: BayesParameters,
): number {
  const clamped = Math.min(Math.max(prior, 1e-5), 1 - 1e-5);
  let logOdds = Math.log(clamped) - Math.log(1 - clamped);
  for (let i = 0; i < mask.length; i += 1) {
    if (mask[i] === 0) continue;
    for (let layer = 0; layer < depth; layer += 1) {
      let logit = beta[layer]!;
      const row = delta[layer]!;
      for (let before = 0; before < layer; before += 1) logit += row[before]! * bits[i * depth + before]!;
      const twoDifferent = sigmoid(logit);
      const likelihood = 0.5 * ((bits[i * depth + layer]! + 0.5) * twoDifferent + (1 - twoDifferent));
      logOdds += Math.log(likelihood) - Math.log(0.5);
    }
  }
  return sigmoid(logOdds);
}
