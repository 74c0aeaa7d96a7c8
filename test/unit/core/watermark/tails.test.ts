// Tails against sums of exact fractions, known values and one another; corrections against worked examples.
import { describe, expect, it } from 'vitest';
import { logGamma } from '../../../../src/core/watermark/significance/gammaFunction';
import { holm, weightedUnion } from '../../../../src/core/watermark/significance/multipleTests';
import { powerAtLength } from '../../../../src/core/watermark/significance/power';
import { sequentialPermutationTest } from '../../../../src/core/watermark/significance/sequentialPermutation';
import {
  logBinomialTail,
  logGammaTail,
  logHypergeometricTail,
  logNormalTail,
  normalQuantile,
  probabilityFromLog,
} from '../../../../src/core/watermark/significance/tails';
import { weightedTail } from '../../../../src/core/watermark/significance/weightedSum';
import { complete } from '../../../../src/core/watermark/progress';
import { MersenneTwister } from '../../../../src/core/watermark/random/mersenneTwister';

const choose = (n: number, k: number): bigint => {
  let result = 1n;
  for (let i = 1; i <= k; i += 1) result = (result * BigInt(n - k + i)) / BigInt(i);
  return result;
};
/** Quotient of big integers to 15 digits. */
const ratio = (a: bigint, b: bigint): number => Number((a * 10n ** 40n) / b) / 1e40;
const closeTo = (actual: number, expected: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-10 * Math.abs(expected) + 1e-35);

describe('binomial tail', () => {
  it('equals the sum of exact fractions for p = 1/4', () => {
    for (const n of [1, 7, 60]) {
      for (let k = 0; k <= n; k += 1) {
        let sum = 0n;
        for (let i = k; i <= n; i += 1) sum += choose(n, i) * 3n ** BigInt(n - i);
        closeTo(Math.exp(logBinomialTail(n, k, 0.25)), ratio(sum, 4n ** BigInt(n)));
      }
    }
  });
  it('stays exact where the double underflows', () => {
    expect(logBinomialTail(5000, 5000, 0.25)).toBeCloseTo(5000 * Math.log(0.25), 6);
    const { p, log10P } = probabilityFromLog(logBinomialTail(5000, 5000, 0.25));
    expect(p).toBeGreaterThan(0);
    expect(log10P).toBeCloseTo(-3010.3, 1);
  });
});

describe('hypergeometric tail', () => {
  it('equals the sum of exact fractions', () => {
    for (const [size, marked, drawn] of [
      [10, 4, 5],
      [50, 12, 30],
      [20, 19, 3],
    ] as const) {
      for (let k = 0; k <= drawn; k += 1) {
        let sum = 0n;
        for (let i = k; i <= Math.min(drawn, marked); i += 1) {
          if (drawn - i <= size - marked) sum += choose(marked, i) * choose(size - marked, drawn - i);
        }
        closeTo(Math.exp(logHypergeometricTail(size, marked, drawn, k)), ratio(sum, choose(size, drawn)));
      }
    }
  });
});

describe('gamma tail', () => {
  it('equals the Poisson sum for whole shapes', () => {
    for (const shape of [1, 3, 40]) {
      for (const x of [0.1, 1, 30, 60, 200]) {
        let term = Math.exp(-x);
        let sum = 0;
        for (let i = 0; i < shape; i += 1) {
          sum += term;
          term *= x / (i + 1);
        }
        expect(Math.abs(Math.exp(logGammaTail(shape, x)) / sum - 1)).toBeLessThan(1e-9);
      }
    }
  });
});

describe('normal tail', () => {
  it('has the values of the tables', () => {
    // Abramowitz and Stegun, table 26.1 and 26.2.
    for (const [z, p] of [
      [0, 0.5],
      [1, 0.15865525393145707],
      [2, 0.022750131948179195],
      [4, 3.167124183311992e-5],
      [10, 7.61985302416047e-24],
    ] as const) {
      expect(Math.abs(Math.exp(logNormalTail(z)) / p - 1)).toBeLessThan(1e-11);
      expect(Math.exp(logNormalTail(-z))).toBeCloseTo(1 - p, 12);
    }
    expect(normalQuantile(0.99)).toBeCloseTo(2.3263478740408408, 12);
    expect(normalQuantile(0.01)).toBeCloseTo(-2.3263478740408408, 12);
  });
  it('log gamma has the values of factorials', () => {
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 12);
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 12);
  });
});

