// The client's promises about the worker's life: started late, every request answered whatever happens, killed when over
// budget, given up after three crashes, gone after dispose.
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngineClient, type EngineClient, type EngineState } from '../../../src/engine/engineClient';
import type { EngineReply } from '../../../src/engine/engineProtocol';
import { createLatestOnly } from '../../../src/editor/latestOnly';

const clients: EngineClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.dispose()));
});

function start(
  options: {
    readonly idleMs?: number;
    readonly heapMegabytes?: number;
    readonly budgetMs?: number;
    readonly log?: (line: string) => void;
  } = {},
) {
  const client = createEngineClient({
    workerPath: resolve(import.meta.dirname, 'scriptedWorker.mjs'),
    tableFolder: '',
    ...options,
  });
  clients.push(client);
  /** Sends one line of the scripted worker's language; the answer is whatever it says. */
  const ask = (
    text: string,
    rest: Parameters<EngineClient['request']>[2] = {},
  ): Promise<EngineReply<unknown>> => client.request('countText', { tokenizer: '', text }, rest);
  return { client, ask };
}

const code = (reply: EngineReply<unknown>): string => (reply.ok ? 'ok' : reply.error.code);

function cancellation() {
  const listeners = new Set<() => void>();
  let requested = false;
  return {
    token: {
      get isCancellationRequested() {
        return requested;
      },
      onCancellationRequested: (listener: () => void) => {
        listeners.add(listener);
        return { dispose: () => listeners.delete(listener) };
      },
    },
    listeners,
    cancel: () => {
      requested = true;
      for (const listener of [...listeners]) listener();
    },
  };
}

const stateChange = (client: EngineClient, wanted: EngineState): Promise<void> =>
  new Promise((done) => {
    const listening = client.onDidChangeState((state) => {
      if (state !== wanted) return;
      listening.dispose();
      done();
    });
  });

describe('the worker', () => {
  it('is not started by creating the client', () => {
    const { client } = start();
    expect(client.state).toBe('idle');
    expect(client.generation).toBe(0);
  });

  it('is started by the first request and answers it', async () => {
    const { client, ask } = start();
    expect(await ask('echo:hello')).toEqual({ ok: true, value: 'hello' });
    expect(client.state).toBe('running');
    expect(client.generation).toBe(1);
  });

  it('is the same one for later requests', async () => {
    const { client, ask } = start();
    await ask('echo:a');
    expect(await ask('requests')).toEqual({ ok: true, value: 2 });
    expect(client.generation).toBe(1);
  });

  it('is stopped when idle and started again when needed', async () => {
    const { client, ask } = start({ idleMs: 50 });
    const idle = stateChange(client, 'idle');
    await ask('echo:a');
    await idle;
    expect(await ask('requests')).toEqual({ ok: true, value: 1 });
    expect(client.generation).toBe(2);
  });

  it('is not taken for idle while a request is pending', async () => {
    const { client, ask } = start({ idleMs: 20 });
    expect(await ask('wait:200')).toEqual({ ok: true, value: 'waited' });
    expect(client.generation).toBe(1);
  });
});

describe('a request', () => {
  it('gets the worker’s own errors as values', async () => {
    expect(await start().ask('error:no such thing')).toEqual({
      ok: false,
      error: { code: 'failed', message: 'no such thing' },
    });
  });

  it('reports progress in order', async () => {
    const seen: number[] = [];
    await start().ask('progress', { onProgress: ({ done }) => seen.push(done) });
    expect(seen).toEqual([1, 2, 3]);
  });

  it('that cannot be sent is refused and does not block the others', async () => {
    const { client, ask } = start();
    const uncloneable = { tokenizer: '', text: (() => 'x') as unknown as string };
    expect(code(await client.request('countText', uncloneable))).toBe('badRequest');
    expect(await ask('echo:still here')).toEqual({ ok: true, value: 'still here' });
  });
});

describe('cancellation', () => {
  it('before sending starts no worker', async () => {
    const { client, ask } = start();
    const { token, cancel } = cancellation();
    cancel();
    expect(code(await ask('echo:a', { cancellation: token }))).toBe('cancelled');
    expect(client.generation).toBe(0);
  });

  it('answers at once and reaches a handler that never yields', async () => {
    const { ask } = start();
    await ask('echo:ready');
    const { token, cancel } = cancellation();
    const long = ask('untilCancelled', { cancellation: token });
    setTimeout(cancel, 30);
    expect(code(await long)).toBe('cancelled');
    // The script sets its counter to −100 when it saw the flag; this request makes it −99.
    expect(await ask('requests')).toEqual({ ok: true, value: -99 });
  });

  it('leaves no listener behind when the request ends normally', async () => {
    const { ask } = start();
    const { token, listeners } = cancellation();
    await ask('echo:a', { cancellation: token });
    expect(listeners.size).toBe(0);
  });

  it('does not lift the budget of the work that goes on', async () => {
    const { client, ask } = start();
    const { token, cancel } = cancellation();
    const looping = ask('loop', { cancellation: token, budgetMs: 200 });
    const behind = ask('echo:behind');
    cancel();
    expect(code(await looping)).toBe('cancelled');
    expect(code(await behind)).toBe('workerDied');
    expect(client.state).toBe('idle');
  });
});

