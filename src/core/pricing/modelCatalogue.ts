// The models Tessera knows: tokenizer, context window and dated list price, and how a user's own entries join them.
// Data: models.json (provenance inside), shape: models.schema.json.
import { editDistance } from '../text/editDistance';
import type { EncodingName } from '../tokenizers/encodings';
import { ENCODING_NAMES } from '../tokenizers/encodings';
import shippedCatalogue from './models.json';

/** How a model's tokens are counted. An estimate multiplies the count of `encoding` by `factor`. */
export interface ModelTokenizer {
  /** A built-in encoding, or in the user's own entries 'file:' and a tokenizer file's name or fingerprint. */
  readonly encoding: EncodingName | `file:${string}`;
  readonly exactness: 'exact' | 'estimate';
  readonly factor?: number;
  /** Measured relative error of the estimate: the true count lies in [1 + errorLow, 1 + errorHigh] × estimate. */
  readonly errorLow?: number;
  readonly errorHigh?: number;
  /** The estimate in words, for the reader. */
  readonly method?: string;
  readonly source: string;
}

/** List prices per million tokens. */
export interface PriceRates {
  readonly input: number;
  readonly cachedInput?: number;
  readonly output: number;
}

export interface ModelPrice extends PriceRates {
  /** ISO 4217. */
  readonly currency: string;
  /** Rates of the whole request once its input exceeds `above` tokens. */
  readonly longContext?: PriceRates & { readonly above: number };
}

export interface Model {
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  readonly family: string;
  readonly tokenizer: ModelTokenizer;
  /** Tokens of input and output together. */
  readonly contextWindow?: number;
  readonly maxOutput?: number;
  readonly price?: ModelPrice;
  /** Where the price stands, and the day (YYYY-MM-DD) for which it was last confirmed. */
  readonly source?: string;
  readonly date?: string;
  readonly note?: string;
  readonly origin: 'shipped' | 'user';
}

export interface ModelCatalogue {
  readonly models: readonly Model[];
  /** One sentence for each entry that was left out or repaired, naming the entry and what to change. */
  readonly problems: readonly string[];
}

/** A copy of Tessera's catalogue with the user's entries (setting `tessera.models`) added or laid over by id. */
export function modelCatalogue(userModels: unknown = []): ModelCatalogue {
  const tokenizers = shippedCatalogue.tokenizers as Readonly<Record<string, ModelTokenizer>>;
  const models = new Map<string, Model>();
  for (const entry of shippedCatalogue.models) {
    const tokenizer = tokenizers[entry.tokenizer];
    if (tokenizer === undefined) throw new Error(`models.json: ${entry.id} names no tokenizer entry`);
    models.set(entry.id, { ...(entry as Omit<Model, 'tokenizer' | 'origin'>), tokenizer, origin: 'shipped' });
  }
  const problems: string[] = [];
  if (!Array.isArray(userModels)) {
    problems.push('tessera.models must be an array of objects; the setting was ignored.');
    return { models: [...models.values()], problems };
  }
  userModels.forEach((value: unknown, index) => {
    const result = readUserModel(value, models, tokenizers);
    if (typeof result === 'string') problems.push(`tessera.models[${index}]: ${result}`);
    else models.set(result.id, result);
  });
  return { models: [...models.values()], problems };
}

/** The model with this id, ignoring case and a vendor prefix such as `openai/`. */
export function findModel(catalogue: ModelCatalogue, id: string): Model | undefined {
  const wanted = id.trim().toLowerCase();
  const bare = wanted.slice(wanted.lastIndexOf('/') + 1);
  return (
    catalogue.models.find((model) => model.id.toLowerCase() === wanted) ??
    catalogue.models.find((model) => model.id.toLowerCase() === bare)
  );
}

/** Up to three ids that look like a mistyped one, for an error message. */
export function similarModelIds(catalogue: ModelCatalogue, id: string): string[] {
  const wanted = id.toLowerCase();
  return catalogue.models
    .map((model) => ({ id: model.id, distance: editDistance(wanted, model.id.toLowerCase()) }))
    .filter(({ id: candidate, distance }) => distance <= 4 || candidate.includes(wanted))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map((candidate) => candidate.id);
}

type Fields = Readonly<Record<string, unknown>>;