describe('weighted sum', () => {
  it('is the binomial tail for equal weights', () => {
    const flags = Array.from({ length: 40 }, (_, i) => Number(i < 19));
    const { logP } = weightedTail(
      flags,
      flags.map(() => 2.5),
      0.25,
    );
    expect(logP).toBeCloseTo(logBinomialTail(40, 19, 0.25), 10);
  });
  it('agrees with enumeration for unequal weights', () => {
    // Weights in steps of 1/63 of the largest, so that rounding changes nothing.
    const weights = [63, 21, 7, 9, 50];
    const flags = [1, 0, 1, 0, 0];
    let tail = 0;
    for (let set = 0; set < 32; set += 1) {
      const on = weights.map((_, i) => (set >> i) & 1);
      const sum = weights.reduce((total, w, i) => total + w * on[i]!, 0);
      if (sum >= 70) tail += on.reduce((product, bit) => product * (bit === 1 ? 0.3 : 0.7), 1);
    }
    expect(Math.exp(weightedTail(flags, weights, 0.3).logP)).toBeCloseTo(tail, 12);
  });
});

describe('corrections', () => {
  it('Holm steps down and keeps the order', () => {
    const p = [0.01, 0.04, 0.03, 0.005].map((value) => probabilityFromLog(Math.log(value)));
    expect(holm(p).map((value) => Number(value.p.toFixed(6)))).toEqual([0.03, 0.06, 0.06, 0.02]);
  });
  it('a union of shares', () => {
    expect(
      Math.exp(
        weightedUnion([
          { logP: Math.log(0.01), share: 0.5 },
          { logP: Math.log(0.5), share: 0.5 },
        ]),
      ),
    ).toBeCloseTo(0.02, 12);
  });
});

describe('permutation test', () => {
  it('never gives 0 and stops early on ordinary text', () => {
    const never = complete(sequentialPermutationTest(-10, () => 0, 99));
    expect(never).toMatchObject({ p: 0.01, runs: 99, stoppedEarly: false });
    const ordinary = complete(sequentialPermutationTest(0, () => 0, 999));
    expect(ordinary).toMatchObject({ p: 1, runs: 5, stoppedEarly: true });
  });
  it('is valid under the null: uniform statistics are rejected at 5 % about as often as that', () => {
    const random = new MersenneTwister(4);
    let rejected = 0;
    for (let i = 0; i < 2000; i += 1) {
      const p = complete(
        sequentialPermutationTest(random.unitFromWord(), () => random.unitFromWord(), 199),
      ).p;
      rejected += Number(p <= 0.05);
    }
    expect(rejected / 2000, 'seed 4').toBeLessThan(0.065);
    expect(rejected / 2000, 'seed 4').toBeGreaterThan(0.03);
  });
});

describe('power', () => {
  it('grows with length and knows when nothing can be shown', () => {
    const model = { kind: 'binomial', trials: 1, rate: 0.25 } as const;
    expect(powerAtLength(model, 2, 0.6, 0.01).probability).toBe(0);
    const small = powerAtLength(model, 20, 0.5, 0.01);
    const large = powerAtLength(model, 200, 0.5, 0.01);
    expect(small.probability).toBeLessThan(large.probability);
    expect(large.probability).toBeGreaterThan(0.99);
    // 31 of 80 is the first count with a tail of 1 % or less; check by the tail itself.
    const { detectableMean } = powerAtLength(model, 80, 0.5, 0.01);
    expect(logBinomialTail(80, Math.round(80 * detectableMean), 0.25)).toBeLessThanOrEqual(Math.log(0.01));
    expect(logBinomialTail(80, Math.round(80 * detectableMean) - 1, 0.25)).toBeGreaterThan(Math.log(0.01));
  });
});
