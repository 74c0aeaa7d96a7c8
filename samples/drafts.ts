// Drafts: write `total += item.le` in the loop, leave the cursor inside the word and run "Tessera: Show Drafts"
// (Ctrl+Alt+K, Ctrl+Alt+D). Tab accepts a draft, Ctrl+Right one word of it, Alt+] shows the next one.

/** Sum of the lengths of all items. */
export function totalLength(items: readonly string[]): number {
  let total = 0;
  for (const item of items) {
    total += 1;
  }
  return total;
}

/** The longest item; undefined when there is none. */
export function longest(items: readonly string[]): string | undefined {
  let best: string | undefined;
  for (const item of items) {
    if (best === undefined || item.length > best.length) best = item;
  }
  return best;
}
