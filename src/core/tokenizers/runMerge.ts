// The byte-pair merge of a piece that is a few long runs of one byte: rules of '=' or '-', indentation, padding. The runs
// are merged as runs: each step makes the merge of the lowest rank in all its places at once. That is what merging one
// place at a time gives, because a merge never makes a pair of a lower rank than its own: both halves of a token come
// before it. 200 000 × '=' is some thirty steps. Example: a⁵ with aa, aaaa known: a⁵ → (aa)² a → aaaa a.

/** More runs than this at the start go the usual way. */
export const FEW_RUNS = 4;
/** Runs while merging; a piece that needs more goes the usual way. */
const MOST_RUNS = 16;
const NONE = 0xffffffff;

const symbols = new Uint32Array(2 * MOST_RUNS);
const counts = new Uint32Array(2 * MOST_RUNS);

/**
 * Writes the tokens of bytes[0..length) to out[at…] and returns how many they are; 0 when this is no piece of few runs.
 *
 * @param findPair the token of a pair, which is also its rank, or 0xffffffff
 */
export function mergeRuns(
  bytes: Uint8Array,
  length: number,
  byteIds: Uint32Array,
  findPair: (left: number, right: number) => number,
  out: Uint32Array,
  at: number,
): number {
  let runs = 0;
  for (let i = 0; i < length;) {
    if (runs === FEW_RUNS) return 0;
    const start = i;
    const byte = bytes[i]!;
    while (i < length && bytes[i] === byte) i++;
    symbols[runs] = byteIds[byte]!;
    counts[runs++] = i - start;
  }
  for (;;) {
    let lowest = NONE;
    let left = 0;
    let right = 0;
    for (let i = 0; i < runs; i++) {
      const symbol = symbols[i]!;
      const twice = counts[i]! > 1 ? findPair(symbol, symbol) : NONE;
      if (twice < lowest) {
        lowest = twice;
        left = right = symbol;
      }
      const across = i + 1 < runs ? findPair(symbol, symbols[i + 1]!) : NONE;
      if (across < lowest) {
        lowest = across;
        left = symbol;
        right = symbols[i + 1]!;
      }
    }
    if (lowest === NONE) break;
    let made = MOST_RUNS;
    const push = (symbol: number, count: number): void => {
      if (count === 0) return;
      if (made > MOST_RUNS && symbols[made - 1] === symbol) counts[made - 1]! += count;
      else {
        symbols[made] = symbol;
        counts[made++] = count;
      }
    };
    for (let i = 0; i < runs; i++) {
      if (made + 2 > 2 * MOST_RUNS) return 0;
      const symbol = symbols[i]!;
      const count = counts[i]!;
      if (symbol !== left || count === 0) push(symbol, count);
      else if (left === right) {
        push(lowest, count >>> 1);
        push(symbol, count & 1);
      } else if (i + 1 < runs && symbols[i + 1] === right) {
        push(symbol, count - 1);
        push(lowest, 1);
        counts[i + 1]!--;
      } else push(symbol, count);
    }
    symbols.copyWithin(0, MOST_RUNS, made);
    counts.copyWithin(0, MOST_RUNS, made);
    runs = made - MOST_RUNS;
  }
  let end = at;
  for (let i = 0; i < runs; i++) {
    out.fill(symbols[i]!, end, end + counts[i]!);
    end += counts[i]!;
  }
  return end - at;
}
