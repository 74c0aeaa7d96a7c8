// MT19937 with the single-word seeding (`init_genrand`) that torch's CPU generator, the Kuditipudi demo and numpy's
// legacy `seed(int)` share. Source: Matsumoto and Nishimura 1998. Worked example: seed 5489 gives 3499211612 first.

export const STATE_WORDS = 624;
const MIDDLE = 397;

/** Fills `state` from the low 32 bits of `seed`. */
export function seedState(state: Int32Array, seed: number): void {
  let word = seed | 0;
  state[0] = word;
  for (let j = 1; j < STATE_WORDS; j += 1) {
    word = (Math.imul(1812433253, word ^ (word >>> 30)) + j) | 0;
    state[j] = word;
  }
}

/** Replaces the 624 words by the next 624 (before tempering). */
export function twistState(state: Int32Array): void {
  let j = 0;
  for (; j < STATE_WORDS - MIDDLE; j += 1) {
    const y = (state[j]! & 0x80000000) | (state[j + 1]! & 0x7fffffff);
    state[j] = state[j + MIDDLE]! ^ (y >>> 1) ^ (-(y & 1) & 0x9908b0df);
  }
  for (; j < STATE_WORDS - 1; j += 1) {
    const y = (state[j]! & 0x80000000) | (state[j + 1]! & 0x7fffffff);
    state[j] = state[j + MIDDLE - STATE_WORDS]! ^ (y >>> 1) ^ (-(y & 1) & 0x9908b0df);
  }
  const y = (state[STATE_WORDS - 1]! & 0x80000000) | (state[0]! & 0x7fffffff);
  state[STATE_WORDS - 1] = state[MIDDLE - 1]! ^ (y >>> 1) ^ (-(y & 1) & 0x9908b0df);
}

/** A stream of 32-bit words and the floats that numpy and the Kuditipudi demo make of them. */
export class MersenneTwister {
  private readonly state = new Int32Array(STATE_WORDS);
  private next = STATE_WORDS;

  /** @param seed only its low 32 bits count. */
  constructor(seed: number) {
    seedState(this.state, seed);
  }

  /** Next word, 0 to 2^32 - 1. */
  word(): number {
    if (this.next === STATE_WORDS) {
      twistState(this.state);
      this.next = 0;
    }
    let y = this.state[this.next]!;
    this.next += 1;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** Drops `count` words without tempering them. */
  skip(count: number): void {
    let left = count;
    while (left > 0) {
      if (this.next === STATE_WORDS) {
        twistState(this.state);
        this.next = 0;
      }
      const step = Math.min(left, STATE_WORDS - this.next);
      this.next += step;
      left -= step;
    }
  }

  /** One word as a double in [0, 1): the demo's `rand()`. */
  unitFromWord(): number {
    return this.word() * 2 ** -32;
  }

  /** 53 bits of two words: numpy's legacy `random_sample`. */
  unit53(): number {
    const high = this.word() >>> 5;
    const low = this.word() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }
}
