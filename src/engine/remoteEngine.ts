// A client for servers with OpenAI's completions interface (vLLM, llama.cpp server, Ollama, TGI): POST /v1/completions with
// n drafts, log-probabilities and streaming. Such a server shows text and a few log-probabilities, no embeddings and no
// full distributions, so methods that need those are refused with a reason.
// Wire format: platform.openai.com/docs/api-reference/completions (the parts that those servers share).

export interface RemoteEngineOptions {
  /** 'http://127.0.0.1:8080' or with a path that ends in /v1. */
  readonly baseUrl: string;
  readonly model: string;
  /** Sent as a bearer token and never logged. */
  readonly apiKey?: string;
  /** Longest silence before a request is given up. */
  readonly timeoutMs?: number;
}

export interface RemoteRequest {
  readonly prompt: string;
  /** Text after the cursor, for servers and models that take it. */
  readonly suffix?: string;
  readonly maxTokens: number;
  readonly n?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  /** Alternatives to report for each token, 0 to 5; absent: no log-probabilities. */
  readonly logprobs?: number;
  readonly signal?: AbortSignal;
  /** Called with each piece of text as it arrives; asks the server to stream. */
  readonly onText?: (choice: number, text: string) => void;
}

export interface RemoteToken {
  readonly text: string;
  /** Natural logarithm; null where the server gives none (the first prompt token). */
  readonly logProb: number | null;
  readonly alternatives: readonly { readonly text: string; readonly logProb: number }[];
}

export interface RemoteChoice {
  readonly text: string;
  /** 'stop', 'length', or what the server says. */
  readonly finishReason: string | undefined;
  /** Empty when the server gave no log-probabilities. */
  readonly tokens: readonly RemoteToken[];
}

export type RemoteFailure =
  | 'cancelled'
  | 'timeout'
  | 'unreachable'
  | 'key'
  | 'notFound'
  | 'busy'
  | 'badRequest'
  | 'server'
  | 'badAnswer';

export type RemoteResult<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly reason: RemoteFailure;
      readonly message: string;
      /** Seconds after which a busy server may be asked again. */
      readonly retryAfter?: number;
    };

export interface RemoteEngine {
  /** One entry a draft, in the server's order. Never rejects. */
  complete(request: RemoteRequest): Promise<RemoteResult<readonly RemoteChoice[]>>;
  /** Names of the models that the server offers. Never rejects. */
  models(): Promise<RemoteResult<readonly string[]>>;
}

/** Why a method cannot run on a remote server; undefined when it can. */
export function unavailableOnServer(method: string): string | undefined {
  if (method === 'greedy' || method === 'nucleus') return undefined;
  return method === 'superposed'
    ? 'Superposed drafts need the model’s embeddings, which a server does not give. Choose a local model or the method "nucleus".'
    : `The method "${method}" needs the whole distribution of every step, which a server does not give. Choose a local model or the method "nucleus".`;
}

const TIMEOUT_MS = 30_000;

type Json = Readonly<Record<string, unknown>>;

