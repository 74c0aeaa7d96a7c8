// Drafts from a completion server. It gives text and the log-probability of each token it chose, so the methods that need
// whole distributions, covers or embeddings are not available, and a cursor inside a token gets what the server's own
// prompting makes of it. The answer says so.
import type { DraftsAnswer, DraftsParams, DraftTokenView, DraftView } from './draftProtocol';
import type { EngineErrorCode, EngineReply } from './engineProtocol';
import type { RemoteChoice, RemoteEngine, RemoteFailure } from './remoteEngine';
import { unavailableOnServer } from './remoteEngine';
import { answer, refuse } from './requestContext';
import { withoutSuffixOverlap } from '../core/decoding/stopRules';

/** Characters of text sent before and after the cursor. */
const SENT_BEFORE = 8000;
const SENT_AFTER = 2000;

const CODES: Partial<Record<RemoteFailure, EngineErrorCode>> = {
  cancelled: 'cancelled',
  timeout: 'timeout',
  badRequest: 'badRequest',
};

/** Asks `server` for the drafts. Other open files are never sent. Never rejects. */
export async function answerServerDrafts(
  server: RemoteEngine,
  params: DraftsParams,
  signal?: AbortSignal,
): Promise<EngineReply<DraftsAnswer>> {
  const began = performance.now();
  const wanted = params.method ?? 'nucleus';
  const missing = unavailableOnServer(wanted);
  const method = missing === undefined ? wanted : params.count === 1 ? 'greedy' : 'nucleus';
  const prefix = params.prefix.slice(-SENT_BEFORE);
  const suffix = params.suffix.slice(0, SENT_AFTER);
  const lineRest = /^[^\r\n]*/.exec(suffix)?.[0] ?? '';
  const result = await server.complete({
    prompt: prefix,
    ...(suffix.trim() === '' ? {} : { suffix }),
    maxTokens: params.maxTokens ?? 64,
    n: method === 'greedy' ? 1 : (params.count ?? 3),
    temperature: method === 'greedy' ? 0 : (params.temperature ?? 0.8),
    ...(params.topP === undefined ? {} : { topP: params.topP }),
    ...(params.singleLine === false ? {} : { stop: ['\n'] }),
    seed: params.seed ?? 0,
    logprobs: 1,
    ...(signal === undefined ? {} : { signal }),
  });
  if (!result.ok) return refuse(CODES[result.reason] ?? 'failed', result.message);
  const byText = new Map<string, DraftView>();
  for (const choice of result.value) {
    const draft = serverDraft(choice, lineRest);
    const known = byText.get(draft.text);
    if (draft.text.trim() !== '' && (known === undefined || known.rank < draft.rank))
      byText.set(draft.text, draft);
  }
  const notes = [
    'These drafts come from a server: a cursor inside a token is prompted as it is, and byte-exact methods are not available.',
    ...(missing === undefined ? [] : [missing]),
  ];
  return answer({
    drafts: [...byText.values()].sort((a, b) => b.rank - a.rank),
    method,
    layout: 'leftToRight',
    endShare: NaN,
    notes,
    promptTokens: NaN,
    leftContexts: 1,
    timings: { totalMs: performance.now() - began, promptMs: NaN, promptTokensComputed: NaN },
    seed: params.seed ?? 0,
    why: undefined,
    tokenTexts: {},
    watermark: undefined,
  });
}

function serverDraft(choice: RemoteChoice, lineRest: string): DraftView {
  const tokens = choice.tokens.map(({ text, logProb }): DraftTokenView => ({
    id: -1,
    text,
    wholeText: text,
    overhang: 0,
    logProb: logProb ?? NaN,
    changedByWatermark: false,
  }));
  const logProb = tokens.reduce((sum, token) => sum + token.logProb, 0);
  return {
    text: withoutSuffixOverlap(choice.text, lineRest),
    tokens,
    logProb: tokens.length === 0 ? NaN : logProb,
    exact: tokens.length > 0,
    rank: tokens.length === 0 ? 0 : logProb / tokens.length ** 0.6,
    stop: choice.finishReason === 'length' ? 'length' : 'end',
    joinLogProb: undefined,
  };
}
