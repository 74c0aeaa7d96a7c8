// tessera next-byte: which byte comes next at a cursor, as the exact distribution, token-level prompting and token healing
// each say it.
import { answerNextByte } from '../engine/draftAnswers';
import { loadModelTokenizer } from '../engine/modelTokenizer';
import type { NextByteAnswer } from '../engine/draftProtocol';
import { UsageError, type CliCommand } from './cliCommand';
import { CURSOR_OPTION, textAroundCursor } from './cursorOption';
import { toJson } from './draftsCommand';
import { readOneInput } from './inputFiles';
import { MODEL_OPTION, openModel, RUNTIME_OPTIONS } from './modelOption';

const ROWS_SHOWN = 20;

export const nextByteCommand: CliCommand = {
  name: 'next-byte',
  summary: 'Probability of every next byte at a cursor: exact, token-level, healing',
  usage: 'FILE|- [--at LINE:COL] [--rows N] [--model DIR] [--json]',
  options: [
    CURSOR_OPTION,
    { name: 'rows', value: 'N', summary: `Rows to print (default ${ROWS_SHOWN}; --json has all)` },
    MODEL_OPTION,
    { name: 'json', summary: 'Print one JSON object' },
    ...RUNTIME_OPTIONS,
  ],
  run: async (args, streams) => {
    const [path, ...others] = args.positionals;
    if (path === undefined || others.length > 0)
      throw new UsageError('Name exactly one file, or - for standard input.');
    const rows = args.count('rows') ?? ROWS_SHOWN;
    const input = await readOneInput(path, streams);
    if (input.kind !== 'text') {
      streams.note(`${input.path}: ${input.kind}: ${input.reason}`);
      return 2;
    }
    const cursor = textAroundCursor(args, input.text);
    const model = await openModel(args.text('model'), args, streams);
    if (model === undefined) return 2;
    try {
      const loading = await loadModelTokenizer(model);
      if (!loading.ok) {
        streams.note(loading.reason);
        return 2;
      }
      const session = model.openSession();
      const reply = await answerNextByte(
        { session, tokenizer: loading.tokenizer, shippedNgrams: () => Promise.resolve(undefined) },
        {
          prefix: cursor.prefix,
          suffix: cursor.suffix,
          ...(path === '-' ? {} : { path: path.replaceAll('\\', '/') }),
        },
        { cancelled: false },
      );
      session.close();
      if (!reply.ok) {
        streams.note(reply.error.message);
        return 2;
      }
      const answer = reply.value;
      if (args.flag('json')) {
        const head = { model: model.info.name, line: cursor.line, column: cursor.column };
        await streams.out(`${toJson({ ...head, ...answer })}\n`);
      } else {
        for (const note of answer.notes) streams.note(note);
        await streams.out(table(answer, rows));
      }
      return 0;
    } finally {
      await model.release();
    }
  },
};

function table({ rows, tail, tokenLevelDistance, healingDistance }: NextByteAnswer, limit: number): string {
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
    `distance from exact (0 to 1): token-level ${distance(tokenLevelDistance)}, healing ${distance(healingDistance)}\n` +
    `${tail.length} bytes since the last safe boundary\n`
  );
}

/** '6c "l"', 'c3', 'end'. */
function byteName(byte: number): string {
  if (byte === 256) return 'end';
  const hex = byte.toString(16).padStart(2, '0');
  return byte < 0x80 ? `${hex} ${JSON.stringify(String.fromCharCode(byte))}` : hex;
}
