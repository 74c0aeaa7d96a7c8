// Superposed Decoding over covers: the step of superposition.ts, run until every draft has stopped. One forward a step,
// whatever k is; the prompt's cache is never touched. Drafts whose first tokens overhang different left contexts cannot
// share an input, so each left context has its own row in that forward (almost always there is one).
import type { CacheNode, NodeInput } from '../model/languageModel';
import { ModelStopped } from '../model/languageModel';
import type { DraftJob, OpenDraft } from './draftJob';
import { extend, isAllowed, openDraft } from './draftJob';
import type { DraftVerification } from './draftVerification';
import { LONGEST_CONTEXT } from './liveNgrams';
import { logSumExp } from './logProbabilities';
import type { NgramModel } from './ngramMixture';
import type { Candidates, SuperposedSettings } from './superposition';
import {
  candidateScores,
  candidatesOf,
  chooseContinuations,
  gammaOf,
  superposedInput,
} from './superposition';

/** What happened in one step, for inspection. */
export interface SuperposedStep {
  /** Newest token of each live draft and its share of the input row that it is part of. */
  readonly tokens: readonly number[];
  readonly gamma: readonly number[];
  /** Which input row each live draft is part of: one row for each left context. The shares of a row sum to 1. */
  readonly rows: readonly number[];
  /** Which draft of this step each draft of the next step continues. */
  readonly parents: readonly number[];
}

export interface SuperposedResult {
  /** At most k drafts, best own score per token first. `logProb` is the method's own score unless they were verified. */
  readonly drafts: readonly OpenDraft[];
  readonly scores: readonly number[];
  readonly steps: readonly SuperposedStep[];
}

interface Scored {
  readonly draft: OpenDraft;
  readonly score: number;
}

/**
 * Runs the method. The model must accept embeddings (`embeddingSize` > 0).
 * @param verification follows the drafts with exact probabilities and cuts; none of it changes what is written before a cut
 */
export async function superposedDrafts(
  job: DraftJob,
  settings: SuperposedSettings,
  ngrams: NgramModel | undefined,
  verification?: DraftVerification,
): Promise<SuperposedResult> {
  const steps: SuperposedStep[] = [];
  const finished: Scored[] = [];
  let live = firstTokens(job, settings, finished);
  for (const { draft } of [...live, ...finished]) verification?.start(draft);
  let contexts = new Map<number, CacheNode>();
  for (const { draft } of live) contexts.set(draft.scored.node.id, draft.scored.node);
  while (live.length > 0) {
    const groups = [...contexts.keys()].filter((id) => live.some(({ draft }) => draft.scored.node.id === id));
    const gamma = new Float64Array(live.length);
    const proofs = verification?.inputs(live.map(({ draft }) => draft)) ?? [];
    const inputs = [...proofs];
    const rowOf: number[] = [];
    for (const group of groups) {
      const members = live.flatMap(({ draft }, i) => (draft.scored.node.id === group ? [i] : []));
      const shares = gammaOf(
        members.map((i) => live[i]!.score),
        settings.gammaTemperature,
      );
      members.forEach((i, m) => (gamma[i] = shares[m]!));
      const newest = members.map((i) => live[i]!.draft.tokens.at(-1)!);
      const mixed = { parent: contexts.get(group)!, input: await mixedInput(job, newest, shares) };
      // A draft alone in its group is its own mixture: its proof is that row already.
      const same = proofs.findIndex((proof) => isSameInput(proof, mixed));
      rowOf.push(same >= 0 ? same : inputs.push(mixed) - 1);
    }
    let evaluated;
    try {
      evaluated = await job.session.evaluate(inputs, job.cancellation);
    } catch (error) {
      if (!(error instanceof ModelStopped) || error.reason !== 'contextFull') throw error;
      for (const one of live) {
        const draft: OpenDraft = { ...one.draft, stop: 'contextFull' };
        verification?.extend(one.draft, draft);
        finished.push({ ...one, draft });
      }
      break;
    }
    job.held.push(...evaluated.nodes);
    verification?.take(evaluated.nodes.slice(0, proofs.length), evaluated.logits.slice(0, proofs.length));
    contexts = new Map(groups.map((group, g) => [group, evaluated.nodes[rowOf[g]!]!]));
    const candidates = rowOf.map((row) =>
      candidatesOf(evaluated.logits[row]!, settings, (id) => !isAllowed(job, id)),
    );
    const own = live.map(({ draft }): Candidates => candidates[groups.indexOf(draft.scored.node.id)]!);
    const f = live.map(({ draft }, i) =>
      candidateScores(own[i]!, settings, ngrams, recentTokens(job, draft)),
    );
    const scores = live.map((one) => one.score);
    // 2k choices leave k live drafts even when k of them end here; a line of descent that ended is not replaced.
    const wanted = settings.lineage ? live.length : job.count;
    const choices = chooseContinuations(
      scores,
      own,
      f,
      settings.lineage ? wanted : 2 * job.count,
      settings.lineage,
    );
    const next: Scored[] = [];
    const parents: number[] = [];
    for (const choice of choices) {
      if (next.length >= wanted) break;
      const { draft } = live[choice.draft]!;
      const longer = extend(
        job,
        draft,
        { token: choice.token, changed: false },
        choice.score - live[choice.draft]!.score,
      );
      verification?.extend(draft, longer);
      if (longer.stop === undefined) {
        next.push({ draft: longer, score: choice.score });
        parents.push(choice.draft);
      } else finished.push({ draft: longer, score: choice.score });
    }
    steps.push({
      tokens: live.map(({ draft }) => draft.tokens.at(-1)!),
      gamma: [...gamma],
      rows: live.map(({ draft }) => groups.indexOf(draft.scored.node.id)),
      parents,
    });
    live = next;
  }
  const ranked = finished.sort((a, b) => perToken(b) - perToken(a)).slice(0, job.count);
  return {
    drafts: ranked.map(({ draft }) => verification?.verified(draft) ?? draft),
    scores: ranked.map(({ score }) => score),
    steps,
  };
}

