// How a text's bytes become tokens, merge by merge, and whether two tokens may stand side by side. For the hover and
// for the byte-level decoder; the encoder itself takes faster ways to the same result.
import { findMerge, NONE, type BytePairTables } from './bytePairTables';

/** One merge: at byte `at` of the text, `left` and `right` become `merged`. */
export interface MergeStep {
  readonly left: number;
  readonly right: number;
  readonly merged: number;
  readonly rank: number;
  readonly at: number;
}

export interface MergeHistory {
  /** In the order in which they happen: lowest rank first, leftmost among equals. */
  readonly steps: readonly MergeStep[];
  /** What is left when no pair merges any more. */
  readonly tokens: readonly number[];
}

type PairSource = Pick<BytePairTables, 'size' | 'pairs' | 'byteIds' | 'halves'>;

/** The merges of one piece of text. Quadratic in its length: for showing, not for encoding. */
export function mergeHistory(tables: PairSource, bytes: Uint8Array): MergeHistory {
  const tokens = Array.from(bytes, (byte) => tables.byteIds[byte]!);
  const starts = Array.from(bytes, (_, at) => at);
  const steps: MergeStep[] = [];
  for (;;) {
    let best = -1;
    let lowest = NONE;
    for (let i = 0; i + 1 < tokens.length; i++) {
      const merged = findMerge(tables, tokens[i]!, tokens[i + 1]!);
      if (merged >= lowest) continue;
      lowest = merged;
      best = i;
    }
    if (best < 0) return { steps, tokens };
    steps.push({
      left: tokens[best]!,
      right: tokens[best + 1]!,
      merged: lowest,
      rank: lowest,
      at: starts[best]!,
    });
    tokens.splice(best, 2, lowest);
    starts.splice(best + 1, 1);
  }
}

/**
 * Whether byte-pair encoding leaves `first` | `second` standing side by side inside one piece: undoes both tokens'
 * merges from the latest back and looks for an earlier merge across the border (github/rust-gems `bpe`).
 */
export function isStandingPair(tables: PairSource, first: number, second: number): boolean {
  const { halves } = tables;
  let limit = NONE;
  for (;;) {
    if (findMerge(tables, first, second) < limit) return false;
    const undoFirst = first > second;
    for (const side of undoFirst ? ['first', 'second'] : ['second', 'first']) {
      const token = side === 'first' ? first : second;
      const half = side === 'first' ? halves[2 * first + 1]! : halves[2 * second]!;
      limit = side === 'first' ? first : second + 1;
      if (side === 'first') first = half;
      else second = half;
      if (half !== token) break;
      // Both are single symbols: nothing is left to undo.
      if (side === (undoFirst ? 'second' : 'first')) return true;
    }
  }
}
