// How surprising each token of a text is to a model: its log-probability, its rank and the entropy of the distribution it
// was drawn from; and the text's length in bits per byte, a tokenizer-independent measure (Shannon 1948).
// Worked example: a token of probability 1/8 has log-probability -3 bits; if three others were likelier, its rank is 4.
import type { Cancellation, LmSession, Logits, ModelInfo, NodeInput } from './languageModel.js';

export interface TokenSurprise {
  /** Natural logarithms. The first token has no context and is not scored: NaN. */
  readonly logProbs: Float64Array;
  /** 1 = the most probable. Ties count the smaller id first. 0 where there is no score. */
  readonly ranks: Uint32Array;
  /** Natural units (nats); NaN where there is no score. */
  readonly entropies: Float64Array;
  /** The model's own choice there and its log-probability; -1 and NaN where there is no score. */
  readonly best: Int32Array;
  readonly bestLogProbs: Float64Array;
}

export interface SurpriseOptions {
  readonly cancellation?: Cancellation;
  /** Longest context plus the token itself; at most the model's context. Odd numbers are rounded down. */
  readonly window: number;
  /** Score only tokens `first` to `last` − 1, with the same context and so the same result as in a whole text. */
  readonly part?: { readonly first: number; readonly last: number };
  readonly onProgress?: (done: number, total: number) => void;
  /** Sees the scores of every scored token, for measures that are not kept here. Valid during the call only. */
  readonly onLogits?: (index: number, logits: Logits) => void;
}

/** The even window that is used when `window` is asked for. */
export function effectiveWindow(info: ModelInfo, window: number): number {
  const lead = info.beginOfText === undefined ? 0 : 1;
  return 2 * Math.max(1, Math.floor(Math.min(window, info.contextLength - lead) / 2));
}

/**
 * Scores ids in windows that begin at every half window: each token is scored once, in the earliest window that holds it,
 * so with at least half a window of context where the text has it. Rejects with ModelStopped as sessions do.
 */
export async function textSurprise(
  session: LmSession,
  ids: ArrayLike<number>,
  options: SurpriseOptions,
): Promise<TokenSurprise> {
  const total = ids.length;
  const result: TokenSurprise = {
    logProbs: new Float64Array(total).fill(NaN),
    ranks: new Uint32Array(total),
    entropies: new Float64Array(total).fill(NaN),
    best: new Int32Array(total).fill(-1),
    bestLogProbs: new Float64Array(total).fill(NaN),
  };
  const { beginOfText } = session.info;
  const lead = beginOfText === undefined ? [] : [beginOfText];
  const window = effectiveWindow(session.info, options.window);
  const half = window / 2;
  const chunk = 32;
  const last = Math.min(total, options.part?.last ?? total);
  // Tokens below `scored` are done or not asked for; each round re-reads half a window and scores what follows it.
  let scored = Math.max(lead.length > 0 ? 0 : 1, options.part?.first ?? 0);
  const firstWindow = Math.max(0, Math.ceil((scored + 1 - window) / half)) * half;
  for (let start = firstWindow; scored < last; start += half) {
    const end = Math.min(last, start + window);
    const context = Array.from({ length: scored - start }, (_, i) => ids[start + i]!);
    const { node, logits } = await session.prefill([...lead, ...context], options.cancellation);
    scoreToken(result, scored, ids[scored]!, logits);
    options.onLogits?.(scored, logits);
    let held = node;
    for (let at = scored + 1; at < end; at += chunk) {
      const count = Math.min(chunk, end - at);
      const inputs: NodeInput[] = Array.from({ length: count }, (_, i) => ({
        parent: i === 0 ? held : i - 1,
        input: ids[at + i - 1]!,
      }));
      const evaluated = await session.evaluate(inputs, options.cancellation);
      evaluated.logits.forEach((row, i) => {
        scoreToken(result, at + i, ids[at + i]!, row);
        options.onLogits?.(at + i, row);
      });
      session.release([held, ...evaluated.nodes.slice(0, -1)]);
      held = evaluated.nodes[count - 1]!;
      options.onProgress?.(at + count, total);
    }
    session.release([held]);
    scored = end;
  }
  return result;
}

/** Bits per byte of the scored tokens; `tokenBytes` are the byte lengths of all tokens. NaN when none was scored. */
export function bitsPerByte(surprise: TokenSurprise, tokenBytes: ArrayLike<number>): number {
  let nats = 0;
  let bytes = 0;
  surprise.logProbs.forEach((logProb, i) => {
    if (Number.isNaN(logProb)) return;
    nats -= logProb;
    bytes += tokenBytes[i]!;
  });
  return nats / Math.LN2 / bytes;
}

function scoreToken(result: TokenSurprise, index: number, id: number, logits: Logits): void {
  let highest = -Infinity;
  let best = 0;
  for (let i = 0; i < logits.length; i++)
    if (logits[i]! > highest) {
      highest = logits[i]!;
      best = i;
    }
  const own = logits[id]!;
  let sum = 0;
  let weighted = 0;
  let rank = 1;
  for (let i = 0; i < logits.length; i++) {
    const difference = logits[i]! - highest;
    const weight = Math.exp(difference);
    sum += weight;
    weighted += weight * difference;
    if (logits[i]! > own || (logits[i] === own && i < id)) rank++;
  }
  const logSum = Math.log(sum);
  result.logProbs[index] = own - highest - logSum;
  result.ranks[index] = rank;
  result.entropies[index] = logSum - weighted / sum;
  result.best[index] = best;
  result.bestLogProbs[index] = -logSum;
}
