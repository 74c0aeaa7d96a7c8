// Draft methods whose every token is conditioned on its own draft: greedy, nucleus, beam, forked greedy, and sampling
// without replacement (Gumbel-top-k on the first token; stochastic beam search on whole drafts, Kool et al. 2019,
// https://arxiv.org/abs/1903.06059, as used by recursive speculative decoding, arXiv 2402.14160).
// All drafts are branches of one shared-prefix tree: a step is one forward of k rows, whatever k is.
import type { CacheNode } from '../model/languageModel';
import type { DraftJob, OpenDraft } from './draftJob';
import { advance, contextsOf, extend, greedyToken, isAllowed, openDraft, sampleToken } from './draftJob';
import { topIndices } from './logProbabilities';
import { gumbel } from './seededRandom';

type NextToken = (job: DraftJob, draft: OpenDraft) => number;

/** The k heaviest starts, each continued greedily. With `count` 1 this is greedy decoding. */
export function forkedDrafts(job: DraftJob): Promise<OpenDraft[]> {
  const drafts = job.pool.top(job.count).map((start) => openDraft(job, start));
  return continueAll(job, drafts, (j, draft) => greedyToken(j, draft.logits!));
}

/** k independent samples with temperature and nucleus; the same text may come twice. */
export function nucleusDrafts(job: DraftJob): Promise<OpenDraft[]> {
  const drafts = Array.from({ length: job.count }, () =>
    openDraft(job, job.pool.sample(job.random, job.temperature, job.topP)),
  );
  return continueAll(job, drafts, (j, draft) => sampleToken(j, draft.logits!));
}

/** k samples whose starts are drawn without replacement (top k of log p / T + Gumbel). */
export function gumbelDrafts(job: DraftJob): Promise<OpenDraft[]> {
  const { pool, random, temperature } = job;
  const noisy = Float64Array.from(
    { length: pool.size },
    (_, i) => pool.at(i).logProb / temperature + gumbel(random),
  );
  const drafts = topIndices(noisy, job.count).map((place) => openDraft(job, pool.at(place), noisy[place]));
  return continueAll(job, drafts, (j, draft) => sampleToken(j, draft.logits!));
}

async function continueAll(
  job: DraftJob,
  started: readonly OpenDraft[],
  next: NextToken,
): Promise<OpenDraft[]> {
  let drafts = [...started];
  let contexts = contextsOf(drafts.map((draft) => [draft, draft.scored.node]));
  while (drafts.some((draft) => draft.stop === undefined)) {
    const evaluated = await advance(job, drafts, contexts);
    const parents = new Map<OpenDraft, CacheNode>();
    drafts = evaluated.map((draft) => {
      if (draft.stop !== undefined) return draft;
      const token = next(job, draft);
      const longer = extend(job, draft, token, draft.logits![token]! - draft.logTotal);
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
      topIndices(draft.logits!, 2 * j.count, (id) => !isAllowed(j, id)).map((token) =>
        extend(j, draft, token, draft.logits![token]! - draft.logTotal),
      ),
  );
}

/**
 * k distinct drafts drawn without replacement from the model's distribution at `temperature`: each draft carries its
 * log-probability phi and a perturbed score G; children's scores are Gumbels conditioned on their maximum being G.
 */
export function stochasticBeamDrafts(job: DraftJob): Promise<OpenDraft[]> {
  const { pool, random, temperature } = job;
  const noisy = Float64Array.from(
    { length: pool.size },
    (_, i) => pool.at(i).logProb / temperature + gumbel(random),
  );
  const started = topIndices(noisy, job.count).map((place) => openDraft(job, pool.at(place), noisy[place]));
  return searchBeam(
    job,
    started,
    (draft) => draft.perturbed,
    (j, draft) => {
      const logits = draft.logits!;
      const scores = new Float64Array(logits.length).fill(-Infinity);
      let total = 0;
      let most = -Infinity;
      for (let id = 0; id < logits.length; id++) if (isAllowed(j, id)) most = Math.max(most, logits[id]!);
      for (let id = 0; id < logits.length; id++) {
        if (isAllowed(j, id)) total += Math.exp((logits[id]! - most) / temperature);
      }
      const phi = new Float64Array(logits.length);
      let largest = -Infinity;
      for (let id = 0; id < logits.length; id++) {
        if (!isAllowed(j, id) || logits[id] === -Infinity) continue;
        phi[id] = draft.phi + (logits[id]! - most) / temperature - Math.log(total);
        scores[id] = phi[id]! + gumbel(random);
        if (scores[id]! > largest) largest = scores[id]!;
      }
      return topIndices(scores, j.count).map((token) => {
        const perturbed = conditionedGumbel(draft.perturbed, largest, scores[token]!);
        const child = extend(j, draft, token, logits[token]! - draft.logTotal, perturbed);
        return { ...child, phi: phi[token]! };
      });
    },
  );
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
