// Which token of a checked text is where, and how much it speaks for a mark. Pure; offsets are UTF-16 units of the
// checked text. A token that ends inside a character ends there at the character's start, so some tokens are empty.
import type { SchemeFinding } from './watermarkCombination';
import { type EvidenceLevel, evidenceLevel } from './watermarkWording';

export interface EvidenceSpan {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly level: EvidenceLevel;
}

/** Number of the first token that ends after `offset`; the number of tokens when there is none. */
export function tokenAt(utf16Ends: Uint32Array, offset: number): number {
  let low = 0;
  let high = utf16Ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((utf16Ends[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where token `index` begins and ends. */
export function tokenSpan(utf16Ends: Uint32Array, index: number): readonly [start: number, end: number] {
  return [index === 0 ? 0 : (utf16Ends[index - 1] ?? 0), utf16Ends[index] ?? 0];
}

/** Level of a token by its number in the text; tokens before the first scored one are ignored. */
export function levelOf({ result: { tokens } }: SchemeFinding, index: number): EvidenceLevel {
  const i = index - tokens.first;
  return i < 0 || i >= tokens.values.length ? 'ignored' : evidenceLevel(tokens, i);
}

/** Visible tokens that touch [from, to), at most `limit`; empty ones are left out. */
export function evidenceSpans(
  finding: SchemeFinding,
  from: number,
  to: number,
  limit: number,
): EvidenceSpan[] {
  const spans: EvidenceSpan[] = [];
  const { utf16Ends } = finding;
  for (let index = tokenAt(utf16Ends, from); index < utf16Ends.length && spans.length < limit; index += 1) {
    const [start, end] = tokenSpan(utf16Ends, index);
    if (start >= to) break;
    if (end > start) spans.push({ index, start, end, level: levelOf(finding, index) });
  }
  return spans;
}

/** The flagged stretch in UTF-16 units of the checked text; undefined unless a mark was found. */
export function flaggedSpan({
  result,
  utf16Ends,
}: SchemeFinding): { readonly start: number; readonly end: number } | undefined {
  const { range } = result;
  if (range === null || range.end <= range.start) return undefined;
  return { start: tokenSpan(utf16Ends, range.start)[0], end: tokenSpan(utf16Ends, range.end - 1)[1] };
}
