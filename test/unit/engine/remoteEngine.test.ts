// The completions client against a server on this machine that follows the documented wire format, errors included.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createRemoteEngine,
  unavailableOnServer,
  type RemoteEngineOptions,
} from '../../../src/engine/remoteEngine';

interface Received {
  readonly url: string;
  readonly key: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}
type Answer = (received: Received, response: ServerResponse) => void;

describe('remote engine', () => {
  let server: Server;
  let base: string;
  let answer: Answer;
  const received: Received[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const body = (text === '' ? {} : JSON.parse(text)) as Received['body'];
        const one = { url: request.url ?? '', key: request.headers.authorization, body };
        received.push(one);
        answer(one, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const engine = (changes: Partial<RemoteEngineOptions> = {}): ReturnType<typeof createRemoteEngine> =>
    createRemoteEngine({ baseUrl: `${base}/v1/`, model: 'coder', ...changes });
  const send = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void => {
    answer = (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
  };
  const events = (pieces: readonly string[]): void => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const next = (i: number): void => {
        if (i === pieces.length) response.end();
        else response.write(pieces[i], () => setTimeout(() => next(i + 1), 2));
      };
      next(0);
    };
  };

  it('sends the documented request and reads drafts with log-probabilities in order', async () => {
    send(200, {
      object: 'text_completion',
      choices: [
        { index: 1, text: ' b', finish_reason: 'length', logprobs: null },
        {
          index: 0,
          text: ' a',
          finish_reason: 'stop',
          logprobs: {
            tokens: [' a'],
            token_logprobs: [-0.5],
            top_logprobs: [{ ' c': -1.5, ' a': -0.5 }],
            text_offset: [3],
          },
        },
      ],
    });
    const result = await engine({ apiKey: 'secret' }).complete({
      prompt: 'one',
      suffix: 'two',
      maxTokens: 7,
      n: 2,
      temperature: 0.4,
      topP: 0.9,
      stop: ['\n'],
      seed: 3,
      logprobs: 2,
    });
    expect(received.at(-1)).toEqual({
      url: '/v1/completions',
      key: 'Bearer secret',
      body: {
        model: 'coder',
        prompt: 'one',
        suffix: 'two',
        max_tokens: 7,
        n: 2,
        stream: false,
        temperature: 0.4,
        top_p: 0.9,
        stop: ['\n'],
        seed: 3,
        logprobs: 2,
      },
    });
    expect(result).toEqual({
      ok: true,
      value: [
        {
          text: ' a',
          finishReason: 'stop',
          tokens: [
            {
              text: ' a',
              logProb: -0.5,
              alternatives: [
                { text: ' a', logProb: -0.5 },
                { text: ' c', logProb: -1.5 },
              ],
            },
          ],
        },
        { text: ' b', finishReason: 'length', tokens: [] },
      ],
    });
  });

  it('joins a stream whose events are cut anywhere and whose drafts alternate', async () => {
    const one = (index: number, text: string, finish: string | null = null): string =>
      `data: ${JSON.stringify({ choices: [{ index, text, finish_reason: finish }] })}\n\n`;
    const whole = `: hello\n\n${one(0, 'é')}${one(1, 'x')}${one(0, 'b', 'stop')}${one(1, 'y', 'length')}data: [DONE]\n\n`;
    events([whole.slice(0, 31), whole.slice(31, 70), whole.slice(70)]);
    const texts: string[] = [];
    const result = await engine().complete({
      prompt: 'p',
      maxTokens: 4,
      n: 2,
      onText: (choice, text) => texts.push(`${choice}${text}`),
    });
    expect(result).toMatchObject({
      ok: true,
      value: [
        { text: 'éb', finishReason: 'stop' },
        { text: 'xy', finishReason: 'length' },
      ],
    });
    expect(texts).toEqual(['0é', '1x', '0b', '1y']);
  });

  it('reports a stream that breaks off and one that carries an error', async () => {
    events([`data: ${JSON.stringify({ choices: [{ index: 0, text: 'a', finish_reason: null }] })}\n\n`]);
    const onText = (): void => undefined;
    expect(await engine().complete({ prompt: 'p', maxTokens: 4, onText })).toMatchObject({
      reason: 'badAnswer',
    });
    events([`data: {"error": {"message": "out of memory"}}\n\n`]);
    const result = await engine().complete({ prompt: 'p', maxTokens: 4, onText });
    expect(result).toMatchObject({ reason: 'server', message: 'The server reports: out of memory' });
  });

  it('reports a connection that drops and events that are no JSON, streamed or not', async () => {
    const onText = (): void => undefined;
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices": [{"index": 0, "text": "a"', () => response.destroy());
    };
    const dropped = await engine().complete({ prompt: 'p', maxTokens: 4, onText });
    expect(dropped).toMatchObject({ ok: false });
    expect(dropped.ok ? '' : dropped.reason).toMatch(/^(unreachable|badAnswer)$/);
    events(['data: {"choices": [{"index":\n\n', 'data: [DONE]\n\n']);
    expect(await engine().complete({ prompt: 'p', maxTokens: 4, onText })).toMatchObject({
      ok: false,
      reason: 'badAnswer',
    });
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"choices": [', () => response.destroy());
    };
    expect(await engine().complete({ prompt: 'p', maxTokens: 4 })).toMatchObject({ ok: false });
  });

  it('waits for a slow stream as long as something comes, and no longer', async () => {
    const piece = (text: string, finish: string | null): string =>
      `data: ${JSON.stringify({ choices: [{ index: 0, text, finish_reason: finish }] })}\n\n`;
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const words = ['a', 'b', 'c', 'd'];
      const next = (i: number): void => {
        if (i === words.length) response.end('data: [DONE]\n\n');
        else {
          response.write(piece(words[i]!, i === 3 ? 'stop' : null));
          setTimeout(() => next(i + 1), 120);
        }
      };
      next(0);
    };
    const onText = (): void => undefined;
    // In all it takes longer than the limit; each silence is shorter.
    const slow = await engine({ timeoutMs: 400 }).complete({ prompt: 'p', maxTokens: 9, onText });
    expect(slow).toMatchObject({ ok: true, value: [{ text: 'abcd' }] });
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(piece('a', null));
    };
    const silent = await engine({ timeoutMs: 150 }).complete({ prompt: 'p', maxTokens: 9, onText });
    expect(silent).toMatchObject({ ok: false, reason: 'timeout' });
  });

  it('turns every documented error into a reason and words', async () => {
    const ask = (): Promise<unknown> => engine().complete({ prompt: 'p', maxTokens: 1 });
    send(401, { error: { message: 'Incorrect API key provided', type: 'invalid_request_error' } });
    expect(await ask()).toMatchObject({ ok: false, reason: 'key' });
    send(404, { error: { message: 'The model `coder` does not exist' } });
    expect(await ask()).toMatchObject({ ok: false, reason: 'notFound' });
    send(429, { error: { message: 'Rate limit reached' } }, { 'retry-after': '7' });
    expect(await ask()).toMatchObject({ ok: false, reason: 'busy', retryAfter: 7 });
    send(400, { object: 'error', message: 'max_tokens is too large' });
    const refused = await ask();
    expect(refused).toMatchObject({ ok: false, reason: 'badRequest' });
    expect((refused as { message: string }).message).toContain('max_tokens is too large');
    send(500, 'Internal Server Error');
    expect(await ask()).toMatchObject({ ok: false, reason: 'server' });
    send(200, '<html>welcome</html>');
    expect(await ask()).toMatchObject({ ok: false, reason: 'badAnswer' });
    send(200, { choices: [] });
    expect(await ask()).toMatchObject({ ok: false, reason: 'badAnswer' });
    const away = createRemoteEngine({ baseUrl: 'http://127.0.0.1:1', model: 'm' });
    expect(await away.complete({ prompt: 'p', maxTokens: 1 })).toMatchObject({ reason: 'unreachable' });
  });

  it('gives up a silent server and stops when cancelled', async () => {
    answer = () => undefined;
    const slow = await engine({ timeoutMs: 50 }).complete({ prompt: 'p', maxTokens: 1 });
    expect(slow).toMatchObject({ ok: false, reason: 'timeout' });
    const controller = new AbortController();
    const waiting = engine().complete({ prompt: 'p', maxTokens: 1, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    expect(await waiting).toMatchObject({ ok: false, reason: 'cancelled' });
    expect(await engine().complete({ prompt: 'p', maxTokens: 1, signal: AbortSignal.abort() })).toMatchObject(
      { reason: 'cancelled' },
    );
  });

  it('lists the models of a server', async () => {
    send(200, { object: 'list', data: [{ id: 'a' }, { id: 'b' }] });
    expect(await engine().models()).toEqual({ ok: true, value: ['a', 'b'] });
    expect(received.at(-1)?.url).toBe('/v1/models');
  });

  it('says which methods a server cannot run', () => {
    expect(unavailableOnServer('nucleus')).toBeUndefined();
    expect(unavailableOnServer('superposed')).toContain('embeddings');
    expect(unavailableOnServer('forked')).toContain('distribution');
  });
});
