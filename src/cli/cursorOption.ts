// The option --at LINE:COLUMN of commands that work at a cursor, and the text around that cursor. Lines and columns count
// from 1, columns in UTF-16 units, as VS Code's status bar shows them.
import { UsageError, type CliArguments, type CliOption } from './cliCommand';

export const CURSOR_OPTION: CliOption = {
  name: 'at',
  value: 'LINE:COL',
  summary: 'Cursor, both counted from 1 (default: the end of the file)',
};

export interface TextAroundCursor {
  readonly prefix: string;
  readonly suffix: string;
  readonly line: number;
  readonly column: number;
}

/** Splits `text` at the cursor that the arguments name. UsageError for a place that the text does not have. */
export function textAroundCursor(args: CliArguments, text: string): TextAroundCursor {
  const lines = lineStarts(text);
  const given = args.text('at');
  if (given === undefined) {
    const start = lines.at(-1) ?? 0;
    return { prefix: text, suffix: '', line: lines.length, column: text.length - start + 1 };
  }
  const match = /^(\d+):(\d+)$/.exec(given);
  if (match === null) throw new UsageError('--at needs LINE:COLUMN, such as 12:5.');
  const [line, column] = [Number(match[1]), Number(match[2])];
  const start = lines[line - 1];
  if (start === undefined)
    throw new UsageError(`--at ${given}: the text has ${counted(lines.length, 'line')}, counted from 1.`);
  const end = contentEnd(text, start, lines[line] ?? text.length);
  if (column < 1 || start + column - 1 > end)
    throw new UsageError(
      `--at ${given}: line ${line} has ${counted(end - start, 'character')}, so columns go from 1 to ${end - start + 1}.`,
    );
  const offset = start + column - 1;
  if (isPair(text.charCodeAt(offset - 1), text.charCodeAt(offset)))
    throw new UsageError(
      `--at ${given} is inside a character: columns ${column - 1} and ${column} are its two halves. Take ${line}:${column - 1} or ${line}:${column + 1}.`,
    );
  return { prefix: text.slice(0, offset), suffix: text.slice(offset), line, column };
}

/** Offsets at which lines start; \r\n, \n and \r end a line. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

function contentEnd(text: string, start: number, next: number): number {
  let end = next;
  while (end > start && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return end;
}

function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
