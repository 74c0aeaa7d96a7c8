// Tokens that an edit added and removed: the shortest edit between two token lists (Myers 1986, by the `diff`
// package), after the common start and end are cut off. The net change is exact whatever the edit path. Changes on the
// same or on neighbouring lines are one hunk; the hunks add up to the totals.
import { diffArrays } from 'diff';
import type { TokenSpans, Tokenizer } from '../tokenizers/tokenizer';
import { lineStarts } from './lineOffsets';

/** Changes that stand together. Lines are zero-based; offsets are UTF-16 units of the new text. */
export interface TokenHunk {
  readonly line: number;
  readonly oldLine: number;
  readonly start: number;
  /** Equal to `start` where tokens were only removed. */
  readonly end: number;
  readonly added: number;
  readonly removed: number;
  /** Text of the first change, new or removed, or of a later one that outweighs what came before; cut to PREVIEW_UNITS. */
  readonly preview: string;
}

export interface TokenDiff {
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  /** 'tokens': a shortest edit. 'bounds': the texts differ too much; all tokens between the common ends count. */
  readonly method: 'tokens' | 'bounds';
  readonly hunks: readonly TokenHunk[];
}

/** Longest edit script that is searched; beyond it every token between the common ends counts as changed. */
const MAX_EDIT_LENGTH = 2000;
const PREVIEW_UNITS = 80;

interface Run {
  readonly count: number;
  readonly added?: boolean;
  readonly removed?: boolean;
}

export function tokenDiff(tokenizer: Tokenizer, before: string, after: string): TokenDiff {
  const old = tokenizer.encodeSpans(before);
  const now = tokenizer.encodeSpans(after);
  const shorter = Math.min(old.ids.length, now.ids.length);
  let head = 0;
  while (head < shorter && old.ids[head] === now.ids[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old.ids[old.ids.length - 1 - tail] === now.ids[now.ids.length - 1 - tail])
    tail++;
  const oldMiddle = Array.from(old.ids.subarray(head, old.ids.length - tail));
  const newMiddle = Array.from(now.ids.subarray(head, now.ids.length - tail));
  const shortest = diffArrays(oldMiddle, newMiddle, { maxEditLength: MAX_EDIT_LENGTH });
  const runs: readonly Run[] = shortest ?? [
    { count: oldMiddle.length, removed: true },
    { count: newMiddle.length, added: true },
  ];
  const hunks = hunksOf(runs, head, { text: before, spans: old }, { text: after, spans: now });
  return {
    before: old.ids.length,
    after: now.ids.length,
    added: hunks.reduce((sum, hunk) => sum + hunk.added, 0),
    removed: hunks.reduce((sum, hunk) => sum + hunk.removed, 0),
    method: shortest === undefined ? 'bounds' : 'tokens',
    hunks,
  };
}

interface Side {
  readonly text: string;
  readonly spans: TokenSpans;
}

function hunksOf(runs: readonly Run[], head: number, old: Side, now: Side): TokenHunk[] {
  const oldStarts = lineStarts(old.text);
  const newStarts = lineStarts(now.text);
  const hunks: TokenHunk[] = [];
  let [oldToken, newToken] = [head, head];
  for (const { count, added, removed } of runs) {
    if (count === 0) continue;
    if (added !== true && removed !== true) {
      oldToken += count;
      newToken += count;
      continue;
    }
    const start = startOf(now.spans, newToken);
    const oldStart = startOf(old.spans, oldToken);
    const end = added === true ? startOf(now.spans, newToken + count) : start;
    const text =
      added === true
        ? now.text.slice(start, end)
        : old.text.slice(oldStart, startOf(old.spans, oldToken + count));
    const hunk: TokenHunk = {
      line: lineOf(newStarts, start),
      oldLine: lineOf(oldStarts, oldStart),
      start,
      end,
      added: added === true ? count : 0,
      removed: removed === true ? count : 0,
      preview: text.slice(0, PREVIEW_UNITS),
    };
    const last = hunks.at(-1);
    // The line after the last one changed: lineOf(end) would be one too far for a change that ends with a line break.
    const lastLine = last === undefined ? -2 : lineOf(newStarts, Math.max(last.start, last.end - 1));
    if (last !== undefined && hunk.line <= lastLine + 1) hunks[hunks.length - 1] = joined(last, hunk);
    else hunks.push(hunk);
    if (added === true) newToken += count;
    else oldToken += count;
  }
  return hunks;
}

function joined(first: TokenHunk, second: TokenHunk): TokenHunk {
  return {
    ...first,
    end: Math.max(first.end, second.end),
    added: first.added + second.added,
    removed: first.removed + second.removed,
    preview: size(second) > size(first) ? second.preview : first.preview,
  };
}

const size = ({ added, removed }: TokenHunk): number => added + removed;

function startOf({ utf16Ends }: TokenSpans, token: number): number {
  return token === 0 ? 0 : (utf16Ends[Math.min(token, utf16Ends.length) - 1] ?? 0);
}

/** The line that holds an offset. */
function lineOf(starts: Uint32Array, offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle;
  }
  return low;
}
