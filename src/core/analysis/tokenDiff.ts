// Tokens that an edit added and removed: the shortest edit between two token lists (Myers 1986, by the `diff`
// package), after the common start and end are cut off. The net change is exact whatever the edit path.
import { diffArrays } from 'diff';
import type { Tokenizer } from '../tokenizers/tokenizer';

export interface TokenDiff {
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  /** 'tokens': a shortest edit. 'bounds': the texts differ too much; all tokens between the common ends count. */
  readonly method: 'tokens' | 'bounds';
}

/** Longest edit script that is searched; beyond it every token between the common ends counts as changed. */
const MAX_EDIT_LENGTH = 4000;

export function tokenDiff(tokenizer: Tokenizer, before: string, after: string): TokenDiff {
  const old = tokenizer.encode(before);
  const now = tokenizer.encode(after);
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const oldMiddle = Array.from(old.subarray(head, old.length - tail));
  const newMiddle = Array.from(now.subarray(head, now.length - tail));
  const sizes = { before: old.length, after: now.length };
  const changes = diffArrays(oldMiddle, newMiddle, { maxEditLength: MAX_EDIT_LENGTH });
  if (changes === undefined) {
    return { ...sizes, added: newMiddle.length, removed: oldMiddle.length, method: 'bounds' };
  }
  let added = 0;
  let removed = 0;
  for (const change of changes) {
    if (change.added) added += change.count;
    else if (change.removed) removed += change.count;
  }
  return { ...sizes, added, removed, method: 'tokens' };
}
