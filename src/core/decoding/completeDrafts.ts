// The one entry point for drafts: used by the model process, the command line and the tests.
//   request -> prompt layout -> prefill and covers (one forward) -> method -> verification -> ranking -> drafts
// Expected failures are values; cancellation is one of them. Nothing here knows of files, editors or processes.
import type { Cancellation, LmSession } from '../model/languageModel';
import { ModelStopped } from '../model/languageModel';
import type { Tokenizer } from '../tokenizers/tokenizer';
import { createWatermarkProcessor } from '../watermark/planting/watermarkProcessor';
import type { Scheme } from '../watermark/scheme';
import { ByteLevelState } from './byteDistribution';
import { vocabularyIndex } from './byteVocabulary';
import { byteViewFor } from './byteViews';
import type { CursorEdge } from './coverStarts';
import { leftsOfEdge, StartPool } from './coverStarts';
import type { DraftExplanation } from './draftExplanation';
import { compareNextByte, coverTable, draftTree } from './draftExplanation';
import type { DraftJob, OpenDraft } from './draftJob';
import type { Draft } from './draftRanking';
import { rankDrafts } from './draftRanking';
import type { VerificationOptions } from './draftVerification';
import { DraftVerification } from './draftVerification';
import { beamDrafts, forkedDrafts, gumbelDrafts, nucleusDrafts, stochasticBeamDrafts } from './exactDrafts';
import type { NgramModel } from './ngramMixture';
import type { LayoutName, OtherFile } from './promptLayout';
import { encodeText, layoutPrompt } from './promptLayout';
import type { Planting } from './plantedStarts';
import { PlantedStarts } from './plantedStarts';
import { seededRandom } from './seededRandom';
import type { StopRules } from './stopRules';
import { joinLogProbs } from './suffixJoin';
import type { SuperposedStep } from './superposedDrafts';
import { superposedDrafts } from './superposedDrafts';
import type { SuperposedSettings } from './superposition';
import { LINEAGE_SETTINGS } from './superposition';
import { encodeUtf8 } from './utf8Tail';

export const DRAFT_METHODS = [
  'greedy',
  'forked',
  'beam',
  'nucleus',
  'gumbel',
  'stochasticBeam',
  'superposed',
] as const;
export type DraftMethod = (typeof DRAFT_METHODS)[number];

/** What a host asks for, as plain data. Only `prefix` and `suffix` are required. */
export interface DraftWishes {
  /** The document up to the cursor, and after it. Any line ends; the drafts come back with \n. */
  readonly prefix: string;
  readonly suffix: string;
  /** Path of the document as the model should read it, such as 'src/app.ts', for models that were trained with paths. */
  readonly path?: string;
  readonly otherFiles?: readonly OtherFile[];
  /** Drafts wanted, 1 to 16. Default 3. */
  readonly count?: number;
  /** Default 'forked'; docs/algorithms-decoding.md says why. */
  readonly method?: DraftMethod;
  /** Default 64. */
  readonly maxTokens?: number;
  /** UTF-8 bytes of a draft. */
  readonly maxBytes?: number;
  /** Default true. */
  readonly singleLine?: boolean;
  /** For the sampling methods. Default 1. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  /** Prompt tokens at most; default: what the context length leaves. */
  readonly promptTokens?: number;
  readonly layout?: LayoutName;
  readonly edge?: CursorEdge;
  /** Adds the data of the "why" views; costs a few rows more. */
  readonly explain?: boolean;
}

/** Wishes with what only the process of the model has. */
export interface DraftRequest extends DraftWishes {
  readonly superposed?: SuperposedSettings;
  /** n-grams for superposed decoding: the open document's and the shipped ones. */
  readonly ngrams?: NgramModel;
  /** Superposed decoding: exact probabilities and cuts, at one more row a draft in each step. Options change the cuts. */
  readonly verify?: boolean | VerificationOptions;
  /** Plants a mark while writing. Not with superposed drafts, which share one row. */
  readonly watermark?: Scheme;
  readonly cancellation?: Cancellation;
}

export interface DraftsDone {
  readonly ok: true;
  readonly drafts: readonly Draft[];
  readonly method: DraftMethod;
  readonly layout: LayoutName;
  /** Probability that nothing is to be inserted, when the model can say so. */
  readonly endShare: number;
  /** What the user should know about the prompt: fall-backs and cuts. */
  readonly notes: readonly string[];
  readonly promptTokens: number;
  readonly leftContexts: number;
  readonly why: DraftExplanation | undefined;
}

