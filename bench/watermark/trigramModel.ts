// A small trigram model of token ids, to draw completions with and without a mark: the stand-in for a language model in
// benchmarks, where thousands of texts are needed in seconds. Backs off to bigrams and unigrams by interpolation.
import type { MersenneTwister } from '../../src/core/watermark/random/mersenneTwister';

type Counts = Map<number, number>;

export class TrigramModel {
  private readonly unigrams: Counts = new Map();
  private readonly bigrams = new Map<number, Counts>();
  private readonly trigrams = new Map<number, Counts>();
  private readonly frequent: [number, number][];

  constructor(ids: ArrayLike<number>) {
    const add = (table: Map<number, Counts>, key: number, token: number): void => {
      const counts = table.get(key) ?? new Map<number, number>();
      counts.set(token, (counts.get(token) ?? 0) + 1);
      table.set(key, counts);
    };
    for (let i = 0; i < ids.length; i += 1) {
      this.unigrams.set(ids[i]!, (this.unigrams.get(ids[i]!) ?? 0) + 1);
      if (i > 0) add(this.bigrams, ids[i - 1]!, ids[i]!);
      if (i > 1) add(this.trigrams, ids[i - 2]! * 2 ** 21 + ids[i - 1]!, ids[i]!);
    }
    this.frequent = [...this.unigrams].sort((a, b) => b[1] - a[1]).slice(0, 500);
  }

  /** Candidates and their probabilities after two tokens: 0.4 trigram, 0.4 bigram, 0.2 the 500 commonest tokens. */
  next(before: number, last: number): { readonly tokens: number[]; readonly probabilities: number[] } {
    const mass: Counts = new Map();
    const blend = (entries: Iterable<[number, number]>, share: number): void => {
      const list = [...entries];
      const total = list.reduce((sum, [, count]) => sum + count, 0);
      for (const [token, count] of list) mass.set(token, (mass.get(token) ?? 0) + (share * count) / total);
    };
    const three = this.trigrams.get(before * 2 ** 21 + last);
    const two = this.bigrams.get(last);
    if (three !== undefined) blend(three, 0.4);
    if (two !== undefined) blend(two, 0.4);
    blend(this.frequent, 0.2);
    const sum = [...mass.values()].reduce((total, p) => total + p, 0);
    return { tokens: [...mass.keys()], probabilities: [...mass.values()].map((p) => p / sum) };
  }

  /**
   * Draws `length` tokens. `choose` picks one candidate and may mark; by default it samples.
   * @param start two tokens of context, not part of the result.
   */
  draw(
    length: number,
    random: MersenneTwister,
    choose: (tokens: readonly number[], probabilities: number[], text: readonly number[]) => number = (
      t,
      p,
    ) => sample(t, p, random),
  ): number[] {
    const text: number[] = [];
    let [before, last] = [sample(...this.start(), random), sample(...this.start(), random)];
    while (text.length < length) {
      const { tokens, probabilities } = this.next(before, last);
      const token = choose(tokens, probabilities, text);
      text.push(token);
      [before, last] = [last, token];
    }
    return text;
  }

  private start(): [number[], number[]] {
    const total = this.frequent.reduce((sum, [, count]) => sum + count, 0);
    return [this.frequent.map(([token]) => token), this.frequent.map(([, count]) => count / total)];
  }
}

export function sample(
  tokens: readonly number[],
  probabilities: readonly number[],
  random: MersenneTwister,
): number {
  let left = random.unitFromWord();
  for (let i = 0; i < tokens.length; i += 1) {
    left -= probabilities[i]!;
    if (left <= 0) return tokens[i]!;
  }
  return tokens[tokens.length - 1]!;
}

/** A chooser that adds `delta` to the logits of the tokens in `mask`, as Unigram does. */
export function biased(
  mask: Uint8Array,
  delta: number,
  random: MersenneTwister,
): (tokens: readonly number[], probabilities: number[]) => number {
  return (tokens, probabilities) => {
    const raised = probabilities.map((p, i) => (mask[tokens[i]!] === 1 ? p * Math.exp(delta) : p));
    const sum = raised.reduce((total, p) => total + p, 0);
    return sample(
      tokens,
      raised.map((p) => p / sum),
      random,
    );
  };
}
