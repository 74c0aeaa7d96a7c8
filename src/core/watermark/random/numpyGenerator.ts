// numpy's default_rng(word): SeedSequence, PCG64 (XSL-RR 128/64) and the masked-rejection shuffle of Generator.shuffle.
// Source: O'Neill 2014; numpy/random bit_generator.pyx, _generator.pyx. Unigram draws its green list from it.
// Worked example: default_rng(0).random() is 0.6369616873214543.

const MASK128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

/** SeedSequence(word) for one 32-bit word of entropy. */
export class SeedSequence {
  private readonly pool = new Uint32Array(4);

  constructor(word: number) {
    let hashConstant = 0x43b0d7e5;
    const hash = (input: number): number => {
      let value = (input ^ hashConstant) >>> 0;
      hashConstant = Math.imul(hashConstant, 0x931e8875) >>> 0;
      value = Math.imul(value, hashConstant) >>> 0;
      return (value ^ (value >>> 16)) >>> 0;
    };
    for (let i = 0; i < 4; i += 1) this.pool[i] = hash(i === 0 ? word >>> 0 : 0);
    for (let source = 0; source < 4; source += 1) {
      for (let target = 0; target < 4; target += 1) {
        if (source === target) continue;
        const mixed =
          (Math.imul(0xca01f9dd, this.pool[target]!) - Math.imul(0x4973f715, hash(this.pool[source]!))) >>> 0;
        this.pool[target] = mixed ^ (mixed >>> 16);
      }
    }
  }

  /** `generate_state(count)` in 32-bit words. */
  words(count: number): Uint32Array {
    let hashConstant = 0x8b51f9dd;
    return Uint32Array.from({ length: count }, (_, i) => {
      let value = (this.pool[i % 4]! ^ hashConstant) >>> 0;
      hashConstant = Math.imul(hashConstant, 0x58f38ded) >>> 0;
      value = Math.imul(value, hashConstant) >>> 0;
      return value ^ (value >>> 16);
    });
  }
}

export class Pcg64 {
  private current: bigint;
  readonly increment: bigint;
  /** High half of the last 64-bit draw, kept for the next 32-bit one. */
  private buffered: number | undefined;

  constructor(seed: SeedSequence) {
    const w = seed.words(8);
    const wide = (i: number): bigint => (BigInt(w[i + 1]!) << 32n) | BigInt(w[i]!);
    this.increment = ((((wide(4) << 64n) | wide(6)) << 1n) | 1n) & MASK128;
    this.current = this.increment;
    this.current = (this.current + ((wide(0) << 64n) | wide(2))) & MASK128;
    this.step();
  }

  get state(): bigint {
    return this.current;
  }

  next64(): bigint {
    this.step();
    const folded = BigInt.asUintN(64, (this.current >> 64n) ^ this.current);
    const turn = this.current >> 122n;
    return BigInt.asUintN(64, (folded >> turn) | (folded << (64n - turn)));
  }

  next32(): number {
    if (this.buffered !== undefined) {
      const word = this.buffered;
      this.buffered = undefined;
      return word;
    }
    const wide = this.next64();
    this.buffered = Number(wide >> 32n);
    return Number(wide & 0xffffffffn);
  }

  /** `random()`: 53 bits of one draw. */
  unit53(): number {
    return Number(this.next64() >> 11n) / 9007199254740992;
  }

  /** Shuffles in place as `Generator.shuffle` does on a one-dimensional array. */
  shuffle(values: Uint8Array | Int32Array): void {
    for (let i = values.length - 1; i > 0; i -= 1) {
      const mask = 2 ** (32 - Math.clz32(i)) - 1;
      let j = (this.next32() & mask) >>> 0;
      while (j > i) j = (this.next32() & mask) >>> 0;
      const held = values[i]!;
      values[i] = values[j]!;
      values[j] = held;
    }
  }

  private step(): void {
    this.current = (this.current * MULTIPLIER + this.increment) & MASK128;
  }
}