function isSameInput(proof: NodeInput, { parent, input }: { parent: CacheNode; input: unknown }): boolean {
  return proof.input === input && typeof proof.parent !== 'number' && proof.parent.id === parent.id;
}

/** As much of the past of a draft's next token as n-grams look at. */
function recentTokens(job: DraftJob, { scored, tokens }: OpenDraft): number[] {
  const parts = [tokens, scored.left.tokens, job.history];
  let recent: number[] = [];
  for (const part of parts) {
    const missing = LONGEST_CONTEXT - recent.length;
    if (missing > 0) recent = [...part.slice(-missing), ...recent];
  }
  return recent;
}

const perToken = ({ draft, score }: Scored): number => score / draft.tokens.length;

/** The k best covers, scored at the model temperature over the n best. */
function firstTokens(job: DraftJob, settings: SuperposedSettings, finished: Scored[]): Scored[] {
  const starts = job.pool.top(Math.max(settings.candidates, job.count));
  const scaled = Float64Array.from(starts, (start) => start.logProb / settings.temperature);
  const total = logSumExp(scaled);
  const live: Scored[] = [];
  starts.slice(0, job.count).forEach((start, i) => {
    const one = { draft: openDraft(job, start), score: scaled[i]! - total };
    (one.draft.stop === undefined ? live : finished).push(one);
  });
  return live;
}

/** One embedding for the newest tokens of all drafts; a token id when they agree, which is exactly its embedding. */
async function mixedInput(
  job: DraftJob,
  newest: readonly number[],
  gamma: Float64Array,
): Promise<number | Float32Array> {
  const weights = new Map<number, number>();
  newest.forEach((token, i) => weights.set(token, (weights.get(token) ?? 0) + gamma[i]!));
  if (weights.size === 1) return newest[0]!;
  const rows = await job.session.embeddingRows([...weights.keys()]);
  return superposedInput(Float64Array.from(weights.values()), rows, job.session.info.embeddingSize);
}
