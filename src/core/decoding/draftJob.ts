// What every draft method shares: the open drafts, one forward for all of them a step, stop rules and the books of cache
// nodes. A method decides which token each draft takes next; nothing else.
import type { CacheNode, Cancellation, LmSession, Logits, NodeInput } from '../model/languageModel';
import { ModelStopped } from '../model/languageModel';
import type { ScoredLeft } from './byteDistribution';
import type { VocabularyIndex } from './byteVocabulary';
import type { Start, StartSource } from './coverStarts';
import { argMax, logSumExp, topIndices } from './logProbabilities';
import type { MarkedRow, Planting } from './plantedStarts';
import { draw, markRow } from './plantedStarts';
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
  /** With a watermark: the row to choose the next token from, in place of `logits`. */
  readonly marked: MarkedRow | undefined;
  /** With a watermark, for each token: whether the mark decided it, and what it cost at that step (nats). */
  readonly changed: readonly boolean[];
  readonly costs: readonly number[];
}

/** A token and whether another one would stand there without the watermark. */
export interface NextToken {
  readonly token: number;
  readonly changed: boolean;
}

export interface DraftJob {
  readonly session: LmSession;
  readonly index: VocabularyIndex;
  readonly pool: StartSource;
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
  /** Set when a watermark is planted. */
  readonly planting?: Planting | undefined;
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
    marked: start.marked,
    changed: [],
    costs: [],
  };
  return extend(
    job,
    empty,
    { token: start.token, changed: start.changed === true },
    start.logProb,
    perturbed,
  );
}

/** The draft with one more token; stop rules applied. */
export function extend(
  job: DraftJob,
  draft: OpenDraft,
  { token, changed }: NextToken,
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
    changed: [...draft.changed, changed],
    costs: [...draft.costs, draft.marked?.cost ?? 0],
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
    const marked = job.planting === undefined ? undefined : markedStep(job, job.planting, draft, row);
    return { ...draft, node: nodes[at++]!, logits: row, logTotal: logSumExp(row), marked };
  });
}

/** The row after `draft`, shaped as the method would sample it and marked. */
function markedStep(job: DraftJob, planting: Planting, draft: OpenDraft, logits: Logits): MarkedRow {
  const { temperature, topP } = job;
  const shaped = new Float32Array(logits.length).fill(-Infinity);
  const most = logits[greedyIn(job, logits)]!;
  for (let id = 0; id < logits.length; id++) {
    if (isAllowed(job, id)) shaped[id] = (logits[id]! - most) / temperature;
  }
  if (topP < 1) {
    const order = Array.from(shaped.keys()).sort((a, b) => shaped[b]! - shaped[a]! || a - b);
    const full = topP * Math.exp(logSumExp(shaped));
    let mass = 0;
    for (const id of order) {
      if (mass >= full) shaped[id] = -Infinity;
      else mass += Math.exp(shaped[id]!);
    }
  }
  const ids = [...planting.history, ...draft.scored.left.tokens, ...draft.tokens];
  return markRow(shaped, ids, draft.marked?.processor ?? planting.processor);
}

/** Whether a token may stand in a draft: text or an end token, never another special token. */
export function isAllowed(job: DraftJob, token: number): boolean {
  return (
    (token < job.index.size && job.index.lengthOf(token) > 0) || job.session.info.endTokens.includes(token)
  );
}

/** The most probable allowed token. */
export function greedyToken(job: DraftJob, draft: OpenDraft): NextToken {
  const plain = greedyIn(job, draft.logits!);
  if (draft.marked === undefined) return { token: plain, changed: false };
  const token = argMax(draft.marked.after);
  return { token, changed: token !== plain };
}

function greedyIn(job: DraftJob, logits: Logits): number {
  const best = argMax(logits);
  if (isAllowed(job, best)) return best;
  return topIndices(logits, 1, (id) => !isAllowed(job, id))[0] ?? best;
}

/** The `count` best tokens of a draft to branch into, best first. */
export function bestTokens(job: DraftJob, draft: OpenDraft, count: number): NextToken[] {
  const plain = topIndices(draft.logits!, count, (id) => !isAllowed(job, id));
  if (draft.marked === undefined) return plain.map((token) => ({ token, changed: false }));
  return topIndices(draft.marked.after, count).map((token) => ({ token, changed: !plain.includes(token) }));
}

/** Draws an allowed token from softmax(logits / temperature) cut to the nucleus `topP`. */
export function sampleToken(job: DraftJob, draft: OpenDraft): NextToken {
  const { temperature, topP, random } = job;
  if (draft.marked !== undefined) {
    // The same random number without the mark says what it changed.
    const share = random();
    const token = draw(draft.marked.after, share);
    return { token, changed: draw(draft.marked.before, share) !== token };
  }
  const logits = draft.logits!;
  const kept: number[] = [];
  const most = logits[greedyIn(job, logits)]!;
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
  let chosen = kept[Math.max(0, count - 1)]!;
  for (let i = 0; i < count; i++) {
    left -= weights[i]!;
    if (left >= 0) continue;
    chosen = kept[i]!;
    break;
  }
  return { token: chosen, changed: false };
}

/** Nodes that the drafts stand on, by draft object. */
export function contextsOf(
  pairs: Iterable<readonly [OpenDraft, CacheNode | undefined]>,
): Map<OpenDraft, CacheNode> {
  const contexts = new Map<OpenDraft, CacheNode>();
  for (const [draft, node] of pairs) if (node !== undefined) contexts.set(draft, node);
  return contexts;
}
