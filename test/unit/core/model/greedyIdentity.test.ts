// Whatever way a prompt goes through the runtime (token by token, in chunks, as a tree with junk beside it, over a cache
// that holds other prompts), the greedy continuation is the same; and the two graph layouts agree from the same weights.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CacheNode, LmSession, Logits, NodeInput } from '../../../../src/core/model/languageModel';
import {
  loadLanguageModel,
  DEFAULT_LOAD_OPTIONS,
  type LoadedModel,
} from '../../../../src/engine/languageModelLoader';
import { mulberry, randomWeights, SMALL, writeQwenFolder, writeTreeFolder } from './randomModel';

const SEED = 20261124;
const PROMPTS = 200;
const NEW_TOKENS = 12;

function argMax(logits: Logits): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

const largestDifference = (a: Logits, b: Logits): number => {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
};

/** Greedy by single steps from the empty context: the slow and simple way. */
async function bySteps(session: LmSession, prompt: readonly number[]): Promise<number[]> {
  const held: CacheNode[] = [];
  const ids: number[] = [];
  let node = session.root;
  for (let i = 0; ids.length < NEW_TOKENS; i++) {
    const { nodes, logits } = await session.evaluate([
      { parent: node, input: prompt[i] ?? ids[ids.length - 1]! },
    ]);
    node = nodes[0]!;
    held.push(node);
    if (i + 1 >= prompt.length) ids.push(argMax(logits[0]!));
  }
  session.release(held);
  return ids;
}

/** Greedy by prefill and then trees: the greedy child among random siblings and a random chain below it. */
async function byTrees(
  session: LmSession,
  prompt: readonly number[],
  random: () => number,
): Promise<number[]> {
  const { node, logits: first } = await session.prefill(prompt);
  const ids: number[] = [];
  const held: CacheNode[] = [node];
  let at = node;
  let logits = first;
  const junk = (): number => Math.floor(random() * session.info.vocabularySize);
  while (ids.length < NEW_TOKENS) {
    const best = argMax(logits);
    const inputs: NodeInput[] = [
      { parent: at, input: junk() },
      { parent: at, input: best },
      { parent: 1, input: junk() },
      { parent: 2, input: junk() },
      { parent: at, input: junk() },
      { parent: 0, input: best },
    ];
    const result = await session.evaluate(inputs);
    ids.push(best);
    at = result.nodes[1]!;
    logits = result.logits[1]!;
    held.push(at);
    session.release(result.nodes.filter((_, i) => i !== 1));
  }
  session.release(held);
  return ids;
}

describe('greedy identity', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-identity-'));
  let tree: LoadedModel;
  let chain: LoadedModel;
  const prompts: number[][] = [];

  beforeAll(async () => {
    const weights = randomWeights(SMALL, SEED);
    writeTreeFolder(join(folder, 'tree'), weights);
    writeQwenFolder(join(folder, 'qwen'), weights);
    const load = async (name: string): Promise<LoadedModel> => {
      const result = await loadLanguageModel(join(folder, name), { ...DEFAULT_LOAD_OPTIONS, threads: 1 });
      if (!result.ok) throw new Error(result.reason);
      return result.model;
    };
    tree = await load('tree');
    chain = await load('qwen');
    const random = mulberry(SEED);
    for (let i = 0; i < PROMPTS; i++) {
      const length = 1 + Math.floor(random() * 60);
      prompts.push(Array.from({ length }, () => Math.floor(random() * SMALL.vocabulary)));
    }
  });
  afterAll(async () => {
    await tree.release();
    await chain.release();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    `gives the same tokens by steps and by trees over a shared cache, ${PROMPTS} prompts (seed ${SEED})`,
    { timeout: 240_000 },
    async () => {
      const shared = tree.openSession();
      const random = mulberry(SEED + 1);
      for (const prompt of prompts) {
        const slow = tree.openSession();
        expect(await byTrees(shared, prompt, random)).toEqual(await bySteps(slow, prompt));
        slow.close();
      }
    },
  );

  it('gives the same logits by chunked prefill as by single steps, to 1e-4', async () => {
    for (const prompt of prompts.slice(0, 20)) {
      const long = [...prompt, ...prompt, ...prompt, ...prompt];
      const a = tree.openSession();
      const b = tree.openSession();
      const { logits } = await a.prefill(long);
      let node = b.root;
      let last: Logits = logits;
      for (const input of long) {
        const result = await b.evaluate([{ parent: node, input }]);
        node = result.nodes[0]!;
        last = result.logits[0]!;
      }
      expect(largestDifference(logits, last)).toBeLessThan(1e-4);
    }
  });

  it('gives the same logits from an id and from its embedding row', async () => {
    const session = tree.openSession();
    const { node } = await session.prefill([5, 6, 7]);
    const rows = await session.embeddingRows([40]);
    const { logits } = await session.evaluate([
      { parent: node, input: 40 },
      { parent: node, input: rows },
    ]);
    expect(largestDifference(logits[0]!, logits[1]!)).toBeLessThan(1e-5);
  });

  it("runs a Qwen-layout folder, its graph cut at the embedding, to the tree graph's logits", async () => {
    expect(chain.info.embeddingSize).toBe(SMALL.width);
    expect(chain.info.fim?.family).toBe('qwen');
    expect(chain.description.treeSteps).toBe(false);
    const a = tree.openSession();
    const b = chain.openSession();
    const random = mulberry(SEED + 2);
    for (const prompt of prompts.slice(0, 25)) {
      const x = await a.prefill(prompt);
      const y = await b.prefill(prompt);
      expect(largestDifference(x.logits, y.logits)).toBeLessThan(1e-3);
      expect(await byTrees(b, prompt, random)).toEqual(await byTrees(a, prompt, random));
      a.release([x.node]);
      b.release([y.node]);
    }
    const rows = await b.embeddingRows([9]);
    const { node } = await b.prefill([1, 2]);
    const { logits } = await b.evaluate([
      { parent: node, input: rows },
      { parent: node, input: 9 },
    ]);
    expect(largestDifference(logits[0]!, logits[1]!)).toBeLessThan(1e-5);
  });

  it('computes only the new tokens of the next keystroke', async () => {
    const session = tree.openSession();
    const first = await session.prefill([1, 2, 3, 4, 5]);
    session.release([first.node]);
    const next = await session.prefill([1, 2, 3, 4, 5, 6]);
    expect([next.reused, next.computed]).toEqual([5, 1]);
    const other = await session.prefill([1, 2, 9]);
    expect([other.reused, other.computed]).toEqual([2, 1]);
  });
});
