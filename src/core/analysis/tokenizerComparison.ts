// The same text under several tokenizers: how many tokens, how they cut it, where they agree and where they differ
// most. Counts of different tokenizers are not comparable as such (a token is not a unit of text), so every row also
// says characters and bytes per token.
import { codePointCount } from '../text/utf8';
import type { Tokenizer, TokenSpans } from '../tokenizers/tokenizer';
import { lineStarts, tokensPerLine } from './lineOffsets';
import { findSplitWords } from './wordSplits';

export interface ComparisonRow {
  readonly tokenizer: string;
  readonly exact: boolean;
  readonly source: string;
  readonly tokens: number;
  readonly charactersPerToken: number;
  readonly bytesPerToken: number;
  readonly words: number;
  readonly splitWords: number;
  /** Share of this tokenizer's boundaries that every other chosen tokenizer also has, 0 to 1. */
  readonly sharedBoundaries: number;
}

/** A line on which the tokenizers disagree. Token counts are in the order of the rows. */
export interface DifferingLine {
  /** Zero-based line, and its UTF-16 range without the line break. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly tokens: readonly number[];
  /** Largest count minus smallest count. */
  readonly spread: number;
  /** For each tokenizer its boundaries inside the line, in UTF-16 units from the line's start; see CUTS_SHOWN. */
  readonly cuts: readonly (readonly number[])[];
}

export interface TokenizerComparison {
  readonly characters: number;
  readonly bytes: number;
  readonly rows: readonly ComparisonRow[];
  /** Boundaries (UTF-16 offsets) that all tokenizers share, ascending, the end of the text left out. */
  readonly alignedBoundaries: Uint32Array;
  /** Widest spread first. */
  readonly differingLines: readonly DifferingLine[];
}

/**
 * Compares tokenizers on one text. Cost: one encode per tokenizer and one pass over the boundaries.
 * @param most how many differing lines to return at most
 */
export function compareTokenizers(
  text: string,
  tokenizers: readonly Tokenizer[],
  most = 20,
): TokenizerComparison {
  const encoded = tokenizers.map((tokenizer) => tokenizer.encodeSpans(text));
  const characters = codePointCount(text);
  const bytes = encoded[0]?.byteEnds.at(-1) ?? 0;
  const aligned = sharedEnds(encoded, text.length);
  const rows = tokenizers.map((tokenizer, i): ComparisonRow => {
    const { utf16Ends } = encoded[i]!;
    const tokens = utf16Ends.length;
    const splits = findSplitWords(text, utf16Ends);
    return {
      tokenizer: tokenizer.name,
      exact: tokenizer.provenance.exactness === 'exact',
      source: tokenizer.provenance.source,
      tokens,
      charactersPerToken: tokens === 0 ? 0 : characters / tokens,
      bytesPerToken: tokens === 0 ? 0 : bytes / tokens,
      words: splits.words,
      splitWords: splits.splitWords,
      sharedBoundaries: tokens <= 1 ? 1 : aligned.length / (tokens - 1),
    };
  });
  return {
    characters,
    bytes,
    rows,
    alignedBoundaries: aligned,
    differingLines: widestLines(text, encoded, most),
  };
}

/** Boundaries are listed for the first units of a line only: nobody reads further, and lines can be megabytes. */
const CUTS_SHOWN = 240;

function widestLines(text: string, encoded: readonly TokenSpans[], most: number): DifferingLine[] {
  const starts = lineStarts(text);
  const perLine = encoded.map((spans) => tokensPerLine(starts, spans.utf16Ends));
  const lines: Omit<DifferingLine, 'cuts'>[] = [];
  for (let line = 0; line < starts.length; line++) {
    const tokens = perLine.map((counts) => counts[line]!);
    const spread = Math.max(...tokens) - Math.min(...tokens);
    if (spread === 0 || tokens.length < 2) continue;
    const start = starts[line]!;
    let end = line + 1 < starts.length ? starts[line + 1]! : text.length;
    while (end > start && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
    lines.push({ line, start, end, tokens, spread });
  }
  return lines
    .sort((a, b) => b.spread - a.spread || a.line - b.line)
    .slice(0, most)
    .map((found) => ({ ...found, cuts: encoded.map((spans) => cutsWithin(spans.utf16Ends, found)) }));
}

/** Boundaries strictly inside a line, from its start. */
function cutsWithin(utf16Ends: Uint32Array, { start, end }: Pick<DifferingLine, 'start' | 'end'>): number[] {
  const stop = Math.min(end, start + CUTS_SHOWN);
  let low = 0;
  let high = utf16Ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (utf16Ends[middle]! <= start) low = middle + 1;
    else high = middle;
  }
  const cuts: number[] = [];
  for (; low < utf16Ends.length && utf16Ends[low]! < stop; low++) {
    const cut = utf16Ends[low]! - start;
    if (cuts.at(-1) !== cut) cuts.push(cut);
  }
  return cuts;
}

/** Boundaries present in every token list; a merge of sorted lists. */
function sharedEnds(encoded: readonly TokenSpans[], textLength: number): Uint32Array {
  const [first, ...others] = encoded;
  if (first === undefined) return new Uint32Array();
  const cursors = others.map(() => 0);
  const shared: number[] = [];
  let previous = -1;
  for (const end of first.utf16Ends) {
    if (end === previous || end >= textLength) continue;
    previous = end;
    const inAll = others.every((spans, k) => {
      let cursor = cursors[k]!;
      while (cursor < spans.utf16Ends.length && spans.utf16Ends[cursor]! < end) cursor++;
      cursors[k] = cursor;
      return spans.utf16Ends[cursor] === end;
    });
    if (inAll) shared.push(end);
  }
  return Uint32Array.from(shared);
}
