// tessera watermark-audit: how stealable is my own mark? A local model writes completions with and without the mark (or
// they come from a file), attackers see more and more of them, and held-out texts show what they have learned.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ModelStopped } from '../core/model/languageModel';
import { sampleDrafts } from '../core/watermark/planting/markedSampling';
import type { FixedListScheme, Scheme } from '../core/watermark/scheme';
import { type Attacker, auditStealability } from '../core/watermark/stealing/stealabilityAudit';
import type { LoadedModel } from '../engine/languageModelLoader';
import { createSolver } from '../engine/solverClient';
import { type CliArguments, type CliCommand, type CliStreams, UsageError } from './cliCommand';
import { MODEL_OPTION, openModel, RUNTIME_OPTIONS } from './modelOption';
import { chosenScheme, readJsonObject, SCHEME_OPTIONS } from './settingsFiles';
import { auditAsJson, auditAsText, type AuditHead } from './watermarkAuditPrinting';

const DEFAULTS = { completions: 150, length: 80, seed: 1, timeLimit: 60 } as const;
const SMALLEST_AUDIT = 10;
/** More completions a class than this make programs that HiGHS does not finish in a minute. */
const LARGEST_AUDIT = 1500;
/** Up to this size the mixed-integer form ends within its limit. */
const LARGEST_MIXED_INTEGER = 150;

export const watermarkAuditCommand: CliCommand = {
  name: 'watermark-audit',
  summary: 'Measure how fast your own fixed-list watermark can be stolen',
  usage: '--scheme CONFIG.json [--key K] [--model DIR | --from FILE.json] [--json]',
  options: [
    ...SCHEME_OPTIONS,
    MODEL_OPTION,
    ...RUNTIME_OPTIONS,
    {
      name: 'from',
      value: 'FILE',
      summary: 'Completions { "marked": [[ids…]…], "plain": … } instead of a model',
    },
    { name: 'completions', value: 'N', summary: `Completions a class (default ${DEFAULTS.completions})` },
    { name: 'length', value: 'N', summary: `Tokens a completion (default ${DEFAULTS.length})` },
    { name: 'mip', summary: `Add the mixed-integer attacker (up to ${LARGEST_MIXED_INTEGER} completions)` },
    { name: 'time-limit', value: 'S', summary: `Seconds a program (default ${DEFAULTS.timeLimit})` },
    { name: 'seed', value: 'N', summary: 'Seed of sampling and removal (default 1)' },
    { name: 'json', summary: 'Print one JSON object' },
  ],
  run: async (args, streams) => {
    if (args.positionals.length > 0)
      throw new UsageError('The audit takes no file; its completions come from a model or from --from FILE.');
    const material = args.text('from') === undefined ? await fromModel(args, streams) : await fromFile(args);
    if (typeof material === 'string') {
      streams.note(material);
      return 2;
    }
    const { scheme, completions, source } = material;
    const timeLimitSeconds = args.count('time-limit') ?? DEFAULTS.timeLimit;
    const attackers: Attacker[] = ['frequency', 'lp', 'lp-with-labels'];
    if (args.flag('mip')) attackers.push('mip');
    const start = performance.now();
    const outcome = await auditStealability(
      {
        scheme,
        ...completions,
        sizes: sizesUpTo(
          Math.min(completions.marked.length, completions.plain.length, completions.control.length),
        ),
        attackers,
        timeLimitSeconds,
        seed: args.count('seed') ?? DEFAULTS.seed,
      },
      solver(),
      () => false,
      ({ attacker, completions: size, control }) =>
        streams.note(`${attacker}, ${size}${control ? ', control' : ''}`),
    );
    if (!outcome.ok) {
      streams.note(outcome.reason);
      return 2;
    }
    const head: AuditHead = {
      scheme: scheme.name,
      gamma: scheme.gamma,
      source,
      seconds: (performance.now() - start) / 1000,
      timeLimitSeconds,
    };
    await streams.out(
      args.flag('json')
        ? `${JSON.stringify(auditAsJson(head, outcome.value))}\n`
        : auditAsText(head, outcome.value),
    );
    return 0;
  },
};

interface Completions {
  readonly marked: readonly (readonly number[])[];
  readonly plain: readonly (readonly number[])[];
  readonly heldOut: readonly (readonly number[])[];
  readonly control: readonly (readonly number[])[];
}

interface Material {
  readonly scheme: FixedListScheme;
  readonly completions: Completions;
  /** Where the completions come from, for the report. */
  readonly source: string;
}