export type DraftFailure =
  | 'cancelled'
  | 'wrongTokenizer'
  | 'unsupportedTokenizer'
  | 'badRequest'
  | 'methodUnavailable'
  | 'modelStopped';

export interface DraftRefusal {
  readonly ok: false;
  readonly reason: DraftFailure;
  readonly message: string;
}

export type DraftsResult = DraftsDone | DraftRefusal;

const PROMPT_RESERVE = 16;

/** Drafts for the cursor between `prefix` and `suffix`. Never rejects for expected failures. */
export async function completeDrafts(
  session: LmSession,
  tokenizer: Tokenizer,
  request: DraftRequest,
): Promise<DraftsResult> {
  const refusal = refuse(session, request);
  if (refusal !== undefined) return refusal;
  const viewed = byteViewFor(session.info, tokenizer);
  if (!viewed.ok) return viewed;
  const { view } = viewed;
  const index = vocabularyIndex(view);
  const { info } = session;
  const rules = stopRulesOf(request);
  const budget = Math.min(
    request.promptTokens ?? Infinity,
    info.contextLength - rules.maxTokens - PROMPT_RESERVE,
  );
  const layout = layoutPrompt(view, info, {
    prefix: request.prefix,
    suffix: request.suffix,
    path: request.path,
    otherFiles: request.otherFiles ?? [],
    budget,
    layout: request.layout,
  });
  const state = new ByteLevelState(session, view, layout.context, layout.text);
  const held: DraftJob['held'] = [];
  try {
    const { cancellation, edge = 'exact', method = 'forked' } = request;
    const scored = await state.score(cancellation);
    const { covers } = scored;
    const lefts = leftsOfEdge(scored.lefts, covers.canonical ?? [], index, covers.tail, edge);
    const pool = new StartPool(lefts, index, info.endTokens, edge);
    const random = seededRandom(request.seed ?? 0);
    const temperature = request.temperature ?? 1;
    const topP = request.topP ?? (method === 'nucleus' ? 0.95 : 1);
    const planting = plantingOf(request, [...layout.before, ...state.trunkTokens], random);
    const job: DraftJob = {
      session,
      index,
      pool:
        planting === undefined
          ? pool
          : new PlantedStarts(pool, info.vocabularySize, planting, temperature, topP),
      planting,
      count: method === 'greedy' ? 1 : (request.count ?? 3),
      rules,
      temperature,
      topP,
      random,
      cancellation,
      history: [...layout.context, ...state.trunkTokens],
      held,
    };
    const { open, steps } = await write(job, method, request);
    const exact = method !== 'superposed' || request.verify !== false;
    // With the suffix in the prompt the model has seen the join already.
    const joined = layout.name === 'leftToRight' ? lineRestOf(request.suffix).slice(0, 64) : '';
    const joins = await joinLogProbs(job, open, encodeText(view, encodeUtf8(joined)));
    const drafts = rankDrafts(job, open, {
      lineRest: lineRestOf(request.suffix),
      insideWord: /[\p{L}\p{N}_]$/u.test(request.prefix) && /^[\p{L}\p{N}_]/u.test(request.suffix),
      exact,
      joins,
    });
    const why = request.explain === true ? await explain(drafts, steps) : undefined;
    return {
      ok: true,
      drafts,
      method,
      layout: layout.name,
      endShare: pool.endShare,
      notes: layout.notes,
      promptTokens: job.history.length + (covers.canonical?.length ?? 0),
      leftContexts: covers.lefts.length,
      why,
    };

    async function explain(
      ranked: readonly Draft[],
      taken: readonly SuperposedStep[],
    ): Promise<DraftExplanation> {
      return {
        tail: covers.tail.slice(),
        covers: coverTable(scored, view),
        nextByte: await compareNextByte(session, view, state, layout.context, cancellation),
        steps: taken,
        tree: draftTree(ranked),
      };
    }
  } catch (error) {
    if (!(error instanceof ModelStopped)) throw error;
    return {
      ok: false,
      reason: error.reason === 'cancelled' ? 'cancelled' : 'modelStopped',
      message: error.message,
    };
  } finally {
    session.release(held);
    state.dispose();
  }
}

