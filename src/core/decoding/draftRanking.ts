// From raw drafts to what the user sees: whole characters, no overlap with the text after the cursor, no empty draft, no torn
// word, no two drafts with the same text, best first.
import type { DraftJob, OpenDraft } from './draftJob';
import type { StopCause } from './stopRules';
import { completeText, withoutSuffixOverlap } from './stopRules';

export interface DraftToken {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** Bytes at the start of the token that were in the document already (first token only). */
  readonly overhang: number;
  /** Natural log of the model's probability; exact unless the draft says otherwise. */
  readonly logProb: number;
  /** A watermark decided for this token against the one that would stand here without it. */
  readonly changed: boolean;
  /** Expected log-probability that the watermark cost at this step, nats; 0 without one. */
  readonly cost: number;
}

export interface Draft {
  readonly text: string;
  readonly tokens: readonly DraftToken[];
  /** Sum over `tokens`. */
  readonly logProb: number;
  /** Order of the drafts: log-probability over length^0.6, plus the join with the suffix where it was checked. */
  readonly rank: number;
  readonly stop: StopCause;
  /** True when `logProb` is the model's; false for a superposed draft that was not verified. */
  readonly exact: boolean;
  /** Mean log-probability of the first tokens after the cursor behind this draft, where checked. */
  readonly joinLogProb: number | undefined;
}

/** Exponent of the length penalty: 0 prefers short drafts, 1 compares means (Wu et al. 2016, arXiv 1609.08144, use 0.6 to 0.7). */
const LENGTH_EXPONENT = 0.6;

export interface RankingOptions {
  readonly lineRest: string;
  /** The cursor has word characters on both sides: drafts that begin with white space would tear the word and are left out. */
  readonly insideWord: boolean;
  readonly exact: boolean;
  readonly joins: ReadonlyMap<OpenDraft, number>;
}

/** The drafts to show, best first. */
export function rankDrafts(job: DraftJob, drafts: readonly OpenDraft[], options: RankingOptions): Draft[] {
  const byText = new Map<string, Draft>();
  for (const open of drafts) {
    const draft = finishDraft(job, open, options);
    if (draft === undefined) continue;
    const known = byText.get(draft.text);
    if (known === undefined || known.rank < draft.rank) byText.set(draft.text, draft);
  }
  return [...byText.values()]
    .sort((a, b) => b.rank - a.rank || (a.text < b.text ? -1 : 1))
    .slice(0, job.count);
}

function finishDraft(job: DraftJob, open: OpenDraft, options: RankingOptions): Draft | undefined {
  const text = withoutSuffixOverlap(completeText(open.bytes.subarray(0, open.keep)), options.lineRest);
  if (text.trim() === '' && !text.includes('\n')) return undefined;
  if (options.insideWord && /^\s/u.test(text)) return undefined;
  const tokens: DraftToken[] = [];
  let end = 0;
  let logProb = 0;
  open.tokens.forEach((id, i) => {
    const bytes = job.session.info.endTokens.includes(id) ? new Uint8Array(0) : job.index.bytesOf(id);
    const overhang = i === 0 && bytes.length > 0 ? open.scored.left.overhang : 0;
    // The end token counts when the model chose it; tokens that a stop rule cut away do not.
    if (end >= open.keep && !(bytes.length === 0 && open.stop === 'end')) return;
    end += bytes.length - overhang;
    tokens.push({
      id,
      bytes,
      overhang,
      logProb: open.logProbs[i]!,
      changed: open.changed[i]!,
      cost: open.costs[i]!,
    });
    logProb += open.logProbs[i]!;
  });
  const joinLogProb = options.joins.get(open);
  return {
    text,
    tokens,
    logProb,
    rank: logProb / tokens.length ** LENGTH_EXPONENT + (joinLogProb ?? 0),
    stop: open.stop ?? 'length',
    exact: options.exact,
    joinLogProb,
  };
}
