import { describe, expect, it } from 'vitest';
import { hottestLines } from '../../../src/core/analysis/lineOffsets';
import { modelCatalogue } from '../../../src/core/pricing/modelCatalogue';
import type { Model } from '../../../src/core/pricing/modelCatalogue';
import { modelStatus, type ModelStatusInput } from '../../../src/editor/modelStatus';

const translate: ModelStatusInput['translate'] = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)]));

const exactModel: Model = {
  id: 'm',
  name: 'Model M',
  vendor: 'V',
  family: 'F',
  tokenizer: { encoding: 'o200k_base', exactness: 'exact', source: 'test' },
  contextWindow: 10_000,
  price: { currency: 'USD', input: 2, output: 8 },
  source: 'https://example.test/prices',
  date: '2026-11-01',
  origin: 'shipped',
};

function statusOf(change: Partial<ModelStatusInput>): ReturnType<typeof modelStatus> {
  return modelStatus({
    model: exactModel,
    tokens: 1000,
    characters: 4000,
    fileBudget: undefined,
    now: Date.parse('2026-11-24T00:00:00Z'),
    locale: 'en',
    translate,
    ...change,
  });
}

describe('the status of the chosen model', () => {
  it('is the bare count without a model', () => {
    expect(statusOf({ model: undefined })).toMatchObject({
      tokens: 1000,
      exact: true,
      cost: undefined,
      lines: [],
    });
  });

  it('shows cost, the date and source of the price, and the window in tokens and characters', () => {
    const status = statusOf({});
    expect(status).toMatchObject({ tokens: 1000, exact: true, cost: '$0.002' });
    const text = status.lines.join('\n');
    expect(text).toContain('$0.002 as input, at $2.00 per million tokens');
    expect(text).toContain('Price of 2026-11-01, https://example.test/prices');
    expect(text).toContain('10% of the context window of 10,000 tokens; 9,000 left, about 36,000 characters');
  });

  it('says that a price is old after 90 days', () => {
    const text = statusOf({ now: Date.parse('2027-03-01T00:00:00Z') }).lines.join('\n');
    expect(text).toContain('120 days old');
  });

  it('marks estimates, names their method and bounds', () => {
    const claude = modelCatalogue().models.find((model) => model.id === 'claude-sonnet-5');
    const status = statusOf({ model: claude });
    expect(status.exact).toBe(false);
    expect(status.tokens).toBe(1530);
    expect(status.lines.join('\n')).toMatch(
      /Estimated for Claude Sonnet 5: .*1\.53[\s\S]*between 1,178 and 1,729/,
    );
  });

  it('admits an unknown error and an unknown price', () => {
    const llama4 = modelCatalogue().models.find((model) => model.id === 'llama-4-scout');
    const text = statusOf({ model: llama4 }).lines.join('\n');
    expect(text).toContain('has not been measured');
    expect(text).toContain('No price is known');
  });

  it('counts what is over the window', () => {
    expect(statusOf({ tokens: 12_500 }).lines.join('\n')).toContain('2,500 tokens too many');
  });

  it('warns about a budget, and about one that is no number of tokens', () => {
    expect(statusOf({ fileBudget: 2000 }).budget).toBe('within');
    expect(statusOf({ fileBudget: 1100 }).budget).toBe('near');
    expect(statusOf({ fileBudget: 999 })).toMatchObject({ budget: 'over' });
    const bad = statusOf({ fileBudget: -3 });
    expect(bad.budget).toBe('unset');
    expect(bad.lines.join('\n')).toContain('whole number');
  });
});

describe('the hottest lines', () => {
  it('are the dearest, never lines of a single token', () => {
    expect(hottestLines(Uint32Array.of(1, 9, 3, 9, 0))).toEqual([1]);
    expect(hottestLines(Uint32Array.of(1, 1, 0))).toEqual([]);
    const counts = new Uint32Array(200).fill(2);
    counts[150] = 50;
    expect(hottestLines(counts)).toHaveLength(4);
    expect(hottestLines(counts)[0]).toBe(150);
  });
});
