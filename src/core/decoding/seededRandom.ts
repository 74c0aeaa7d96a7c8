// Repeatable random numbers: every sampled draft can be made again from its seed.

/** Uniform numbers in [0, 1) with 32 random bits each (splitmix32; period 2^32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 4294967296;
  };
}

/** Standard Gumbel noise, for sampling without replacement (Gumbel-top-k). */
export function gumbel(random: () => number): number {
  // +0.5 keeps the argument of the inner logarithm away from 0.
  return -Math.log(-Math.log((Math.floor(random() * 4294967296) + 0.5) / 4294967296));
}
