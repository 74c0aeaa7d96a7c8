// The session's contract on a runner that is exact and simple: logits depend on the path of inputs alone. Cancellation,
// failures, limits and slot books are looked at from outside.
import { describe, expect, it } from 'vitest';
import { CachedSession, type SessionOptions } from '../../../../src/core/model/cachedSession';
import type { ForwardPlan, GraphRunner } from '../../../../src/core/model/graphRunner';
import type { KeyValueCache } from '../../../../src/core/model/keyValueCache';
import { ModelStopped, type ModelInfo, type StopReason } from '../../../../src/core/model/languageModel';

const info: ModelInfo = {
  name: 'sum',
  vocabularySize: 10,
  contextLength: 64,
  embeddingSize: 1,
  endTokens: [],
};

/** Stores each input as its key; logit 0 of an input is the sum of its path read back from the cache. */
function sumRunner(log: number[] = [], failAt = Infinity): GraphRunner {
  let calls = 0;
  return {
    shape: { layers: 1, heads: 1, headSize: 1, element: 'float32' },
    vocabularySize: 10,
    embeddingSize: 1,
    tree: true,
    forward: (plan: ForwardPlan, cache: KeyValueCache) => {
      if (++calls >= failAt) return Promise.reject(new Error('out of memory'));
      log.push(plan.inputs.length);
      const value = (i: number): number => {
        const input = plan.inputs[i]!;
        return typeof input === 'number' ? input : input[0]!;
      };
      const sums: number[] = [];
      plan.inputs.forEach((_, i) => {
        const parent = plan.parents[i]!;
        const past = cache.gather(cache.keys[0]!, plan.pasts[i]!);
        const before = parent >= 0 ? sums[parent]! : sum([...past]);
        sums.push(before + value(i));
        const row = Float32Array.of(value(i));
        if (plan.slots[i]! >= 0) cache.write(0, plan.slots[i]!, row, row, 0, 1);
      });
      return Promise.resolve([...plan.wanted].map((i) => Float32Array.of(sums[i]!)));
    },
    embeddingRows: (ids) => Promise.resolve(Float32Array.from(Array.from(ids))),
    release: () => Promise.resolve(),
  };
}

function session(runner: GraphRunner, changes: Partial<SessionOptions> = {}): CachedSession {
  let clock = 0;
  return new CachedSession(info, runner, {
    slots: 128,
    spareSlots: 16,
    chunkMilliseconds: 10,
    now: () => (clock += 100),
    pause: () => Promise.resolve(),
    ...changes,
  });
}

async function stopOf(work: Promise<unknown>): Promise<StopReason> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ModelStopped) return error.reason;
    throw error;
  }
  throw new Error('did not stop');
}

