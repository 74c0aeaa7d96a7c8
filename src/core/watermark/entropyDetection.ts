// Entropy-aware detection of green lists: SWEET (Lee et al. 2024) counts only tokens that a model found hard to predict,
// EWD (Lu et al. 2024) weights every token by its entropy. Both need a language model's entropies, and say whose.
import { type GreenEvidence, greenZ } from './greenListEvidence';
import type { GreenListScheme } from './scheme';
import { powerAtLength } from './significance/power';
import { logBinomialTail, probabilityFromLog } from './significance/tails';
import { weightedTail } from './significance/weightedSum';
import type { EntropyInput } from './watermarkCheck';
import { keyFingerprint, type SchemeResult } from './watermarkReport';

/** -sum p log p, in nats. */
export function shannonEntropy(probabilities: ArrayLike<number>): number {
  let entropy = 0;
  for (let i = 0; i < probabilities.length; i += 1) {
    const p = probabilities[i]!;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return entropy;
}

/** EWD's spike entropy, sum p / (1 + z p), with the z that gamma and delta give. */
export function spikeEntropy(probabilities: ArrayLike<number>, gamma: number, delta: number): number {
  const alpha = Math.exp(delta);
  const z = ((1 - gamma) * (alpha - 1)) / (1 - gamma + alpha * gamma);
  let entropy = 0;
  for (let i = 0; i < probabilities.length; i += 1)
    entropy += probabilities[i]! / (1 + z * probabilities[i]!);
  return entropy;
}

/** Weight of each scored token: 0 or 1 for SWEET; entropy above the smallest one for EWD. */
export function entropyWeights(
  input: EntropyInput,
  first: number,
  counted: Uint8Array,
  threshold: number,
): Float64Array {
  const at = (i: number): number => input.entropies[first + i] ?? NaN;
  let least = Infinity;
  for (let i = 0; i < counted.length; i += 1) if (Number.isFinite(at(i))) least = Math.min(least, at(i));
  return Float64Array.from(counted, (flag, i) => {
    const entropy = at(i);
    if (flag === 0 || !Number.isFinite(entropy)) return 0;
    return input.rule === 'sweet' ? Number(entropy > threshold) : entropy - least;
  });
}

export function entropyWeightedResult(
  scheme: GreenListScheme,
  ids: ArrayLike<number>,
  evidence: GreenEvidence,
  counted: Uint8Array,
  input: EntropyInput,
  level: number,
): SchemeResult {
  const threshold = input.threshold ?? scheme.entropyThreshold ?? 0.9;
  const weights = entropyWeights(input, evidence.first, counted, threshold);
  const used = weights.map((weight) => Number(weight > 0));
  const scored = used.reduce((sum, flag) => sum + flag, 0);
  const rate = scheme.listSize / scheme.vocabularySize;
  const tail = weightedTail(evidence.flags, weights, rate);
  const sweet = input.rule === 'sweet';
  const logP = sweet ? logBinomialTail(scored, tail.statistic, rate) : tail.logP;
  const model = { kind: 'binomial', trials: 1, rate } as const;
  const boost = scheme.gamma * Math.exp(scheme.delta);
  return {
    schemeId: scheme.id,
    scheme: scheme.name,
    keyFingerprint: keyFingerprint(scheme),
    vocabularySize: scheme.vocabularySize,
    scored,
    ignored: ids.length - evidence.first - scored,
    statisticName: sweet ? 'green high-entropy tokens' : 'entropy-weighted green tokens',
    statistic: tail.statistic,
    z: scored === 0 ? null : sweet ? greenZ({ scored, green: tail.statistic }, scheme.gamma) : tail.z,
    p: probabilityFromLog(logP),
    pKind: sweet ? 'exact binomial' : 'exact weighted sum',
    correctedP: probabilityFromLog(logP),
    tests: 1,
    range: scored === 0 ? null : { start: evidence.first, end: ids.length },
    windows: 0,
    power: powerAtLength(model, scored, boost / (1 - scheme.gamma + boost), level),
    tokens: {
      first: evidence.first,
      values: Float64Array.from(evidence.flags),
      counted: Uint8Array.from(used),
      nullMean: rate,
      most: 1,
    },
    verdict: 'not-found',
    notes: [
      ...scheme.notes,
      `Entropies from ${input.model}: ${sweet ? `tokens at or below ${threshold} nats are ignored` : 'tokens are weighted by entropy, in 63 steps'}. Another model gives another answer.`,
    ],
  };
}
