// Next-token counts of orders 2 to 6 over the open document and the prompt, counted when asked: the places where the last
// token occurred are compared backwards. Nothing is stored but the tokens, so an edit costs nothing but a new array.
// Superposed decoding needs exactly this: names of the current file.

/** Counts after one history. `totals[o]` and `counts[o]` are for contexts of o + 1 tokens (order o + 2). */
export interface NgramCounts {
  readonly totals: readonly number[];
  readonly counts: readonly ReadonlyMap<number, number>[];
}

/** Longest context, in tokens. */
export const LONGEST_CONTEXT = 5;
/** Occurrences of the last token that are looked at, newest first; very common tokens need no more. */
const MAX_OCCURRENCES = 4096;

export class LiveNgrams {
  readonly #ids: Int32Array;
  /** Place of the same token before each place, -1 for the first, and the last place of each token. */
  readonly #earlier: Int32Array;
  readonly #newest = new Map<number, number>();

  /** `documents`: token ids of each text; contexts never cross from one to the next. */
  constructor(documents: readonly ArrayLike<number>[]) {
    let length = 0;
    for (const document of documents) length += document.length + 1;
    this.#ids = new Int32Array(length).fill(-1);
    this.#earlier = new Int32Array(length);
    let at = 0;
    for (const document of documents) {
      for (let i = 0; i < document.length; i++, at++) {
        const id = document[i]!;
        this.#ids[at] = id;
        this.#earlier[at] = this.#newest.get(id) ?? -1;
        this.#newest.set(id, at);
      }
      at++;
    }
  }

  /** What followed the last 1 to 5 tokens of `history`. */
  after(history: ArrayLike<number>): NgramCounts {
    const totals = new Array<number>(LONGEST_CONTEXT).fill(0);
    const counts = Array.from({ length: LONGEST_CONTEXT }, () => new Map<number, number>());
    const ids = this.#ids;
    const last = history.length - 1;
    let place = last < 0 ? -1 : (this.#newest.get(history[last]!) ?? -1);
    for (let seen = 0; place >= 0 && seen < MAX_OCCURRENCES; place = this.#earlier[place]!, seen++) {
      const next = ids[place + 1] ?? -1;
      if (next < 0) continue;
      for (let o = 0; o < LONGEST_CONTEXT; o++) {
        if (last - o < 0 || place - o < 0 || ids[place - o] !== history[last - o]) break;
        totals[o]!++;
        counts[o]!.set(next, (counts[o]!.get(next) ?? 0) + 1);
      }
    }
    return { totals, counts };
  }
}
