// Whole runs of superposed decoding against a second implementation, against enumeration, and against the cache they leave
// behind. The single steps are in superposition.test.ts.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { completeDrafts, type DraftRequest } from '../../../../src/core/decoding/completeDrafts';
import { isAllowed } from '../../../../src/core/decoding/draftJob';
import { LiveNgrams } from '../../../../src/core/decoding/liveNgrams';
import { ngramMixture } from '../../../../src/core/decoding/ngramMixture';
import { superposedDrafts } from '../../../../src/core/decoding/superposedDrafts';
import { PAPER_SETTINGS, type SuperposedSettings } from '../../../../src/core/decoding/superposition';
import { CachedSession } from '../../../../src/core/model/cachedSession';
import type { ForwardPlan, GraphRunner } from '../../../../src/core/model/graphRunner';
import type { KeyValueCache } from '../../../../src/core/model/keyValueCache';
import { ToyRecurrentModel } from '../../../../src/core/model/toyRecurrentModel';
import { smallTokenizer } from './smallCodeTokenizer';
import { referenceSuperposed, tokenLevelJob } from './superpositionReference';

const { tokenizer, endToken } = smallTokenizer();
// No end token: every draft has the full length, so the counts below are exact.
const model = new ToyRecurrentModel({ vocabularySize: tokenizer.vocabularySize, sharpness: 3 });
const prefixes = ['export function count', 'return tokens', 'this.total', 'const x ='];
const plain: SuperposedSettings = { ...PAPER_SETTINGS, alpha: 0, temperature: 1 };
const LENGTH = 7;