/** A user's entry laid over the shipped one of the same id, or a sentence that says what is wrong with it. */
function readUserModel(
  value: unknown,
  known: ReadonlyMap<string, Model>,
  tokenizers: Readonly<Record<string, ModelTokenizer>>,
): Model | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'must be an object with an "id".';
  const fields = value as Fields;
  const id = fields['id'];
  if (typeof id !== 'string' || id.trim() === '')
    return '"id" is missing; give the model a name such as "my-model".';
  const base = known.get(id);
  const tokenizer = readTokenizer(fields['tokenizer'], base?.tokenizer, tokenizers);
  if (typeof tokenizer === 'string') return tokenizer;
  for (const name of ['name', 'vendor', 'family', 'source', 'note']) {
    if (fields[name] !== undefined && typeof fields[name] !== 'string') return `"${name}" must be text.`;
  }
  for (const name of ['contextWindow', 'maxOutput']) {
    const number = fields[name];
    if (number !== undefined && !(Number.isInteger(number) && (number as number) > 0))
      return `"${name}" must be a whole number of tokens above 0.`;
  }
  const price = fields['price'] === undefined ? base?.price : readPrice(fields['price'], base?.price);
  if (typeof price === 'string') return price;
  const date = fields['date'] ?? (fields['price'] === undefined ? base?.date : undefined);
  if (date !== undefined && !(typeof date === 'string' && isIsoDate(date)))
    return '"date" must look like "2026-11-24".';
  const text = (name: string, fallback: string): string => (fields[name] as string | undefined) ?? fallback;
  const source =
    (fields['source'] as string | undefined) ??
    (fields['price'] === undefined ? base?.source : 'your settings');
  const contextWindow = (fields['contextWindow'] as number | undefined) ?? base?.contextWindow;
  const maxOutput = (fields['maxOutput'] as number | undefined) ?? base?.maxOutput;
  const note = (fields['note'] as string | undefined) ?? base?.note;
  return {
    id,
    name: text('name', base?.name ?? id),
    vendor: text('vendor', base?.vendor ?? 'Your models'),
    family: text('family', base?.family ?? 'Your models'),
    tokenizer,
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(maxOutput === undefined ? {} : { maxOutput }),
    ...(price === undefined ? {} : { price }),
    ...(source === undefined ? {} : { source }),
    ...(date === undefined ? {} : { date }),
    ...(note === undefined ? {} : { note }),
    origin: 'user',
  };
}

function readTokenizer(
  value: unknown,
  base: ModelTokenizer | undefined,
  tokenizers: Readonly<Record<string, ModelTokenizer>>,
): ModelTokenizer | string {
  if (value === undefined) return base ?? '"tokenizer" is missing; name an encoding such as "o200k_base".';
  if (typeof value !== 'string') return '"tokenizer" must be text, for example "o200k_base".';
  const encoding = ENCODING_NAMES.find((name) => name === value);
  if (encoding !== undefined) return { encoding, exactness: 'exact', source: 'your settings' };
  if (isFileReference(value)) return { encoding: value, exactness: 'exact', source: 'your tokenizer file' };
  return (
    tokenizers[value] ??
    `"tokenizer" is "${value}", which is unknown; use one of ${[...ENCODING_NAMES, ...Object.keys(tokenizers)].join(', ')}, or "file:" and the name of a tokenizer file.`
  );
}

const isFileReference = (value: string): value is `file:${string}` => /^file:./.test(value);

function readPrice(value: unknown, base: ModelPrice | undefined): ModelPrice | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return '"price" must be an object.';
  const fields = value as Fields;
  const rates = readRates(fields, 'price');
  if (typeof rates === 'string') return rates;
  const currency = fields['currency'] ?? base?.currency ?? 'USD';
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency))
    return '"price.currency" must be a code such as "USD".';
  const long = fields['longContext'];
  if (long === undefined) return { currency, ...rates };
  if (typeof long !== 'object' || long === null) return '"price.longContext" must be an object.';
  const longRates = readRates(long as Fields, 'price.longContext');
  if (typeof longRates === 'string') return longRates;
  const above = (long as Fields)['above'];
  if (!(Number.isInteger(above) && (above as number) > 0))
    return '"price.longContext.above" must be a number of tokens.';
  return { currency, ...rates, longContext: { ...longRates, above: above as number } };
}

function readRates(fields: Fields, where: string): PriceRates | string {
  const { input, output, cachedInput } = fields as Readonly<
    Record<'input' | 'output' | 'cachedInput', unknown>
  >;
  const bad = (amount: unknown): boolean =>
    !(typeof amount === 'number' && Number.isFinite(amount) && amount >= 0);
  if (bad(input)) return `"${where}.input" must be a price per million tokens, 0 or more.`;
  if (bad(output)) return `"${where}.output" must be a price per million tokens, 0 or more.`;
  if (cachedInput !== undefined && bad(cachedInput))
    return `"${where}.cachedInput" must be a price per million tokens, 0 or more.`;
  return {
    input: input as number,
    output: output as number,
    ...(cachedInput === undefined ? {} : { cachedInput: cachedInput as number }),
  };
}

/** True for YYYY-MM-DD naming a day that exists. */
export function isIsoDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
