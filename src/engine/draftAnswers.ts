// Turns a model, its tokenizer and a request into an answer that can be shown without either: the model process, the
// command line and the tests all go through here.
import { completeDrafts, type DraftFailure, type DraftRequest } from '../core/decoding/completeDrafts';
import type { DraftExplanation, DraftTreeNode } from '../core/decoding/draftExplanation';
import type { Draft, DraftToken } from '../core/decoding/draftRanking';
import { LiveNgrams } from '../core/decoding/liveNgrams';
import { reportNextByte } from '../core/decoding/nextByteReport';
import { ngramMixture, type NgramModel } from '../core/decoding/ngramMixture';
import type { PackedNgrams } from '../core/decoding/packedNgrams';
import { LINEAGE_SETTINGS, PAPER_SETTINGS } from '../core/decoding/superposition';
import type { Cancellation, LmSession } from '../core/model/languageModel';
import { decodeUtf8 } from '../core/text/utf8';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import type {
  DraftsAnswer,
  DraftsParams,
  DraftTokenView,
  DraftView,
  NextByteAnswer,
  NextByteParams,
} from './draftProtocol';
import type { EngineErrorCode, EngineReply } from './engineProtocol';
import { answer, refuse } from './requestContext';

/** What a request needs of a loaded model. */
export interface DraftParts {
  readonly session: LmSession;
  readonly tokenizer: Tokenizer;
  /** The shipped n-gram tables, asked for by superposed drafts only. */
  readonly shippedNgrams: () => Promise<PackedNgrams | undefined>;
}

/** Characters on each side of the cursor that live n-grams are counted in. */
const NGRAM_CHARACTERS = 48_000;

const CODES: Readonly<Record<DraftFailure, EngineErrorCode>> = {
  cancelled: 'cancelled',
  wrongTokenizer: 'badRequest',
  unsupportedTokenizer: 'badRequest',
  badRequest: 'badRequest',
  methodUnavailable: 'badRequest',
  modelStopped: 'failed',
};

/** Drafts for one cursor. Never rejects for expected failures. */
export async function answerDrafts(
  parts: DraftParts,
  params: DraftsParams,
  cancellation: Cancellation,
): Promise<EngineReply<DraftsAnswer>> {
  const began = performance.now();
  const { session, tokenizer } = parts;
  const metered = meteredSession(session);
  const request: DraftRequest = {
    ...params,
    superposed: params.superposed === 'paper' ? PAPER_SETTINGS : LINEAGE_SETTINGS,
    ...(params.method === 'superposed' ? { ngrams: await documentNgrams(parts, params) } : {}),
    cancellation,
  };
  const result = await completeDrafts(metered.session, tokenizer, request);
  if (!result.ok) return refuse(CODES[result.reason], result.message);
  const texts = tokenTexts(tokenizer);
  return answer({
    drafts: result.drafts.map((draft) => draftView(draft, texts)),
    method: result.method,
    layout: result.layout,
    endShare: result.endShare,
    notes: result.notes,
    promptTokens: result.promptTokens,
    leftContexts: result.leftContexts,
    timings: {
      totalMs: performance.now() - began,
      promptMs: metered.promptEnd() - began,
      promptTokensComputed: metered.computed(),
    },
    seed: params.seed ?? 0,
    why: result.why,
    tokenTexts: result.why === undefined ? {} : explanationTexts(result.why, texts),
    watermark: undefined,
  });
}

/** The next byte at one cursor. Never rejects for expected failures. */
export async function answerNextByte(
  { session, tokenizer }: DraftParts,
  params: NextByteParams,
  cancellation: Cancellation,
): Promise<EngineReply<NextByteAnswer>> {
  const result = await reportNextByte(session, tokenizer, { ...params, cancellation });
  if (!result.ok) return refuse(CODES[result.reason], result.message);
  const texts = tokenTexts(tokenizer);
  const ids = result.covers.flatMap(({ left, tokens }) => [...left, ...tokens.map(({ id }) => id)]);
  return answer({ ...result, tokenTexts: textsOf(ids, texts) });
}

async function documentNgrams(parts: DraftParts, params: DraftsParams): Promise<NgramModel> {
  const { tokenizer } = parts;
  const near = [
    params.prefix.slice(-NGRAM_CHARACTERS),
    params.suffix.slice(0, NGRAM_CHARACTERS),
    ...(params.otherFiles ?? []).map(({ text }) => text.slice(0, NGRAM_CHARACTERS)),
  ];
  const live = new LiveNgrams(near.map((text) => tokenizer.encode(text.replaceAll('\r\n', '\n'))));
  return ngramMixture(live, await parts.shippedNgrams());
}

type TokenTexts = (id: number) => string;

/** Special tokens show their name; a token that ends inside a character shows U+FFFD there. */
function tokenTexts(tokenizer: Tokenizer): TokenTexts {
  const specials = new Map([...tokenizer.specialTokens].map(([text, id]) => [id, text]));
  return (id) => {
    const special = specials.get(id);
    if (special !== undefined) return special;
    return id >= 0 && id < tokenizer.vocabularySize ? decodeUtf8(tokenizer.tokenBytes(id)) : '';
  };
}

function textsOf(ids: Iterable<number>, texts: TokenTexts): Record<number, string> {
  return Object.fromEntries([...new Set(ids)].map((id) => [id, texts(id)]));
}

function draftView(draft: Draft, texts: TokenTexts): DraftView {
  const tokens = draft.tokens.map((token): DraftTokenView => tokenView(token, texts));
  const { text, logProb, exact, rank, stop, joinLogProb } = draft;
  return { text, tokens, logProb, exact, rank, stop, joinLogProb };
}

function tokenView({ id, bytes, overhang, logProb }: DraftToken, texts: TokenTexts): DraftTokenView {
  return {
    id,
    text: decodeUtf8(bytes.subarray(overhang)),
    wholeText: texts(id),
    overhang,
    logProb,
    changedByWatermark: false,
  };
}

function explanationTexts(why: DraftExplanation, texts: TokenTexts): Record<number, string> {
  const ids = [
    ...why.covers.flatMap(({ left, tokens }) => [...left, ...tokens.map(({ id }) => id)]),
    ...why.steps.flatMap(({ tokens }) => tokens),
    ...treeIds(why.tree),
  ];
  return textsOf(ids, texts);
}

function treeIds(nodes: readonly DraftTreeNode[]): number[] {
  return nodes.flatMap(({ id, children }) => [id, ...treeIds(children)]);
}

/** The session with a note of how much of the prompt it had to compute and when that was done. */
function meteredSession(session: LmSession): {
  readonly session: LmSession;
  readonly computed: () => number;
  readonly promptEnd: () => number;
} {
  let computed = 0;
  let promptEnd = performance.now();
  const metered: LmSession = {
    info: session.info,
    root: session.root,
    prefill: async (ids, cancellation) => {
      const filled = await session.prefill(ids, cancellation);
      computed += filled.computed;
      promptEnd = performance.now();
      return filled;
    },
    evaluate: (inputs, cancellation) => session.evaluate(inputs, cancellation),
    embeddingRows: (ids) => session.embeddingRows(ids),
    release: (nodes) => session.release(nodes),
    close: () => session.close(),
  };
  return { session: metered, computed: () => computed, promptEnd: () => promptEnd };
}
