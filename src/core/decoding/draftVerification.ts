// Exact log-probabilities for drafts that were written with shared or superposed input: all drafts are laid out as one token
// tree (shared starts merged) and evaluated in ONE forward. Drafts are then cut at the first token that the model itself
// finds unlikely, which is where cross-talk between superposed drafts shows.
import type { NodeInput } from '../model/languageModel';
import type { DraftJob, OpenDraft } from './draftJob';
import { logSumExp } from './logProbabilities';

export interface VerificationOptions {
  /** A token below this share of the most probable one ends the draft before it. 0 cuts nothing. */
  readonly minShare: number;
}

export const DEFAULT_VERIFICATION: VerificationOptions = { minShare: 1e-3 };

/** The drafts with exact `logProbs` and, where cut, stop cause 'verification'. Order is kept. */
export async function verifyDrafts(
  job: DraftJob,
  drafts: readonly OpenDraft[],
  options: VerificationOptions = DEFAULT_VERIFICATION,
): Promise<OpenDraft[]> {
  const inputs: NodeInput[] = [];
  const places = new Map<string, number>();
  const paths = drafts.map((draft) => {
    let key = String(draft.scored.node.id);
    let parent = -1;
    return draft.tokens.slice(0, -1).map((token) => {
      key += `,${token}`;
      let place = places.get(key);
      if (place === undefined) {
        place = inputs.length;
        places.set(key, place);
        inputs.push({ parent: parent < 0 ? draft.scored.node : parent, input: token });
      }
      parent = place;
      return place;
    });
  });
  const { nodes, logits } = await job.session.evaluate(inputs, job.cancellation);
  job.held.push(...nodes);
  const totals = logits.map((row) => logSumExp(row));
  return drafts.map((draft, d) => {
    const { scored } = draft;
    const first = scored.logWeight + scored.logits[draft.tokens[0]!]! - scored.logTotal - job.pool.logMass;
    const logProbs = [first];
    let cut = draft.tokens.length;
    paths[d]!.forEach((place, i) => {
      const row = logits[place]!;
      const value = row[draft.tokens[i + 1]!]!;
      logProbs.push(value - totals[place]!);
      if (options.minShare > 0 && cut === draft.tokens.length) {
        let most = -Infinity;
        for (const other of row) if (other > most) most = other;
        if (value - most < Math.log(options.minShare)) cut = i + 1;
      }
    });
    const kept = logProbs.slice(0, cut);
    const logProb = kept.reduce((sum, p) => sum + p, 0);
    if (cut === draft.tokens.length) return { ...draft, logProbs, logProb };
    return cutTokens(job, { ...draft, logProbs: kept, logProb, stop: 'verification' }, cut);
  });
}

function cutTokens(job: DraftJob, draft: OpenDraft, count: number): OpenDraft {
  const tokens = draft.tokens.slice(0, count);
  let length = -draft.scored.left.overhang;
  for (const token of tokens) length += job.index.lengthOf(token);
  const bytes = draft.bytes.slice(0, Math.max(0, length));
  return { ...draft, tokens, bytes, keep: Math.min(draft.keep, bytes.length) };
}
