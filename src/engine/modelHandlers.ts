// What the model process answers to each request. The process has one model at a time and one long-lived session, whose
// cache carries a prompt from one keystroke to the next.
import { ModelStopped, type Cancellation } from '../core/model/languageModel';
import type { CachedSession } from '../core/model/cachedSession';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import { completionHandlers } from './completionHandlers';
import { draftHandlers } from './draftHandlers';
import type { EngineError, EngineProgress, EngineReply } from './engineProtocol';
import { DEFAULT_LOAD_OPTIONS, loadLanguageModel, type LoadedModel } from './languageModelLoader';
import type { LoadParams, ModelParams, ModelRequestName, ModelResult, ModelStatus } from './modelProtocol';
import { summariseModel } from './modelSummary';
import { loadModelTokenizer } from './modelTokenizer';
import { scoreText } from './surpriseRequest';

export interface ModelRequestContext {
  readonly cancellation: Cancellation;
  progress(progress: EngineProgress): void;
}

/** The loaded model with its tokenizer and the session that requests share. */
export interface LoadedParts {
  readonly model: LoadedModel;
  readonly tokenizer: Tokenizer;
  readonly session: CachedSession;
}

/** What handlers may use. */
export interface ModelState {
  readonly loaded: LoadedParts | undefined;
  load(params: LoadParams): Promise<EngineReply<LoadedParts>>;
  /** Notes tokens that went through the model, for the status. */
  count(tokens: number, milliseconds: number): void;
  status(): ModelStatus;
}

export type ModelHandler<N extends ModelRequestName> = (
  params: ModelParams<N>,
  state: ModelState,
  context: ModelRequestContext,
) => Promise<EngineReply<ModelResult<N>>>;

const answer = <T>(value: T): EngineReply<T> => ({ ok: true, value });
const refuse = (code: EngineError['code'], message: string): EngineReply<never> => ({
  ok: false,
  error: { code, message },
});

/** Runs work on the loaded model; a stopped model becomes an error value. */
export async function withModel<T>(
  state: ModelState,
  work: (parts: LoadedParts) => Promise<T>,
): Promise<EngineReply<T>> {
  const { loaded } = state;
  if (loaded === undefined) return refuse('badRequest', 'No model is loaded.');
  try {
    return answer(await work(loaded));
  } catch (error) {
    if (!(error instanceof ModelStopped)) throw error;
    return refuse(error.reason === 'cancelled' ? 'cancelled' : 'failed', error.message);
  }
}

export const modelHandlers: { readonly [N in ModelRequestName]: ModelHandler<N> } = {
  ...draftHandlers,
  ...completionHandlers,
  load: async (params, state) => {
    const reply = await state.load(params);
    return reply.ok ? answer(reply.value.model.description) : reply;
  },
  status: (_, state) => Promise.resolve(answer(state.status())),
  measure: ({ milliseconds }, state) => withModel(state, ({ model }) => model.measure(milliseconds)),
  surprise: (params, state, context) =>
    withModel(state, (parts) => {
      const began = performance.now();
      const note = (tokens: number): void => state.count(tokens, performance.now() - began);
      return scoreText(params, parts, context, note);
    }),
  inspect: async ({ path }) => {
    const reading = await summariseModel(path);
    return reading.ok ? answer(reading.summary) : refuse('failed', reading.reason);
  },
};

/** The state of one model process. */
export function createModelState(): ModelState {
  let loaded: LoadedParts | undefined;
  let tokens = 0;
  let busyMilliseconds = 0;
  return {
    get loaded() {
      return loaded;
    },
    load: async (params) => {
      const before = loaded;
      loaded = undefined;
      before?.session.close();
      await before?.model.release();
      const result = await loadLanguageModel(params.path, {
        threads: params.threads ?? DEFAULT_LOAD_OPTIONS.threads,
        runtime: params.runtime ?? DEFAULT_LOAD_OPTIONS.runtime,
        memoryBudget: (params.memoryBudgetMb ?? DEFAULT_LOAD_OPTIONS.memoryBudget / 1e6) * 1e6,
        contextLimit: params.contextLimit ?? DEFAULT_LOAD_OPTIONS.contextLimit,
      });
      if (!result.ok) return refuse('failed', result.reason);
      const { model } = result;
      const read = await loadModelTokenizer(model);
      if (!read.ok) {
        await model.release();
        return refuse('failed', read.reason);
      }
      tokens = 0;
      busyMilliseconds = 0;
      loaded = { model, tokenizer: read.tokenizer, session: model.openSession() };
      return answer(loaded);
    },
    count: (more, milliseconds) => {
      tokens += more;
      busyMilliseconds += milliseconds;
    },
    status: () => ({
      description: loaded?.model.description,
      stepCost: loaded?.model.stepCost,
      residentBytes: process.memoryUsage.rss(),
      tokensPerSecond: busyMilliseconds > 0 ? (tokens * 1000) / busyMilliseconds : undefined,
      cachedTokens: loaded?.session.usage.tokens ?? 0,
    }),
  };
}
