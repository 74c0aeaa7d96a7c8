// SynthID-Text planting (Dathathri et al. 2024, section "tournament sampling"): layer by layer the probability of tokens
// with g = 1 grows at the cost of those with g = 0. The first step hashes a context of zeros, never the prompt; where a
// context was used lately the distribution stays as it is.
import type { TournamentScheme } from '../scheme';
import { softmax } from './distribution';
import type { WatermarkProcessor } from './watermarkProcessor';

interface State {
  /** The last nGramLength - 1 tokens of the draft, zeros before it begins. */
  readonly context: readonly number[];
  readonly history: readonly bigint[];
  readonly started: boolean;
}

export function tournamentProcessor(scheme: TournamentScheme): WatermarkProcessor {
  const length = scheme.nGramLength - 1;
  return fromState(scheme, { context: new Array<number>(length).fill(0), history: [], started: false });
}

function fromState(scheme: TournamentScheme, start: State): WatermarkProcessor {
  let state = start;
  return {
    apply: (ids, logits) => {
      const context = state.started ? [...state.context.slice(1), ids[ids.length - 1]!] : state.context;
      const hash = scheme.contextHash(context, 0, context.length);
      // The reference's history starts as zeros, so a hash of 0 counts as seen.
      const room = scheme.contextHistorySize;
      const repeated = state.history.includes(hash) || (hash === 0n && state.history.length < room);
      state = { context, history: [hash, ...state.history].slice(0, room), started: true };
      const kept = keptTokens(scheme, logits);
      const probabilities = keptProbabilities(scheme, logits, kept);
      if (!repeated) playTournament(scheme, hash, kept, probabilities);
      logits.fill(-Infinity);
      kept.forEach((token, i) => {
        logits[token] = Math.log(probabilities[i]!);
      });
    },
    fork: () => fromState(scheme, state),
  };
}

/** Tokens that take part, by falling logit: the DeepMind processor cuts at top-k itself. */
function keptTokens(scheme: TournamentScheme, logits: Float32Array): number[] {
  const order = Array.from(logits.keys()).filter((token) => logits[token]! > -Infinity);
  order.sort((a, b) => logits[b]! - logits[a]! || a - b);
  return scheme.topK === undefined ? order : order.slice(0, scheme.topK);
}

function keptProbabilities(
  scheme: TournamentScheme,
  logits: Float32Array,
  kept: readonly number[],
): Float64Array {
  return softmax(
    kept.map((token) => logits[token]!),
    scheme.temperature ?? 1,
  );
}

function playTournament(
  scheme: TournamentScheme,
  hash: bigint,
  kept: readonly number[],
  p: Float64Array,
): void {
  const { depth } = scheme;
  const bits = new Uint8Array(kept.length * depth);
  kept.forEach((token, i) => scheme.layerBits(hash, token, bits, i * depth));
  for (let layer = 0; layer < depth; layer += 1) {
    let ones = 0;
    for (let i = 0; i < p.length; i += 1) ones += p[i]! * bits[i * depth + layer]!;
    const [win, lose] =
      scheme.leaves === 2
        ? [2 - ones, 1 - ones]
        : [ones > 0 ? (1 - (1 - ones) ** 3) / ones : 0, (1 - ones) ** 2];
    for (let i = 0; i < p.length; i += 1) p[i] = p[i]! * (bits[i * depth + layer] === 1 ? win : lose);
  }
}
