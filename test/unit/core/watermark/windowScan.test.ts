// The window scan: its p-value is valid on unmarked values (repeats included), the ends of a marked stretch are found,
// and the shortcut that skips windows changes no answer.
import { describe, expect, it } from 'vitest';
import { complete } from '../../../../src/core/watermark/progress';
import { MersenneTwister } from '../../../../src/core/watermark/random/mersenneTwister';
import { logNullTail, type NullModel } from '../../../../src/core/watermark/significance/nullModel';
import { scanWindows, type ScoredPositions } from '../../../../src/core/watermark/significance/windowScan';

const SEED = 4711;
const MODELS: readonly NullModel[] = [
  { kind: 'binomial', trials: 1, rate: 0.25 },
  { kind: 'binomial', trials: 10, rate: 0.5 },
  { kind: 'hypergeometric', population: 50257, marked: 25128 },
  { kind: 'gamma' },
];

/** Values of `kinds` pairs at `length` positions; positions in [from, to) have the raised rate. */
function draw(
  model: NullModel,
  random: MersenneTwister,
  length: number,
  kinds: number,
  marked: readonly [from: number, to: number] = [0, 0],
): ScoredPositions {
  const one = (raised: boolean): number => {
    if (model.kind === 'gamma') return -Math.log(1 - random.unit53()) * (raised ? 2 : 1);
    const trials = model.kind === 'binomial' ? model.trials : 1;
    const rate = model.kind === 'binomial' ? model.rate : model.marked / model.population;
    let sum = 0;
    for (let i = 0; i < trials; i += 1) sum += Number(random.unit53() < (raised ? (1 + rate) / 2 : rate));
    return sum;
  };
  const known = new Map<number, number>();
  const identities = new Int32Array(length);
  const values = new Float64Array(length);
  const numbers = new Map<number, number>();
  for (let i = 0; i < length; i += 1) {
    const raised = i >= marked[0] && i < marked[1];
    const kind = raised ? -1 - i : random.word() % kinds;
    const number = numbers.get(kind) ?? numbers.size;
    numbers.set(kind, number);
    identities[i] = number;
    const value = known.get(number) ?? one(raised);
    known.set(number, value);
    values[i] = value;
  }
  return { values, identities };
}

/** Best window by trying every one from scratch, without running counts or shortcuts. */
function plainScan(model: NullModel, { values, identities }: ScoredPositions): number {
  let best = Infinity;
  let windows = 0;
  for (let i = 0; ; i += 1) {
    const width = Math.round(64 * 2 ** (i / 3));
    if (width >= values.length) break;
    const step = Math.floor(width / 8);
    for (let start = 0; start + width <= values.length; start += step) {
      const seen = new Map<number, number>();
      for (let j = start; j < start + width; j += 1)
        if (identities[j]! >= 0) seen.set(identities[j]!, values[j]!);
      const sum = [...seen.values()].reduce((total, value) => total + value, 0);
      windows += 1;
      best = Math.min(best, logNullTail(model, seen.size, sum));
    }
  }
  return Math.min(0, best + Math.log(windows));
}

describe('window scan', () => {
  for (const model of MODELS) {
    const name = JSON.stringify(model);
    it(`${name}: at most 1 % of unmarked texts reach 1 %, repeats or not (seed ${SEED})`, () => {
      const random = new MersenneTwister(SEED);
      for (const kinds of [120, 1e9]) {
        let found = 0;
        for (let text = 0; text < 300; text += 1) {
          const scan = complete(scanWindows(model, draw(model, random, 300, kinds)));
          found += Number(scan!.logCorrectedP <= Math.log(0.01));
        }
        // 300 texts at 1 %: more than 9 happen once in a thousand runs.
        expect(found).toBeLessThanOrEqual(9);
      }
    });
    it(`${name}: the same p as the plain scan (seed ${SEED})`, () => {
      const random = new MersenneTwister(SEED);
      for (const marked of [
        [0, 0],
        [150, 290],
      ] as const) {
        const positions = draw(model, random, 400, 200, marked);
        positions.identities[7] = -1;
        const scan = complete(scanWindows(model, positions))!;
        expect(scan.logCorrectedP).toBeCloseTo(plainScan(model, positions), 9);
      }
    });
    it(`${name}: a marked stretch is bracketed (seed ${SEED})`, () => {
      const random = new MersenneTwister(SEED);
      let overlap = 0;
      for (let text = 0; text < 10; text += 1) {
        const { start, end } = complete(
          scanWindows(model, draw(model, random, 800, 1e9, [300, 500])),
        )!.locate();
        overlap +=
          Math.max(0, Math.min(end, 500) - Math.max(start, 300)) /
          (Math.max(end, 500) - Math.min(start, 300));
      }
      expect(overlap / 10).toBeGreaterThan(0.85);
    });
  }
  it('says nothing about a text no longer than its shortest window', () => {
    const random = new MersenneTwister(SEED);
    expect(complete(scanWindows(MODELS[0]!, draw(MODELS[0]!, random, 64, 1e9)))).toBeUndefined();
  });
});
