// Superposed Decoding a second time, straight from the published description (Shen et al., arXiv 2405.18400, section 3) and
// sharing no code with the product: dense arrays, no covers, no stop rules, one prompt. It is what the decoder is held against.
import { ByteLevelState } from '../../../../src/core/decoding/byteDistribution';
import { bytePairView } from '../../../../src/core/decoding/bytePairView';
import { vocabularyIndex } from '../../../../src/core/decoding/byteVocabulary';
import { leftsOfEdge, StartPool } from '../../../../src/core/decoding/coverStarts';
import type { DraftJob } from '../../../../src/core/decoding/draftJob';
import { seededRandom } from '../../../../src/core/decoding/seededRandom';
import type { SuperposedSettings } from '../../../../src/core/decoding/superposition';
import type { LmSession } from '../../../../src/core/model/languageModel';
import type { BytePairTokenizer } from '../../../../src/core/tokenizers/bytePairTokenizer';

export interface ReferenceDraft {
  readonly ids: readonly number[];
  readonly score: number;
}

/** log softmax over the given entries only. */
function logSoftmax(values: readonly number[]): number[] {
  const most = Math.max(...values);
  const total = values.reduce((sum, value) => sum + Math.exp(value - most), 0);
  return values.map((value) => value - most - Math.log(total));
}

/** Ids of the `count` largest allowed logits with their renormalised log-probabilities at temperature `tau`. */
function best(
  logits: ArrayLike<number>,
  count: number,
  tau: number,
  allowed: (id: number) => boolean,
): { ids: number[]; logP: number[] } {
  const ids = Array.from({ length: logits.length }, (_, id) => id)
    .filter(allowed)
    .sort((a, b) => logits[b]! - logits[a]! || a - b)
    .slice(0, count);
  return { ids, logP: logSoftmax(ids.map((id) => logits[id]! / tau)) };
}

/** k drafts of `length` tokens after `prompt`, without n-grams (alpha = 0); best first. */
export async function referenceSuperposed(
  session: LmSession,
  prompt: readonly number[],
  k: number,
  length: number,
  settings: Pick<SuperposedSettings, 'candidates' | 'temperature' | 'gammaTemperature'>,
  allowed: (id: number) => boolean,
): Promise<ReferenceDraft[]> {
  const { candidates: n, temperature: tau, gammaTemperature } = settings;
  const start = await session.prefill(prompt);
  const first = best(start.logits, Math.max(n, k), tau, allowed);
  let drafts = first.ids.slice(0, k).map((id, i) => ({ ids: [id], score: first.logP[i]! }));
  let node = start.node;
  for (let t = 1; t < length; t++) {
    const gamma = logSoftmax(drafts.map(({ score }) => score / gammaTemperature)).map(Math.exp);
    const width = session.info.embeddingSize;
    const mixed = new Float64Array(width);
    for (const [i, { ids }] of drafts.entries()) {
      const row = await session.embeddingRows([ids.at(-1)!]);
      for (let d = 0; d < width; d++) mixed[d]! += gamma[i]! * row[d]!;
    }
    const { nodes, logits } = await session.evaluate([{ parent: node, input: Float32Array.from(mixed) }]);
    node = nodes[0]!;
    const shared = best(logits[0]!, n, tau, allowed);
    drafts = drafts
      .flatMap(({ ids, score }, i) =>
        shared.ids.map((id, c) => ({ ids: [...ids, id], score: score + shared.logP[c]!, i, id })),
      )
      .sort((a, b) => b.score - a.score || a.i - b.i || a.id - b.id)
      .slice(0, k);
  }
  return drafts;
}

/** A job whose cursor is met at token level: one left context, so that nothing but the method itself is looked at. */
export async function tokenLevelJob(
  session: LmSession,
  tokenizer: BytePairTokenizer,
  context: readonly number[],
  prefix: string,
  wishes: { readonly count: number; readonly maxTokens: number },
): Promise<{ readonly job: DraftJob; readonly prompt: readonly number[] }> {
  const view = bytePairView(tokenizer);
  const index = vocabularyIndex(view);
  const state = new ByteLevelState(session, view, context, Buffer.from(prefix));
  const { lefts, covers } = await state.score();
  const kept = leftsOfEdge(lefts, covers.canonical!, index, covers.tail, 'tokenLevel');
  const job: DraftJob = {
    session,
    index,
    pool: new StartPool(kept, index, session.info.endTokens, 'tokenLevel'),
    count: wishes.count,
    rules: {
      singleLine: false,
      maxTokens: wishes.maxTokens,
      maxBytes: Infinity,
      indentation: 0,
      suffixLine: '',
    },
    temperature: 1,
    topP: 1,
    random: seededRandom(0),
    cancellation: undefined,
    history: [],
    held: [],
  };
  return { job, prompt: [...context, ...tokenizer.encode(prefix)] };
}
