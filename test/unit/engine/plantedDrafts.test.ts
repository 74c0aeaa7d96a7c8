// A watermark planted while drafts are written, and ensembles: through the same door as the model process.
import { beforeAll, describe, expect, it } from 'vitest';
import { DRAFT_METHODS } from '../../../src/core/decoding/completeDrafts';
import { logSumExp } from '../../../src/core/decoding/logProbabilities';
import { findFimTokens } from '../../../src/core/decoding/fimTokens';
import { ToyHashModel } from '../../../src/core/model/toyHashModel';
import { ToyRecurrentModel } from '../../../src/core/model/toyRecurrentModel';
import { schemeFromText } from '../../../src/core/watermark/schemeCatalogue';
import { checkWatermark } from '../../../src/core/watermark/watermarkCheck';
import { answerDrafts, type DraftParts } from '../../../src/engine/draftAnswers';
import { openSecondModel } from '../../../src/engine/draftHandlers';
import type { DraftsAnswer, DraftsParams } from '../../../src/engine/draftProtocol';
import type { EngineReply } from '../../../src/engine/engineProtocol';
import { sample, smallTokenizer } from '../core/decoding/smallCodeTokenizer';

const never = { cancelled: false };
const value = <T>(reply: EngineReply<T>): T => {
  if (!reply.ok) throw new Error(reply.error.message);
  return reply.value;
};
const { tokenizer, endToken, specials } = smallTokenizer();
const fim = findFimTokens(specials)!;
const vocabularySize = tokenizer.vocabularySize;
const model = new ToyRecurrentModel({
  vocabularySize,
  sharpness: 3,
  info: { contextLength: 2048, fim, endTokens: [endToken] },
});
const parts = (): DraftParts => ({
  session: model.openSession(),
  tokenizer,
  shippedNgrams: () => Promise.resolve(undefined),
});
const ask = (request: Partial<DraftsParams> = {}): DraftsParams => ({
  prefix: sample.slice(0, 203),
  suffix: '',
  maxTokens: 12,
  singleLine: false,
  seed: 11,
  ...request,
});
const kgw = (bias: number): { settings: string } => ({
  settings: JSON.stringify({ scheme: 'hf-kgw', greenlist_ratio: 0.25, bias, seeding_scheme: 'lefthash' }),
});
const texts = ({ drafts }: DraftsAnswer): string[] => drafts.map(({ text }) => text);
const planting = DRAFT_METHODS.filter((method) => method !== 'superposed');

