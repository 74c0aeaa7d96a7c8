// Turns a model, its tokenizer and a request into an answer that can be shown without either: the model process, the
// command line and the tests all go through here.
import { completeDrafts, type DraftFailure, type DraftRequest } from '../core/decoding/completeDrafts';
import type { DraftExplanation, DraftTreeNode } from '../core/decoding/draftExplanation';
import type { Draft, DraftToken } from '../core/decoding/draftRanking';
import { completeWithEnsemble, type EnsembleModel } from '../core/decoding/ensembleDrafts';
import { LiveNgrams } from '../core/decoding/liveNgrams';
import { reportNextByte } from '../core/decoding/nextByteReport';
import { ngramMixture, type NgramModel } from '../core/decoding/ngramMixture';
import type { PackedNgrams } from '../core/decoding/packedNgrams';
import { LINEAGE_SETTINGS, PAPER_SETTINGS } from '../core/decoding/superposition';
import type { Cancellation, LmSession } from '../core/model/languageModel';
import { decodeUtf8 } from '../core/text/utf8';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import type { Outcome, Scheme } from '../core/watermark/scheme';
import { schemeFromText } from '../core/watermark/schemeCatalogue';
import type {
  DraftsAnswer,
  DraftsParams,
  DraftTokenView,
  DraftView,
  NextByteAnswer,
  NextByteParams,
  WatermarkCost,
} from './draftProtocol';
import type { EngineErrorCode, EngineReply, WatermarkSchemeParams } from './engineProtocol';
import { answer, refuse } from './requestContext';

/** What a request needs of a loaded model. */
export interface DraftParts {
  readonly session: LmSession;
  readonly tokenizer: Tokenizer;
  /** The shipped n-gram tables, asked for by superposed drafts only. */
  readonly shippedNgrams: () => Promise<PackedNgrams | undefined>;
  /** Opens the second model of an ensemble, or says why it cannot be used. */
  readonly secondModel?: (
    path: string,
  ) => Promise<EngineReply<{ readonly session: LmSession; readonly tokenizer: Tokenizer }>>;
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
  const { superposed, watermark, ensemble, ...rest } = params;
  const scheme = watermark === undefined ? undefined : watermarkScheme(watermark, session);
  if (scheme?.ok === false) return refuse('badRequest', scheme.reason);
  const request: DraftRequest = {
    ...rest,
    superposed: superposed === 'paper' ? PAPER_SETTINGS : LINEAGE_SETTINGS,
    ...(params.method === 'superposed' ? { ngrams: await documentNgrams(parts, params) } : {}),
    ...(scheme === undefined ? {} : { watermark: scheme.value }),
    cancellation,
  };
  const voices = ensemble === undefined ? undefined : await ensembleVoices(parts, metered.session, params);
  if (voices?.ok === false) return voices;
  const result =
    voices === undefined
      ? await completeDrafts(metered.session, tokenizer, request)
      : await completeWithEnsemble(voices.value.models, voices.value.documentWeight, request);
  if (!result.ok) return refuse(CODES[result.reason], result.message);
  const texts = tokenTexts(tokenizer);
  return answer({
    drafts: result.drafts.map((draft) => draftView(draft, texts)),
    method: voices === undefined ? result.method : 'ensemble',
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
    watermark: scheme === undefined ? undefined : watermarkCost(scheme.value.name, result.drafts),
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

/** Schemes read the size of the vocabulary from the settings; where it is not given it is the model's. */
function watermarkScheme(params: WatermarkSchemeParams, { info }: LmSession): Outcome<Scheme> {
  const { settings, ...overrides } = params;
  const scheme = schemeFromText(settings, { vocabularySize: info.vocabularySize, ...overrides });
  if (!scheme.ok || scheme.value.vocabularySize === info.vocabularySize) return scheme;
  return {
    ok: false,
    reason: `This watermark is set to a vocabulary of ${scheme.value.vocabularySize}; ${info.name} has ${info.vocabularySize}. Choose or make a scheme for this model: Tessera: Plant Watermark in Drafts.`,
  };
}

function watermarkCost(scheme: string, drafts: readonly Draft[]): WatermarkCost {
  const tokens = drafts.flatMap((draft) => draft.tokens);
  const cost = tokens.reduce((sum, token) => sum + token.cost, 0);
  return {
    scheme,
    tokens: tokens.length,
    changed: tokens.filter(({ changed }) => changed).length,
    costPerToken: tokens.length === 0 ? 0 : cost / tokens.length,
  };
}

/** The models of an ensemble with their weights; the first is the loaded one with weight 1. */
async function ensembleVoices(
  parts: DraftParts,
  session: LmSession,
  { ensemble = [], watermark, explain }: DraftsParams,
): Promise<EngineReply<{ readonly models: readonly EnsembleModel[]; readonly documentWeight: number }>> {
  if (watermark !== undefined)
    return refuse(
      'badRequest',
      'An ensemble writes bytes, and a watermark is planted in tokens. Choose one of them.',
    );
  if (explain === true)
    return refuse('badRequest', 'Covers and draft trees are explained for one model, not for an ensemble.');
  const models: EnsembleModel[] = [{ session, tokenizer: parts.tokenizer, weight: 1 }];
  let documentWeight = 0;
  for (const member of ensemble) {
    if (!(member.weight > 0)) return refuse('badRequest', 'The weights of an ensemble must be above 0.');
    if (member.kind === 'document') documentWeight = member.weight;
    else {
      const second = await parts.secondModel?.(member.path);
      if (second === undefined) return refuse('badRequest', 'A second model cannot be opened here.');
      if (!second.ok) return second;
      models.push({ ...second.value, weight: member.weight });
    }
  }
  return answer({ models, documentWeight });
}

/** Counts over the text around a cursor, kept while the user types in one line: counting again would cost more than drafting. */
const counted = new WeakMap<Tokenizer, { readonly key: string; readonly live: LiveNgrams }>();

async function documentNgrams(parts: DraftParts, params: DraftsParams): Promise<NgramModel> {
  const { tokenizer } = parts;
  const near = [
    recentBlocks(params.prefix.slice(0, params.prefix.lastIndexOf('\n') + 1)),
    params.suffix.slice(params.suffix.indexOf('\n') + 1).slice(0, NGRAM_CHARACTERS),
    ...(params.otherFiles ?? []).map(({ text }) => text.slice(0, NGRAM_CHARACTERS)),
  ];
  const key = near.join('\0');
  let known = counted.get(tokenizer);
  if (known?.key !== key) {
    const live = new LiveNgrams(near.map((text) => tokenizer.encode(text.replaceAll('\r\n', '\n'))));
    known = { key, live };
    counted.set(tokenizer, known);
  }
  return ngramMixture(known.live, await parts.shippedNgrams());
}

/** The last part of a text, from a multiple of 16 384 characters on, so that it begins at the same place for a while. */
function recentBlocks(text: string): string {
  const block = 16_384;
  return text.slice(Math.max(0, Math.ceil((text.length - NGRAM_CHARACTERS) / block) * block));
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

function tokenView(token: DraftToken, texts: TokenTexts): DraftTokenView {
  const { id, bytes, overhang, logProb, changed } = token;
  const text = decodeUtf8(bytes.subarray(overhang));
  return {
    id,
    text,
    wholeText: id < 0 ? text : texts(id),
    overhang,
    logProb,
    changedByWatermark: changed,
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
