// What every draft method shares: the open drafts, one forward for all of them a step, stop rules and the books of cache
// nodes. A method decides which token each draft takes next; nothing else.
import type { CacheNode, Cancellation, LmSession, Logits, NodeInput } from '../model/languageModel';
import { ModelStopped } from '../model/languageModel';
import type { ScoredLeft } from './byteDistribution';
import type { VocabularyIndex } from './byteVocabulary';
import type { Start, StartPool } from './coverStarts';
import { argMax, logSumExp, topIndices } from './logProbabilities';
import type { StopCause, StopRules } from './stopRules';
import { stopPoint } from './stopRules';

/** A draft under way. `tokens[0]` overhangs the left context; its first `overhang` bytes are already in the document. */
export interface OpenDraft {
  readonly scored: ScoredLeft;
  readonly tokens: readonly number[];
  readonly logProbs: readonly number[];
  /** Sum of `logProbs`. */
  readonly logProb: number;
  /** New bytes: those of the tokens without the overhang. */
  readonly bytes: Uint8Array;
  /** Bytes to keep, when a stop rule cut the draft. */
  readonly keep: number;
  readonly stop: StopCause | undefined;
  /** Context after the tokens and scores there; undefined until the newest token was evaluated. */
  readonly node: CacheNode | undefined;
  readonly logits: Logits | undefined;
  readonly logTotal: number;
  /** Perturbed score of sampling without replacement. */
  readonly perturbed: number;
  /** Log-probability at the job's temperature, up to one constant for all drafts; kept by stochastic beam search. */
  readonly phi: number;
}

export interface DraftJob {
  readonly session: LmSession;
  readonly index: VocabularyIndex;
  readonly pool: StartPool;
  readonly count: number;
  readonly rules: StopRules;
  readonly temperature: number;
  readonly topP: number;
  readonly random: () => number;
  readonly cancellation: Cancellation | undefined;
  /** Ids of the prompt, for methods that look at the past (n-grams). */
  readonly history: readonly number[];
  /** Nodes to release when the request ends. */
  readonly held: CacheNode[];
}

/** Opens a draft with its first token. */
export function openDraft(job: DraftJob, start: Start, perturbed = 0): OpenDraft {
  const empty: OpenDraft = {
    scored: start.scored,
    tokens: [],
    logProbs: [],
    logProb: 0,
    bytes: new Uint8Array(0),
    keep: 0,
    stop: undefined,
    node: start.scored.node,
    logits: start.scored.logits,
    logTotal: start.scored.logTotal,
    perturbed,
    phi: start.logProb / job.temperature,
  };
  return extend(job, empty, start.token, start.logProb, perturbed);
}

/** The draft with one more token; stop rules applied. */
export function extend(
  job: DraftJob,
  draft: OpenDraft,
  token: number,
  logProb: number,
  perturbed = draft.perturbed,
): OpenDraft {
  const ended = job.session.info.endTokens.includes(token);
  const added = ended ? new Uint8Array(0) : job.index.bytesOf(token);
  const skipped = draft.tokens.length === 0 && !ended ? draft.scored.left.overhang : 0;
  const bytes = new Uint8Array(draft.bytes.length + added.length - skipped);
  bytes.set(draft.bytes);
  bytes.set(added.subarray(skipped), draft.bytes.length);
  const tokens = [...draft.tokens, token];
  const stop = ended
    ? { cause: 'end' as const, keep: bytes.length }
    : stopPoint(bytes, tokens.length, job.rules);
  return {
    ...draft,
    tokens,
    logProbs: [...draft.logProbs, logProb],
    logProb: draft.logProb + logProb,
    bytes,
    keep: stop?.keep ?? bytes.length,
    stop: stop?.cause,
    node: undefined,
    logits: undefined,
    perturbed,
  };
}

/** Evaluates the newest token of every live draft in one forward. Stopped drafts pass through. */
export async function advance(
  job: DraftJob,
  drafts: readonly OpenDraft[],
  contexts: ReadonlyMap<OpenDraft, CacheNode>,
): Promise<OpenDraft[]> {
  const live = drafts.filter((draft) => draft.stop === undefined);
  if (live.length === 0) return [...drafts];
  const inputs = live.map((draft): NodeInput => ({
    parent: contexts.get(draft)!,
    input: draft.tokens[draft.tokens.length - 1]!,
  }));
  let evaluated;
  try {
    evaluated = await job.session.evaluate(inputs, job.cancellation);
  } catch (error) {
    if (!(error instanceof ModelStopped) || error.reason !== 'contextFull') throw error;
    return drafts.map((draft) => (draft.stop === undefined ? { ...draft, stop: 'contextFull' } : draft));
  }
  const { nodes, logits } = evaluated;
  job.held.push(...nodes);
  let at = 0;
  return drafts.map((draft) => {
    if (draft.stop !== undefined) return draft;
    const row = logits[at]!;
    return { ...draft, node: nodes[at++]!, logits: row, logTotal: logSumExp(row) };
  });
}

/** Whether a token may stand in a draft: text or an end token, never another special token. */
export function isAllowed(job: DraftJob, token: number): boolean {
  return (
    (token < job.index.size && job.index.lengthOf(token) > 0) || job.session.info.endTokens.includes(token)
  );
}

/** The most probable allowed token. */
export function greedyToken(job: DraftJob, logits: Logits): number {
  const best = argMax(logits);
  if (isAllowed(job, best)) return best;
  return topIndices(logits, 1, (id) => !isAllowed(job, id))[0] ?? best;
}

/** Draws an allowed token from softmax(logits / temperature) cut to the nucleus `topP`. */
export function sampleToken(job: DraftJob, logits: Logits): number {
  const { temperature, topP, random } = job;
  const kept: number[] = [];
  const most = logits[greedyToken(job, logits)]!;
  for (let id = 0; id < logits.length; id++) {
    if ((logits[id]! - most) / temperature > -30 && isAllowed(job, id)) kept.push(id);
  }
  kept.sort((a, b) => logits[b]! - logits[a]! || a - b);
  const weights = kept.map((id) => Math.exp((logits[id]! - most) / temperature));
  const total = weights.reduce((sum, w) => sum + w, 0);
  let mass = 0;
  let count = 0;
  while (count < kept.length && mass < topP * total) mass += weights[count++]!;
  let left = random() * mass;
  for (let i = 0; i < count; i++) {
    left -= weights[i]!;
    if (left < 0) return kept[i]!;
  }
  return kept[Math.max(0, count - 1)]!;
}

/** Nodes that the drafts stand on, by draft object. */
export function contextsOf(
  pairs: Iterable<readonly [OpenDraft, CacheNode | undefined]>,
): Map<OpenDraft, CacheNode> {
  const contexts = new Map<OpenDraft, CacheNode>();
  for (const [draft, node] of pairs) if (node !== undefined) contexts.set(draft, node);
  return contexts;
}
