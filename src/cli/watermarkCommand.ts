// tessera watermark: does a file carry a watermark made with a known scheme and key? Also replays fixture files of the
// reference implementations, and lists hidden characters.
import { readFile } from 'node:fs/promises';
import { checkFixture } from '../core/watermark/fixtures/fixtureCheck';
import type { Counting } from '../core/watermark/greenListEvidence';
import { findHiddenCharacters } from '../core/watermark/hiddenCharacters';
import { schemeFromText } from '../core/watermark/schemeCatalogue';
import { parseSettingsText, type JsonObject } from '../core/watermark/settings';
import { normalizeLikeLmWatermarking } from '../core/watermark/unicodeNormalizer';
import { checkWatermark, type CheckOptions, type EntropyInput } from '../core/watermark/watermarkCheck';
import type { WatermarkReport } from '../core/watermark/watermarkReport';
import { UsageError, type CliArguments, type CliCommand, type CliStreams } from './cliCommand';
import { readOneInput } from './inputFiles';
import { chosenTokenizer, TOKENIZER_OPTIONS } from './tokenizerOption';
import { reportAsJson, reportAsText } from './watermarkPrinting';

export const watermarkCommand: CliCommand = {
  name: 'watermark',
  summary: 'Look for a watermark made with a scheme and key you give',
  usage: 'PATH|- --scheme CONFIG.json [--key K] [--vocab-size N] [--json] | --fixture FIXTURE.json',
  options: [
    {
      name: 'scheme',
      short: 's',
      value: 'FILE',
      summary: 'Watermark settings: transformers, MarkLLM or ours',
    },
    { name: 'key', short: 'k', value: 'KEY', summary: 'Key, instead of the one in the settings' },
    { name: 'vocab-size', value: 'N', summary: "The model's config.vocab_size, padding included" },
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
    { name: 'no-scan', summary: 'Test the whole text only' },
    { name: 'normalize', summary: "Apply lm-watermarking's normalizer first (removes newlines)" },
    { name: 'fixture', value: 'FILE', summary: 'Replay a fixture file and compare every value' },
    { name: 'json', summary: 'Print one JSON object' },
  ],
  run: async (args, streams) => {
    const fixture = args.text('fixture');
    if (fixture !== undefined) return runFixture(fixture, args, streams);
    const settingsPath = args.text('scheme');
    if (settingsPath === undefined)
      throw new UsageError('Say which watermark to look for: --scheme CONFIG.json.');
    const settings = await readTextFile(settingsPath);
    const scheme = schemeFromText(settings, {
      key: args.text('key'),
      vocabularySize: args.count('vocab-size'),
    });
    if (!scheme.ok) {
      streams.note(`${settingsPath}: ${scheme.reason}`);
      return 2;
    }
    const input = await readIds(args, streams);
    if (input === undefined) return 2;
    const options = await readOptions(args);
    const outcome = checkWatermark({
      ids: input.ids,
      schemes: [scheme.value],
      tokenizer: input.tokenizer,
      options,
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

async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

async function readJson(path: string): Promise<JsonObject> {
  const parsed = parseSettingsText(await readTextFile(path));
  if (!parsed.ok) throw new UsageError(`${path} must hold one JSON object.`);
  return parsed.value;
}

async function readIds(args: CliArguments, streams: CliStreams): Promise<Input | undefined> {
  const tokensPath = args.text('tokens');
  const [path, ...others] = args.positionals;
  if (tokensPath !== undefined) {
    if (path !== undefined) throw new UsageError('Give either a text or --tokens, not both.');
    const { ids } = await readJson(tokensPath);
    if (!Array.isArray(ids) || !ids.every((id) => Number.isSafeInteger(id))) {
      throw new UsageError(`${tokensPath} must look like { "ids": [464, 3290, …] }.`);
    }
    return { ids: ids as number[], tokenizer: 'ids as given', text: undefined };
  }
  if (path === undefined || others.length > 0)
    throw new UsageError('Name exactly one file, or - for standard input.');
  const input = await readOneInput(path, streams);
  if (input.kind !== 'text') {
    streams.note(`${input.path}: ${input.kind}: ${input.reason}`);
    return undefined;
  }
  if (input.note !== undefined) streams.note(`${path}: ${input.note}`);
  const tokenizer = await chosenTokenizer(args);
  const text = args.flag('normalize') ? normalizeLikeLmWatermarking(input.text) : input.text;
  return { ids: tokenizer.encode(text), tokenizer: tokenizer.name, text: input.text };
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
    ...(entropies === undefined ? {} : { entropy: readEntropies(await readJson(entropies), entropies) }),
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

/** Exit code 0 when every value agrees, 1 at the first difference. */
async function runFixture(path: string, args: CliArguments, streams: CliStreams): Promise<number> {
  const result = checkFixture(await readJson(path));
  if (args.flag('json')) await streams.out(`${JSON.stringify(result)}\n`);
  else if (result.ok) await streams.out(`pass: ${result.value.cases} cases, ${result.value.values} values\n`);
  else await streams.out(`FAIL: ${result.reason}\n`);
  return result.ok ? 0 : 1;
}
