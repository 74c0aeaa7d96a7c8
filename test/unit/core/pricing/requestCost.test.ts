import { describe, expect, it } from 'vitest';
import { budgetState, contextGauge } from '../../../../src/core/pricing/contextBudget';
import type { Model } from '../../../../src/core/pricing/modelCatalogue';
import {
  formatMoney,
  modelTokenCount,
  priceAge,
  requestCost,
} from '../../../../src/core/pricing/requestCost';

const model: Model = {
  id: 'm',
  name: 'M',
  vendor: 'V',
  family: 'F',
  tokenizer: { encoding: 'o200k_base', exactness: 'exact', source: 'test' },
  price: {
    currency: 'USD',
    input: 2,
    cachedInput: 0.2,
    output: 10,
    longContext: { above: 100_000, input: 4, output: 15 },
  },
  date: '2026-08-01',
  origin: 'shipped',
};

describe('the cost of a request', () => {
  it('adds plain input, cached input and output', () => {
    const cost = requestCost(model, { input: 10_000, cachedInput: 4_000, output: 500 })!;
    expect(cost.total).toBeCloseTo(0.0178, 12);
    expect(cost).toMatchObject({ tier: 'standard', cachePriced: true });
  });

  it('bills the whole request at the long-context rates only above the threshold', () => {
    expect(requestCost(model, { input: 100_000 })!.total).toBeCloseTo(0.2, 12);
    const long = requestCost(model, { input: 100_001, cachedInput: 1 })!;
    expect(long.tier).toBe('long-context');
    expect(long.total).toBeCloseTo(0.400004, 12);
    expect(long.cachePriced).toBe(false);
  });

  it('is unknown without a price', () => {
    const unpriced: Model = { ...model };
    delete (unpriced as { price?: unknown }).price;
    expect(requestCost(unpriced, { input: 1 })).toBeUndefined();
  });

  it('refuses counts that cannot be', () => {
    expect(() => requestCost(model, { input: -1 })).toThrow(RangeError);
    expect(() => requestCost(model, { input: 1, cachedInput: 2 })).toThrow('cached');
    expect(() => requestCost(model, { input: Number.NaN })).toThrow(RangeError);
  });
});

describe('the age of a price', () => {
  it('is old after 90 days, not on day 90', () => {
    expect(priceAge(model, Date.parse('2026-10-30T00:00:00Z'))).toEqual({ days: 90, old: false });
    expect(priceAge(model, Date.parse('2026-10-31T00:00:00Z'))).toEqual({ days: 91, old: true });
  });
});

describe('a model count', () => {
  it('is the encoding count for an exact tokenizer', () => {
    expect(modelTokenCount(model.tokenizer, 7)).toEqual({ tokens: 7, exact: true, low: 7, high: 7 });
  });
  it('is scaled and bounded for an estimate', () => {
    const tokenizer = {
      ...model.tokenizer,
      exactness: 'estimate' as const,
      factor: 1.5,
      errorLow: -0.2,
      errorHigh: 0.1,
    };
    expect(modelTokenCount(tokenizer, 100)).toEqual({ tokens: 150, exact: false, low: 120, high: 165 });
  });
  it('claims no bounds where no error was measured', () => {
    const count = modelTokenCount({ ...model.tokenizer, exactness: 'estimate', factor: 1 }, 100);
    expect(count).toEqual({ tokens: 100, exact: false });
  });
});

describe('money', () => {
  it.each([
    [0, '$0.00'],
    [1234.5, '$1,234.50'],
    [0.0178, '$0.018'],
    [0.00002, '$0.00002'],
    [0.000123, '$0.00012'],
  ])('%d reads %s', (amount, text) => expect(formatMoney(amount, 'USD')).toBe(text));
});

describe('gauges and budgets', () => {
  it('say what is left in tokens and characters', () => {
    expect(contextGauge(1000, 250, 1000)).toEqual({
      limit: 1000,
      used: 250,
      left: 750,
      share: 0.25,
      charactersLeft: 3000,
    });
    expect(contextGauge(100, 150, 300).charactersLeft).toBe(-100);
    expect(contextGauge(100, 0, 0)).not.toHaveProperty('charactersLeft');
    expect(() => contextGauge(0, 1, 1)).toThrow(RangeError);
  });
  it('warn from nine tenths on', () => {
    expect([undefined, 0].map((budget) => budgetState(budget, 5))).toEqual(['unset', 'unset']);
    expect([89, 90, 100, 101].map((used) => budgetState(100, used))).toEqual([
      'within',
      'near',
      'near',
      'over',
    ]);
    expect(() => budgetState(-5, 1)).toThrow('whole number');
  });
});
