// What a set of drafts is worth: pure functions of texts and tokens, for draftQuality.ts.
import type { Draft } from '../../src/core/decoding/draftRanking';

/** The first word, number or run of signs, with the white space before it. */
export const firstWord = (text: string): string =>
  /^\s*(?:[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]+)/u.exec(text)?.[0] ?? '';

export const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);

/** Mean share of a draft's token pairs that some other draft has too. */
export function selfBleu2(drafts: readonly Draft[]): number {
  const pairs = drafts.map(
    ({ tokens }) => new Set(tokens.slice(1).map((t, i) => `${tokens[i]!.id},${t.id}`)),
  );
  return mean(
    pairs.map((own, d) => {
      const others = new Set(pairs.flatMap((set, o) => (o === d ? [] : [...set])));
      return own.size === 0 ? 0 : [...own].filter((pair) => others.has(pair)).length / own.size;
    }),
  );
}

/** 1 minus the edit distance over the longer length, both cut to 80 characters. */
export function editSimilarity(a: string, b: string): number {
  const [left, right] = [a.slice(0, 80), b.slice(0, 80)];
  const longest = Math.max(left.length, right.length);
  if (longest === 0) return 1;
  let row = Array.from({ length: right.length + 1 }, (_, j) => j);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const change = row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return 1 - row[right.length]! / longest;
}

/** Nats per token of a draft under the model itself, its first token given all covers. */
export const nllPerToken = (draft: Draft): number => -draft.logProb / draft.tokens.length;
