// Drafts and next bytes as the model process answers them: with the toy model for what must hold for any model, and with
// the model in the box for what its user sees.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRAFT_METHODS } from '../../../src/core/decoding/completeDrafts';
import { findFimTokens } from '../../../src/core/decoding/fimTokens';
import { ToyRecurrentModel } from '../../../src/core/model/toyRecurrentModel';
import { answerDrafts, answerNextByte, type DraftParts } from '../../../src/engine/draftAnswers';
import { readShippedNgrams } from '../../../src/engine/draftHandlers';
import type { DraftsAnswer, DraftsParams } from '../../../src/engine/draftProtocol';
import type { EngineReply } from '../../../src/engine/engineProtocol';
import { createModelState, modelHandlers, type ModelState } from '../../../src/engine/modelHandlers';
import { sample, smallTokenizer } from '../core/decoding/smallCodeTokenizer';

const never = { cancelled: false };
const value = <T>(reply: EngineReply<T>): T => {
  if (!reply.ok) throw new Error(reply.error.message);
  return reply.value;
};

describe('with the toy model', () => {
  const { tokenizer, endToken, specials } = smallTokenizer();
  const fim = findFimTokens(specials)!;
  const model = new ToyRecurrentModel({
    vocabularySize: tokenizer.vocabularySize,
    endToken,
    sharpness: 3,
    info: { contextLength: 1024, fim },
  });
  const parts = (): DraftParts => ({
    session: model.openSession(),
    tokenizer,
    shippedNgrams: () => Promise.resolve(undefined),
  });
  const ask = (request: Partial<DraftsParams> = {}): DraftsParams => ({
    prefix: sample.slice(0, 203),
    suffix: '\n}\n',
    maxTokens: 8,
    singleLine: false,
    seed: 5,
    ...request,
  });

  it.each(DRAFT_METHODS)(
    '%s: the pieces of a draft are its text, the shares its log-probability',
    async (method) => {
      const done = value(await answerDrafts(parts(), ask({ method, count: 3, explain: true }), never));
      expect(done.drafts.length).toBeGreaterThan(0);
      for (const draft of done.drafts) {
        const spelt = draft.tokens.map(({ text }) => text).join('');
        expect(spelt.startsWith(draft.text)).toBe(true);
        expect(draft.tokens.reduce((sum, { logProb }) => sum + logProb, 0)).toBeCloseTo(draft.logProb, 9);
        for (const { id, wholeText, text } of draft.tokens) {
          expect(wholeText.endsWith(text)).toBe(true);
          if (!model.info.endTokens.includes(id)) expect(wholeText).not.toBe('');
        }
      }
      const { why, tokenTexts } = done;
      for (const row of why!.covers) for (const { id } of row.tokens) expect(tokenTexts[id]).toBeDefined();
      expect(why!.covers.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
      if (method === 'superposed') expect(why!.steps.length).toBeGreaterThan(0);
      expect(structuredClone(done)).toEqual(done);
    },
  );

  it('says what was wrong instead of failing', async () => {
    const refused = async (request: Partial<DraftsParams>): Promise<string> => {
      const reply = await answerDrafts(parts(), ask(request), never);
      return reply.ok ? 'done' : `${reply.error.code}: ${reply.error.message}`;
    };
    expect(await refused({ count: 0 })).toBe('badRequest: Ask for 1 to 16 drafts.');
    expect(await refused({ prefix: 'a\ud83d', suffix: '\ude00b' })).toContain('inside a character');
    const reply = await answerDrafts(parts(), ask(), { cancelled: true });
    expect(reply).toMatchObject({ ok: false, error: { code: 'cancelled' } });
  });

  it('next byte: every distribution sums to one', async () => {
    const report = value(
      await answerNextByte(parts(), { prefix: sample.slice(0, 203), suffix: '\n', allPathsRows: 0 }, never),
    );
    const sum = (of: 'exact' | 'tokenLevel' | 'healing'): number =>
      report.rows.reduce((total, row) => total + (row[of] ?? 0), 0);
    for (const name of ['exact', 'tokenLevel', 'healing'] as const) expect(sum(name)).toBeLessThan(1 + 1e-9);
    expect(sum('exact')).toBeCloseTo(1, 9);
    expect(report.tail.length).toBeGreaterThan(0);
  });
});

describe('with the model in the box', () => {
  let state: ModelState;
  beforeAll(async () => {
    state = createModelState();
    value(await modelHandlers.load({ path: 'models/tessera-tiny', threads: 1 }, state, context));
  }, 60_000);
  afterAll(() => state.loaded?.session.close());
  const context = { cancellation: never, progress: () => undefined };
  const prefix =
    'export function totalLength(items: string[]): number {\n  let total = 0;\n  for (const item of items) {\n    total += item.len';
  const suffix = ';\n  }\n  return total;\n}\n';
  const ask = (request: Partial<DraftsParams>): Promise<EngineReply<DraftsAnswer>> =>
    modelHandlers.drafts({ prefix, suffix, path: 'src/length.ts', ...request }, state, context);

  it('finishes the word that the cursor stands in', async () => {
    const done = value(await ask({ count: 3 }));
    expect(done.drafts[0]!.text).toBe('gth');
    expect(done.drafts[0]!.tokens[0]!.overhang).toBeGreaterThan(0);
    expect(done.notes).toEqual([]);
    expect(done.layout).toBe('spm');
  });

  it('reads the shipped n-grams for superposed drafts', async () => {
    const table = await readShippedNgrams('models/tessera-tiny', state.loaded!.model.info.vocabularySize);
    expect(table?.vocabularySize).toBe(state.loaded!.tokenizer.vocabularySize);
    const done = value(await ask({ method: 'superposed', count: 3, explain: true }));
    expect(done.drafts.every(({ exact }) => exact)).toBe(true);
    expect(done.why!.steps.length).toBeGreaterThan(0);
    for (const { gamma, rows } of done.why!.steps) {
      for (const row of new Set(rows)) {
        const shares = gamma.filter((_, i) => rows[i] === row);
        expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      }
    }
  });

  it('answers from the cache when the user types on', async () => {
    value(await ask({}));
    const { timings, promptTokens } = value(await ask({ prefix: `${prefix}g` }));
    expect(promptTokens).toBeGreaterThan(40);
    // The scores behind the last known token are computed again, nothing else.
    expect(timings.promptTokensComputed).toBeLessThanOrEqual(1);
  });

  it('gives the exact next byte a higher share of the truth than token-level prompting does', async () => {
    const report = value(
      await modelHandlers.nextByte({ prefix, suffix, path: 'src/length.ts' }, state, context),
    );
    const g = report.rows.find(({ byte }) => byte === 'g'.charCodeAt(0))!;
    expect(report.rows[0]).toBe(g);
    expect(g.exact).toBeGreaterThan(g.tokenLevel!);
  });
});
