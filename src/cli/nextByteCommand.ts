// tessera next-byte: which byte comes next at a cursor, as the exact distribution, token-level prompting and token healing
// each say it, and summed over all token paths.
import { answerNextByte } from '../engine/draftAnswers';
import type { NextByteAnswer } from '../engine/draftProtocol';
import { answerAtCursor } from './answerAtCursor';
import type { CliCommand } from './cliCommand';
import { CURSOR_OPTION } from './cursorOption';
import { MODEL_OPTION, RUNTIME_OPTIONS } from './modelOption';

const ROWS_SHOWN = 20;

export const nextByteCommand: CliCommand = {
  name: 'next-byte',
  summary: 'Probability of every next byte at a cursor: exact, token-level, healing, all token paths',
  usage: 'FILE|- [--at LINE:COL] [--rows N] [--model DIR] [--json]',
  options: [
    CURSOR_OPTION,
    { name: 'rows', value: 'N', summary: `Rows to print (default ${ROWS_SHOWN}; --json has all)` },
    MODEL_OPTION,
    { name: 'json', summary: 'Print one JSON object' },
    ...RUNTIME_OPTIONS,
  ],
  run: (args, streams) => {
    const rows = args.count('rows') ?? ROWS_SHOWN;
    return answerAtCursor(
      args,
      streams,
      (parts, cursor) => answerNextByte(parts, cursor, { cancelled: false }),
      ({ answer }) => streams.out(table(answer, rows)),
    );
  },
};

function table(answer: NextByteAnswer, limit: number): string {
  const { rows, tail, allPathsDistance, tokenLevelDistance, healingDistance } = answer;
  const cell = (share: number | undefined): string =>
    (share === undefined ? '-' : share.toFixed(6)).padStart(12);
  const lines = rows
    .slice(0, limit)
    .map(
      ({ byte, exact, allPaths, tokenLevel, healing }) =>
        `${byteName(byte).padEnd(12)}${cell(exact)}${cell(tokenLevel)}${cell(healing)}${cell(allPaths)}`,
    );
  const head = `${'byte'.padEnd(12)}${['exact', 'token-level', 'healing', 'all paths'].map((name) => name.padStart(12)).join('')}`;
  const distance = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(3));
  return (
    `${head}\n${lines.join('\n')}\n` +
    (rows.length > limit ? `… ${rows.length - limit} more\n` : '') +
    `distance from exact (0 to 1): token-level ${distance(tokenLevelDistance)}, healing ${distance(healingDistance)}, all paths ${distance(allPathsDistance)}\n` +
    'exact (P_canon) sums the token paths that the tokenizer can produce, all paths (P_all) every one that spells the text' +
    (allPathsDistance === undefined ? '; there were too many to sum here\n' : '\n') +
    `${tail.length} bytes since the last safe boundary\n`
  );
}

/** '6c "l"', 'c3', 'end'. */
function byteName(byte: number): string {
  if (byte === 256) return 'end';
  const hex = byte.toString(16).padStart(2, '0');
  return byte < 0x80 ? `${hex} ${JSON.stringify(String.fromCharCode(byte))}` : hex;
}
