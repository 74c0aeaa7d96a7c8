// Drafts by several models that vote on every byte (byteEnsemble.ts): the k most probable first bytes, each continued with
// the most probable byte. The byte-level analogue of forked drafts; models of any vocabularies can be mixed, because each
// of them answers through its own covers (Phan et al., arXiv 2410.09303, section 5).
import type { LmSession } from '../model/languageModel';
import { ModelStopped } from '../model/languageModel';
import type { Tokenizer } from '../tokenizers/tokenizer';
import { ByteLevelState } from './byteDistribution';
import { averageSource, modelSource, ngramSource, writeBytes, type ByteSource } from './byteEnsemble';
import { ByteNgrams } from './byteNgrams';
import { byteViewFor } from './byteViews';
import type { DraftRequest, DraftsResult } from './completeDrafts';
import { lineRestOf, refuse, stopRulesOf } from './completeDrafts';
import type { Draft, DraftToken } from './draftRanking';
import { topIndices } from './logProbabilities';
import { layoutPrompt, unixLines, type LayoutName } from './promptLayout';
import type { StopCause, StopRules } from './stopRules';
import { completeText, stopPoint, withoutSuffixOverlap } from './stopRules';
import { encodeUtf8 } from './utf8Tail';

/** A token model that votes. */
export interface EnsembleModel {
  readonly session: LmSession;
  readonly tokenizer: Tokenizer;
  readonly weight: number;
}

/** Bytes to a token, about: turns a limit in tokens into one in bytes, and a length into one for the length penalty. */
const BYTES_A_TOKEN = 3.5;
const LENGTH_EXPONENT = 0.6;
/** Characters of the document that its byte model is counted on. */
const DOCUMENT_CHARACTERS = 64_000;

/**
 * Drafts at the cursor of `request`.
 * @param documentWeight weight of the byte n-grams of the document; 0 for none.
 */
export async function completeWithEnsemble(
  models: readonly EnsembleModel[],
  documentWeight: number,
  request: DraftRequest,
): Promise<DraftsResult> {
  const [first] = models;
  if (first === undefined) return { ok: false, reason: 'badRequest', message: 'An ensemble needs a model.' };
  const refusal = refuse(first.session, request);
  if (refusal !== undefined) return refusal;
  const tokenRules = stopRulesOf(request);
  const limit = Math.round(tokenRules.maxTokens * BYTES_A_TOKEN);
  const rules = { ...tokenRules, maxTokens: Infinity, maxBytes: Math.min(tokenRules.maxBytes, limit) };
  const states: ByteLevelState[] = [];
  const members: ByteSource[] = [];
  const notes: string[] = [];
  let layoutName: LayoutName = 'leftToRight';
  let promptTokens = 0;
  try {
    for (const { session, tokenizer } of models) {
      const viewed = byteViewFor(session.info, tokenizer);
      if (!viewed.ok) return viewed;
      const room = session.info.contextLength - limit - 16;
      const layout = layoutPrompt(viewed.view, session.info, {
        prefix: request.prefix,
        suffix: request.suffix,
        path: request.path,
        otherFiles: request.otherFiles ?? [],
        budget: Math.min(request.promptTokens ?? Infinity, Math.max(32, room)),
        layout: undefined,
      });
      const state = new ByteLevelState(session, viewed.view, layout.context, layout.text);
      states.push(state);
      members.push(modelSource(state));
      notes.push(...layout.notes.filter((note) => !notes.includes(note)));
      if (states.length === 1) layoutName = layout.name;
      promptTokens += layout.context.length;
    }
    if (documentWeight > 0) {
      const before = encodeUtf8(unixLines(request.prefix.slice(-DOCUMENT_CHARACTERS)));
      const after = encodeUtf8(unixLines(request.suffix.slice(0, DOCUMENT_CHARACTERS)));
      const text = new Uint8Array(after.length + before.length);
      // The text after the cursor comes first: what was written last, just before the cursor, counts as the newest.
      text.set(after);
      text.set(before, after.length);
      members.push(ngramSource(new ByteNgrams(text, false), before));
    }
    const weights = [...models.map(({ weight }) => weight), ...(documentWeight > 0 ? [documentWeight] : [])];
    const source = averageSource(members, weights);
    const { drafts, endShare } = await forkedBytes(source, request, rules);
    const leftContexts = states[0]!.covers().lefts.length;
    for (const state of states) promptTokens += state.trunkTokens.length;
    return {
      ok: true,
      drafts,
      method: request.method ?? 'forked',
      layout: layoutName,
      endShare,
      notes,
      promptTokens,
      leftContexts,
      why: undefined,
    };
  } catch (error) {
    if (!(error instanceof ModelStopped)) throw error;
    const reason = error.reason === 'cancelled' ? 'cancelled' : 'modelStopped';
    return { ok: false, reason, message: error.message };
  } finally {
    for (const state of states) state.dispose();
  }
}

async function forkedBytes(
  source: ByteSource,
  request: DraftRequest,
  rules: StopRules,
): Promise<{ readonly drafts: readonly Draft[]; readonly endShare: number }> {
  const { count = 3, cancellation } = request;
  const first = await source.next(cancellation);
  const lineRest = lineRestOf(request.suffix);
  const byText = new Map<string, Draft>();
  for (const byte of topIndices(first, count, (b) => b === 256 || first[b] === 0)) {
    const head = Uint8Array.of(byte);
    const begun = stopPoint(head, 1, rules);
    source.push(byte);
    try {
      const rest =
        begun === undefined
          ? await writeBytes(source, rules, { head, ...(cancellation === undefined ? {} : { cancellation }) })
          : { written: head.slice(0, begun.keep), logProbs: [], stop: begun.cause };
      const draft = byteDraft(rest.written, [Math.log(first[byte]!), ...rest.logProbs], rest.stop, lineRest);
      const known = byText.get(draft.text);
      if (draft.text.trim() === '' && !draft.text.includes('\n')) continue;
      if (known === undefined || known.rank < draft.rank) byText.set(draft.text, draft);
    } finally {
      source.pop();
    }
  }
  const drafts = [...byText.values()].sort((a, b) => b.rank - a.rank || (a.text < b.text ? -1 : 1));
  return { drafts, endShare: first[256]! };
}

/** One entry a character; `id` -1 says that no vocabulary cut it so. */
function byteDraft(
  written: Uint8Array,
  logProbs: readonly number[],
  stop: StopCause,
  lineRest: string,
): Draft {
  const text = withoutSuffixOverlap(completeText(written), lineRest);
  const tokens: DraftToken[] = [];
  let start = 0;
  let sum = 0;
  written.forEach((byte, i) => {
    sum += logProbs[i]!;
    const next = written[i + 1];
    if (next !== undefined && (next & 0xc0) === 0x80 && byte >= 0x80) return;
    const bytes = written.slice(start, i + 1);
    tokens.push({ id: -1, bytes, overhang: 0, logProb: sum, changed: false, cost: 0 });
    start = i + 1;
    sum = 0;
  });
  const logProb = tokens.reduce((total, token) => total + token.logProb, 0);
  return {
    text,
    tokens,
    logProb,
    rank: logProb / Math.max(1, written.length / BYTES_A_TOKEN) ** LENGTH_EXPONENT,
    stop,
    exact: true,
    joinLogProb: undefined,
  };
}
