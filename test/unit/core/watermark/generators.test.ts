// The generators against streams recorded from torch 1.13, numpy 1.24 and the Kuditipudi demo (see the fixture README).
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { lowWord } from '../../../../src/core/watermark/random/int64';
import { ListMembership } from '../../../../src/core/watermark/random/listMembership';
import { MersenneTwister } from '../../../../src/core/watermark/random/mersenneTwister';
import { Pcg64, SeedSequence } from '../../../../src/core/watermark/random/numpyGenerator';
import { sha256 } from '../../../../src/core/watermark/random/sha256';
import { TorchGenerator } from '../../../../src/core/watermark/random/torchGenerator';
import prng from '../../../fixtures/watermark/prng.json';

const hashOf = (data: ArrayBufferView): string =>
  createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');
const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, () => next());

describe('torch CPU generator', () => {
  for (const stream of prng.torch_cpu_generator) {
    const fresh = (): TorchGenerator => new TorchGenerator(lowWord(BigInt(stream.seed)));
    it(`seed ${stream.seed}: floats and integers`, () => {
      let g = fresh();
      expect(draw(8, () => g.float32())).toEqual(stream.rand_f32_first8);
      g = fresh();
      expect(draw(4, () => g.float64())).toEqual(stream.rand_f64_first4);
      g = fresh();
      expect(draw(64, () => g.integer(2)).join('')).toBe(stream.randint_2_first64);
      g = fresh();
      expect(draw(8, () => g.integer(100000))).toEqual(stream.randint_100000_first8);
      g = fresh();
      expect(draw(4, () => g.integer(2 ** 32))).toEqual(stream.randint_2e32_first4);
      g = fresh();
      expect(draw(8, () => g.word() % (2 ** 32 - 1))).toEqual(stream.raw_u32_first8);
      g = fresh();
      expect(hashOf(Float32Array.from(draw(100000, () => g.float32())))).toBe(stream.rand_f32_100000_sha256);
    });
    it(`seed ${stream.seed}: permutations`, () => {
      for (const expected of stream.randperm) {
        const order = fresh().permutation(expected.n);
        expect([...order.subarray(0, expected.first8.length)]).toEqual(expected.first8);
        expect([...order.subarray(-expected.last4.length)]).toEqual(expected.last4);
        expect(hashOf(order)).toBe(expected.sha256_i32le);
      }
    });
  }

  it('skips words without changing the stream', () => {
    for (const count of [0, 1, 623, 624, 625, 50257]) {
      const slow = new TorchGenerator(99);
      const fast = new TorchGenerator(99);
      for (let i = 0; i < count; i += 1) slow.word();
      fast.skip(count);
      expect(fast.word()).toBe(slow.word());
    }
  });

  it('refuses a permutation that torch draws another way', () => {
    expect(() => new TorchGenerator(0).permutation(300_000_000)).toThrow(RangeError);
  });
});

describe('list membership without the permutation', () => {
  for (const [n, size] of [
    [2, 1],
    [2, 2],
    [10, 3],
    [257, 64],
    [1000, 1000],
    [1000, 0],
    [5003, 2501],
  ] as const) {
    it(`agrees with the permutation for ${size} of ${n}, head and tail`, () => {
      for (const fromTail of [false, true]) {
        const lists = new ListMembership(n, size, fromTail);
        for (let seed = 0; seed < (n > 2000 ? 1 : 4); seed += 1) {
          const order = new TorchGenerator(seed * 977).permutation(n);
          const expected = new Uint8Array(n);
          for (const token of fromTail ? order.subarray(n - size) : order.subarray(0, size))
            expected[token] = 1;
          const mask = lists.mask(seed * 977);
          expect(mask).toEqual(expected);
          const followed = Uint8Array.from({ length: n }, (_, token) =>
            Number(lists.contains(seed * 977, token)),
          );
          expect(followed).toEqual(mask);
          expect(mask.reduce((sum, bit) => sum + bit, 0)).toBe(size);
        }
      }
    });
  }
});

describe('Kuditipudi demo generator', () => {
  for (const stream of prng.kuditipudi_mersenne) {
    it(`seed ${stream.seed}`, () => {
      let g = new MersenneTwister(stream.seed);
      expect(draw(8, () => g.word())).toEqual(stream.randint_first8);
      g = new MersenneTwister(stream.seed);
      expect(draw(4, () => g.unitFromWord())).toEqual(stream.rand_first4);
      g = new MersenneTwister(stream.seed);
      g.skip(99999);
      expect(g.word()).toBe(stream.randint_index_99999);
    });
  }
});

describe('numpy generators', () => {
  for (const stream of prng.numpy) {
    it(`seed ${stream.seed}`, () => {
      const sequence = new SeedSequence(stream.seed);
      expect([...sequence.words(8)]).toEqual(stream.seedsequence_state_u32x8);
      const fresh = (): Pcg64 => new Pcg64(new SeedSequence(stream.seed));
      let g = fresh();
      expect(String(g.state)).toBe(stream.pcg64_state);
      expect(String(g.increment)).toBe(stream.pcg64_inc);
      expect(draw(4, () => String(g.next64()))).toEqual(stream.pcg64_raw_u64_first4);
      g = fresh();
      expect(draw(4, () => g.unit53())).toEqual(stream.random_first4);
      const order = Int32Array.from({ length: 50 }, (_, i) => i);
      fresh().shuffle(order);
      expect([...order]).toEqual(stream.shuffle_arange50);
      const mask = new Uint8Array(50257).fill(1, 0, Math.trunc(50257 / 2));
      fresh().shuffle(mask);
      expect(mask.subarray(0, 64).join('')).toBe(stream.shuffle_mask_first64);
      expect(hashOf(mask)).toBe(stream.shuffle_mask_50257_half_sha256_u8);
      const legacy = new MersenneTwister(stream.seed);
      expect(draw(4, () => legacy.unit53())).toEqual(stream.legacy_rand_first4);
    });
  }
});

describe('SHA-256', () => {
  it('equals Node for lengths around the block edges', () => {
    for (const length of [0, 1, 8, 55, 56, 63, 64, 65, 240]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 37) & 255);
      expect(Buffer.from(sha256(bytes)).toString('hex')).toBe(
        createHash('sha256').update(bytes).digest('hex'),
      );
    }
  });
});