class Failed extends Error {
  constructor(
    readonly reason: RemoteFailure,
    message: string,
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

export function createRemoteEngine(options: RemoteEngineOptions): RemoteEngine {
  const base = options.baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '');
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;

  async function call<T>(
    path: string,
    body: Json | undefined,
    signal: AbortSignal | undefined,
    read: (response: Response, alive: () => void) => Promise<T>,
  ): Promise<RemoteResult<T>> {
    const controller = new AbortController();
    const onAbort = (): void => controller.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const expired = new AbortController();
    const expire = (): void => {
      expired.abort();
      controller.abort();
    };
    let timer = setTimeout(expire, timeoutMs);
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(expire, timeoutMs);
    };
    try {
      if (signal?.aborted === true) throw new Failed('cancelled', 'Cancelled.');
      const response = await fetch(`${base}/v1/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: controller.signal,
      });
      alive();
      if (!response.ok) throw await refusal(response, base, options.model);
      return { ok: true, value: await read(response, alive) };
    } catch (error) {
      return failureOf(error, base, expired.signal.aborted ? timeoutMs : undefined, signal?.aborted === true);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  return {
    complete: (request) => {
      const stream = request.onText !== undefined;
      const body: Json = {
        model: options.model,
        prompt: request.prompt,
        max_tokens: request.maxTokens,
        n: request.n ?? 1,
        stream,
        ...(request.suffix === undefined ? {} : { suffix: request.suffix }),
        ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
        ...(request.topP === undefined ? {} : { top_p: request.topP }),
        ...(request.stop === undefined ? {} : { stop: request.stop }),
        ...(request.seed === undefined ? {} : { seed: request.seed }),
        ...(request.logprobs === undefined ? {} : { logprobs: request.logprobs }),
      };
      return call('completions', body, request.signal, (response, alive) =>
        stream ? readStream(response, request, alive) : readWhole(response),
      );
    },
    models: () =>
      call('models', undefined, undefined, async (response) => {
        const { data } = await json(response);
        if (!Array.isArray(data)) throw new Failed('badAnswer', 'The server’s list of models is not a list.');
        return (data as readonly Json[]).flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
      }),
  };
}

async function readWhole(response: Response): Promise<readonly RemoteChoice[]> {
  const body = await json(response);
  if (body['error'] !== undefined) throw errorIn(body);
  const choices = choicesOf(body);
  if (choices.length === 0) throw new Failed('badAnswer', 'The server answered without any completion.');
  return [...choices]
    .sort((a, b) => indexOf(a) - indexOf(b))
    .map((choice) => ({
      text: textOf(choice),
      finishReason: reasonOf(choice),
      tokens: tokensOf(choice),
    }));
}

/** Server-sent events: lines `data: {json}`, the last `data: [DONE]`; pieces of several choices may alternate. */
async function readStream(
  response: Response,
  request: RemoteRequest,
  alive: () => void,
): Promise<readonly RemoteChoice[]> {
  if (response.body === null) throw new Failed('badAnswer', 'The server sent no stream.');
  const parts = new Map<number, { text: string; finishReason: string | undefined; tokens: RemoteToken[] }>();
  const decoder = new TextDecoder();
  let rest = '';
  let ends = 0;
  const take = (line: string): void => {
    if (!line.startsWith('data:')) return;
    const data = line.slice(5).trim();
    if (data === '[DONE]') {
      ends++;
      return;
    }
    const body = parse(data);
    if (body['error'] !== undefined) throw errorIn(body);
    for (const choice of choicesOf(body)) {
      const index = indexOf(choice);
      const part = parts.get(index) ?? { text: '', finishReason: undefined, tokens: [] };
      parts.set(index, part);
      const text = textOf(choice);
      part.text += text;
      part.tokens.push(...tokensOf(choice));
      part.finishReason = reasonOf(choice) ?? part.finishReason;
      if (text !== '') request.onText?.(index, text);
    }
  };
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    alive();
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    lines.forEach(take);
  }
  take(rest);
  const finished = [...parts.values()].every(({ finishReason }) => finishReason !== undefined);
  if (ends === 0 && !(finished && parts.size > 0))
    throw new Failed('badAnswer', 'The server closed the stream before the completion ended.');
  return [...parts].sort((a, b) => a[0] - b[0]).map(([, part]) => part);
}

function choicesOf(body: Json): readonly Json[] {
  return Array.isArray(body['choices']) ? (body['choices'] as readonly Json[]) : [];
}

const indexOf = (choice: Json): number => (typeof choice['index'] === 'number' ? choice['index'] : 0);
const textOf = (choice: Json): string => (typeof choice['text'] === 'string' ? choice['text'] : '');
const reasonOf = (choice: Json): string | undefined =>
  typeof choice['finish_reason'] === 'string' ? choice['finish_reason'] : undefined;

function tokensOf(choice: Json): readonly RemoteToken[] {
  const logprobs = choice['logprobs'] as Json | null | undefined;
  const tokens = logprobs?.['tokens'];
  if (!Array.isArray(tokens)) return [];
  const values = (logprobs?.['token_logprobs'] ?? []) as readonly (number | null)[];
  const tops = (logprobs?.['top_logprobs'] ?? []) as readonly (Readonly<Record<string, number>> | null)[];
  return tokens.map((text: unknown, i) => ({
    text: String(text),
    logProb: values[i] ?? null,
    alternatives: Object.entries(tops[i] ?? {})
      .map(([other, logProb]) => ({ text: other, logProb }))
      .sort((a, b) => b.logProb - a.logProb),
  }));
}

async function json(response: Response): Promise<Json> {
  return parse(await response.text());
}

function parse(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Json;
  } catch {
    // Reported below with the same words as an answer of another type.
  }
  throw new Failed(
    'badAnswer',
    `The server did not answer in JSON ("${text.slice(0, 60)}"). Is the address that of an OpenAI-compatible server?`,
  );
}

function errorIn(body: Json): Failed {
  return new Failed('server', `The server reports: ${messageOf(body)}`);
}

function messageOf(body: Json): string {
  const error = body['error'];
  const message = typeof error === 'object' && error !== null ? (error as Json)['message'] : error;
  const text = typeof message === 'string' ? message : (body['message'] ?? body['detail']);
  return typeof text === 'string' ? text.slice(0, 300) : 'no details';
}

async function refusal(response: Response, base: string, model: string): Promise<Failed> {
  const text = await response.text().catch(() => '');
  let details = text.slice(0, 200);
  try {
    details = messageOf(JSON.parse(text) as Json);
  } catch {
    // Plain text stays as it is.
  }
  const { status } = response;
  if (status === 401 || status === 403)
    return new Failed('key', `${base} refuses the key (${details}). Set the key of this server again.`);
  if (status === 404)
    return new Failed('notFound', `${base} knows no /v1/completions or no model "${model}" (${details}).`);
  if (status === 429 || status === 503) {
    const after = Number(response.headers.get('retry-after') ?? NaN);
    const message = `${base} is busy (${details}). Try again${Number.isFinite(after) ? ` in ${after} s` : ' later'}.`;
    return new Failed('busy', message, Number.isFinite(after) ? after : undefined);
  }
  if (status < 500) return new Failed('badRequest', `${base} refuses the request: ${details}`);
  return new Failed('server', `${base} failed with status ${status}: ${details}`);
}

function failureOf(
  error: unknown,
  base: string,
  timeout: number | undefined,
  cancelled: boolean,
): RemoteResult<never> {
  if (cancelled) return { ok: false, reason: 'cancelled', message: 'Cancelled.' };
  if (timeout !== undefined)
    return { ok: false, reason: 'timeout', message: `${base} did not answer within ${timeout / 1000} s.` };
  if (error instanceof Failed) {
    const { reason, message, retryAfter } = error;
    return { ok: false, reason, message, ...(retryAfter === undefined ? {} : { retryAfter }) };
  }
  const cause = (error as { readonly cause?: { readonly code?: string; readonly message?: string } }).cause;
  const details = cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
  return {
    ok: false,
    reason: 'unreachable',
    message: `${base} cannot be reached (${details}). Is the server running?`,
  };
}