describe('superposed runs', () => {
  it('P4: drafts and scores are those of a second implementation, sorted, scores never rising', async () => {
    for (const [p, prefix] of prefixes.entries()) {
      for (const k of [1, 2, 3, 5, 8]) {
        const settings = {
          ...plain,
          candidates: 3 * k,
          temperature: [0.3, 1][p % 2]!,
          gammaTemperature: 1.5,
        };
        const wishes = { count: k, maxTokens: LENGTH };
        const { job, prompt } = await tokenLevelJob(
          model.openSession(),
          tokenizer,
          [endToken],
          prefix,
          wishes,
        );
        const { drafts, scores } = await superposedDrafts(job, settings, undefined);
        const expected = await referenceSuperposed(model.openSession(), prompt, k, LENGTH, settings, (id) =>
          isAllowed(job, id),
        );
        const where = `${prefix}, k ${k}`;
        expect(
          drafts.map(({ tokens }) => tokens),
          where,
        ).toEqual(expected.map(({ ids }) => ids));
        scores.forEach((score, i) => {
          expect(score, where).toBeCloseTo(expected[i]!.score, 6);
          if (i > 0) expect(score).toBeLessThanOrEqual(scores[i - 1]!);
        });
      }
    }
  });

  it('P2: G - 1 forwards of one row for every k from 1 to 16', async () => {
    for (let k = 1; k <= 16; k++) {
      const session = model.openSession();
      const wishes = { count: k, maxTokens: LENGTH };
      const { job } = await tokenLevelJob(session, tokenizer, [endToken], 'return tokens', wishes);
      const before = { ...session.work };
      await superposedDrafts(job, { ...plain, candidates: 3 * k }, undefined);
      expect(session.work.prefills - before.prefills, `k ${k}`).toBe(0);
      expect(session.work.forwards - before.forwards, `k ${k}`).toBe(LENGTH - 1);
      expect(session.work.rows - before.rows, `k ${k}`).toBe(LENGTH - 1);
    }
  });

  it('P5: ids are distinct and so are the k first tokens', async () => {
    for (const prefix of prefixes) {
      const wishes = { count: 8, maxTokens: LENGTH };
      const { job } = await tokenLevelJob(model.openSession(), tokenizer, [endToken], prefix, wishes);
      const { drafts, steps } = await superposedDrafts(job, { ...plain, candidates: 24 }, undefined);
      expect(new Set(drafts.map(({ tokens }) => tokens.join())).size).toBe(8);
      expect(new Set(steps[0]!.tokens).size).toBe(8);
    }
  });

  it('P12: a linear model with gammaTemperature near 0 gives greedy and its local alternatives', async () => {
    // state = embedding of the newest input, so each token is drawn after the GREEDY token before it and the k drafts are
    // the k best of a product of independent rows: small enough to enumerate.
    const linear = new ToyRecurrentModel({
      vocabularySize: tokenizer.vocabularySize,
      linear: true,
      sharpness: 2,
    });
    const settings = { ...plain, candidates: 5, gammaTemperature: 1e-6 };
    const length = 4;
    for (const prefix of prefixes) {
      const wishes = { count: 4, maxTokens: length };
      const { job, prompt } = await tokenLevelJob(
        linear.openSession(),
        tokenizer,
        [endToken],
        prefix,
        wishes,
      );
      const { drafts, scores } = await superposedDrafts(job, settings, undefined);
      const session = linear.openSession();
      let all: { ids: number[]; score: number }[] = [{ ids: [], score: 0 }];
      let greedy = prompt.at(-1)!;
      for (let t = 0; t < length; t++) {
        const { logits } = await session.prefill([greedy]);
        const ids = Array.from({ length: logits.length }, (_, id) => id)
          .filter((id) => isAllowed(job, id))
          .sort((a, b) => logits[b]! - logits[a]! || a - b)
          .slice(0, 5);
        const total = Math.log(ids.reduce((sum, id) => sum + Math.exp(logits[id]!), 0));
        all = all.flatMap((one) =>
          ids.map((id) => ({ ids: [...one.ids, id], score: one.score + logits[id]! - total })),
        );
        greedy = ids[0]!;
      }
      all.sort((a, b) => b.score - a.score);
      // Different drafts may have the same score, so each is looked up by its ids.
      const scoreOf = new Map(all.map(({ ids, score }) => [ids.join(), score]));
      drafts.forEach(({ tokens }, i) => {
        expect(scores[i], prefix).toBeCloseTo(all[i]!.score, 6);
        expect(scoreOf.get(tokens.join()), prefix).toBeCloseTo(all[i]!.score, 6);
      });
      expect(new Set(drafts.map(({ tokens }) => tokens.join())).size).toBe(4);
    }
  });

  it('P11: scores with n-grams are the sums of f over the tokens, first token without', async () => {
    const ngrams = ngramMixture(
      new LiveNgrams([tokenizer.encode('return tokens.length; return this.total;')]),
    );
    const settings: SuperposedSettings = {
      ...plain,
      alpha: 0.4,
      filter: 'soft',
      softShare: 0.2,
      candidates: 6,
    };
    const wishes = { count: 1, maxTokens: LENGTH };
    const session = model.openSession();
    const { job, prompt } = await tokenLevelJob(session, tokenizer, [endToken], 'return tok', wishes);
    const { drafts, scores } = await superposedDrafts({ ...job, history: prompt }, settings, ngrams);
    // With one draft the input is the draft's own token, so the score can be recomputed from ordinary prefills.
    let expected = 0;
    const tokens = drafts[0]!.tokens;
    for (let t = 0; t < tokens.length; t++) {
      const { logits } = await model.openSession().prefill([...prompt, ...tokens.slice(0, t)]);
      const ids = Array.from({ length: logits.length }, (_, id) => id)
        .filter((id) => isAllowed(job, id))
        .sort((a, b) => logits[b]! - logits[a]! || a - b)
        .slice(0, 6);
      const p = ids.map((id) => Math.exp(logits[id]!));
      const total = p.reduce((a, b) => a + b, 0);
      const place = ids.indexOf(tokens[t]!);
      const logP = Math.log(p[place]! / total);
      const history = [...prompt, ...drafts[0]!.scored.left.tokens, ...tokens.slice(0, t)];
      const q = 0.8 * ngrams.shares(history, ids)[place]! + 0.2 * (p[place]! / total);
      expected += t === 0 ? logP : 0.6 * logP + 0.4 * Math.log(q);
    }
    expect(scores[0]).toBeCloseTo(expected, 6);
  });
});

/** A model whose logits come from the mean of its cached values, so that what it keeps of a prompt can be read off. */
function meanRunner(seen: { cache?: KeyValueCache; pasts: number[] }): GraphRunner {
  const width = 8;
  const size = tokenizer.vocabularySize;
  const embedding = (id: number, d: number): number => Math.sin(id * 12.9898 + d * 78.233) * 2;
  const row = (input: number | Float32Array): Float32Array =>
    typeof input === 'number' ? Float32Array.from({ length: width }, (_, d) => embedding(input, d)) : input;
  return {
    shape: { layers: 1, heads: 1, headSize: width, element: 'float32' },
    vocabularySize: size,
    embeddingSize: width,
    tree: true,
    forward: (plan: ForwardPlan, cache: KeyValueCache) => {
      seen.cache = cache;
      const sums: { total: Float64Array; count: number }[] = [];
      plan.inputs.forEach((input, i) => {
        const parent = plan.parents[i]!;
        const past = cache.gather(cache.values[0]!, plan.pasts[i]!);
        seen.pasts.push(plan.pasts[i]!.length);
        const total = new Float64Array(width);
        let count = past.length / width;
        past.forEach((value, j) => (total[j % width]! += value));
        if (parent >= 0) {
          sums[parent]!.total.forEach((value, d) => (total[d] = value));
          count = sums[parent]!.count;
        }
        const own = row(input);
        own.forEach((value, d) => (total[d]! += value));
        sums.push({ total, count: count + 1 });
        if (plan.slots[i]! >= 0) cache.write(0, plan.slots[i]!, own, own, 0, 1);
      });
      return Promise.resolve(
        [...plan.wanted].map((i) => {
          const { total, count } = sums[i]!;
          return Float32Array.from({ length: size }, (_, id) => {
            let sum = 0;
            for (let d = 0; d < width; d++) sum += (embedding(id, d) * total[d]!) / count;
            return sum;
          });
        }),
      );
    },
    embeddingRows: (ids) => Promise.resolve(Float32Array.from(Array.from(ids).flatMap((id) => [...row(id)]))),
    release: () => Promise.resolve(),
  };
}

