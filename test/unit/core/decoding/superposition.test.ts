import { describe, expect, it } from 'vitest';
import { findFimTokens } from '../../../../src/core/decoding/fimTokens';
import { completeDrafts, type DraftRequest } from '../../../../src/core/decoding/completeDrafts';
import { LiveNgrams } from '../../../../src/core/decoding/liveNgrams';
import { argMax, logSumExp } from '../../../../src/core/decoding/logProbabilities';
import { ngramMixture, PAPER_LAMBDAS } from '../../../../src/core/decoding/ngramMixture';
import { seededRandom } from '../../../../src/core/decoding/seededRandom';
import {
  candidateScores,
  candidatesOf,
  chooseContinuations,
  gammaOf,
  PAPER_SETTINGS,
  superposedInput,
  type SuperposedSettings,
} from '../../../../src/core/decoding/superposition';
import { ToyRecurrentModel } from '../../../../src/core/model/toyRecurrentModel';
import { smallTokenizer } from './smallCodeTokenizer';

const { tokenizer, endToken, specials } = smallTokenizer();
const fim = findFimTokens(specials)!;
const model = new ToyRecurrentModel({
  vocabularySize: tokenizer.vocabularySize,
  endToken,
  info: { fim, contextLength: 2048 },
});
const plain: SuperposedSettings = { ...PAPER_SETTINGS, alpha: 0, temperature: 0.3 };
const ask = (request: Partial<DraftRequest>): DraftRequest => ({
  prefix: 'export function count',
  suffix: '\n}\n',
  method: 'superposed',
  maxTokens: 8,
  singleLine: false,
  ...request,
});

