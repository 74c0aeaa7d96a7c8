// From covers back to tokens: every draft starts with one cover (left context + overhanging token), ranked by weight or
// drawn in proportion to it, and then goes on token by token at full speed. Drawing a cover and then ordinary tokens is
// exact for P_canon. Token-level prompting and token healing are the same with fewer left contexts and no viability
// test, so that they can be compared in one run.
import type { LeftContext } from './byteCovers';
import type { ScoredLeft } from './byteDistribution';
import type { VocabularyIndex } from './byteVocabulary';
import { topIndices } from './logProbabilities';
import type { MarkedRow } from './plantedStarts';

/** How the first token of a draft meets a cursor inside a token. */
export type CursorEdge = 'exact' | 'tokenLevel' | 'healing';

/** One way to begin: `left`, then `token`. */
export interface Start {
  readonly scored: ScoredLeft;
  readonly token: number;
  /** log P(cover) minus log of the mass of all starts. */
  readonly logProb: number;
  /** The text ends here: `token` is an end token and the draft is empty. */
  readonly ends: boolean;
  /** With a watermark: the row that the token was chosen from, and whether the mark decided the choice. */
  readonly marked?: MarkedRow | undefined;
  readonly changed?: boolean;
}

/** Where draft methods take their first tokens from. */
export interface StartSource {
  readonly logMass: number;
  readonly endShare: number;
  readonly size: number;
  top(count: number): Start[];
  at(place: number): Start;
  sample(random: () => number, temperature: number, topP: number): Start;
  /** Log-weights at a temperature, by place, up to one constant. */
  choiceWeights(temperature: number): Float64Array;
  /** The same without the watermark; absent where none is planted. */
  unmarkedWeights?(): Float64Array;
}

/** Starts below e^-30 of the heaviest are left out: 200 000 of them together weigh less than 2e-8. */
const NEGLIGIBLE = -30;

export class StartPool implements StartSource {
  /** log of the mass of all starts, relative to the state's first context. */
  readonly logMass: number;
  /** Share of the starts that end the text at the cursor. */
  readonly endShare: number;
  readonly #lefts: readonly ScoredLeft[];
  readonly #left: Int32Array;
  readonly #token: Int32Array;
  readonly #logWeight: Float64Array;
  #sorted: Uint32Array | undefined;

  constructor(
    lefts: readonly ScoredLeft[],
    index: VocabularyIndex,
    endTokens: readonly number[],
    edge: CursorEdge = 'exact',
  ) {
    this.#lefts = lefts;
    let most = -Infinity;
    eachCandidate(lefts, index, endTokens, (_left, _token, logWeight) => {
      if (logWeight > most) most = logWeight;
    });
    const left: number[] = [];
    const token: number[] = [];
    const weight: number[] = [];
    let total = 0;
    let ending = 0;
    eachCandidate(lefts, index, endTokens, (l, id, logWeight, ends) => {
      if (logWeight < most + NEGLIGIBLE) return;
      if (edge === 'exact' && !ends && !lefts[l]!.left.isViable(id)) return;
      left.push(l);
      token.push(ends ? -1 - id : id);
      weight.push(logWeight);
      total += Math.exp(logWeight - most);
      if (ends) ending += Math.exp(logWeight - most);
    });
    this.endShare = ending / total;
    this.#left = Int32Array.from(left);
    this.#token = Int32Array.from(token);
    this.#logWeight = Float64Array.from(weight);
    this.logMass = most + Math.log(total);
  }

  get size(): number {
    return this.#token.length;
  }

  /** The `count` heaviest starts, heaviest first; equal weights keep vocabulary order. */
  top(count: number): Start[] {
    // A few of thousands: sorting them all would cost more than a forward.
    const best = this.#sorted?.subarray(0, count) ?? topIndices(this.#logWeight, count);
    return Array.from(best, (place) => this.at(place));
  }

  /** Start number `place` (no particular order). */
  at(place: number): Start {
    const raw = this.#token[place]!;
    return {
      scored: this.#lefts[this.#left[place]!]!,
      token: raw < 0 ? -1 - raw : raw,
      logProb: this.#logWeight[place]! - this.logMass,
      ends: raw < 0,
    };
  }

