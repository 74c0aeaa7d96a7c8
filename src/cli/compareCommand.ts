// tessera compare: one text under several tokenizers, side by side, and the lines on which they differ most.
import { compareTokenizers } from '../core/analysis/tokenizerComparison';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import { UsageError, type CliCommand } from './cliCommand';
import { onePath, readOneText } from './inputFiles';
import { fileTokenizer, namedTokenizer, SPLIT_OPTION } from './tokenizerOption';

const DEFAULT_ENCODINGS = 'o200k_base,cl100k_base,gpt2';
const LINES_SHOWN = 5;

export const compareCommand: CliCommand = {
  name: 'compare',
  summary: 'Compare tokenizers on one file',
  usage: 'FILE|- [--encodings A,B,…] [--tokenizer FILE …] [--json]',
  options: [
    { name: 'encodings', value: 'A,B,…', summary: `Tokenizers to compare (default ${DEFAULT_ENCODINGS})` },
    {
      name: 'tokenizer',
      short: 't',
      value: 'FILE',
      summary: 'A tokenizer file to compare as well; may be given several times',
    },
    SPLIT_OPTION,
    { name: 'json', summary: 'Print one JSON object' },
  ],
  run: async (args, streams) => {
    const path = onePath(args);
    const encodings = args.text('encodings') ?? DEFAULT_ENCODINGS;
    const names = encodings.split(',').map((name) => name.trim());
    if (names.includes(''))
      throw new UsageError('--encodings needs names with commas between them, such as o200k_base,gpt2.');
    const tokenizers: Tokenizer[] = [];
    for (const name of new Set(names)) tokenizers.push(await namedTokenizer(name));
    for (const file of new Set(args.texts('tokenizer'))) tokenizers.push(await fileTokenizer(file, args));
    const text = await readOneText(path, streams);
    if (text === undefined) return 2;
    const { rows, differingLines, characters, bytes, alignedBoundaries } = compareTokenizers(
      text,
      tokenizers,
      LINES_SHOWN,
    );
    if (args.flag('json')) {
      const lines = differingLines.map(({ line, tokens, spread }) => ({ line: line + 1, tokens, spread }));
      const result = {
        characters,
        bytes,
        alignedBoundaries: alignedBoundaries.length,
        tokenizers: rows,
        differingLines: lines,
      };
      await streams.out(`${JSON.stringify(result, null, 2)}\n`);
      return 0;
    }
    const width = Math.max(9, ...rows.map((row) => row.tokenizer.length));
    await streams.out(
      `${'tokenizer'.padEnd(width)}      tokens  chars/token  bytes/token  split words  shared boundaries\n`,
    );
    for (const row of rows) {
      const cells = [
        String(row.tokens).padStart(10),
        row.charactersPerToken.toFixed(2).padStart(11),
        row.bytesPerToken.toFixed(2).padStart(11),
        `${row.splitWords}/${row.words}`.padStart(11),
        `${(row.sharedBoundaries * 100).toFixed(1)} %`.padStart(17),
      ];
      await streams.out(`${row.tokenizer.padEnd(width)}  ${row.exact ? '' : '≈'}${cells.join('  ')}\n`);
    }
    if (differingLines.length > 0)
      await streams.out('\nlines that differ most (tokens in the order above):\n');
    for (const { line, start, end, tokens } of differingLines) {
      const cut = text.slice(start, end).trim();
      await streams.out(
        `${String(line + 1).padStart(8)}  ${tokens.join(' / ')}  ${cut.length > 60 ? `${cut.slice(0, 59)}…` : cut}\n`,
      );
    }
    return 0;
  },
};