describe('planting', () => {
  it.each(planting)('%s: a mark without bias changes nothing and costs nothing', async (method) => {
    const plain = value(await answerDrafts(parts(), ask({ method }), never));
    const marked = value(await answerDrafts(parts(), ask({ method, watermark: kgw(0) }), never));
    // Sampling reads its random numbers in another way with a mark; what is greedy must be the same to the letter.
    if (method === 'greedy' || method === 'forked' || method === 'beam')
      expect(texts(marked)).toEqual(texts(plain));
    expect(marked.watermark!.changed).toBe(0);
    expect(marked.watermark!.costPerToken).toBeCloseTo(0, 5);
    expect(marked.watermark!.tokens).toBe(marked.drafts.reduce((sum, { tokens }) => sum + tokens.length, 0));
  });

  it.each(planting)('%s: reported log-probabilities stay those of the model', async (method) => {
    const { drafts, watermark } = value(
      await answerDrafts(parts(), ask({ method, watermark: kgw(6), prefix: 'const a = 1;\n' }), never),
    );
    expect(watermark!.changed).toBeGreaterThan(0);
    expect(watermark!.costPerToken).toBeGreaterThan(0);
    // The same tokens, scored by a session that knows of no mark.
    const session = model.openSession();
    for (const draft of drafts) {
      const ids = draft.tokens.map(({ id }) => id);
      const context = [fim.prefix, fim.suffix, fim.middle, ...tokenizer.encode('const a = 1;\n')];
      for (let i = 1; i < ids.length; i++) {
        // The cursor stands behind a line end: the first token may overhang it, the later ones follow it.
        const first = draft.tokens[0]!;
        if (first.overhang > 0) continue;
        const { logits } = await session.prefill([...context, ...ids.slice(0, i)]);
        const total = logSumExp(logits);
        expect(draft.tokens[i]!.logProb).toBeCloseTo(logits[ids[i]!]! - total, 6);
      }
    }
  });

  it.each([
    ['green lists', kgw(8)],
    [
      'a tournament',
      { settings: JSON.stringify({ scheme: 'synthid-hf', ngram_len: 5, keys: [1, 7, 9, 4, 12, 33, 5, 8] }) },
    ],
    [
      'an exponential choice',
      { settings: JSON.stringify({ scheme: 'markllm-EXP', hash_key: 15485863, prefix_length: 2 }) },
    ],
    [
      'one list for all',
      { settings: JSON.stringify({ scheme: 'unigram', fraction: 0.5, strength: 8, watermark_key: 7 }) },
    ],
    ['a key sequence', { settings: JSON.stringify({ scheme: 'kuditipudi-exp', key: 42, n: 256 }) }],
  ])('what is planted with %s is found', async (_, watermark) => {
    const request = ask({ prefix: '', maxTokens: 250, method: 'nucleus', topP: 1, count: 1 });
    // A model that neither stops nor repeats itself.
    const hash = new ToyHashModel({ vocabularySize, info: { contextLength: 2048, endTokens: [], fim } });
    const { drafts } = value(
      await answerDrafts({ ...parts(), session: hash.openSession() }, { ...request, watermark }, never),
    );
    const scheme = schemeFromText(watermark.settings, { vocabularySize });
    if (!scheme.ok) throw new Error(scheme.reason);
    const check = (ids: ArrayLike<number>): string => {
      const report = checkWatermark({
        ids: Uint32Array.from(ids),
        schemes: [scheme.value],
        tokenizer: 'toy',
      });
      if (report?.ok !== true) throw new Error('not checked');
      return report.value.verdict;
    };
    const ids = drafts[0]!.tokens.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(100);
    expect(check(ids)).toBe('found');
    const plain = value(await answerDrafts({ ...parts(), session: hash.openSession() }, request, never));
    expect(check(plain.drafts[0]!.tokens.map(({ id }) => id))).not.toBe('found');
  });

  it('is refused where it cannot be: superposed drafts, ensembles, settings of no scheme', async () => {
    const refused = async (request: Partial<DraftsParams>): Promise<string> => {
      const reply = await answerDrafts(parts(), ask(request), never);
      return reply.ok ? 'done' : reply.error.message;
    };
    expect(await refused({ method: 'superposed', watermark: kgw(2) })).toContain('Choose another method');
    expect(await refused({ watermark: kgw(2), ensemble: [{ kind: 'document', weight: 1 }] })).toContain(
      'Choose one of them',
    );
    expect(await refused({ watermark: { settings: '{"scheme":"no-such"}' } })).toContain('not known');
  });
});

describe('ensembles', () => {
  let other: DraftParts['secondModel'];
  const bytes = new ToyHashModel({
    vocabularySize,
    seed: 3,
    info: { contextLength: 2048, endTokens: [endToken] },
  });
  beforeAll(() => {
    other = (path) =>
      Promise.resolve(
        path === 'second'
          ? { ok: true, value: { session: bytes.openSession(), tokenizer } }
          : { ok: false, error: { code: 'badRequest', message: `There is no file or folder ${path}.` } },
      );
  });

  it('a heavy document model brings back what the document says', async () => {
    const prefix = 'const paymentDeadline = 3;\nconst paymentReceiver = 4;\nuse(paymentDead';
    const drafts = value(
      await answerDrafts(
        parts(),
        ask({ prefix, suffix: ');\n', singleLine: true, ensemble: [{ kind: 'document', weight: 20 }] }),
        never,
      ),
    );
    expect(drafts.method).toBe('ensemble');
    expect(drafts.drafts[0]!.text.startsWith('line')).toBe(true);
    for (const draft of drafts.drafts) {
      expect(
        draft.tokens
          .map(({ text }) => text)
          .join('')
          .startsWith(draft.text),
      ).toBe(true);
      expect(draft.tokens.reduce((sum, { logProb }) => sum + logProb, 0)).toBeCloseTo(draft.logProb, 9);
    }
    expect(new Set(texts(drafts)).size).toBe(drafts.drafts.length);
  });

  it('a second model is opened once, voted with, and refused with its reason', async () => {
    const request = ask({ ensemble: [{ kind: 'model', path: 'second', weight: 1 }], maxTokens: 4 });
    const both = value(await answerDrafts({ ...parts(), secondModel: other! }, request, never));
    expect(both.drafts.length).toBeGreaterThan(0);
    const missing = ask({ ensemble: [{ kind: 'model', path: 'nowhere', weight: 1 }] });
    expect(await answerDrafts({ ...parts(), secondModel: other! }, missing, never)).toMatchObject({
      ok: false,
      error: { message: 'There is no file or folder nowhere.' },
    });
    const reply = await openSecondModel('/no/such/model');
    expect(reply.ok ? '' : reply.error.message).toContain('The second model cannot be used');
  });
});
