// What a command of `tessera` is, and how its arguments are read. A new command is one file that exports a CliCommand and
// one line in the table of main.ts.
import { parseArgs } from 'node:util';
import { editDistance } from '../core/text/editDistance';

export interface CliOption {
  readonly name: string;
  readonly short?: string;
  /** Name of the option's value in the help; absent for a switch. */
  readonly value?: string;
  readonly summary: string;
}

/** Where a command reads and writes; nothing else of the process is its business. */
export interface CliStreams {
  /** Resolves when more may be written. Never rejects: a closed pipe ends the process quietly. */
  out(text: string): Promise<void>;
  /** For people: notes, warnings, errors. */
  note(text: string): void;
  standardInput(): Promise<Uint8Array>;
}

export interface CliArguments {
  readonly positionals: readonly string[];
  /** Value of an option; undefined when it was not given. */
  text(name: string): string | undefined;
  /** All values of an option that may be given more than once, in order. */
  texts(name: string): readonly string[];
  flag(name: string): boolean;
  /** Value of an option as a non-negative whole number. Throws UsageError otherwise. */
  count(name: string): number | undefined;
}

export interface CliCommand {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name: 'PATH… [--encoding E]'. */
  readonly usage: string;
  readonly options: readonly CliOption[];
  /** Resolves to the exit code: 0 done, 1 the answer is no (above a budget), 2 something could not be done. */
  run(args: CliArguments, streams: CliStreams): Promise<number>;
}

/** The command line makes no sense; the message says what to do. Exit code 2. */
export class UsageError extends Error {}

const HELP: CliOption = { name: 'help', short: 'h', summary: 'Show this help' };

/** Splits arguments into options and positionals. Throws UsageError for what the command does not know. */
export function readArguments(command: CliCommand, argv: readonly string[]): CliArguments {
  const options = [...command.options, HELP];
  const config = Object.fromEntries(
    options.map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const values = new Map<string, string | true>();
  const all = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined) throw new UsageError(unknownOption(token.rawName, options));
    if (option.value === undefined && token.value !== undefined)
      throw new UsageError(`${token.rawName} takes no value.`);
    if (
      option.value !== undefined &&
      (token.value === undefined || (!token.inlineValue && /^--\w/.test(token.value)))
    )
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${option.value}`);
    values.set(option.name, token.value ?? true);
    if (token.value !== undefined) all.set(option.name, [...(all.get(option.name) ?? []), token.value]);
  }
  return {
    positionals,
    text: (name) => {
      const value = values.get(name);
      return typeof value === 'string' ? value : undefined;
    },
    texts: (name) => all.get(name) ?? [],
    flag: (name) => values.get(name) === true,
    count: (name) => {
      const value = values.get(name);
      if (typeof value !== 'string') return undefined;
      if (!/^\d+$/.test(value) || !Number.isSafeInteger(Number(value)))
        throw new UsageError(`--${name} needs a whole number, not "${value}".`);
      return Number(value);
    },
  };
}

function unknownOption(given: string, options: readonly CliOption[]): string {
  const best = nearest(
    given.replace(/^-+/, ''),
    options.map(({ name }) => name),
  );
  return `Unknown option ${given}.${best === undefined ? '' : ` Did you mean --${best}?`}`;
}

/** The candidate most like `given`, if any is like it: at most two letters away and less than half of its length. */
export function nearest(given: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = 3;
  for (const candidate of candidates) {
    const distance = candidate.startsWith(given) && given.length > 1 ? 1 : editDistance(given, candidate);
    if (distance < bestDistance && distance * 2 < candidate.length + 1) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The help text of one command. */
export function commandHelp(command: CliCommand): string {
  const lines = [...command.options, HELP].map(({ name, short, value, summary }) => {
    const names = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
    return `  ${names.padEnd(26)}${summary}`;
  });
  return `Usage: tessera ${command.name} ${command.usage}\n\n${command.summary}.\n\nOptions:\n${lines.join('\n')}\n`;
}
