// Exact log-probabilities for drafts that are written with shared or superposed input. Each draft also goes through the
// model on its own tokens: its newest token is one more row of the forward that the method makes anyway, so verifying costs
// rows but no forward (four rows in one forward take 1.14 times one row, thirty-three at the end 2.8 times).
// Drafts are cut at the first token that the model itself finds unlikely, which is where cross-talk between superposed
// drafts shows. A cut draft goes on in the superposition, so that its neighbours are the same with and without verification.
import type { CacheNode, Logits, NodeInput } from '../model/languageModel';
import type { DraftJob, OpenDraft } from './draftJob';
import { largest, logSumExp } from './logProbabilities';

export interface VerificationOptions {
  /** A token below this share of the most probable one ends the draft before it. 0 cuts nothing. */
  readonly minShare: number;
}

export const DEFAULT_VERIFICATION: VerificationOptions = { minShare: 1e-3 };

/** What the model says about a draft's own tokens so far. */
interface Proof {
  /** Exact log-probability of each token, up to the cut. */
  readonly logProbs: readonly number[];
  /** The context before the newest token. */
  readonly before: CacheNode;
  /** Tokens to keep, when the model found the next one unlikely. */
  readonly cut: number | undefined;
  /** The model's answer after the newest token; undefined until it was evaluated. */
  answer: Answer | undefined;
}

interface Answer {
  readonly node: CacheNode;
  readonly logits: Logits;
  readonly logTotal: number;
  readonly most: number;
}

/** Follows the drafts of one run. */
export class DraftVerification {
  readonly #job: DraftJob;
  readonly #leastLogShare: number;
  readonly #proofs = new Map<OpenDraft, Proof>();
  /** Proofs that wait for each input of the forward under way. */
  #waiting: Proof[][] = [];

  constructor(job: DraftJob, options: VerificationOptions = DEFAULT_VERIFICATION) {
    this.#job = job;
    this.#leastLogShare = options.minShare > 0 ? Math.log(options.minShare) : -Infinity;
  }

  /** Takes up a draft of one token. */
  start(draft: OpenDraft): void {
    const { scored } = draft;
    const first = scored.logWeight + scored.logits[draft.tokens[0]!]! - scored.logTotal;
    const logProbs = [first - this.#job.pool.logMass];
    this.#proofs.set(draft, { logProbs, before: scored.node, cut: undefined, answer: undefined });
  }

  /** The newest tokens of the drafts, each in its own context: to be evaluated with the method's next forward. */
  inputs(drafts: readonly OpenDraft[]): NodeInput[] {
    const inputs: NodeInput[] = [];
    const places = new Map<string, number>();
    this.#waiting = [];
    for (const draft of drafts) {
      const proof = this.#proofs.get(draft)!;
      if (proof.cut !== undefined) continue;
      const input = draft.tokens[draft.tokens.length - 1]!;
      const key = `${proof.before.id},${input}`;
      const place = places.get(key);
      if (place !== undefined) {
        this.#waiting[place]!.push(proof);
        continue;
      }
      places.set(key, inputs.length);
      inputs.push({ parent: proof.before, input });
      this.#waiting.push([proof]);
    }
    return inputs;
  }

  /** The model's answers to `inputs`. */
  take(nodes: readonly CacheNode[], logits: readonly Logits[]): void {
    this.#waiting.forEach((proofs, i) => {
      const row = logits[i]!;
      const most = largest(row);
      const answer = { node: nodes[i]!, logits: row, logTotal: logSumExp(row, most), most };
      for (const proof of proofs) proof.answer = answer;
    });
  }

  /** `longer` is `draft` with one more token. */
  extend(draft: OpenDraft, longer: OpenDraft): void {
    const proof = this.#proofs.get(draft)!;
    const { answer } = proof;
    if (proof.cut !== undefined || answer === undefined) {
      this.#proofs.set(longer, proof);
      return;
    }
    const value = answer.logits[longer.tokens[longer.tokens.length - 1]!]!;
    const unlikely = value - answer.most < this.#leastLogShare;
    const cut = unlikely ? draft.tokens.length : undefined;
    const logProbs = unlikely ? proof.logProbs : [...proof.logProbs, value - answer.logTotal];
    this.#proofs.set(longer, { logProbs, before: answer.node, cut, answer: undefined });
  }

  /** The draft with exact `logProbs` and, where cut, stop cause 'verification'. */
  verified(draft: OpenDraft): OpenDraft {
    const { logProbs, cut } = this.#proofs.get(draft)!;
    const logProb = logProbs.reduce((sum, p) => sum + p, 0);
    if (cut === undefined) return { ...draft, logProbs, logProb };
    const tokens = draft.tokens.slice(0, cut);
    let length = -draft.scored.left.overhang;
    for (const token of tokens) length += this.#job.index.lengthOf(token);
    const bytes = draft.bytes.slice(0, Math.max(0, length));
    const keep = Math.min(draft.keep, bytes.length);
    return { ...draft, tokens, bytes, keep, logProbs, logProb, stop: 'verification' };
  }
}
