// Verification rides along with the superposed forwards. Here its numbers and cuts are found again by prefilling every
// draft alone, and the drafts must be those of a run without it.
import { describe, expect, it } from 'vitest';
import { isAllowed, type DraftJob, type OpenDraft } from '../../../../src/core/decoding/draftJob';
import { DraftVerification } from '../../../../src/core/decoding/draftVerification';
import { largest, logSumExp } from '../../../../src/core/decoding/logProbabilities';
import { superposedDrafts } from '../../../../src/core/decoding/superposedDrafts';
import {
  LINEAGE_SETTINGS,
  PAPER_SETTINGS,
  type SuperposedSettings,
} from '../../../../src/core/decoding/superposition';
import { ToyRecurrentModel } from '../../../../src/core/model/toyRecurrentModel';
import { smallTokenizer } from './smallCodeTokenizer';
import { tokenLevelJob } from './superpositionReference';

const { tokenizer, endToken } = smallTokenizer();
const model = new ToyRecurrentModel({ vocabularySize: tokenizer.vocabularySize, endToken, sharpness: 3 });
const LENGTH = 8;
const wayOf: Readonly<Record<string, SuperposedSettings>> = {
  competition: { ...PAPER_SETTINGS, alpha: 0, temperature: 1, candidates: 12 },
  lineage: { ...LINEAGE_SETTINGS, alpha: 0, candidates: 12 },
};

/** A draft on its own tokens: log-probabilities up to the first token below `minShare` of the most probable one. */
async function alone(job: DraftJob, prompt: readonly number[], draft: OpenDraft, minShare: number) {
  const { tokens } = draft;
  const logProbs: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const { logits } = await model.openSession().prefill([...prompt, ...tokens.slice(0, i)]);
    if (i > 0 && Math.exp(logits[tokens[i]!]! - largest(logits)) < minShare) break;
    // The first token's probability is relative to the starts that may stand there: no other special token.
    const row = Array.from(logits).filter((_, id) => i > 0 || isAllowed(job, id));
    const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
    logProbs.push(logits[tokens[i]!]! - total);
  }
  return { logProbs, cut: logProbs.length < tokens.length };
}

describe('verification within superposed forwards', () => {
  for (const [way, settings] of Object.entries(wayOf)) {
    it(`gives what each draft has alone, cuts included, and changes nothing before a cut (${way})`, async () => {
      let cuts = 0;
      for (const prefix of ['export function count', 'return tokens', 'this.total', 'const x =']) {
        for (const [k, minShare] of [
          [1, 0],
          [3, 1e-3],
          [5, 0.3],
        ] as const) {
          const wishes = { count: k, maxTokens: LENGTH };
          const run = async (verify: boolean) => {
            const session = model.openSession();
            const { job, prompt } = await tokenLevelJob(session, tokenizer, [endToken], prefix, wishes);
            const before = { ...session.work };
            const verification = verify ? new DraftVerification(job, { minShare }) : undefined;
            const { drafts, scores } = await superposedDrafts(job, settings, undefined, verification);
            const forwards = session.work.forwards - before.forwards;
            return { job, prompt, drafts, scores, forwards, rows: session.work.rows - before.rows };
          };
          const plain = await run(false);
          const proved = await run(true);
          expect(proved.scores).toEqual(plain.scores);
          expect(proved.forwards).toBe(plain.forwards);
          expect(proved.rows).toBeLessThanOrEqual(plain.rows * (k + 1));
          for (const [d, draft] of proved.drafts.entries()) {
            const whole = plain.drafts[d]!;
            const { logProbs, cut } = await alone(plain.job, plain.prompt, whole, minShare);
            const where = `${way}, ${prefix}, draft ${d} of ${k}`;
            expect(draft.tokens, where).toEqual(whole.tokens.slice(0, logProbs.length));
            expect(draft.stop, where).toBe(cut ? 'verification' : whole.stop);
            expect(draft.logProbs.length, where).toBe(logProbs.length);
            logProbs.forEach((p, i) => expect(draft.logProbs[i], where).toBeCloseTo(p, 6));
            if (cut) {
              cuts++;
              const texts = draft.tokens.flatMap((id) => [...tokenizer.tokenBytes(id)]);
              expect([...draft.bytes], where).toEqual(texts);
            }
          }
        }
      }
      expect(cuts).toBeGreaterThan(5);
    });
  }
});

describe('the sum over a row of scores', () => {
  it('is that of Math.exp to the last bits, for rows of any spread and with entries that cannot be', () => {
    for (const spread of [0, 0.01, 1, 30, 200, 5000]) {
      for (const shift of [-1e4, 0, 80]) {
        const row = Float64Array.from({ length: 500 }, (_, i) => shift + spread * Math.sin(i * i));
        row[7] = -Infinity;
        const most = Math.max(...row);
        const expected = most + Math.log(row.reduce((sum, value) => sum + Math.exp(value - most), 0));
        expect(Math.abs(logSumExp(row) - expected)).toBeLessThan(1e-14 * Math.max(10, Math.abs(expected)));
      }
    }
    expect(logSumExp([])).toBe(-Infinity);
    expect(logSumExp([-Infinity, -Infinity])).toBe(-Infinity);
    expect(logSumExp([3])).toBe(3);
  });
});