describe('a time budget', () => {
  it('ends a worker that loops, tells the guilty request and frees the waiting ones', async () => {
    const { client, ask } = start();
    const replies = await Promise.all([ask('loop', { budgetMs: 150 }), ask('echo:a'), ask('echo:b')]);
    expect(replies.map(code)).toEqual(['timeout', 'workerDied', 'workerDied']);
    expect(await ask('echo:again')).toEqual({ ok: true, value: 'again' });
    expect(client.generation).toBe(2);
  });

  it('does not count the time spent waiting for earlier requests', async () => {
    const { ask } = start();
    await ask('echo:started');
    const replies = await Promise.all([
      ask('wait:600', { budgetMs: 60_000 }),
      ask('echo:b', { budgetMs: 400 }),
    ]);
    expect(replies.map(code)).toEqual(['ok', 'ok']);
  });

  it('is no crash: any number of them leaves the engine usable', async () => {
    const { client, ask } = start();
    for (let i = 0; i < 4; i++) expect(code(await ask('loop', { budgetMs: 50 }))).toBe('timeout');
    expect(client.state).toBe('idle');
    expect(code(await ask('echo:a'))).toBe('ok');
  });
});

describe('a crash', () => {
  it('is told to the request that caused it, and the rest are answered too', async () => {
    const { ask } = start();
    const replies = await Promise.all([ask('throw:broken'), ask('echo:a')]);
    expect(replies.map(code)).toEqual(['crashed', 'workerDied']);
    expect(replies[0]).toMatchObject({ error: { message: expect.stringContaining('broken') as string } });
  });

  it('by process.exit counts as well', async () => {
    expect(code(await start().ask('exit:3'))).toBe('crashed');
  });

  it('by running out of memory takes down the worker only', async () => {
    expect(code(await start({ heapMegabytes: 32 }).ask('fill'))).toBe('crashed');
  });

  it('once or twice is survived', async () => {
    const { ask } = start();
    await ask('throw:1');
    await ask('throw:2');
    expect(code(await ask('echo:a'))).toBe('ok');
  });

  it('three times in a row stops the engine until the user restarts it', async () => {
    const { client, ask } = start();
    for (const time of [1, 2, 3]) await ask(`throw:${time}`);
    expect(client.state).toBe('stopped');
    expect(code(await ask('echo:a'))).toBe('stopped');
    client.restart();
    expect(await ask('echo:back')).toEqual({ ok: true, value: 'back' });
  });

  it('is logged without the contents of the request', async () => {
    const lines: string[] = [];
    await start({ log: (line) => lines.push(line) }).ask('exit:7');
    expect(lines).toEqual(['token worker crashed: exit code 7']);
  });
});

describe('restart and dispose', () => {
  it('restart answers what is pending and starts a new worker for the next request', async () => {
    const { client, ask } = start();
    const pending = ask('loop');
    client.restart();
    expect(code(await pending)).toBe('workerDied');
    await ask('echo:a');
    expect(client.generation).toBe(2);
  });

  it('dispose answers what is pending and refuses what comes later', async () => {
    const { client, ask } = start();
    const pending = ask('loop');
    await client.dispose();
    expect(code(await pending)).toBe('stopped');
    expect(code(await ask('echo:a'))).toBe('stopped');
    expect(client.state).toBe('disposed');
  });

  it('dispose ends a thread that loops', async () => {
    const { client, ask } = start();
    await ask('echo:a');
    const counter = new Int32Array(new SharedArrayBuffer(4));
    void client.request('countText', { tokenizer: '', text: 'count', counter } as {
      tokenizer: string;
      text: string;
    });
    while (Atomics.load(counter, 0) === 0) await new Promise((done) => setTimeout(done, 5));
    await client.dispose();
    const atEnd = Atomics.load(counter, 0);
    await new Promise((done) => setTimeout(done, 50));
    expect(Atomics.load(counter, 0)).toBe(atEnd);
  });

  it('restart after dispose does nothing', async () => {
    const { client } = start();
    await client.dispose();
    client.restart();
    expect(client.state).toBe('disposed');
  });
});

describe('latest only', () => {
  it('delivers only the newest of several jobs and cancels the others', async () => {
    const { ask } = start();
    await ask('echo:ready');
    const latest = createLatestOnly();
    const used: unknown[] = [];
    const replies: Promise<EngineReply<unknown>>[] = [];
    const run = (text: string): void =>
      latest.run(
        (token) => {
          const reply = ask(text, { cancellation: token });
          replies.push(reply);
          return reply;
        },
        (reply) => used.push(reply),
      );
    run('wait:30');
    run('echo:second');
    run('echo:third');
    expect((await Promise.all(replies)).map(code)).toEqual(['cancelled', 'cancelled', 'ok']);
    expect(used).toEqual([{ ok: true, value: 'third' }]);
  });
});
