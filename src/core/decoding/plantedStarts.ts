// Planting a watermark while drafts are written: the mark changes the row that the next token is chosen from, after
// temperature and nucleus, never the log-probabilities that are reported, which stay the model's own.
// The first token may overhang the cursor. There the mark acts inside each left context on the tokens that fit the text,
// and the shares of the left contexts stay what the model says.
import { plantingCost } from '../watermark/planting/distribution';
import type { WatermarkProcessor } from '../watermark/planting/watermarkProcessor';
import type { StartPool, StartSource, Start } from './coverStarts';
import { logSumExp, topIndices } from './logProbabilities';

/** What a draft method needs to plant. */
export interface Planting {
  /** Processor of a draft that has no token yet. */
  readonly processor: WatermarkProcessor;
  /** Ordinary tokens of the document up to the last safe boundary before the cursor. */
  readonly history: readonly number[];
}

/** The row of one step before and after the mark; both are logarithms, shaped by temperature and nucleus. */
export interface MarkedRow {
  readonly before: Float32Array;
  readonly after: Float32Array;
  /** The processor after this step; to be forked for the next. */
  readonly processor: WatermarkProcessor;
  /** Expected log-probability lost by the mark at this step, nats. */
  readonly cost: number;
}

/** Applies a fork of `processor` to a shaped row. */
export function markRow(
  before: Float32Array,
  ids: readonly number[],
  processor: WatermarkProcessor,
): MarkedRow {
  const own = processor.fork();
  const after = before.slice();
  own.apply(ids, after);
  return { before, after, processor: own, cost: plantingCost(before, after) };
}

/** Starts to choose from when a mark is planted. */
export class PlantedStarts implements StartSource {
  readonly logMass: number;
  readonly endShare: number;
  readonly size: number;
  readonly #pool: StartPool;
  readonly #places: readonly number[];
  readonly #before: Float64Array;
  readonly #after: Float64Array;
  readonly #rows = new Map<number, MarkedRow>();
  readonly #left: readonly number[];

  constructor(
    pool: StartPool,
    vocabularySize: number,
    planting: Planting,
    temperature: number,
    topP: number,
  ) {
    this.#pool = pool;
    this.logMass = pool.logMass;
    this.endShare = pool.endShare;
    this.#places = pool.nucleus(temperature, topP);
    this.size = this.#places.length;
    const weights = pool.choiceWeights(temperature);
    this.#before = Float64Array.from(this.#places, (place) => weights[place]!);
    this.#left = this.#places.map((place) => pool.leftOf(place));
    this.#after = new Float64Array(this.size);
    for (const left of new Set(this.#left)) {
      const members = this.#left.flatMap((l, i) => (l === left ? [i] : []));
      const mass = logSumExp(members.map((i) => this.#before[i]!));
      const row = new Float32Array(vocabularySize).fill(-Infinity);
      for (const i of members) row[pool.at(this.#places[i]!).token] = this.#before[i]! - mass;
      const tokens = pool.at(this.#places[members[0]!]!).scored.left.tokens;
      const marked = markRow(row, [...planting.history, ...tokens], planting.processor);
      const total = logSumExp(marked.after);
      for (const i of members) this.#after[i] = mass + marked.after[pool.at(this.#places[i]!).token]! - total;
      this.#rows.set(left, marked);
    }
  }

  at(place: number): Start {
    const start = this.#pool.at(this.#places[place]!);
    return { ...start, marked: this.#rows.get(this.#left[place]!) };
  }

  top(count: number): Start[] {
    const plain = new Set(topIndices(this.#before, count));
    return topIndices(this.#after, count).map((i) => ({ ...this.at(i), changed: !plain.has(i) }));
  }

  choiceWeights(): Float64Array {
    return this.#after;
  }

  unmarkedWeights(): Float64Array {
    return this.#before;
  }

  sample(random: () => number): Start {
    const share = random();
    const chosen = draw(this.#after, share);
    // The same random number without the mark says what it changed.
    return { ...this.at(chosen), changed: draw(this.#before, share) !== chosen };
  }
}

/** Index drawn from exp(weights) by one number of [0, 1). */
export function draw(weights: Float64Array | Float32Array, share: number): number {
  const total = logSumExp(weights);
  let left = share;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    const p = Math.exp(weights[i]! - total);
    if (p === 0) continue;
    left -= p;
    last = i;
    if (left < 0) return i;
  }
  return last;
}
