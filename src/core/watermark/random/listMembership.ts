// Is a token among the first entries of torch.randperm(n)? Answered without the permutation: in the forward
// Fisher-Yates shuffle position i never changes after step i, so it is enough to follow the one position that holds the
// token. Step i swaps i with i + (word mod (n - i)); the token is on the list as soon as that position is its own.
import { MersenneTwister, STATE_WORDS, seedState, twistState } from './mersenneTwister';

/** Adding and taking away 1.5 * 2^52 rounds a double of moderate size to the nearest integer. */
const ROUNDING = 6755399441055744;

/** Green lists of one size over one vocabulary; holds the reciprocals and a generator state to work in. */
export class ListMembership {
  private readonly reciprocals: Float64Array;
  private readonly state = new Int32Array(STATE_WORDS);

  /**
   * @param vocabularySize n of randperm(n).
   * @param listSize entries on the list.
   * @param fromTail the list is the last entries instead of the first (lm-watermarking with select_green_tokens off).
   */
  constructor(
    readonly vocabularySize: number,
    readonly listSize: number,
    readonly fromTail = false,
  ) {
    const steps = Math.min(this.followed(), vocabularySize - 1);
    this.reciprocals = new Float64Array(steps);
    for (let i = 0; i < steps; i += 1) this.reciprocals[i] = 1 / (vocabularySize - i);
  }

  /** Whether `token` (0 to n - 1) is on the list that the 32-bit `seed` draws. */
  contains(seed: number, token: number): boolean {
    return this.isAmongFirst(seed, token) !== this.fromTail;
  }

  /** One byte a token, 1 where it is on the list. Shuffles only as many entries as the list needs. */
  mask(seed: number): Uint8Array {
    const n = this.vocabularySize;
    const words = new MersenneTwister(seed);
    const order = new Int32Array(n);
    for (let i = 0; i < n; i += 1) order[i] = i;
    const mask = new Uint8Array(n).fill(this.fromTail ? 1 : 0);
    const value = this.fromTail ? 0 : 1;
    const followed = this.followed();
    for (let i = 0; i < followed; i += 1) {
      // The last entry is never drawn: n - 1 steps order n entries.
      const other = i < n - 1 ? i + (words.word() % (n - i)) : i;
      mask[order[other]!] = value;
      order[other] = order[i]!;
    }
    return mask;
  }

  private followed(): number {
    return this.fromTail ? this.vocabularySize - this.listSize : this.listSize;
  }

  private isAmongFirst(seed: number, token: number): boolean {
    const { state, reciprocals, vocabularySize: n } = this;
    const steps = reciprocals.length;
    seedState(state, seed);
    let position = token;
    let i = 0;
    while (i < steps) {
      twistState(state);
      const start = i;
      const blockEnd = Math.min(steps, i + STATE_WORDS);
      while (i < blockEnd) {
        // Until step `position` the token stays where it is unless a draw hits it: word = position - i modulo n - i.
        const quietEnd = Math.min(blockEnd, position);
        for (; i < quietEnd; i += 1) {
          let y = state[i - start]!;
          y ^= y >>> 11;
          y ^= (y << 7) & 0x9d2c5680;
          y ^= (y << 15) & 0xefc60000;
          const distance = ((y ^ (y >>> 18)) >>> 0) - (position - i);
          const quotient = distance * reciprocals[i]! + ROUNDING - ROUNDING;
          if (quotient * (n - i) === distance) return true;
        }
        if (i < blockEnd) {
          let y = state[i - start]!;
          y ^= y >>> 11;
          y ^= (y << 7) & 0x9d2c5680;
          y ^= (y << 15) & 0xefc60000;
          const drawn = ((y ^ (y >>> 18)) >>> 0) % (n - i);
          if (drawn === 0) return true;
          position = i + drawn;
          i += 1;
        }
      }
    }
    // All n - 1 steps done without a hit: the token sits in the last place, which is on a list of n entries only.
    return this.followed() >= n && position === n - 1;
  }
}
