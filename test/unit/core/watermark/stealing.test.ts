// The stealability audit on a small invented language: attackers must find the true list, the control must find nothing,
// and the mixed-integer form must agree with enumeration on a problem small enough to enumerate.
import { describe, expect, it } from 'vitest';
import { MersenneTwister } from '../../../../src/core/watermark/random/mersenneTwister';
import type { FixedListScheme } from '../../../../src/core/watermark/scheme';
import { schemeFromSettings } from '../../../../src/core/watermark/schemeCatalogue';
import { completionSet, frequencyAttack } from '../../../../src/core/watermark/stealing/completionSet';
import {
  programWithLabels,
  programWithoutDetector,
  programWithTrust,
  stolenTokens,
} from '../../../../src/core/watermark/stealing/greenListPrograms';
import {
  auditStealability,
  type AuditRequest,
} from '../../../../src/core/watermark/stealing/stealabilityAudit';
import { solveProgram } from '../../../../src/engine/highsSolver';

const SIZE = 400;
const built = schemeFromSettings({ scheme: 'unigram', fraction: 0.25, watermark_key: 5, vocab_size: SIZE });
if (!built.ok || built.value.family !== 'fixed-list') throw new Error('refused');
const scheme: FixedListScheme = built.value;

/** Zipf-distributed tokens, green ones e^delta times as likely. */
function texts(count: number, delta: number, seed: number): number[][] {
  const random = new MersenneTwister(seed);
  const mask = scheme.mask();
  const weights = Array.from({ length: SIZE }, (_, t) => (mask[t] === 1 ? Math.exp(delta) : 1) / (t + 5));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return Array.from({ length: count }, () =>
    Array.from({ length: 60 }, () => {
      let left = random.unitFromWord() * total;
      let token = 0;
      while (token < SIZE - 1 && (left -= weights[token]!) > 0) token += 1;
      return token;
    }),
  );
}

const request: AuditRequest = {
  scheme,
  marked: texts(60, 3, 1),
  plain: texts(60, 0, 2),
  heldOut: texts(30, 3, 3),
  control: texts(60, 0, 4),
  sizes: [60],
  attackers: ['frequency', 'lp', 'lp-with-labels'],
  timeLimitSeconds: 20,
  seed: 1,
};

describe('stealability audit', () => {
  it('every attacker finds the list, its control does not, and removal grows with the budget', async () => {
    const outcome = await auditStealability(request, solveProgram);
    if (!outcome.ok) throw new Error(outcome.reason);
    expect(outcome.value.length).toBe(6);
    for (const result of outcome.value) {
      const name = `${result.attacker}${result.control ? ' control' : ''}`;
      if (result.control) {
        expect(
          result.stolen === 0 || Math.abs(result.precision - 0.25) < 0.15,
          `${name} ${result.precision}`,
        ).toBe(true);
        continue;
      }
      expect(result.status, name).toMatch(/exact|Optimal/);
      expect(result.precision, name).toBeGreaterThan(0.75);
      expect(result.coverage, name).toBeGreaterThan(0.6);
      const after = result.removal.map((point) => point.detectedAfter);
      expect(after[0], name).toBe(result.removal[0]!.detectedBefore);
      expect(after[3]!, name).toBeLessThan(after[0]!);
    }
  });

  it('stops between solves and refuses what it cannot run', async () => {
    const stopped = await auditStealability(request, solveProgram, () => true);
    expect(stopped).toEqual({ ok: false, reason: 'Stopped.' });
    const few = await auditStealability({ ...request, sizes: [100] }, solveProgram);
    expect(!few.ok && few.reason).toContain('needs 100 completions');
  });
});

describe('programs', () => {
  const set = completionSet(texts(12, 3, 7), texts(12, 0, 8));

  it('without a detector: the optimum satisfies both totals and beats the untrimmed list', async () => {
    const answer = await solveProgram(programWithoutDetector(set), { timeLimitSeconds: 20 });
    expect(answer.status).toBe('Optimal');
    const stolen = stolenTokens(set, answer);
    expect(stolen.size).toBeGreaterThan(0);
    expect(stolen.size).toBeLessThan(frequencyAttack(set, SIZE).size);
  });

  it('with labels: a text that must be green is', async () => {
    // Two marked texts share only token 1; every other token is ruled out by a plain text.
    const tiny = completionSet(
      [
        [1, 2],
        [1, 3],
      ],
      [[2, 3]],
    );
    const answer = await solveProgram(programWithLabels(tiny, 0.25, 0.5, 100), { timeLimitSeconds: 20 });
    expect(answer.status).toBe('Optimal');
    expect([...stolenTokens(tiny, answer)]).toEqual([1]);
  });

  it('mixed-integer: one mislabelled text is dropped where that is allowed', async () => {
    // The last "plain" text is a marked one by mistake: it holds the green tokens 1 to 4.
    const marked = Array.from({ length: 9 }, (_, i) => [1, 2, 3, 4, 10 + i]);
    const plain = [...Array.from({ length: 9 }, (_, i) => [10 + i, 30 + i]), [1, 2, 3, 4]];
    const wrong = completionSet(marked, plain);
    const answer = await solveProgram(programWithTrust(wrong, 0.8), { timeLimitSeconds: 20 });
    expect(answer.status).toBe('Optimal');
    expect([...stolenTokens(wrong, answer)].filter((token) => token <= 4).length).toBeGreaterThanOrEqual(3);
    const untrusted = Array.from({ length: 19 }, (_, s) => answer.values.get(`y${s}`) ?? 0).filter(
      (y) => y < 0.5,
    );
    expect(untrusted.length).toBeLessThanOrEqual(4);
  });
});
