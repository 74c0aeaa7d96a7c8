// Cursor positions in held-out code, the rest of the line taken away: the text before the cursor, the lines after it, and what
// really stood there. Half of the cursors stand inside a token of the finished line.
import { readFileSync } from 'node:fs';
import { seededRandom } from '../../src/core/decoding/seededRandom';
import type { Tokenizer } from '../../src/core/tokenizers/tokenizer';
import { sourceFiles } from './cursorPositions';

export interface HeldOutCursor {
  readonly prefix: string;
  /** From the end of the cursor's line on. */
  readonly suffix: string;
  /** What was taken away: the rest of the line. */
  readonly truth: string;
  /** The token of the finished line that holds the cursor starts before it. */
  readonly insideToken: boolean;
  /** Rest of that token and of the next two, as text. */
  readonly nextTokens: readonly string[];
}

export interface WordCursor {
  readonly prefix: string;
  readonly suffix: string;
}

export function heldOutTexts(folder: string): readonly string[] {
  return (
    sourceFiles(folder, 1000)
      .map((file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n'))
      // Minified and generated code is nobody's editing position.
      .filter((text) => text.length / text.split('\n').length < 90)
  );
}

/** Draws places until there are `count` cursors, half of them inside a token. Repeatable from the seed. */
export function heldOutCursors(
  texts: readonly string[],
  tokenizer: Tokenizer,
  count: number,
  seed: number,
): HeldOutCursor[] {
  const random = seededRandom(seed);
  const found: HeldOutCursor[] = [];
  const wanted = { inside: Math.floor(count / 2), aligned: Math.ceil(count / 2) };
  while (wanted.inside + wanted.aligned > 0) {
    const cursor = cursorAt(...placeIn(texts, random), tokenizer);
    if (cursor === undefined) continue;
    const kind = cursor.insideToken ? 'inside' : 'aligned';
    if (wanted[kind] === 0) continue;
    wanted[kind]--;
    found.push(cursor);
  }
  return found;
}

function placeIn(texts: readonly string[], random: () => number): [text: string, at: number] {
  const total = texts.reduce((sum, text) => sum + text.length, 0);
  let place = Math.floor(random() * total);
  for (const text of texts) {
    if (place < text.length) return [text, place];
    place -= text.length;
  }
  throw new Error('no held-out sources');
}

function cursorAt(text: string, at: number, tokenizer: Tokenizer): HeldOutCursor | undefined {
  const newline = text.indexOf('\n', at);
  const end = newline < 0 ? text.length : newline;
  const truth = text.slice(at, end);
  // Code in ASCII only: then characters are bytes, and offsets need no care.
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const line = text.slice(start, end);
  if (truth.trim() === '' || !/^[\t\x20-\x7e]*$/.test(line) || at < 200) return undefined;
  const { ids, byteEnds } = tokenizer.encodeSpans(`${line}\n`);
  const first = byteEnds.findIndex((byteEnd) => byteEnd > at - start);
  const tokenStart = first === 0 ? 0 : byteEnds[first - 1]!;
  const nextTokens = Array.from(ids.subarray(first, first + 3), (_, i) =>
    `${line}\n`.slice(i === 0 ? at - start : byteEnds[first + i - 1], byteEnds[first + i]),
  );
  return {
    prefix: text.slice(0, at),
    suffix: text.slice(end),
    truth,
    insideToken: tokenStart < at - start,
    nextTokens,
  };
}

/** Cursors with a letter, digit or underscore on both sides, and the whole rest of the file behind them. */
export function wordCursors(texts: readonly string[], count: number, seed: number): WordCursor[] {
  const random = seededRandom(seed);
  const found: WordCursor[] = [];
  while (found.length < count) {
    const [text, at] = placeIn(texts, random);
    if (at < 200 || !/^\w\w$/.test(text.slice(at - 1, at + 1))) continue;
    found.push({ prefix: text.slice(Math.max(0, at - 200), at), suffix: text.slice(at, at + 100) });
  }
  return found;
}