describe('a step of superposed decoding', () => {
  it('P3: the input is the gamma mixture of embeddings, and gamma sums to 1', () => {
    const random = seededRandom(3);
    const scores = [-0.4, -1.1, -2.5];
    const gamma = gammaOf(scores, 1);
    expect(gamma.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    const rows = Float32Array.from({ length: 12 }, () => random() - 0.5);
    const mixed = superposedInput(gamma, rows, 4);
    for (let d = 0; d < 4; d++) {
      const expected = scores.reduce((sum, score, i) => sum + Math.exp(score) * rows[i * 4 + d]!, 0);
      const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
      expect(mixed[d]).toBeCloseTo(expected / total, 6);
    }
    // Equal newest tokens: exactly that token's embedding, not nearly.
    const same = Float32Array.from({ length: 12 }, (_, i) => rows[i % 4]!);
    expect(superposedInput(gamma, same, 4)).toEqual(rows.slice(0, 4));
  });

  it('P6: adding a constant to all scores changes nothing', () => {
    const a = gammaOf([-3, -4, -9], 0.7);
    const b = gammaOf([-3 - 250, -4 - 250, -9 - 250], 0.7);
    a.forEach((value, i) => expect(value).toBeCloseTo(b[i]!, 12));
  });

  it('P7 and P8: the survivors are those of trying all pairs, in any order of the drafts', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = seededRandom(seed);
      const k = 2 + Math.floor(random() * 4);
      const scores = Array.from({ length: k }, () => -4 * random());
      const row = Float64Array.from({ length: 40 }, () => 6 * random());
      const shared = candidatesOf(row, { ...plain, candidates: 3 * k });
      const f = scores
        .map(() => shared.ids.map(() => -3 * random()))
        .map((values) => Float64Array.from(values));
      const candidates = scores.map(() => shared);
      const brute = scores
        .flatMap((score, d) => shared.ids.map((token, c) => ({ draft: d, token, score: score + f[d]![c]! })))
        .sort((x, y) => y.score - x.score || x.draft - y.draft || x.token - y.token)
        .slice(0, k);
      expect(chooseContinuations(scores, candidates, f, k, false), `seed ${seed}`).toEqual(brute);
      const order = [...scores.keys()].sort((x, y) => ((x * 7 + seed) % k) - ((y * 7 + seed) % k));
      const moved = chooseContinuations(
        order.map((d) => scores[d]!),
        candidates,
        order.map((d) => f[d]!),
        k,
        false,
      ).map((choice) => ({ ...choice, draft: order[choice.draft]! }));
      expect(moved, `seed ${seed}`).toEqual(brute);
    }
  });

  it('keeps every draft alive with lineage', () => {
    const ids = [1, 2, 3];
    const candidates = [0, 1].map(() => ({ ids, logProbs: Float64Array.of(-0.1, -2, -3) }));
    const f = [Float64Array.of(-0.1, -0.2, -0.3), Float64Array.of(-5, -6, -4)];
    expect(chooseContinuations([0, 0], candidates, f, 2, false).map((c) => c.draft)).toEqual([0, 0]);
    expect(chooseContinuations([0, 0], candidates, f, 2, true)).toEqual([
      { draft: 0, token: 1, score: -0.1 },
      { draft: 1, token: 3, score: -4 },
    ]);
  });

  it('P9: with alpha 0 and equal newest tokens a step is an ordinary beam step', () => {
    const random = seededRandom(9);
    const row = Float64Array.from({ length: 30 }, () => 5 * random());
    const settings = { ...plain, temperature: 1, candidates: 30 };
    const candidates = candidatesOf(row, settings);
    const scores = [-1, -1.5];
    const f = scores.map(() => candidateScores(candidates, settings, undefined, []));
    const total = logSumExp(row);
    const beam = scores
      .flatMap((score, draft) =>
        Array.from(row, (logit, token) => ({ draft, token, score: score + logit - total })),
      )
      .sort((a, b) => b.score - a.score || a.draft - b.draft || a.token - b.token)
      .slice(0, 4);
    chooseContinuations(scores, [candidates, candidates], f, 4, false).forEach((choice, i) => {
      expect([choice.draft, choice.token]).toEqual([beam[i]!.draft, beam[i]!.token]);
      expect(choice.score).toBeCloseTo(beam[i]!.score, 9);
    });
  });

  it('P11: q is the published interpolation of raw counts; unknown contexts add nothing', () => {
    expect(PAPER_LAMBDAS.reduce((a, b) => a + b, 0)).toBeCloseTo(0.5, 12);
    for (let seed = 0; seed < 50; seed++) {
      const random = seededRandom(seed);
      const documents = [0, 1].map(() => Array.from({ length: 200 }, () => Math.floor(random() * 5)));
      const history = Array.from({ length: 7 }, () => Math.floor(random() * 5));
      const q = ngramMixture(new LiveNgrams(documents)).shares(history, [0, 1, 2, 3, 4, 99]);
      for (let v = 0; v < 5; v++) {
        let expected = 0;
        PAPER_LAMBDAS.forEach((lambda, o) => {
          const context = history.slice(-(o + 1)).join();
          let count = 0;
          let total = 0;
          for (const document of documents) {
            for (let i = o + 1; i < document.length; i++) {
              if (document.slice(i - o - 1, i).join() !== context) continue;
              total++;
              if (document[i] === v) count++;
            }
          }
          if (total > 0) expected += (lambda * count) / total;
        });
        expect(q[v], `seed ${seed}`).toBeCloseTo(expected, 9);
      }
      expect(q[5]).toBe(0);
    }
  });

  it('the hard filter removes what no n-gram knows, unless it knows nothing', () => {
    const settings: SuperposedSettings = { ...PAPER_SETTINGS, alpha: 0.5 };
    const candidates = { ids: [1, 2], logProbs: Float64Array.of(-1, -2) };
    const ngrams = ngramMixture(new LiveNgrams([[7, 1, 7, 1]]));
    const known = candidateScores(candidates, settings, ngrams, [7]);
    expect(known[1]).toBe(-Infinity);
    expect(known[0]).toBeCloseTo(0.5 * -1 + 0.5 * Math.log(0.01), 9);
    expect(Array.from(candidateScores(candidates, settings, ngrams, [42]))).toEqual([-200.5, -201]);
    const soft = candidateScores(candidates, { ...settings, filter: 'soft', softShare: 0.2 }, ngrams, [7]);
    expect(soft[1]).toBeCloseTo(0.5 * -2 + 0.5 * Math.log(0.2 * Math.exp(-2)), 9);
  });

  it('P12: in a linear model the mixed logits are the mixture of logits', async () => {
    const linear = new ToyRecurrentModel({ vocabularySize: 50, linear: true });
    const session = linear.openSession();
    const gamma = gammaOf([-0.2, -1.3], 1);
    const rows = await session.embeddingRows([3, 8]);
    const input = superposedInput(gamma, rows, linear.info.embeddingSize);
    const { logits } = await session.evaluate([
      { parent: session.root, input },
      { parent: session.root, input: 3 },
      { parent: session.root, input: 8 },
    ]);
    logits[0]!.forEach((value, id) => {
      expect(value).toBeCloseTo(gamma[0]! * logits[1]![id]! + gamma[1]! * logits[2]![id]!, 5);
    });
  });
});

