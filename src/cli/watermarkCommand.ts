// tessera watermark: does a file carry a watermark made with a known scheme and key? Also replays fixture files of the
// reference implementations, and lists hidden characters.
import { ModelStopped } from '../core/model/languageModel';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import { checkFixture } from '../core/watermark/fixtures/fixtureCheck';
import type { Counting } from '../core/watermark/greenListEvidence';
import { findHiddenCharacters } from '../core/watermark/hiddenCharacters';
import type { Scheme } from '../core/watermark/scheme';
import type { JsonObject } from '../core/watermark/settings';
import { normalizeLikeLmWatermarking } from '../core/watermark/unicodeNormalizer';
import { checkWatermark, type CheckOptions, type EntropyInput } from '../core/watermark/watermarkCheck';
import type { WatermarkReport } from '../core/watermark/watermarkReport';
import { loadModelTokenizer } from '../engine/modelTokenizer';
import { UsageError, type CliArguments, type CliCommand, type CliStreams } from './cliCommand';
import { onePath, readOneText } from './inputFiles';
import { openModel, RUNTIME_OPTIONS } from './modelOption';
import { chosenScheme, readJsonObject, SCHEME_OPTIONS } from './settingsFiles';
import { chosenTokenizer, TOKENIZER_OPTIONS } from './tokenizerOption';
import { entropiesOf } from './watermarkEntropies';
import { reportAsJson, reportAsText } from './watermarkPrinting';

export const watermarkCommand: CliCommand = {
  name: 'watermark',
  summary: 'Look for a watermark made with a scheme and key you give',
  usage: 'PATH|- --scheme CONFIG.json [--key K] [--vocab-size N] [--json] | --fixture FIXTURE.json',
  options: [
    ...SCHEME_OPTIONS,
    { name: 'tokens', short: 't', value: 'FILE', summary: 'Token ids { "ids": [...] } instead of a text' },
    ...TOKENIZER_OPTIONS,
    { name: 'level', value: 'P', summary: 'Corrected p that counts as found (default 0.01)' },
    { name: 'counting', value: 'RULE', summary: 'pairs (default), ngrams or all, as references count' },
    { name: 'runs', value: 'N', summary: 'Most runs of a permutation test' },
    {
      name: 'entropies',
      value: 'FILE',
      summary: 'Entropies { "rule", "entropies", "model" } for SWEET, EWD',
    },
    {
      name: 'model',
      short: 'm',
      value: 'DIR',
      summary: 'Weight by the entropies of this model (SWEET, EWD); "tiny" for the one in the box',
    },
    ...RUNTIME_OPTIONS,
    { name: 'no-scan', summary: 'Test the whole text only' },
    { name: 'normalize', summary: "Apply lm-watermarking's normalizer first (removes newlines)" },
    { name: 'fixture', value: 'FILE', summary: 'Replay a fixture file and compare every value' },
    { name: 'json', summary: 'Print one JSON object' },
  ],
  run: async (args, streams) => {
    const fixture = args.text('fixture');
    if (fixture !== undefined) return runFixture(fixture, args, streams);
    const scheme = await chosenScheme(args);
    if (!scheme.ok) {
      streams.note(scheme.reason);
      return 2;
    }
    const options = await readOptions(args);
    const input = await readInput(args, streams, scheme.value);
    if (input === undefined) return 2;
    const outcome = checkWatermark({
      ids: input.ids,
      schemes: [scheme.value],
      tokenizer: input.tokenizer,
      options: { ...options, ...(input.entropy === undefined ? {} : { entropy: input.entropy }) },
    });
    if (outcome === undefined) return 2;
    if (!outcome.ok) {
      streams.note(outcome.reason);
      return 2;
    }
    await print(outcome.value, input, args, streams);
    return 0;
  },
};

interface Input {
  readonly ids: ArrayLike<number>;
  readonly tokenizer: string;
  readonly text: string | undefined;
  readonly entropy?: EntropyInput;
}

async function print(
  report: WatermarkReport,
  input: Input,
  args: CliArguments,
  streams: CliStreams,
): Promise<void> {
  const hidden = input.text === undefined ? [] : findHiddenCharacters(input.text);
  await streams.out(
    args.flag('json')
      ? `${JSON.stringify(reportAsJson(report, input.ids, hidden))}\n`
      : reportAsText(report, hidden),
  );
}

