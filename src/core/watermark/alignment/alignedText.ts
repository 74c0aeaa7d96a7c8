// One text against one key sequence: its statistic, nulls under random keys, and the alignment that explains it.
import { MersenneTwister } from '../random/mersenneTwister';
import type { AlignedKeyScheme, KeyStream } from '../scheme';
import { exponentialCost } from '../schemes/kuditipudi';
import {
  type AlignmentEngine,
  type AlignmentShape,
  createAlignmentEngine,
  summarise,
} from './alignmentStatistic';

export class AlignedText {
  readonly shape: AlignmentShape;
  readonly stream: KeyStream;
  private readonly engine: AlignmentEngine;

  constructor(
    private readonly scheme: AlignedKeyScheme,
    ids: ArrayLike<number>,
    useWasm = true,
  ) {
    const distinct = [...new Set(Array.from(ids))];
    const index = new Map(distinct.map((token, t) => [token, t]));
    this.shape = {
      tokens: Int32Array.from(ids, (token) => index.get(token)!),
      distinct: distinct.length,
      keyLength: scheme.keyLength,
      blockSize: Math.min(scheme.blockSize ?? ids.length, ids.length),
      editCost: scheme.editCost,
      precision: scheme.precision,
    };
    this.stream = scheme.keyStream(distinct);
    this.engine = createAlignmentEngine(this.shape, useWasm);
  }

  get blockSize(): number {
    return this.shape.blockSize;
  }

  get kernel(): AlignmentEngine['kind'] {
    return this.engine.kind;
  }

  /** Statistic of each block and shift under some costs. */
  rows(costs: Float64Array): Float64Array {
    return this.engine.rows(costs);
  }

  statistic(costs: Float64Array): number {
    return summarise(this.engine.rows(costs), this.shape.keyLength, this.scheme.blockSummary);
  }

  /** A source of statistics of this text under fresh random keys; `seed` fixes the sequence. */
  nullStatistics(seed: number): () => number {
    const random = new MersenneTwister(seed);
    const { distinct, keyLength: n } = this.shape;
    const single = this.scheme.precision === 'float32';
    const costs = new Float64Array(distinct * n);
    return () => {
      if (this.scheme.sampling === 'exponential') {
        for (let i = 0; i < costs.length; i += 1) {
          const xi = random.unitFromWord();
          costs[i] = exponentialCost(single ? Math.fround(xi) : xi, single);
        }
      } else {
        const rows = Float64Array.from({ length: n }, () => Math.fround(random.unitFromWord()));
        for (let t = 0; t < distinct; t += 1) {
          const value = Math.fround(random.unitFromWord());
          for (let j = 0; j < n; j += 1) costs[t * n + j] = Math.fround(Math.abs(rows[j]! - value));
        }
      }
      return this.statistic(costs);
    };
  }
}