  choiceWeights(temperature: number): Float64Array {
    return this.#logWeight.map((weight) => (weight - this.logMass) / temperature);
  }

  /** Number of the left context that a start stands on. */
  leftOf(place: number): number {
    return this.#left[place]!;
  }

  /** Places of the heaviest starts that hold `topP` of the mass at a temperature, heaviest first. */
  nucleus(temperature: number, topP: number): number[] {
    const order = [...this.#order()];
    if (topP >= 1 || order.length === 0) return order;
    const first = this.#logWeight[order[0]!]!;
    const full = topP * this.#temperedTotal(temperature, first);
    let mass = 0;
    let count = 0;
    while (count < order.length && mass < full)
      mass += Math.exp((this.#logWeight[order[count++]!]! - first) / temperature);
    return order.slice(0, count);
  }

  /** Draws one start from weights^(1/temperature), cut to the nucleus of mass `topP`. */
  sample(random: () => number, temperature: number, topP: number): Start {
    const order = this.#order();
    const first = this.#logWeight[order[0]!]!;
    let total = 0;
    let count = 0;
    const full = topP >= 1 ? Infinity : topP * this.#temperedTotal(temperature, first);
    for (; count < order.length && total < full; count++) {
      total += Math.exp((this.#logWeight[order[count]!]! - first) / temperature);
    }
    let left = random() * total;
    for (let i = 0; i < count; i++) {
      left -= Math.exp((this.#logWeight[order[i]!]! - first) / temperature);
      if (left < 0) return this.at(order[i]!);
    }
    return this.at(order[count - 1]!);
  }

  #temperedTotal(temperature: number, first: number): number {
    let total = 0;
    for (const weight of this.#logWeight) total += Math.exp((weight - first) / temperature);
    return total;
  }

  #order(): Uint32Array {
    const weights = this.#logWeight;
    this.#sorted ??= Uint32Array.from(weights.keys()).sort((a, b) => weights[b]! - weights[a]! || a - b);
    return this.#sorted;
  }
}

function eachCandidate(
  lefts: readonly ScoredLeft[],
  index: VocabularyIndex,
  endTokens: readonly number[],
  visit: (left: number, token: number, logWeight: number, ends: boolean) => void,
): void {
  lefts.forEach(({ left, logWeight, logits, logTotal }, l) => {
    const shift = logWeight - logTotal;
    for (let i = left.low; i < left.high; i++) {
      const token = index.order[i]!;
      const weight = logits[token]! + shift;
      if (weight > -Infinity) visit(l, token, weight, false);
    }
    if (left.mayEnd) {
      for (const token of endTokens) {
        const weight = logits[token]! + shift;
        if (weight > -Infinity) visit(l, token, weight, true);
      }
    }
  });
}

/**
 * The left contexts that a coarser edge keeps: the canonical one (token level), or the one without its last token plus the
 * canonical one for the case that this token comes back (healing). Aligned cursors have nothing to heal.
 */
export function leftsOfEdge(
  lefts: readonly ScoredLeft[],
  canonical: readonly number[],
  index: VocabularyIndex,
  tail: Uint8Array,
  edge: CursorEdge,
): readonly ScoredLeft[] {
  if (edge === 'exact') return lefts;
  const everything = { low: 0, high: index.order.length };
  const whole = lefts.find(({ left }) => left.overhang === 0 && left.tokens.join() === canonical.join());
  if (whole === undefined) return [];
  const widened: ScoredLeft = { ...whole, left: { ...whole.left, ...everything } };
  if (edge === 'tokenLevel' || canonical.length === 0) return [widened];
  const kept = canonical.slice(0, -1);
  const overhang = index.lengthOf(canonical[canonical.length - 1]!);
  const shorter = lefts.find(({ left }) => left.tokens.join() === kept.join() && left.overhang === overhang);
  if (shorter === undefined) return [widened];
  const range = index.extensionsOf(tail.subarray(tail.length - overhang));
  const left: LeftContext = { ...shorter.left, ...range };
  return [widened, { ...shorter, left }];
}