async function readInput(
  args: CliArguments,
  streams: CliStreams,
  scheme: Scheme,
): Promise<Input | undefined> {
  const tokensPath = args.text('tokens');
  if (tokensPath !== undefined) {
    if (args.positionals.length > 0) throw new UsageError('Give either a text or --tokens, not both.');
    if (args.text('model') !== undefined)
      throw new UsageError('--model reads a text: give a file instead of --tokens, or --entropies FILE.');
    const { ids } = await readJsonObject(tokensPath);
    if (!Array.isArray(ids) || !ids.every((id) => Number.isSafeInteger(id))) {
      throw new UsageError(`${tokensPath} must look like { "ids": [464, 3290, …] }.`);
    }
    return { ids: ids as number[], tokenizer: 'ids as given', text: undefined };
  }
  const written = await readOneText(onePath(args), streams);
  if (written === undefined) return undefined;
  const text = args.flag('normalize') ? normalizeLikeLmWatermarking(written) : written;
  if (args.text('model') !== undefined) return readWithModel(args, streams, scheme, text);
  const tokenizer = await chosenTokenizer(args);
  return { ids: tokenizer.encode(text), tokenizer: tokenizer.name, text };
}

/** Reads the text with a model for its entropies; in the model's own tokens where no tokenizer is named. */
async function readWithModel(
  args: CliArguments,
  streams: CliStreams,
  scheme: Scheme,
  text: string,
): Promise<Input | undefined> {
  if (scheme.family !== 'green-list')
    throw new UsageError(
      `Entropies serve green-list schemes (KGW, SWEET, EWD); leave --model out for ${scheme.name}.`,
    );
  const folder = args.text('model');
  const model = await openModel(folder === 'tiny' ? undefined : folder, args, streams);
  if (model === undefined) return undefined;
  try {
    const own = await loadModelTokenizer(model);
    if (!own.ok) {
      streams.note(own.reason);
      return undefined;
    }
    const named = TOKENIZER_OPTIONS.some(({ name }) => args.text(name) !== undefined);
    const tokenizer: Tokenizer = named ? await chosenTokenizer(args) : own.tokenizer;
    const { entropy, unknown } = await entropiesOf(model, own.tokenizer, tokenizer, text, scheme);
    if (unknown > 1) streams.note(`${unknown} tokens begin inside a token of the model and are not scored.`);
    return { ids: tokenizer.encode(text), tokenizer: tokenizer.name, text, entropy };
  } catch (error) {
    if (!(error instanceof ModelStopped)) throw error;
    streams.note(error.message);
    return undefined;
  } finally {
    await model.release();
  }
}

async function readOptions(args: CliArguments): Promise<CheckOptions> {
  const level = args.text('level');
  const counting = args.text('counting');
  if (counting !== undefined && !['pairs', 'ngrams', 'all'].includes(counting)) {
    throw new UsageError('--counting is pairs, ngrams or all.');
  }
  if (level !== undefined && !(Number(level) > 0 && Number(level) < 1)) {
    throw new UsageError('--level is a number between 0 and 1, for example 0.001.');
  }
  const runs = args.count('runs');
  const entropies = args.text('entropies');
  return {
    ...(level === undefined ? {} : { level: Number(level) }),
    ...(counting === undefined ? {} : { counting: counting as Counting }),
    ...(args.flag('no-scan') ? { scan: false } : {}),
    ...(runs === undefined ? {} : { maximumRuns: runs }),
    ...(entropies === undefined
      ? {}
      : { entropy: readEntropies(await readJsonObject(entropies), entropies) }),
  };
}

function readEntropies({ rule, entropies, model, threshold }: JsonObject, path: string): EntropyInput {
  const valid = (rule === 'sweet' || rule === 'ewd') && Array.isArray(entropies) && typeof model === 'string';
  if (!valid) {
    throw new UsageError(
      `${path} must look like { "rule": "sweet" or "ewd", "model": "name", "entropies": [one a token, null where unknown] }.`,
    );
  }
  const values = (entropies as unknown[]).map((value) => (typeof value === 'number' ? value : NaN));
  return { rule, entropies: values, model, ...(typeof threshold === 'number' ? { threshold } : {}) };
}

/** Exit code 0 when every value agrees, 1 at the first difference, 2 where the file is no fixture. */
async function runFixture(path: string, args: CliArguments, streams: CliStreams): Promise<number> {
  const result = checkFixture(await readJsonObject(path));
  if (!result.ok && result.kind === 'unusable') {
    streams.note(`${path}: ${result.reason}`);
    return 2;
  }
  if (args.flag('json')) await streams.out(`${JSON.stringify(result)}\n`);
  else if (result.ok) await streams.out(`pass: ${result.value.cases} cases, ${result.value.values} values\n`);
  else await streams.out(`FAIL: ${result.reason}\n`);
  return result.ok ? 0 : 1;
}
