// Things in a text that a reader of its token count should know: special-token strings (counted as ordinary text),
// and U+FFFD or lone surrogates (signs of a file that is not valid UTF-8). Kept up to date edit by edit, by counting
// again only around the edit.
// Example: marks of 'a<|endoftext|>' with that special token: occurrences { '<|endoftext|>': 1 }, replacements 0.

/** Reads part of a text; both ends are clamped to it. */
export type TextSlice = (start: number, end: number) => string;

export interface TextMarks {
  /** Special-token strings that occur at least once. */
  specialTexts(): readonly string[];
  /** U+FFFD characters and lone surrogates. */
  replacementCharacters(): number;
  /**
   * Takes what an edit at `offset` removes out of the counts; call it before the text changes. `slice` reads the old text.
   */
  beforeEdit(slice: TextSlice, offset: number, removed: number): void;
  /** Adds what the edit brought; call it after the text changed. `slice` reads the new text. */
  afterEdit(slice: TextSlice, offset: number, inserted: number): void;
}

// Without the u flag a pair would match as two halves; with it, only lone surrogates are matched.
const REPLACEMENT = /[\ufffd\p{Surrogate}]/gu;

/**
 * Finds any of many strings in one pass per distinct beginning. An encoding may have a thousand special tokens that all
 * begin with '<|', so searching for each of them would be too slow on every keystroke.
 */
function createFinder(specials: readonly string[]): (text: string, found: (special: string) => void) => void {
  const known = new Set(specials);
  const lengths = new Map<string, Set<number>>();
  for (const special of specials) {
    const beginning = special.slice(0, 2);
    lengths.set(beginning, (lengths.get(beginning) ?? new Set<number>()).add(special.length));
  }
  return (text, found) => {
    for (const [beginning, sizes] of lengths) {
      for (let at = text.indexOf(beginning); at >= 0; at = text.indexOf(beginning, at + 1)) {
        for (const size of sizes) {
          const candidate = text.slice(at, at + size);
          if (candidate.length === size && known.has(candidate)) found(candidate);
        }
      }
    }
  };
}

/** Counts the marks of `text`. Empty special strings are ignored. */
export function createTextMarks(text: string, specials: readonly string[]): TextMarks {
  const wanted = specials.filter((special) => special !== '');
  const find = createFinder(wanted);
  const reach = wanted.reduce((longest, special) => Math.max(longest, special.length), 1) - 1;
  const counts = new Map<string, number>();
  const add = (special: string, by: number): void =>
    void counts.set(special, (counts.get(special) ?? 0) + by);
  find(text, (special) => add(special, 1));
  let replacements = text.match(REPLACEMENT)?.length ?? 0;

  /** Adds `sign` times what lies in, or touches, the `length` units at `offset`. */
  const addAround = (slice: TextSlice, offset: number, length: number, sign: 1 | -1): void => {
    // What lies wholly outside the edit is found both before and after it and cancels out.
    find(slice(Math.max(0, offset - reach), offset + length + reach), (special) => add(special, sign));
    // One unit to each side decides whether a surrogate at the edge is alone; a pair outside the edit that the window
    // itself would cut must not count, so the window is widened over it.
    let start = Math.max(0, offset - 1);
    if (
      start > 0 &&
      /^[\udc00-\udfff]/.test(slice(start, start + 1)) &&
      /[\ud800-\udbff]$/.test(slice(start - 1, start))
    )
      start--;
    let end = offset + length + 1;
    if (/[\ud800-\udbff]$/.test(slice(end - 1, end)) && /^[\udc00-\udfff]/.test(slice(end, end + 1))) end++;
    replacements += sign * (slice(start, end).match(REPLACEMENT)?.length ?? 0);
  };

  return {
    specialTexts: () => [...counts].filter(([, count]) => count > 0).map(([special]) => special),
    replacementCharacters: () => replacements,
    beforeEdit: (slice, offset, removed) => addAround(slice, offset, removed, -1),
    afterEdit: (slice, offset, inserted) => addAround(slice, offset, inserted, 1),
  };
}
