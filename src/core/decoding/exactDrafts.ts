// Draft methods whose every token is conditioned on its own draft: greedy, nucleus, beam, forked greedy, and sampling
// without replacement (Gumbel-top-k on the first token; stochastic beam search on whole drafts, Kool et al. 2019,
// https://arxiv.org/abs/1903.06059, as used by recursive speculative decoding, arXiv 2402.14160).
// All drafts are branches of one shared-prefix tree: a step is one forward of k rows, whatever k is.
import type { CacheNode } from '../model/languageModel';
import type { DraftJob, NextToken, OpenDraft } from './draftJob';
import {
  advance,
  bestTokens,
  contextsOf,
  extend,
  greedyToken,
  isAllowed,
  openDraft,
  sampleToken,
} from './draftJob';
import { logSumExp, topIndices } from './logProbabilities';
import { gumbel } from './seededRandom';

type ChooseToken = (job: DraftJob, draft: OpenDraft) => NextToken;

/** The k heaviest starts, each continued greedily. With `count` 1 this is greedy decoding. */
export function forkedDrafts(job: DraftJob): Promise<OpenDraft[]> {
  const drafts = job.pool.top(job.count).map((start) => openDraft(job, start));
  return continueAll(job, drafts, greedyToken);
}

/** k independent samples with temperature and nucleus; the same text may come twice. */
export function nucleusDrafts(job: DraftJob): Promise<OpenDraft[]> {
  const drafts = Array.from({ length: job.count }, () =>
    openDraft(job, job.pool.sample(job.random, job.temperature, job.topP)),
  );
  return continueAll(job, drafts, sampleToken);
}

/** k samples whose starts are drawn without replacement (top k of log p / T + Gumbel). */
export function gumbelDrafts(job: DraftJob): Promise<OpenDraft[]> {
  return continueAll(job, drawnStarts(job), sampleToken);
}

/** The starts of largest perturbed log-probability: k draws without replacement. */
function drawnStarts(job: DraftJob): OpenDraft[] {
  const { pool, random, temperature } = job;
  const weights = pool.choiceWeights(temperature);
  const noise = Float64Array.from(weights, () => gumbel(random));
  const noisy = weights.map((weight, i) => weight + noise[i]!);
  const plain = pool.unmarkedWeights?.();
  const unmarked =
    plain === undefined
      ? undefined
      : topIndices(
          plain.map((weight, i) => weight + noise[i]!),
          job.count,
        );
  return topIndices(noisy, job.count).map((place) => {
    const start = { ...pool.at(place), changed: unmarked?.includes(place) === false };
    return { ...openDraft(job, start, noisy[place]), phi: weights[place]! };
  });
}

async function continueAll(
  job: DraftJob,
  started: readonly OpenDraft[],
  next: ChooseToken,
): Promise<OpenDraft[]> {
  let drafts = [...started];
  let contexts = contextsOf(drafts.map((draft) => [draft, draft.scored.node]));
  while (drafts.some((draft) => draft.stop === undefined)) {
    const evaluated = await advance(job, drafts, contexts);
    const parents = new Map<OpenDraft, CacheNode>();
    drafts = evaluated.map((draft) => {
      if (draft.stop !== undefined) return draft;
      const chosen = next(job, draft);
      const longer = extend(job, draft, chosen, draft.logits![chosen.token]! - draft.logTotal);
      parents.set(longer, draft.node!);
      return longer;
    });
    contexts = parents;
  }
  return drafts;
}

/** Beam search: the `count` most probable drafts by summed log-probability that a beam of that width finds. */
export function beamDrafts(job: DraftJob): Promise<OpenDraft[]> {
  const started = job.pool.top(2 * job.count).map((start) => openDraft(job, start));
  return searchBeam(
    job,
    started,
    (draft) => draft.logProb,
    (j, draft) =>
      bestTokens(j, draft, 2 * j.count).map((chosen) =>
        extend(j, draft, chosen, draft.logits![chosen.token]! - draft.logTotal),
      ),
  );
}

/**
 * k distinct drafts drawn without replacement from the model's distribution at `temperature`: each draft carries its
 * log-probability phi and a perturbed score G; children's scores are Gumbels conditioned on their maximum being G.
 */
export function stochasticBeamDrafts(job: DraftJob): Promise<OpenDraft[]> {
  return searchBeam(
    job,
    drawnStarts(job),
    (draft) => draft.perturbed,
    (j, draft) => {
      const rows = chosenRows(j, draft);
      const noise = Float64Array.from(rows.row, (value) => (value === -Infinity ? 0 : gumbel(j.random)));
      const total = logSumExp(rows.row);
      const phi = Float64Array.from(rows.row, (value) => draft.phi + value - total);
      const scores = phi.map((value, id) => value + noise[id]!);
      const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
      const unmarked =
        rows.before === undefined
          ? undefined
          : topIndices(
              Float64Array.from(rows.before, (value, id) => value + noise[id]!),
              j.count,
            );
      return topIndices(scores, j.count).map((token) => {
        const perturbed = conditionedGumbel(draft.perturbed, largest, scores[token]!);
        const chosen = { token, changed: unmarked?.includes(token) === false };
        const child = extend(j, draft, chosen, draft.logits![token]! - draft.logTotal, perturbed);
        return { ...child, phi: phi[token]! };
      });
    },
  );
}

/** The row that a draft chooses from at the job's temperature, and the same without the watermark. */
function chosenRows(
  job: DraftJob,
  { logits, marked }: OpenDraft,
): { readonly row: Float64Array; readonly before: Float32Array | undefined } {
  if (marked !== undefined) return { row: Float64Array.from(marked.after), before: marked.before };
  const row = Float64Array.from(logits!, (value, id) =>
    isAllowed(job, id) ? value / job.temperature : -Infinity,
  );
  return { row, before: undefined };
}

/** -log(exp(-target) - exp(-largest) + exp(-score)), in the stable form of Kool et al., appendix B.3. */
export function conditionedGumbel(target: number, largest: number, score: number): number {
  const difference = score - largest;
  const log1mExp =
    difference > -Math.LN2 ? Math.log(-Math.expm1(difference)) : Math.log1p(-Math.exp(difference));
  const v = target - score + log1mExp;
  return target - Math.max(0, v) - Math.log1p(Math.exp(-Math.abs(v)));
}

/** Keeps the best `count` drafts, live and finished together, until none of them is live. */
async function searchBeam(
  job: DraftJob,
  started: readonly OpenDraft[],
  score: (draft: OpenDraft) => number,
  children: (job: DraftJob, draft: OpenDraft) => readonly OpenDraft[],
): Promise<OpenDraft[]> {
  const best = (drafts: readonly OpenDraft[]): OpenDraft[] =>
    [...drafts].sort((a, b) => score(b) - score(a)).slice(0, job.count);
  let drafts = best(started);
  let contexts = contextsOf(drafts.map((draft) => [draft, draft.scored.node]));
  while (drafts.some((draft) => draft.stop === undefined)) {
    const evaluated = await advance(job, drafts, contexts);
    const parents = new Map<OpenDraft, CacheNode>();
    const pool: OpenDraft[] = [];
    for (const draft of evaluated) {
      if (draft.stop !== undefined) {
        pool.push(draft);
        continue;
      }
      for (const child of children(job, draft)) {
        parents.set(child, draft.node!);
        pool.push(child);
      }
    }
    drafts = best(pool);
    contexts = parents;
  }
  return drafts;
}
