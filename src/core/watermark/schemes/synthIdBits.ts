// g-values of DeepMind's SynthID code: the layer hash goes twelve times through h -> acc(h, 1) >> 5 (arithmetic shift)
// and bit 30 is the value. 64-bit arithmetic on two 32-bit halves, five times faster than BigInt.

const MULTIPLIER_HIGH = 0x5851f42d;
const MULTIPLIER_LOW = 0x4c957f2d;
const ROUNDS = 12;

/** High word of the unsigned product of two 32-bit words. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const cross = aHigh * bLow + (low >>> 16);
  const middle = (cross & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(cross / 65536) + Math.floor(middle / 65536)) | 0;
}

/** A 64-bit hash held as two signed words. */
class Hash64 {
  high = 0;
  low = 0;

  set(value: bigint): void {
    this.low = Number(BigInt.asIntN(32, value));
    this.high = Number(BigInt.asIntN(32, value >> 32n));
  }

  /** (this + x) * multiplier + 1. */
  accumulate(xHigh: number, xLow: number): void {
    const low = (this.low + xLow) | 0;
    const carry = low >>> 0 < this.low >>> 0 ? 1 : 0;
    const high = (this.high + xHigh + carry) | 0;
    const productLow = Math.imul(low, MULTIPLIER_LOW);
    const productHigh =
      (highProduct(low >>> 0, MULTIPLIER_LOW) +
        Math.imul(low, MULTIPLIER_HIGH) +
        Math.imul(high, MULTIPLIER_LOW)) |
      0;
    this.low = (productLow + 1) | 0;
    this.high = (productHigh + (this.low === 0 ? 1 : 0)) | 0;
  }

  shiftRight5(): void {
    this.low = (this.low >>> 5) | (this.high << 27);
    this.high >>= 5;
  }
}

export interface DeepMindBits {
  readonly ofToken: (context: bigint, token: number, into: Uint8Array, offset: number) => void;
  readonly ofText: (ids: ArrayLike<number>, nGramLength: number) => Uint8Array;
}

/** @param start hash of the empty context. @param keys layer keys (int64). */
export function deepMindBits(start: bigint, keys: readonly bigint[]): DeepMindBits {
  const depth = keys.length;
  const keyLow = Int32Array.from(keys, (key) => Number(BigInt.asIntN(32, key)));
  const keyHigh = Int32Array.from(keys, (key) => Number(BigInt.asIntN(32, key >> 32n)));
  const begin = new Hash64();
  begin.set(start);
  const nGram = new Hash64();
  const layer = new Hash64();
  const layers = (into: Uint8Array, offset: number): void => {
    for (let l = 0; l < depth; l += 1) {
      layer.high = nGram.high;
      layer.low = nGram.low;
      layer.accumulate(keyHigh[l]!, keyLow[l]!);
      for (let round = 0; round < ROUNDS; round += 1) {
        layer.accumulate(0, 1);
        layer.shiftRight5();
      }
      into[offset + l] = (layer.low >>> 30) & 1;
    }
  };
  return {
    ofToken: (context, token, into, offset) => {
      nGram.set(context);
      nGram.accumulate(0, token);
      layers(into, offset);
    },
    ofText: (ids, nGramLength) => {
      const count = Math.max(0, ids.length - nGramLength + 1);
      const bits = new Uint8Array(count * depth);
      for (let i = 0; i < count; i += 1) {
        nGram.high = begin.high;
        nGram.low = begin.low;
        for (let j = i; j < i + nGramLength; j += 1) nGram.accumulate(0, ids[j]!);
        layers(bits, i * depth);
      }
      return bits;
    },
  };
}
