// torch's CPU generator: what `rand`, `randint` and `randperm` draw from MT19937. `manual_seed` keeps only the low 32
// bits of the seed. Source: PyTorch CPUGeneratorImpl.cpp, DistributionsHelper.h, TensorFactories.cpp; unchanged from
// torch 1.13 to the 2026 main branch. Lists made on a GPU come from another generator and cannot be reproduced here.
import { MersenneTwister } from './mersenneTwister';

/** From this size on torch uses a different shuffle; no vocabulary reaches it. */
const LARGEST_PERMUTATION = Math.floor((2 ** 32 - 1) / 20);

export class TorchGenerator {
  private readonly words: MersenneTwister;

  /** @param seed low 32 bits of the seed, see `lowWord` and `seedWordAfterModulus`. */
  constructor(seed: number) {
    this.words = new MersenneTwister(seed);
  }

  word(): number {
    return this.words.word();
  }

  /** Two words, the first one high. */
  doubleWord(): bigint {
    const high = BigInt(this.words.word());
    return (high << 32n) | BigInt(this.words.word());
  }

  skip(words: number): void {
    this.words.skip(words);
  }

  /** `torch.rand` in float32: 24 bits of one word, never 1. */
  float32(): number {
    return (this.words.word() & 0xffffff) * 2 ** -24;
  }

  /** `torch.rand` in float64: 53 bits of two words. */
  float64(): number {
    const high = this.words.word() & 0x1fffff;
    return (high * 2 ** 32 + this.words.word()) * 2 ** -53;
  }

  /** `torch.randint(0, range)`; two words from 2^32 on. `range` must be a positive safe integer. */
  integer(range: number): number {
    if (range < 2 ** 32) return this.words.word() % range;
    return Number(this.doubleWord() % BigInt(range));
  }

  /** `torch.randperm(n)`. Throws RangeError at sizes where torch changes its shuffle. */
  permutation(n: number): Int32Array {
    if (n >= LARGEST_PERMUTATION)
      throw new RangeError(`torch shuffles ${n} entries in a way that is not reproduced here`);
    const order = new Int32Array(n);
    for (let i = 0; i < n; i += 1) order[i] = i;
    for (let i = 0; i < n - 1; i += 1) {
      const other = i + (this.words.word() % (n - i));
      const held = order[i]!;
      order[i] = order[other]!;
      order[other] = held;
    }
    return order;
  }
}