async function write(
  job: DraftJob,
  method: DraftMethod,
  request: DraftRequest,
): Promise<{ readonly open: readonly OpenDraft[]; readonly steps: readonly SuperposedStep[] }> {
  switch (method) {
    case 'greedy':
    case 'forked':
      return { open: await forkedDrafts(job), steps: [] };
    case 'beam':
      return { open: await beamDrafts(job), steps: [] };
    case 'nucleus':
      return { open: await nucleusDrafts(job), steps: [] };
    case 'gumbel':
      return { open: await gumbelDrafts(job), steps: [] };
    case 'stochasticBeam':
      return { open: await stochasticBeamDrafts(job), steps: [] };
    case 'superposed': {
      const { verify = true, superposed = LINEAGE_SETTINGS, ngrams } = request;
      const verification =
        verify === false ? undefined : new DraftVerification(job, verify === true ? undefined : verify);
      const { drafts, steps } = await superposedDrafts(job, superposed, ngrams, verification);
      return { open: drafts, steps };
    }
  }
}

/** A processor at the start of a draft. A key sequence begins at a random place, drawn from the request's seed. */
function plantingOf(
  { watermark }: DraftRequest,
  history: readonly number[],
  random: () => number,
): Planting | undefined {
  if (watermark === undefined) return undefined;
  const offset = watermark.family === 'aligned-key' ? Math.floor(random() * watermark.keyLength) : 0;
  return { history, processor: createWatermarkProcessor(watermark, { offset }) };
}

/** Why a request cannot be answered; undefined when it can. */
export function refuse(session: LmSession, request: DraftRequest): DraftRefusal | undefined {
  const bad = (message: string): DraftRefusal => ({ ok: false, reason: 'badRequest', message });
  const { count = 3, method = 'forked', maxTokens = 64, temperature = 1, topP = 1 } = request;
  if (!Number.isInteger(count) || count < 1 || count > 16) return bad('Ask for 1 to 16 drafts.');
  if (!Number.isInteger(maxTokens) || maxTokens < 1) return bad('A draft needs at least one token.');
  if (!(temperature > 0)) return bad('The temperature must be above 0; for no randomness choose greedy.');
  if (!(topP > 0 && topP <= 1)) return bad('top-p must be above 0 and at most 1.');
  if (session.info.contextLength < maxTokens + PROMPT_RESERVE + 32) {
    return bad(
      `The model's context of ${session.info.contextLength} tokens leaves no room for a prompt; ask for shorter drafts.`,
    );
  }
  const last = request.prefix.charCodeAt(request.prefix.length - 1);
  const next = request.suffix.charCodeAt(0);
  if (last >= 0xd800 && last < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
    return bad('The cursor stands inside a character.');
  }
  if (method === 'superposed' && request.watermark !== undefined) {
    return {
      ok: false,
      reason: 'methodUnavailable',
      message:
        'A watermark is planted token by token; superposed drafts share one row of scores. Choose another method.',
    };
  }
  if (method === 'superposed' && session.info.embeddingSize === 0) {
    return {
      ok: false,
      reason: 'methodUnavailable',
      message: `Superposed decoding needs a model that accepts embeddings; ${session.info.name} does not. Choose another method.`,
    };
  }
  return undefined;
}

/** Stop rules of a request, from the text around its cursor. */
export function stopRulesOf(request: DraftRequest): StopRules {
  const line = request.prefix.slice(
    Math.max(request.prefix.lastIndexOf('\n'), request.prefix.lastIndexOf('\r')) + 1,
  );
  const following = request.suffix.slice(lineRestOf(request.suffix).length).trimStart();
  const suffixLine = lineRestOf(following).trim();
  return {
    singleLine: request.singleLine ?? true,
    maxTokens: request.maxTokens ?? 64,
    maxBytes: request.maxBytes ?? Infinity,
    indentation: line.length - line.trimStart().length,
    suffixLine: /^[\x20-\x7e]*$/.test(suffixLine) ? suffixLine : '',
  };
}

/** Text from the cursor to the end of its line. */
export function lineRestOf(suffix: string): string {
  return /^[^\r\n]*/.exec(suffix)?.[0] ?? '';
}