describe('superposed drafts', () => {
  it('P1: one draft without n-grams is the greedy draft, at any temperature', async () => {
    for (const prefix of ['export function count', 'return tok', 'this.', '  const x = ']) {
      for (const temperature of [0.06, 1, 3]) {
        const superposed = { ...plain, temperature };
        const one = await completeDrafts(
          model.openSession(),
          tokenizer,
          ask({ prefix, count: 1, superposed, verify: false }),
        );
        const greedy = await completeDrafts(
          model.openSession(),
          tokenizer,
          ask({ prefix, method: 'greedy' }),
        );
        if (!one.ok || !greedy.ok) throw new Error('no drafts');
        const ids = [one, greedy].map(({ drafts }) => drafts.map((d) => d.tokens.map((t) => t.id)));
        expect(ids[0]).toEqual(ids[1]);
        expect(one.drafts.map((d) => d.text)).toEqual(greedy.drafts.map((d) => d.text));
      }
    }
  });

  it('P2: one forward a token over covers too, whatever k is, and the prompt stays in the cache', async () => {
    for (const count of [1, 3, 8, 16]) {
      const session = model.openSession();
      const request = ask({
        count,
        superposed: { ...plain, candidates: 3 * count },
        verify: false,
        suffix: '',
      });
      await completeDrafts(session, tokenizer, { ...request, layout: 'leftToRight' });
      expect(session.work.prefills, `k ${count}`).toBe(1);
      // Covers take at most one forward, then one for each further token of a draft of 8.
      expect(session.work.forwards).toBeLessThanOrEqual(1 + 7);
      const before = session.work.prefillRows;
      await completeDrafts(session, tokenizer, { ...request, layout: 'leftToRight' });
      expect(session.work.prefillRows).toBe(before);
    }
  });

  it('P5: drafts come ranked, distinct in ids and text, with distinct first tokens', async () => {
    const done = await completeDrafts(
      model.openSession(),
      tokenizer,
      ask({ count: 5, explain: true, superposed: plain }),
    );
    if (!done.ok) throw new Error(done.message);
    expect(new Set(done.drafts.map((d) => d.text)).size).toBe(done.drafts.length);
    expect(new Set(done.drafts.map((d) => d.tokens.map((t) => t.id).join())).size).toBe(done.drafts.length);
    const ranks = done.drafts.map((d) => d.rank);
    expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
    const first = done.why!.steps[0]!;
    expect(new Set(first.tokens).size).toBe(first.tokens.length);
    // Drafts with different left contexts have inputs of their own, and gamma sums to 1 in each.
    for (const step of done.why!.steps) {
      const total = step.gamma.reduce((a, b) => a + b, 0);
      expect(total).toBeCloseTo(Math.round(total), 9);
      expect(Math.round(total)).toBeLessThanOrEqual(done.leftContexts);
    }
  });

  it('verification gives the log-probabilities of evaluating each draft alone', async () => {
    const prefix = 'return tok';
    const request = ask({ prefix, suffix: '', layout: 'leftToRight', count: 4, superposed: plain });
    const done = await completeDrafts(model.openSession(), tokenizer, request);
    if (!done.ok) throw new Error(done.message);
    expect(done.drafts.length).toBeGreaterThan(1);
    for (const draft of done.drafts) {
      expect(draft.exact).toBe(true);
      const session = model.openSession();
      let bytes = Buffer.from(prefix);
      bytes = bytes.subarray(0, bytes.length - draft.tokens[0]!.overhang);
      const left = Array.from(tokenizer.encode(bytes.toString()));
      let { node, logits } = await session.prefill([endToken, ...left]);
      for (const [i, token] of draft.tokens.entries()) {
        // The first token's probability is relative to all covers; the others are plain conditionals.
        if (i > 0) expect(token.logProb).toBeCloseTo(logits[token.id]! - logSumExp(logits), 6);
        const next = await session.evaluate([{ parent: node, input: token.id }]);
        [node, logits] = [next.nodes[0]!, next.logits[0]!];
      }
    }
  });

  it('P13: cancelling in the middle of a run over covers leaves the prompt usable', async () => {
    const session = model.openSession();
    const cancellation = { cancelled: false };
    const evaluate = session.evaluate.bind(session);
    let calls = 0;
    session.evaluate = (inputs, token) => {
      if (++calls === 3) cancellation.cancelled = true;
      return evaluate(inputs, token);
    };
    const stopped = await completeDrafts(session, tokenizer, ask({ cancellation, superposed: plain }));
    expect(stopped).toMatchObject({ ok: false, reason: 'cancelled' });
    const rows = session.work.prefillRows;
    const again = await completeDrafts(session, tokenizer, ask({ superposed: plain }));
    const fresh = await completeDrafts(model.openSession(), tokenizer, ask({ superposed: plain }));
    expect(session.work.prefillRows).toBe(rows);
    expect(again).toEqual(fresh);
  });

  it('is refused, with a way out, by a model without embeddings', async () => {
    const idsOnly = model.openSession();
    Object.defineProperty(idsOnly, 'info', { value: { ...model.info, embeddingSize: 0 } });
    expect(await completeDrafts(idsOnly, tokenizer, ask({}))).toMatchObject({
      ok: false,
      reason: 'methodUnavailable',
    });
    expect(argMax([1, 3, 3])).toBe(1);
  });
});
