// Completions of a local model with and without a mark: plain sampling, many drafts at a time, the scheme's processor after
// the temperature as in the reference implementations. Each draft says what its mark cost in log-probability.
import type { Cancellation, CacheNode, LmSession, Logits } from '../../model/languageModel';
import { MersenneTwister } from '../random/mersenneTwister';
import { type AlignedKeyScheme, type Outcome, accept, refuse, type Scheme } from '../scheme';
import { plantingCost, softmax } from './distribution';
import { createWatermarkProcessor, type WatermarkProcessor } from './watermarkProcessor';

export interface SamplingRequest {
  /** One prompt a draft, as ids; empty for a text from nothing. */
  readonly prompts: readonly (readonly number[])[];
  /** Tokens a draft. */
  readonly length: number;
  /** The mark to plant; undefined for none. */
  readonly scheme: Scheme | undefined;
  readonly temperature: number;
  readonly seed: number;
}

export interface SampledDraft {
  readonly ids: readonly number[];
  /** Mean over the tokens of what `plantingCost` says, in nats; 0 without a mark. */
  readonly costPerToken: number;
}

/** Drafts evaluated in one forward. */
const TOGETHER = 32;
const LONGEST = 4096;

interface OpenDraft {
  readonly prompt: readonly number[];
  readonly ids: number[];
  readonly processor: WatermarkProcessor | undefined;
  cost: number;
  node: CacheNode;
  logits: Logits;
}

/** Why this model cannot plant this scheme, or undefined. */
export function plantingProblem(scheme: Scheme, modelVocabulary: number): string | undefined {
  return scheme.vocabularySize === modelVocabulary
    ? undefined
    : `The scheme is set to a vocabulary of ${scheme.vocabularySize}, but the model writes ${modelVocabulary} tokens. A mark is tied to the vocabulary size: set it to ${modelVocabulary} to use it with this model.`;
}

/** Samples one draft a prompt. Refuses what cannot work; rejects with ModelStopped as sessions do. */
export async function sampleDrafts(
  session: LmSession,
  request: SamplingRequest,
  cancellation?: Cancellation,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Outcome<readonly SampledDraft[]>> {
  const { prompts, length, scheme, temperature, seed } = request;
  const problem = scheme && plantingProblem(scheme, session.info.vocabularySize);
  if (problem !== undefined) return refuse(problem);
  if (!(length >= 1 && length <= LONGEST)) return refuse(`A draft has 1 to ${LONGEST} tokens.`);
  if (!(temperature > 0)) return refuse('The temperature must be above 0.');
  const random = new MersenneTwister(seed);
  const drafts: SampledDraft[] = [];
  for (let first = 0; first < prompts.length; first += TOGETHER) {
    const open: OpenDraft[] = [];
    for (const prompt of prompts.slice(first, first + TOGETHER)) {
      const { node, logits } = await session.prefill(started(session, prompt), cancellation);
      const processor = scheme && createWatermarkProcessor(scheme, { offset: offsetOf(scheme, random) });
      open.push({ prompt, ids: [], processor, cost: 0, node, logits });
    }
    for (let done = 0; done < length; done += 1) {
      const tokens = open.map((draft) => nextToken(session, draft, temperature, random));
      if (done === length - 1) break;
      const inputs = tokens.map((input, i) => ({ parent: open[i]!.node, input }));
      const { nodes, logits } = await session.evaluate(inputs, cancellation);
      session.release(open.map(({ node }) => node));
      open.forEach((draft, i) => {
        draft.node = nodes[i]!;
        draft.logits = logits[i]!;
      });
    }
    session.release(open.map(({ node }) => node));
    drafts.push(...open.map(({ ids, cost }) => ({ ids, costPerToken: cost / length })));
    onProgress(drafts.length, prompts.length);
  }
  return accept(drafts);
}

/** A model trained with a token in front of every text gets it; others need at least one token to begin from. */
function started(session: LmSession, prompt: readonly number[]): number[] {
  const { beginOfText, endTokens } = session.info;
  if (beginOfText !== undefined) return [beginOfText, ...prompt];
  return prompt.length > 0 ? [...prompt] : [endTokens[0] ?? 0];
}

/** Where a key sequence starts: at random for each draft, as the paper has it. */
const offsetOf = (scheme: Scheme, random: MersenneTwister): number =>
  scheme.family === 'aligned-key' ? random.word() % (scheme satisfies AlignedKeyScheme).keyLength : 0;

function nextToken(
  { info }: LmSession,
  draft: OpenDraft,
  temperature: number,
  random: MersenneTwister,
): number {
  const before = Float32Array.from(draft.logits, (logit) => logit / temperature);
  for (const end of info.endTokens) before[end] = -Infinity;
  const after = before.slice();
  if (draft.processor !== undefined) {
    draft.processor.apply([...draft.prompt, ...draft.ids], after);
    draft.cost += plantingCost(before, after);
  }
  const token = drawFrom(softmax(after), random);
  draft.ids.push(token);
  return token;
}

function drawFrom(probabilities: Float64Array, random: MersenneTwister): number {
  let left = random.unitFromWord();
  let last = 0;
  for (let token = 0; token < probabilities.length; token += 1) {
    if (probabilities[token]! <= 0) continue;
    last = token;
    left -= probabilities[token]!;
    if (left < 0) return token;
  }
  return last;
}