/** Points of the curves: a sixth, a third, two thirds and all of the completions. */
function sizesUpTo(all: number): number[] {
  const sizes = [all / 6, all / 3, (2 * all) / 3, all].map(Math.round);
  return [...new Set(sizes)].filter((size) => size >= SMALLEST_AUDIT);
}

function solver(): ReturnType<typeof createSolver> {
  const worker = join(__dirname, 'solverWorker.js');
  if (!existsSync(worker))
    throw new UsageError('The solver is not beside this command line: run it from the built extension.');
  return createSolver(worker, __dirname);
}

function fixedList(scheme: Scheme): FixedListScheme {
  if (scheme.family === 'fixed-list') return scheme;
  throw new UsageError(
    `${scheme.name} has no fixed list: the audit covers Unigram. Lists that depend on the context are stolen context by context, which takes far more completions; SynthID and key sequences have no list to steal.`,
  );
}

/** A sentence for the user where it cannot be done. */
async function fromModel(args: CliArguments, streams: CliStreams): Promise<Material | string> {
  const model = await openModel(args.text('model'), args, streams);
  if (model === undefined) return 'The audit needs a local model, or completions from a file (--from).';
  try {
    const scheme = await chosenScheme(args, model.info.vocabularySize);
    if (!scheme.ok) return scheme.reason;
    return await writeCompletions(model, fixedList(scheme.value), args, streams);
  } catch (error) {
    if (error instanceof ModelStopped) return error.message;
    throw error;
  } finally {
    await model.release();
  }
}

async function writeCompletions(
  model: LoadedModel,
  scheme: FixedListScheme,
  args: CliArguments,
  streams: CliStreams,
): Promise<Material | string> {
  const count = args.count('completions') ?? DEFAULTS.completions;
  const length = args.count('length') ?? DEFAULTS.length;
  if (count < SMALLEST_AUDIT || count > LARGEST_AUDIT)
    throw new UsageError(`--completions is a number from ${SMALLEST_AUDIT} to ${LARGEST_AUDIT}.`);
  const session = model.openSession();
  const seed = args.count('seed') ?? DEFAULTS.seed;
  const write = async (name: string, amount: number, marked: boolean, part: number): Promise<number[][]> => {
    const prompts = Array.from({ length: amount }, () => []);
    const outcome = await sampleDrafts(
      session,
      { prompts, length, scheme: marked ? scheme : undefined, temperature: 1, seed: seed * 8 + part },
      undefined,
      (done, total) => streams.note(`${name}: ${done} of ${total} completions written`),
    );
    if (!outcome.ok) throw new UsageError(outcome.reason);
    return outcome.value.map(({ ids }) => [...ids]);
  };
  try {
    const completions: Completions = {
      marked: await write('marked', count, true, 0),
      plain: await write('plain', count, false, 1),
      control: await write('control', count, false, 2),
      heldOut: await write('held out', Math.min(200, Math.max(20, Math.round(count / 2))), true, 3),
    };
    return {
      scheme,
      completions,
      source: `${count} + ${count} completions of ${length} tokens by ${model.info.name}, seed ${seed}`,
    };
  } finally {
    session.close();
  }
}

async function fromFile(args: CliArguments): Promise<Material | string> {
  const path = args.text('from') ?? '';
  const scheme = await chosenScheme(args);
  if (!scheme.ok) return scheme.reason;
  const given = await readJsonObject(path);
  const list = fixedList(scheme.value);
  const texts = (name: string): number[][] | undefined => {
    const value = given[name];
    if (value === undefined) return undefined;
    const valid = (text: unknown): text is number[] =>
      Array.isArray(text) &&
      text.every((id) => Number.isSafeInteger(id) && id >= 0 && id < list.vocabularySize);
    if (!Array.isArray(value) || !value.every(valid))
      throw new UsageError(
        `${path}: "${name}" must be a list of texts, each a list of token ids below ${list.vocabularySize}.`,
      );
    return value;
  };
  const [marked, plain] = [texts('marked'), texts('plain')];
  if (marked === undefined || plain === undefined)
    throw new UsageError(`${path} must look like { "marked": [[464, …], …], "plain": [[…], …] }.`);
  // Without texts set aside in the file, a quarter of the marked and half of the plain ones are.
  const heldOut = texts('heldOut') ?? marked.splice(Math.ceil(0.75 * marked.length));
  const control = texts('control') ?? plain.splice(Math.ceil(plain.length / 2));
  return {
    scheme: list,
    completions: { marked, plain, heldOut, control },
    source: `completions from ${path}`,
  };
}