const ids = (count: number): number[] => Array.from({ length: count }, (_, i) => i % 10);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('cached session', () => {
  it('computes a prompt in chunks and only what is new the next time', async () => {
    const log: number[] = [];
    const s = session(sumRunner(log));
    const first = await s.prefill(ids(50));
    expect(first.logits[0]).toBe(sum(ids(50)));
    expect(log.length).toBeGreaterThan(1);
    expect(sum(log)).toBe(50);
    const again = await s.prefill([...ids(50), 7]);
    expect([again.reused, again.computed, again.logits[0]]).toEqual([50, 1, sum(ids(50)) + 7]);
  });

  it('evaluates a tree with parents anywhere, embeddings among them', async () => {
    const s = session(sumRunner());
    const { node } = await s.prefill([1, 2]);
    const { nodes, logits } = await s.evaluate([
      { parent: node, input: 5 },
      { parent: 0, input: Float32Array.of(0.5) },
      { parent: s.root, input: 9 },
      { parent: 1, input: 4 },
    ]);
    expect(logits.map((row) => row[0])).toEqual([8, 8.5, 9, 12.5]);
    expect(nodes.map((each) => each.depth)).toEqual([3, 4, 1, 5]);
  });

  it('gives one context for the same token under the same parent', async () => {
    const s = session(sumRunner());
    const { node } = await s.prefill([1]);
    const { nodes } = await s.evaluate([
      { parent: node, input: 3 },
      { parent: node, input: 3 },
    ]);
    expect(nodes[0]!.id).toBe(nodes[1]!.id);
    const later = await s.evaluate([{ parent: node, input: 3 }]);
    expect(later.nodes[0]!.id).toBe(nodes[0]!.id);
    expect(later.logits[0]![0]).toBe(4);
    expect(s.usage.tokens).toBe(2);
  });

  it('stops between chunks when cancelled, and goes on from there the next time', async () => {
    const cancellation = { cancelled: false };
    let pauses = 0;
    const s = session(sumRunner(), {
      pause: () => {
        if (++pauses === 2) cancellation.cancelled = true;
        return Promise.resolve();
      },
    });
    expect(await stopOf(s.prefill(ids(60), cancellation))).toBe('cancelled');
    const next = await s.prefill(ids(60));
    expect(next.reused).toBeGreaterThan(0);
    expect(next.logits[0]).toBe(sum(ids(60)));
  });

  it('stays usable after a forward that failed', async () => {
    const runner = sumRunner([], 3);
    const s = session(runner);
    const { node } = await s.prefill([1, 2]);
    await s.evaluate([{ parent: node, input: 1 }]);
    expect(await stopOf(s.evaluate([{ parent: node, input: 4 }]))).toBe('failed');
    expect(s.usage.tokens).toBe(3);
  });

  it('refuses what does not fit the context, the vocabulary or the embedding', async () => {
    const s = session(sumRunner());
    expect(await stopOf(s.prefill(ids(65)))).toBe('contextFull');
    expect(await stopOf(s.evaluate([{ parent: s.root, input: 10 }]))).toBe('failed');
    expect(await stopOf(s.evaluate([{ parent: s.root, input: new Float32Array(3) }]))).toBe('failed');
    expect(await stopOf(s.evaluate([{ parent: 0, input: 1 }]))).toBe('failed');
    expect(await stopOf(s.prefill([]))).toBe('failed');
    s.close();
    expect(await stopOf(s.prefill([1]))).toBe('closed');
  });

  it('forgets released contexts when room is needed, never held ones', async () => {
    const s = session(sumRunner(), { slots: 80 });
    const held = await s.prefill([9, 9, 9, ...ids(20)]);
    for (let i = 0; i < 9; i++) {
      const other = await s.prefill([i, ...ids(40)]);
      s.release([other.node]);
    }
    const more = await s.evaluate([{ parent: held.node, input: 1 }]);
    expect(more.logits[0]![0]).toBe(27 + sum(ids(20)) + 1);
    const all = await Promise.all(Array.from({ length: 3 }, (_, i) => s.prefill([i + 5, ...ids(17)])));
    expect(await stopOf(s.prefill([0, ...ids(60)]))).toBe('contextFull');
    s.release(all.map((each) => each.node));
    expect((await s.prefill([0, ...ids(50)])).logits[0]).toBe(sum(ids(50)));
  });

  it('keeps no more than the spare slots beside a new prompt, so that steps stay short', async () => {
    const s = session(sumRunner());
    for (let i = 0; i < 9; i++) {
      const { node } = await s.prefill([i, ...ids(20)]);
      expect(s.usage.tokens).toBeLessThanOrEqual(21 + 16);
      s.release([node]);
    }
    // What is left of them can still be gone back to.
    const back = await s.prefill([7, ...ids(20)]);
    expect(back.reused).toBeGreaterThan(0);
    expect(back.logits[0]).toBe(7 + sum(ids(20)));
  });

  it('serves calls that are made at once one after the other', async () => {
    const s = session(sumRunner());
    const results = await Promise.all([s.prefill([1, 2, 3]), s.prefill([1, 2, 4]), s.prefill([1, 2, 3, 5])]);
    expect(results.map(({ logits }) => logits[0])).toEqual([6, 7, 11]);
    expect(results.map(({ reused }) => reused)).toEqual([0, 2, 3]);
  });
});
