// Signed 64-bit and Python integers for seed arithmetic, on BigInt: the references multiply keys by tokens in int64
// (wrapping) or in Python integers (unbounded) and then take a floor modulus. Worked example: -3 modulo 2^64 - 1 is
// 2^64 - 4, whose low 32 bits are 0xFFFFFFFC, one less than those of -3 itself.

/** The modulus that transformers and lm-watermarking apply to every seed: 2^64 - 1, not 2^64. */
export const SEED_MODULUS = (1n << 64n) - 1n;

/** Wraps to a signed 64-bit integer, as torch.int64 does. */
export function wrapInt64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** Floor modulus with the sign of the divisor, as Python's `%`. `modulus` must be positive. */
export function floorModulus(value: bigint, modulus: bigint): bigint {
  const remainder = value % modulus;
  return remainder < 0n ? remainder + modulus : remainder;
}

/** Low 32 bits as an unsigned number. */
export function lowWord(value: bigint): number {
  return Number(BigInt.asUintN(32, value));
}

/** The 32 bits of `seed mod (2^64 - 1)` that torch's CPU generator keeps. */
export function seedWordAfterModulus(seed: bigint): number {
  return lowWord(floorModulus(seed, SEED_MODULUS));
}

/** Little-endian bytes of a signed 64-bit integer, as numpy's int64 array in memory. */
export function int64Bytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, wrapInt64(value), true);
  return bytes;
}
