// Drafts that are still good while the user types what they suggest. Pure data: the caller brings the text around the cursor
// as it is now. Suffix-correct: an entry is used only while the text after the cursor is the one it was made for, apart
// from a closing bracket or quote that the editor added by itself. White-space-correct: after a typed line end the
// editor's own indentation need not be the draft's.

export interface CachedDraft {
  readonly text: string;
}

/** A draft that still applies. */
export interface DraftMatch<D extends CachedDraft> {
  readonly draft: D;
  /** What is left to insert at the cursor. */
  readonly rest: string;
  /** Characters after the cursor that the rest replaces: closers which the editor added and the draft has too. */
  readonly replaceAfter: number;
}

interface Entry<D extends CachedDraft> {
  readonly prefix: string;
  readonly suffix: string;
  readonly drafts: readonly D[];
}

const CLOSERS: Readonly<Record<string, string>> = {
  '(': ')',
  '[': ']',
  '{': '}',
  '"': '"',
  "'": "'",
  '`': '`',
};

export class DraftCache<D extends CachedDraft> {
  readonly #entries: Entry<D>[] = [];
  readonly #capacity: number;

  constructor(capacity = 32) {
    this.#capacity = capacity;
  }

  /** Remembers the drafts made for a cursor; the oldest entry leaves when there is no room. */
  add(prefix: string, suffix: string, drafts: readonly D[]): void {
    const at = this.#entries.findIndex((entry) => entry.prefix === prefix && entry.suffix === suffix);
    if (at >= 0) this.#entries.splice(at, 1);
    this.#entries.push({ prefix, suffix, drafts });
    if (this.#entries.length > this.#capacity) this.#entries.shift();
  }

  /** Whether drafts were made for exactly this place, be it that none came. */
  has(prefix: string, suffix: string): boolean {
    return this.#entries.some((entry) => entry.prefix === prefix && entry.suffix === suffix);
  }

  clear(): void {
    this.#entries.length = 0;
  }

  /** Drafts that go on from the text as it is now, newest request first, each rest once; empty when none does. */
  lookup(prefix: string, suffix: string): DraftMatch<D>[] {
    const found: DraftMatch<D>[] = [];
    const seen = new Set<string>();
    for (let e = this.#entries.length - 1; e >= 0; e--) {
      const entry = this.#entries[e]!;
      if (!prefix.startsWith(entry.prefix)) continue;
      const typed = prefix.slice(entry.prefix.length);
      const closers = addedClosers(typed, suffix, entry.suffix);
      if (closers === undefined) continue;
      for (const draft of entry.drafts) {
        const rest = restAfter(draft.text, typed);
        if (rest === undefined || rest === '' || seen.has(rest)) continue;
        // The draft must bring the closers itself, or accepting it would leave or double them.
        if (!closersFollow(rest, closers)) continue;
        seen.add(rest);
        found.push({ draft, rest, replaceAfter: closers.length });
      }
    }
    return found;
  }
}

/** What `draft` still adds after `typed`; undefined when the user typed something else. */
function restAfter(draft: string, typed: string): string | undefined {
  if (draft.startsWith(typed)) return draft.slice(typed.length);
  // Auto-indentation: the last typed line is blank so far and everything before it agrees.
  const lineStart = typed.lastIndexOf('\n') + 1;
  const indentation = typed.slice(lineStart);
  if (lineStart === 0 || indentation.trim() !== '' || !draft.startsWith(typed.slice(0, lineStart)))
    return undefined;
  const line = draft.slice(lineStart);
  const own = /^[ \t]*/.exec(line)![0];
  // Further right than the draft cannot be repaired by inserting.
  return indentation.startsWith(own) && indentation.length > own.length
    ? undefined
    : line.slice(commonLength(own, indentation));
}

function commonLength(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}

/** The closers that stand between the cursor and the old suffix, or undefined when something else changed there. */
function addedClosers(typed: string, suffix: string, old: string): string | undefined {
  if (suffix === old) return '';
  if (!suffix.endsWith(old)) return undefined;
  const added = suffix.slice(0, suffix.length - old.length);
  const open: string[] = [];
  for (const character of typed) {
    const closer = CLOSERS[character];
    if (closer !== undefined && open[open.length - 1] !== character) open.push(closer);
    else if (open[open.length - 1] === character) open.pop();
  }
  return added.length > 0 && open.reverse().join('').startsWith(added) ? added : undefined;
}

function closersFollow(rest: string, closers: string): boolean {
  let at = 0;
  for (const closer of closers) {
    at = rest.indexOf(closer, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