describe('what superposed runs leave in the cache', () => {
  const open = (): { session: CachedSession; seen: { cache?: KeyValueCache; pasts: number[] } } => {
    const seen: { cache?: KeyValueCache; pasts: number[] } = { pasts: [] };
    const info = {
      name: 'mean',
      vocabularySize: tokenizer.vocabularySize,
      contextLength: 256,
      embeddingSize: 8,
      endTokens: [endToken],
    };
    const session = new CachedSession(info, meanRunner(seen), {
      slots: 512,
      spareSlots: 16,
      chunkMilliseconds: 1000,
      now: () => 0,
      pause: () => Promise.resolve(),
    });
    return { session, seen };
  };
  const request = (wishes: Partial<DraftRequest>): DraftRequest => ({
    prefix: 'export function count',
    suffix: '',
    layout: 'leftToRight',
    method: 'superposed',
    edge: 'tokenLevel',
    maxTokens: LENGTH,
    singleLine: false,
    superposed: { ...plain, candidates: 9 },
    ...wishes,
  });

  it('P10: step t reads m + t - 1 keys, and the bytes of the prompt stay as they were', async () => {
    const { session, seen } = open();
    const { job, prompt } = await tokenLevelJob(session, tokenizer, [endToken], 'export function count', {
      count: 3,
      maxTokens: LENGTH,
    });
    const kept = (): string => {
      const hash = createHash('sha256');
      const { cache } = seen;
      if (cache === undefined) throw new Error('no forward yet');
      const slots = Int32Array.from(prompt.keys());
      for (const rows of [cache.keys[0]!, cache.values[0]!]) hash.update(cache.gather(rows, slots));
      return hash.digest('hex');
    };
    const before = kept();
    seen.pasts.length = 0;
    await superposedDrafts(job, { ...plain, candidates: 9 }, undefined);
    expect(seen.pasts).toEqual(Array.from({ length: LENGTH - 1 }, (_, t) => prompt.length + t));
    expect(kept()).toBe(before);
    // The last token is always run again, for its logits.
    expect(await session.prefill(prompt)).toMatchObject({ reused: prompt.length - 1, computed: 1 });
  });

  it('P13: cancelled before any of its forwards, the prompt is still there and the drafts are the same', async () => {
    const { session: fresh } = open();
    let forwards = 0;
    const evaluate = fresh.evaluate.bind(fresh);
    fresh.evaluate = (inputs, token) => {
      forwards++;
      return evaluate(inputs, token);
    };
    const expected = await completeDrafts(fresh, tokenizer, request({}));
    if (!expected.ok) throw new Error(expected.message);
    expect(expected.drafts.length).toBeGreaterThan(1);
    expect(forwards).toBeGreaterThan(3);
    for (let stop = 1; stop <= forwards; stop++) {
      const { session } = open();
      const cancellation = { cancelled: false };
      const original = session.evaluate.bind(session);
      let calls = 0;
      session.evaluate = (inputs, token) => {
        if (++calls === stop) cancellation.cancelled = true;
        return original(inputs, token);
      };
      const stopped = await completeDrafts(session, tokenizer, request({ cancellation }));
      expect(stopped, `forward ${stop}`).toMatchObject({ ok: false, reason: 'cancelled' });
      const prompt = [endToken, ...tokenizer.encode('export function count')];
      const found = await session.prefill(prompt);
      expect(found.computed, `forward ${stop}`).toBe(1);
      session.release([found.node]);
      expect(await completeDrafts(session, tokenizer, request({})), `forward ${stop}`).toEqual(expected);
    }
  });
});
