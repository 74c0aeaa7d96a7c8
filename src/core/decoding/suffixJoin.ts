// Does the text after the cursor still follow from a draft? For prompts that the suffix was not part of: the mean
// log-probability of the first tokens of the suffix behind each draft, all drafts in one tree forward.
import type { NodeInput } from '../model/languageModel';
import type { DraftJob, OpenDraft } from './draftJob';
import { logSumExp } from './logProbabilities';

/** Tokens after the joint that are looked at. */
const JOIN_TOKENS = 8;

/**
 * @param suffixIds ordinary tokens of the suffix.
 * @returns a value for each draft that was not cut in the middle of a token.
 */
export async function joinLogProbs(
  job: DraftJob,
  drafts: readonly OpenDraft[],
  suffixIds: readonly number[],
): Promise<Map<OpenDraft, number>> {
  const joins = new Map<OpenDraft, number>();
  const wanted = suffixIds.slice(0, JOIN_TOKENS);
  if (wanted.length === 0) return joins;
  const inputs: NodeInput[] = [];
  const places = drafts.map((draft) => {
    const own = draft.stop === 'end' ? draft.tokens.slice(0, -1) : draft.tokens;
    if (draft.keep !== draft.bytes.length) return [];
    let parent: NodeInput['parent'] = draft.scored.node;
    let last = -1;
    for (const token of own) {
      last = inputs.length;
      inputs.push({ parent, input: token });
      parent = last;
    }
    return wanted.map((token, i) => {
      const before = last;
      if (i < wanted.length - 1) {
        last = inputs.length;
        inputs.push({ parent: before < 0 ? draft.scored.node : before, input: token });
      }
      return before;
    });
  });
  const { nodes, logits } = await job.session.evaluate(inputs, job.cancellation);
  job.held.push(...nodes);
  drafts.forEach((draft, d) => {
    const rows = places[d]!;
    if (rows.length === 0) return;
    let sum = 0;
    rows.forEach((place, i) => {
      const row = place < 0 ? draft.scored.logits : logits[place]!;
      sum += row[wanted[i]!]! - logSumExp(row);
    });
    joins.set(draft, sum / rows.length);
  });
  return joins;
}
