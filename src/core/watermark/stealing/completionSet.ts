// Completions that an observer has collected, as the audit sees them: the distinct tokens of each text, and how many texts
// of either class hold each token. Source of the setting: Zhang et al., "Large Language Model Watermark Stealing With
// Mixed Integer Programming", ACSAC 2024.

export interface CompletionSet {
  /** Distinct tokens of each text believed marked, and of each believed unmarked. */
  readonly marked: readonly (readonly number[])[];
  readonly plain: readonly (readonly number[])[];
  /** Every token that occurs, ascending; the next two arrays are parallel to it. */
  readonly tokens: readonly number[];
  readonly markedCount: Float64Array;
  readonly plainCount: Float64Array;
}

export function completionSet(
  marked: readonly ArrayLike<number>[],
  plain: readonly ArrayLike<number>[],
): CompletionSet {
  const distinct = (texts: readonly ArrayLike<number>[]): number[][] =>
    texts.map((text) => [...new Set(Array.from(text))]);
  const [w, n] = [distinct(marked), distinct(plain)];
  const tokens = [...new Set([...w.flat(), ...n.flat()])].sort((a, b) => a - b);
  const index = new Map(tokens.map((token, i) => [token, i]));
  const counts = (texts: number[][]): Float64Array => {
    const count = new Float64Array(tokens.length);
    for (const text of texts)
      for (const token of text) count[index.get(token)!] = count[index.get(token)!]! + 1;
    return count;
  };
  return { marked: w, plain: n, tokens, markedCount: counts(w), plainCount: counts(n) };
}

/** Share of marked texts that hold a token over the share of plain ones, with half a text added to each. */
export function occurrenceRatio(set: CompletionSet, i: number): number {
  const marked = (set.markedCount[i]! + 0.5) / (set.marked.length + 0.5);
  return marked / ((set.plainCount[i]! + 0.5) / (set.plain.length + 0.5));
}

/** Baseline attacker: tokens seen relatively more often in marked texts, the strongest first, at most `limit`. */
export function frequencyAttack(set: CompletionSet, limit: number): Set<number> {
  const seen = Array.from(set.tokens.keys()).filter(
    (i) => occurrenceRatio(set, i) > 1 && set.markedCount[i]! > 0,
  );
  seen.sort((a, b) => occurrenceRatio(set, b) - occurrenceRatio(set, a));
  return new Set(seen.slice(0, limit).map((i) => set.tokens[i]!));
}
