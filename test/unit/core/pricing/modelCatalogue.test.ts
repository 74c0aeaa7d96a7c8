import Ajv2020 from 'ajv/dist/2020';
import { describe, expect, it } from 'vitest';
import {
  findModel,
  isIsoDate,
  modelCatalogue,
  similarModelIds,
} from '../../../../src/core/pricing/modelCatalogue';
import catalogueFile from '../../../../src/core/pricing/models.json';
import schema from '../../../../src/core/pricing/models.schema.json';

describe('the shipped catalogue', () => {
  const validate = new Ajv2020({ strict: true, formats: { date: isIsoDate } }).compile(schema);

  it('agrees with its schema', () => {
    validate(catalogueFile);
    expect(validate.errors).toBeNull();
  });

  it('is refused by the schema when a price loses its date', () => {
    const broken = structuredClone(catalogueFile) as { models: { date?: string; price?: unknown }[] };
    delete broken.models.find((model) => model.price !== undefined)!.date;
    expect(validate(broken)).toBe(false);
  });

  it('says where it comes from and how to renew it', () => {
    for (const text of Object.values(catalogueFile.provenance)) expect(text.length).toBeGreaterThan(9);
  });

  it('has every vendor, unique ids, and a tokenizer entry for each model', () => {
    const { models, problems } = modelCatalogue();
    expect(problems).toEqual([]);
    expect(new Set(models.map((model) => model.id)).size).toBe(models.length);
    for (const vendor of ['OpenAI', 'Anthropic', 'Google', 'Meta', 'Mistral', 'DeepSeek', 'Qwen']) {
      expect(models.some((model) => model.vendor === vendor)).toBe(true);
    }
  });

  it('takes a tokenizer file of the user for a model of the user', () => {
    const { models, problems } = modelCatalogue([{ id: 'house', tokenizer: 'file:ours' }]);
    expect(problems).toEqual([]);
    expect(models.find(({ id }) => id === 'house')?.tokenizer).toMatchObject({
      encoding: 'file:ours',
      exactness: 'exact',
    });
  });

  it('never calls a vendor without a public tokenizer exact', () => {
    for (const model of modelCatalogue().models) {
      if (model.vendor === 'Anthropic' || model.vendor === 'Google')
        expect(model.tokenizer.exactness).toBe('estimate');
      if (model.tokenizer.exactness === 'estimate') expect(model.tokenizer.method).toBeTruthy();
    }
  });

  it('keeps cached input no dearer than input, and long-context rates no cheaper', () => {
    for (const { price } of modelCatalogue().models) {
      if (price === undefined) continue;
      expect(price.cachedInput ?? 0).toBeLessThanOrEqual(price.input);
      expect(price.longContext?.input ?? price.input).toBeGreaterThanOrEqual(price.input);
    }
  });

  it('dates no price in the future of its own making', () => {
    for (const { date } of modelCatalogue().models) {
      if (date !== undefined) expect(date <= catalogueFile.provenance.made).toBe(true);
    }
  });
});

describe('user models', () => {
  it('add a model', () => {
    const { models, problems } = modelCatalogue([
      {
        id: 'house-7b',
        tokenizer: 'cl100k_base',
        contextWindow: 8192,
        price: { input: 1, output: 2, currency: 'EUR' },
        date: '2026-11-01',
      },
    ]);
    expect(problems).toEqual([]);
    const model = models.find((candidate) => candidate.id === 'house-7b')!;
    expect(model).toMatchObject({
      origin: 'user',
      contextWindow: 8192,
      source: 'your settings',
      date: '2026-11-01',
    });
    expect(model.tokenizer).toMatchObject({ encoding: 'cl100k_base', exactness: 'exact' });
  });

  it('override a price and lose the shipped date, which would be wrong for it', () => {
    const { models } = modelCatalogue([{ id: 'gpt-5', price: { input: 1, output: 8 } }]);
    const model = models.find((candidate) => candidate.id === 'gpt-5')!;
    expect(model.price).toEqual({ currency: 'USD', input: 1, output: 8 });
    expect(model.date).toBeUndefined();
    expect(model.name).toBe('GPT-5');
  });

  it.each([
    ['text', 'must be an object'],
    [{ name: 'no id' }, '"id" is missing'],
    [{ id: 'x' }, '"tokenizer" is missing'],
    [{ id: 'x', tokenizer: 'o300k' }, 'o300k'],
    [{ id: 'x', tokenizer: 'file:' }, 'file:'],
    [{ id: 'gpt-5', price: { input: -1, output: 1 } }, 'price.input'],
    [{ id: 'gpt-5', price: { input: '1', output: 1 } }, 'price.input'],
    [{ id: 'gpt-5', price: { input: 1, output: 1, currency: 'dollars' } }, 'price.currency'],
    [{ id: 'gpt-5', price: { input: 1, output: 1, longContext: { input: 1, output: 1 } } }, 'above'],
    [{ id: 'gpt-5', date: '2026-02-30' }, '"date"'],
    [{ id: 'gpt-5', contextWindow: 0 }, 'contextWindow'],
  ])('name what is wrong with %j', (entry, complaint) => {
    const { models, problems } = modelCatalogue([entry, { id: 'good', tokenizer: 'gpt2' }]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('tessera.models[0]');
    expect(problems[0]).toContain(complaint);
    expect(models.some((model) => model.id === 'good')).toBe(true);
  });

  it('leave the catalogue whole when the setting is no array', () => {
    const { models, problems } = modelCatalogue({ id: 'x' });
    expect(problems[0]).toContain('array');
    expect(models.length).toBe(modelCatalogue().models.length);
  });
});

describe('finding a model', () => {
  const catalogue = modelCatalogue();
  it('ignores case and a vendor prefix', () => {
    expect(findModel(catalogue, 'OpenAI/GPT-5')?.id).toBe('gpt-5');
    expect(findModel(catalogue, 'no-such-model')).toBeUndefined();
  });
  it('offers ids that look like a mistyped one', () => {
    expect(similarModelIds(catalogue, 'gpt5')).toContain('gpt-5');
    expect(similarModelIds(catalogue, 'zzzzzzzzzzzz')).toEqual([]);
  });
});
