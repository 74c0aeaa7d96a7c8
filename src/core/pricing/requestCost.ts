// What a request costs at list price, how sure the token count behind it is, and how old the price is.
// Example: 10 000 input tokens of a model at 2 USD per million, 4 000 of them cached at 0.2, and 500 output tokens
// at 10: 0.012 + 0.0008 + 0.005 = 0.0178 USD.
import type { Model, ModelTokenizer } from './modelCatalogue';

/** A count as a model would see it. For an exact count `low` and `high` equal `tokens`. */
export interface ModelTokenCount {
  readonly tokens: number;
  readonly exact: boolean;
  /** Bounds from the measured error of the estimate; undefined where the error is not known. */
  readonly low?: number;
  readonly high?: number;
}

/** Turns the count of `tokenizer.encoding` into the model's own count, or an estimate of it. */
export function modelTokenCount(tokenizer: ModelTokenizer, encodingCount: number): ModelTokenCount {
  if (tokenizer.exactness === 'exact') {
    return { tokens: encodingCount, exact: true, low: encodingCount, high: encodingCount };
  }
  const estimate = encodingCount * (tokenizer.factor ?? 1);
  return {
    tokens: Math.round(estimate),
    exact: false,
    ...(tokenizer.errorLow === undefined ? {} : { low: Math.floor(estimate * (1 + tokenizer.errorLow)) }),
    ...(tokenizer.errorHigh === undefined ? {} : { high: Math.ceil(estimate * (1 + tokenizer.errorHigh)) }),
  };
}

export interface RequestTokens {
  /** All input tokens, cached ones included. */
  readonly input: number;
  /** Input tokens served from the provider's prompt cache; at most `input`. */
  readonly cachedInput?: number;
  readonly output?: number;
}

export interface RequestCost {
  readonly currency: string;
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly total: number;
  readonly tier: 'standard' | 'long-context';
  /** Price per million plain input tokens in this tier. */
  readonly inputRate: number;
  /** False when cached tokens were asked for but the model has no cached price: they are billed as plain input. */
  readonly cachePriced: boolean;
}

/**
 * Cost of one request in the currency of the model's price, or undefined when the model has no price.
 * Throws RangeError for negative or non-finite token counts and for more cached than input tokens.
 */
export function requestCost(model: Model, tokens: RequestTokens): RequestCost | undefined {
  const cached = tokens.cachedInput ?? 0;
  const output = tokens.output ?? 0;
  for (const count of [tokens.input, cached, output]) {
    if (!Number.isFinite(count) || count < 0) throw new RangeError('Token counts must be 0 or more.');
  }
  if (cached > tokens.input) throw new RangeError('More cached tokens than input tokens.');
  const price = model.price;
  if (price === undefined) return undefined;
  const long = price.longContext !== undefined && tokens.input > price.longContext.above;
  const rates = long ? price.longContext : price;
  const cost = {
    input: ((tokens.input - cached) * rates.input) / 1e6,
    cachedInput: (cached * (rates.cachedInput ?? rates.input)) / 1e6,
    output: (output * rates.output) / 1e6,
  };
  return {
    currency: price.currency,
    ...cost,
    total: cost.input + cost.cachedInput + cost.output,
    tier: long ? 'long-context' : 'standard',
    inputRate: rates.input,
    cachePriced: cached === 0 || rates.cachedInput !== undefined,
  };
}

/** Days after which a price is called old. */
export const PRICE_MAX_AGE_DAYS = 90;

export interface PriceAge {
  readonly days: number;
  readonly old: boolean;
}

/** Age of a model's price at `now` (milliseconds since 1970), or undefined for a price without a date. */
export function priceAge(model: Model, now: number): PriceAge | undefined {
  if (model.date === undefined) return undefined;
  const days = Math.max(0, Math.floor((now - Date.parse(`${model.date}T00:00:00Z`)) / 86_400_000));
  return { days, old: days > PRICE_MAX_AGE_DAYS };
}

/** Money with enough digits to be read: at least two decimals, and two significant digits below a cent. */
export function formatMoney(amount: number, currency: string, locale = 'en'): string {
  const digits = amount === 0 || amount >= 0.01 ? 2 : Math.min(8, 1 - Math.floor(Math.log10(amount)));
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits: Math.max(2, amount >= 0.01 && amount < 1 ? 3 : digits),
  }).format(amount);
}
