// tessera cost: what a text costs as the input of a model, at the dated list price, with any number of output tokens.
import { contextGauge } from '../core/pricing/contextBudget';
import { findModel, modelCatalogue, similarModelIds, type Model } from '../core/pricing/modelCatalogue';
import { formatMoney, modelTokenCount, priceAge, requestCost } from '../core/pricing/requestCost';
import { codePointCount } from '../core/text/utf8';
import { UsageError, type CliCommand } from './cliCommand';
import { onePath, readOneText } from './inputFiles';
import { chosenTokenizer, namedTokenizer, TOKENIZER_OPTIONS } from './tokenizerOption';

export const costCommand: CliCommand = {
  name: 'cost',
  summary: 'Price a file as the input of a model',
  usage: 'FILE|- --model ID [--tokenizer FILE] [--output-tokens N] [--cached-tokens N] [--json]',
  options: [
    { name: 'model', short: 'm', value: 'ID', summary: 'Model id, such as gpt-5 (--model list prints all)' },
    ...TOKENIZER_OPTIONS,
    { name: 'output-tokens', value: 'N', summary: 'Add the price of N output tokens' },
    { name: 'cached-tokens', value: 'N', summary: 'Bill N of the input tokens at the cached rate' },
    { name: 'json', summary: 'Print one JSON object' },
  ],
  run: async (args, streams) => {
    const id = args.text('model');
    if (id === undefined) throw new UsageError('Name a model: --model gpt-5. --model list prints all.');
    const catalogue = modelCatalogue();
    if (id === 'list') {
      for (const model of catalogue.models) await streams.out(`${model.id.padEnd(24)}${summaryOf(model)}\n`);
      return 0;
    }
    const model = findModel(catalogue, id);
    if (model === undefined) {
      const similar = similarModelIds(catalogue, id);
      throw new UsageError(
        `Unknown model "${id}".${similar.length === 0 ? '' : ` Did you mean ${similar.join(' or ')}?`} --model list prints all.`,
      );
    }
    const path = onePath(args);
    const text = await readOneText(path, streams);
    if (text === undefined) return 2;
    // With a tokenizer of the user's own, its count is taken as it is: the model's factor is for another one.
    const own = args.text('tokenizer') !== undefined || args.text('encoding') !== undefined;
    const tokenizer = own ? await chosenTokenizer(args) : await namedTokenizer(model.tokenizer.encoding);
    const tokens = tokenizer.count(text);
    const count = own
      ? { tokens, exact: tokenizer.provenance.exactness === 'exact', low: tokens, high: tokens }
      : modelTokenCount(model.tokenizer, tokens);
    const method = own ? tokenizer.provenance.source : (model.tokenizer.method ?? model.tokenizer.encoding);
    const output = args.count('output-tokens') ?? 0;
    const cachedInput = args.count('cached-tokens') ?? 0;
    if (cachedInput > count.tokens)
      throw new UsageError(
        `--cached-tokens ${cachedInput} is more than the ${count.tokens} tokens of the input.`,
      );
    const cost = requestCost(model, { input: count.tokens, cachedInput, output });
    const age = priceAge(model, Date.now());
    const characters = codePointCount(text);
    const gauge =
      model.contextWindow === undefined
        ? undefined
        : contextGauge(model.contextWindow, count.tokens + output, characters);
    if (args.flag('json')) {
      const result = {
        model: model.id,
        encoding: own ? tokenizer.name : model.tokenizer.encoding,
        source: tokenizer.provenance.source,
        exact: count.exact,
        ...(count.exact
          ? {}
          : { method: model.tokenizer.method, low: count.low ?? null, high: count.high ?? null }),
        inputTokens: count.tokens,
        cachedTokens: cachedInput,
        outputTokens: output,
        cost: cost ?? null,
        price:
          model.price === undefined
            ? null
            : {
                ...model.price,
                date: model.date ?? null,
                ageDays: age?.days ?? null,
                old: age?.old ?? null,
                source: model.source ?? null,
              },
        contextWindow: model.contextWindow ?? null,
        contextShare: gauge?.share ?? null,
      };
      await streams.out(`${JSON.stringify(result, null, 2)}\n`);
      return 0;
    }
    const mark = count.exact ? '' : '≈ ';
    await streams.out(
      `${mark}${count.tokens} tokens for ${model.name} (${count.exact ? 'exact' : 'estimate'}, ${method})\n`,
    );
    if (!count.exact && count.low !== undefined && count.high !== undefined)
      await streams.out(`between ${count.low} and ${count.high} by the measured error of the estimate\n`);
    if (cost === undefined) await streams.out(`no price is known for ${model.name}\n`);
    else {
      const money = (amount: number): string => formatMoney(amount, cost.currency);
      const parts = [`input ${money(cost.input)}`];
      if (cachedInput > 0)
        parts.push(
          `cached ${money(cost.cachedInput)}${cost.cachePriced ? '' : ' (no cached price: billed as input)'}`,
        );
      if (output > 0) parts.push(`output ${money(cost.output)}`);
      await streams.out(
        `${money(cost.total)} (${parts.join(', ')}${cost.tier === 'long-context' ? ', long-context rates' : ''})\n`,
      );
      const dated =
        age === undefined
          ? 'a price without a date'
          : `price of ${model.date ?? ''}${age.old ? `, ${age.days} days old` : ''}`;
      await streams.out(`${dated}, ${model.source ?? ''}\n`);
    }
    if (gauge !== undefined)
      await streams.out(
        `${(gauge.share * 100).toFixed(1)} % of the context window of ${gauge.limit} tokens\n`,
      );
    return 0;
  },
};

function summaryOf(model: Model): string {
  const exact = model.tokenizer.exactness === 'exact' ? 'exact   ' : 'estimate';
  const { price } = model;
  const rates =
    price === undefined
      ? 'no price'
      : `${formatMoney(price.input, price.currency)} in, ${formatMoney(price.output, price.currency)} out, ${model.date ?? ''}`;
  return `${exact}  ${rates}`;
}
