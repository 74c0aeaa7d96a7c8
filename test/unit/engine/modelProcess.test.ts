// The model process as it ships: a bundle, forked. It is killed, cancelled, starved and given damaged models; the host
// always gets an answer that says what happened.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CancellationLike } from '../../../src/engine/engineClient';
import { createModelClient, type ModelClient } from '../../../src/engine/modelClient';
import {
  QWEN_SPECIALS,
  byteTokenizerJson,
  qwenModel,
  randomWeights,
  SMALL,
  writeQwenFolder,
  writeTreeFolder,
} from '../core/model/randomModel';
import { buildBundle, type BuiltBundle } from './builtWorker';

const SEED = 7;
const TEXT = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJ'.repeat(40);

function source(): CancellationLike & { cancel(): void } {
  const listeners = new Set<() => void>();
  let requested = false;
  return {
    get isCancellationRequested() {
      return requested;
    },
    onCancellationRequested: (listener) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    cancel: () => {
      requested = true;
      for (const listener of [...listeners]) listener();
    },
  };
}

describe('model process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-model-'));
  const own = join(folder, 'own');
  const qwen = join(folder, 'qwen');
  let bundle: BuiltBundle;
  let client: ModelClient;
  const lines: string[] = [];
  const open = (options: { readonly idleMs?: number; readonly budgetMs?: number } = {}): ModelClient =>
    (client = createModelClient({ processPath: bundle.path, log: (line) => lines.push(line), ...options }));
  const variant = (name: string, change: (target: string) => void): string => {
    const target = join(folder, name);
    mkdirSync(join(target, 'onnx'), { recursive: true });
    for (const file of ['config.json', 'generation_config.json', 'tokenizer.json', 'onnx/model.onnx'])
      copyFileSync(join(qwen, file), join(target, file));
    change(target);
    return target;
  };
  const loadError = async (path: string): Promise<string> => {
    const reply = await client.request('load', { path, threads: 1 });
    return reply.ok ? 'loaded' : reply.error.message;
  };

  beforeAll(() => {
    bundle = buildBundle('src/engine/modelProcess.ts', 'modelProcess.js');
    const weights = randomWeights(SMALL, SEED);
    writeTreeFolder(own, weights);
    writeQwenFolder(qwen, weights);
  });
  afterEach(async () => {
    await client.dispose();
  });
  afterAll(() => {
    bundle.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('loads a model and scores a text as the uniform bound and the chain rule demand', async () => {
    open();
    const loaded = await client.request('load', { path: own, threads: 1 });
    expect(loaded).toMatchObject({
      ok: true,
      value: { name: 'random', treeSteps: true, contextLength: 512 },
    });
    const reply = await client.request('surprise', { text: TEXT.slice(0, 1300), window: 128 });
    if (!reply.ok) throw new Error(reply.error.message);
    const { ids, logProbs, ranks, entropies, byteEnds, bitsPerByte } = reply.value;
    expect(ids.length).toBe(1300);
    expect(byteEnds[1299]).toBe(1300);
    expect(Number.isNaN(logProbs[0])).toBe(true);
    const scored = [...logProbs].slice(1);
    expect(scored.every((value) => value <= 0 && Number.isFinite(value))).toBe(true);
    expect([...ranks].slice(1).every((rank) => rank >= 1 && rank <= SMALL.vocabulary)).toBe(true);
    expect([...entropies].slice(1).every((h) => h >= 0 && h <= Math.log(SMALL.vocabulary) + 1e-6)).toBe(true);
    const nats = -scored.reduce((a, b) => a + b, 0);
    expect(bitsPerByte).toBeCloseTo(nats / Math.LN2 / 1299, 6);
    const status = await client.request('status', null);
    expect(status.ok && status.value.residentBytes > 1e7).toBe(true);
    expect(status.ok && (status.value.tokensPerSecond ?? 0) > 0).toBe(true);
  });

  it('answers when it is killed in the middle of a request, and the next request starts it again', async () => {
    open();
    await client.request('load', { path: own, threads: 1 });
    const running = client.request('surprise', {
      text: TEXT,
      window: 512,
    });
    setTimeout(() => process.kill(client.pid!, 'SIGKILL'), 20);
    const reply = await running;
    expect(reply).toMatchObject({ ok: false, error: { code: 'crashed' } });
    // The same model is loaded again without being asked for.
    const next = await client.request('surprise', { text: 'abc' });
    expect(next.ok && next.value.ids.length).toBe(3);
  });

  it('gives up after three crashes and comes back when asked to', async () => {
    open();
    for (let i = 0; i < 3; i++) {
      await client.request('load', { path: own, threads: 1 });
      const running = client.request('measure', { milliseconds: 20_000 });
      process.kill(client.pid!, 'SIGKILL');
      expect(await running).toMatchObject({ ok: false });
    }
    expect(client.state).toBe('stopped');
    expect(await client.request('status', null)).toMatchObject({ ok: false, error: { code: 'stopped' } });
    client.restart();
    expect(await client.request('surprise', { text: 'abc' })).toMatchObject({ ok: true });
  });

  it('stops a cancelled request and goes on to the next', async () => {
    open();
    await client.request('load', { path: own, threads: 1 });
    const cancellation = source();
    const running = client.request('surprise', { text: TEXT.repeat(50) }, { cancellation });
    await new Promise((resolve) => setTimeout(resolve, 50));
    cancellation.cancel();
    expect(await running).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    const pid = client.pid;
    expect(await client.request('surprise', { text: 'abcd' })).toMatchObject({ ok: true });
    expect(client.pid).toBe(pid);
  });

  it('ends a request that takes too long, with the process', async () => {
    open();
    await client.request('load', { path: own, threads: 1 });
    const reply = await client.request('surprise', { text: TEXT.repeat(100) }, { budgetMs: 100 });
    expect(reply).toMatchObject({ ok: false, error: { code: 'timeout' } });
    expect(client.state).toBe('idle');
  });

  it('stops when idle', async () => {
    open({ idleMs: 30 });
    await client.request('load', { path: own, threads: 1 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(client.state).toBe('idle');
    expect(client.pid).toBeUndefined();
  });

  it('runs a user model in the Qwen layout', async () => {
    open();
    const loaded = await client.request('load', { path: qwen, threads: 1 });
    expect(loaded).toMatchObject({
      ok: true,
      value: {
        name: 'qwen',
        fimFamily: 'qwen',
        treeSteps: false,
        embeddingSize: SMALL.width,
        layers: SMALL.layers,
      },
    });
    const a = await client.request('surprise', { text: TEXT.slice(0, 100) });
    await client.request('load', { path: own, threads: 1 });
    const b = await client.request('surprise', { text: TEXT.slice(0, 100) });
    if (!a.ok || !b.ok) throw new Error('not scored');
    expect(a.value.bitsPerByte).toBeCloseTo(b.value.bitsPerByte, 3);
  });

  it('scores a part of a text with the numbers of the whole, and the pieces fit together', async () => {
    open();
    await client.request('load', { path: own, threads: 1 });
    const text = TEXT.slice(0, 700);
    const window = 128;
    const whole = await client.request('surprise', { text, window });
    if (!whole.ok) throw new Error(whole.error.message);
    for (const part of [
      { unit: 'utf16', from: 300, to: 301 },
      { unit: 'tokens', from: 64, to: 128 },
      { unit: 'utf16', from: 650, to: 9000 },
      { unit: 'tokens', from: 5000, to: 6000 },
    ] as const) {
      const reply = await client.request('surprise', { text, window, part });
      if (!reply.ok) throw new Error(reply.error.message);
      const { first, ids, logProbs, firstUtf16, totalTokens } = reply.value;
      expect([first % 64, totalTokens]).toEqual([first === 700 ? 700 % 64 : 0, 700]);
      if (part.from < 700) expect(first <= part.from && part.from < first + ids.length).toBe(true);
      expect(firstUtf16).toBe(first);
      logProbs.forEach((value, i) => expect(value).toBeCloseTo(whole.value.logProbs[first + i]!, 4));
    }
  });

  it('describes a folder without loading it, and does not load the former model for that', async () => {
    open();
    const reply = await client.request('inspect', { path: qwen });
    expect(reply).toMatchObject({
      ok: true,
      value: { name: 'qwen', fimFamily: 'qwen', contextLength: SMALL.context, embeddings: undefined },
    });
    writeFileSync(join(qwen, 'README.md'), '---\nlicense: apache-2.0\n---\n# Coder\n');
    const second = await client.request('inspect', { path: qwen });
    rmSync(join(qwen, 'README.md'));
    expect(second).toMatchObject({ value: { licence: 'apache-2.0' } });
    expect(await client.request('surprise', { text: 'a' })).toMatchObject({
      ok: false,
      error: { message: 'No model is loaded.' },
    });
    const gguf = join(folder, 'model.gguf');
    writeFileSync(gguf, 'GGUF');
    const refused = await client.request('inspect', { path: gguf });
    expect(refused.ok ? '' : refused.error.message).toContain('its server');
  });

  it('loads the model again after a description was the first thing that a new process was asked', async () => {
    open();
    await client.request('load', { path: own, threads: 1 });
    process.kill(client.pid!, 'SIGKILL');
    await client.request('status', null);
    expect(await client.request('inspect', { path: qwen })).toMatchObject({ ok: true });
    expect(await client.request('surprise', { text: 'abc' })).toMatchObject({ ok: true });
  });

  it('says what is wrong with a model that cannot be used', async () => {
    open();
    const onnx = (target: string): string => join(target, 'onnx', 'model.onnx');
    expect(await loadError(join(folder, 'nowhere'))).toContain('There is no file or folder');
    expect(
      await loadError(
        variant('truncated', (target) => {
          const bytes = readFileSync(onnx(target));
          writeFileSync(onnx(target), bytes.subarray(0, bytes.length / 2));
        }),
      ),
    ).toContain('not a complete ONNX file');
    expect(
      await loadError(variant('other', (target) => writeFileSync(onnx(target), 'hello, this is text'))),
    ).toContain('ONNX file');
    expect(
      await loadError(
        variant('opset', (target) => writeFileSync(onnx(target), qwenModel(randomWeights(SMALL, SEED), 999))),
      ),
    ).toContain('newer ONNX version');
    expect(
      await loadError(
        variant('tokenizer', (target) =>
          writeFileSync(
            join(target, 'tokenizer.json'),
            byteTokenizerJson(SMALL.vocabulary + 40, QWEN_SPECIALS),
          ),
        ),
      ),
    ).toContain('belongs to another model');
    expect(
      await loadError(
        variant('half', (target) => writeFileSync(join(target, 'tokenizer.json'), '{"model":')),
      ),
    ).toContain('tokenizer.json is not complete JSON');
    expect(await loadError(variant('bare', (target) => rmSync(join(target, 'tokenizer.json'))))).toContain(
      'no tokenizer.json',
    );
    expect(
      await loadError(variant('empty', (target) => rmSync(join(target, 'onnx', 'model.onnx')))),
    ).toContain('optimum-cli export');
    const small = await client.request('load', { path: qwen, memoryBudgetMb: 0.001 });
    expect(small.ok ? '' : small.error.message).toContain('the limit is');
    // After all that the process still serves.
    expect(await loadError(own)).toBe('loaded');
  });

  it('checks the files of an own model against its manifest', async () => {
    open();
    const damaged = join(folder, 'damaged');
    writeTreeFolder(damaged, randomWeights(SMALL, SEED));
    const manifest = {
      layout: 'tessera-tree-1',
      name: 'damaged',
      contextLength: 512,
      files: [
        {
          path: 'model.onnx',
          bytes: readFileSync(join(damaged, 'model.onnx')).length,
          sha256: '0'.repeat(64),
        },
      ],
    };
    writeFileSync(join(damaged, 'manifest.json'), JSON.stringify(manifest));
    expect(await loadError(damaged)).toContain('is damaged');
    const files = [{ path: 'gone.onnx', bytes: 1, sha256: '' }];
    writeFileSync(join(damaged, 'manifest.json'), JSON.stringify({ ...manifest, files }));
    expect(await loadError(damaged)).toContain('gone.onnx is missing');
  });
});
