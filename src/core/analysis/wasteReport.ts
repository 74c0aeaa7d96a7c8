// Where a document spends tokens without saying much: white space and indentation, lines that repeat, words cut into
// pieces, rare tokens and tokens that are only a part of a character. A report to act on, with ranges to jump to.
import type { Tokenizer } from '../tokenizers/tokenizer';
import { lineStarts, tokensPerLine } from './lineOffsets';
import type { SplitWord } from './wordSplits';
import { findSplitWords } from './wordSplits';

export interface TextRange {
  /** UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
}

export interface RareToken extends TextRange {
  readonly index: number;
  readonly id: number;
  /** 'byte-fallback': the token's bytes are no whole characters. 'rare': among the last ids the tokenizer learned. */
  readonly kind: 'rare' | 'byte-fallback';
}

/** Equal lines (white space at their ends aside), or blocks of lines, that stand in the document more than once. */
export interface RepeatedLine {
  readonly text: string;
  /** Lines of one occurrence: 1, or more for a block that is repeated as a whole. */
  readonly height: number;
  /** Zero-based first lines of the occurrences. */
  readonly lines: readonly number[];
  /** Tokens of all occurrences after the first. */
  readonly repeatedTokens: number;
}

export interface WasteReport {
  readonly tokens: number;
  /** Tokens made of white space only, and those of them at the start of a line. */
  readonly whitespaceTokens: number;
  readonly indentationTokens: number;
  readonly rareTokens: readonly RareToken[];
  readonly shreddedWords: readonly SplitWord[];
  readonly repeatedLines: readonly RepeatedLine[];
  /** Tokens of all repeated lines after their first occurrence. */
  readonly repeatedTokens: number;
}

export interface WasteOptions {
  /** A token is rare when its id is in the last share of the ordinary vocabulary; ids of rank-based BPE grow with rarity. */
  readonly rareShare?: number;
  /** Entries kept per list. */
  readonly most?: number;
  /** Lines shorter than this (trimmed) never count as repeated: braces and blank lines repeat in any code. */
  readonly minLineLength?: number;
}

/** Reports on one text; cost: one encode and three passes. */
export function wasteReport(text: string, tokenizer: Tokenizer, options: WasteOptions = {}): WasteReport {
  const { rareShare = 0.1, most = 200, minLineLength = 12 } = options;
  const spans = tokenizer.encodeSpans(text);
  const rareFrom = Math.floor(tokenizer.vocabularySize * (1 - rareShare));
  const wholeById = new Map<number, boolean>();
  const rareTokens: RareToken[] = [];
  let whitespaceTokens = 0;
  let indentationTokens = 0;
  let start = 0;
  for (let index = 0; index < spans.ids.length; index++) {
    const id = spans.ids[index]!;
    const end = spans.utf16Ends[index]!;
    const piece = text.slice(start, end);
    if (piece !== '' && !/\S/.test(piece)) {
      whitespaceTokens++;
      const before = start === 0 ? '\n' : text[start - 1];
      if (before === '\n' || before === '\r' || /[\n\r]/.test(piece)) {
        if (/[ \t]$/.test(piece)) indentationTokens++;
      }
    }
    let whole = wholeById.get(id);
    if (whole === undefined) wholeById.set(id, (whole = isWholeUtf8(tokenizer.tokenBytes(id))));
    if (!whole)
      push(rareTokens, most, { index, id, kind: 'byte-fallback', start, end: Math.max(end, start) });
    else if (tokenizer.kind === 'bpe' && id >= rareFrom)
      push(rareTokens, most, { index, id, kind: 'rare', start, end });
    start = end;
  }
  const repeated = repeatedLines(text, tokensPerLine(lineStarts(text), spans.utf16Ends), minLineLength);
  return {
    tokens: spans.ids.length,
    whitespaceTokens,
    indentationTokens,
    rareTokens,
    shreddedWords: findSplitWords(text, spans.utf16Ends, 3).found.slice(0, most),
    repeatedLines: repeated.slice(0, most),
    repeatedTokens: repeated.reduce((sum, line) => sum + line.repeatedTokens, 0),
  };
}

function push<T>(list: T[], most: number, item: T): void {
  if (list.length < most) list.push(item);
}

/** Lines that always follow one another, such as a licence header, as one block. Input and output by first line. */
function joinedBlocks(repeated: readonly RepeatedLine[]): RepeatedLine[] {
  const blocks: RepeatedLine[] = [];
  for (const line of repeated) {
    const last = blocks.at(-1);
    const follows =
      last?.lines.length === line.lines.length &&
      line.lines.every((number, i) => number === last.lines[i]! + last.height);
    if (last === undefined || !follows) blocks.push(line);
    else {
      const repeatedTokens = last.repeatedTokens + line.repeatedTokens;
      blocks[blocks.length - 1] = { ...last, height: last.height + 1, repeatedTokens };
    }
  }
  return blocks;
}

function repeatedLines(text: string, tokens: Uint32Array, minLength: number): RepeatedLine[] {
  const byText = new Map<string, number[]>();
  text.split(/\r\n|\r|\n/).forEach((line, number) => {
    const key = line.trim();
    if (key.length < minLength) return;
    const lines = byText.get(key);
    if (lines === undefined) byText.set(key, [number]);
    else lines.push(number);
  });
  const repeated: RepeatedLine[] = [];
  for (const [key, lines] of byText) {
    if (lines.length < 2) continue;
    const repeatedTokens = lines.slice(1).reduce((sum, line) => sum + (tokens[line] ?? 0), 0);
    repeated.push({ text: key, height: 1, lines, repeatedTokens });
  }
  return joinedBlocks(repeated).sort((a, b) => b.repeatedTokens - a.repeatedTokens);
}

/** True when the bytes are whole, well-formed UTF-8 characters (RFC 3629). */
export function isWholeUtf8(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i]!;
    const length =
      lead < 0x80
        ? 1
        : lead >= 0xc2 && lead < 0xe0
          ? 2
          : lead >= 0xe0 && lead < 0xf0
            ? 3
            : lead >= 0xf0 && lead < 0xf5
              ? 4
              : 0;
    if (length === 0 || i + length > bytes.length) return false;
    for (let k = 1; k < length; k++) if ((bytes[i + k]! & 0xc0) !== 0x80) return false;
    i += length;
  }
  return true;
}
