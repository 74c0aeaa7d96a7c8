// tessera count: tokens of files, folders and standard input, per file and in total, with a budget for CI.
import { codePointCount, utf8Length } from '../core/text/utf8';
import { UsageError, type CliCommand } from './cliCommand';
import { readInputs, type InputLeftOut } from './inputFiles';
import { chosenTokenizer, TOKENIZER_OPTIONS } from './tokenizerOption';

interface CountedFile {
  readonly path: string;
  readonly tokens: number;
  readonly characters: number;
  readonly bytes: number;
  readonly note?: string;
}

export const countCommand: CliCommand = {
  name: 'count',
  summary: 'Count the tokens of files, folders and standard input',
  usage: 'PATH… [--encoding NAME] [--budget N] [--json]   ("-" is standard input)',
  options: [
    ...TOKENIZER_OPTIONS,
    { name: 'budget', value: 'N', summary: 'Exit with 1 when the total is above N tokens' },
    { name: 'json', summary: 'Print one JSON object' },
  ],
  run: async (args, streams) => {
    if (args.positionals.length === 0)
      throw new UsageError('Name at least one file or folder, or - for standard input.');
    const budget = args.count('budget');
    const json = args.flag('json');
    const tokenizer = await chosenTokenizer(args);
    const files: CountedFile[] = [];
    const leftOut: InputLeftOut[] = [];
    let total = 0;
    for await (const input of readInputs(args.positionals, streams)) {
      if (input.kind !== 'text') {
        leftOut.push(input);
        streams.note(`${input.path}: ${input.kind}: ${input.reason}`);
        continue;
      }
      const { path, text, note } = input;
      const tokens = tokenizer.count(text);
      total += tokens;
      files.push({
        path,
        tokens,
        characters: codePointCount(text),
        bytes: utf8Length(text),
        ...(note === undefined ? {} : { note }),
      });
      if (note !== undefined) streams.note(`${path}: ${note}`);
      if (!json) await streams.out(`${line(tokens, path)}\n`);
    }
    const exact = tokenizer.provenance.exactness === 'exact';
    if (json) {
      const result = {
        encoding: tokenizer.name,
        exact,
        source: tokenizer.provenance.source,
        total,
        ...(budget === undefined ? {} : { budget, withinBudget: total <= budget }),
        files,
        skipped: leftOut.map(({ kind, path, reason }) => ({ path, kind, reason })),
      };
      await streams.out(`${JSON.stringify(result, null, 2)}\n`);
    } else {
      await streams.out(`${line(total, `total (${tokenizer.name}, ${exact ? 'exact' : 'estimate'})`)}\n`);
    }
    if (leftOut.some(({ kind }) => kind === 'unreadable')) return 2;
    if (budget === undefined || total <= budget) return 0;
    streams.note(`${total} tokens are ${total - budget} above the budget of ${budget}.`);
    return 1;
  },
};

/** Plain digits, right-aligned, so that both people and awk can read them. */
function line(tokens: number, label: string): string {
  return `${String(tokens).padStart(10)}  ${label}`;
}
