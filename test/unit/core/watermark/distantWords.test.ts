// Words picked from far along a generator's stream: the WebAssembly run, the plain loop and a word-by-word walk agree.
import { describe, expect, it } from 'vitest';
import { distantWords } from '../../../../src/core/watermark/random/distantWords';
import { MersenneTwister } from '../../../../src/core/watermark/random/mersenneTwister';

function picked(seed: number, places: readonly number[], useWasm: boolean): number[] {
  const words: number[] = [];
  distantWords(seed, Float64Array.from(places), (i, word) => (words[i] = word), useWasm);
  return words;
}

describe('distant words of a stream', () => {
  const places = [
    0, 1, 2, 226, 227, 228, 396, 397, 622, 623, 624, 625, 1247, 1248, 9983, 9984, 9985, 20_000, 65_537,
  ];
  for (const seed of [0, 1, 42, 5489, 2 ** 32 - 1]) {
    it(`seed ${seed}: as a walk over every word`, () => {
      const generator = new MersenneTwister(seed);
      const all = Array.from({ length: 65_538 }, () => generator.word());
      const expected = places.map((place) => all[place]!);
      expect(picked(seed, places, true)).toEqual(expected);
      expect(picked(seed, places, false)).toEqual(expected);
    });
  }
  it('millions of words on: both ways agree, and none is asked for where there are no places', () => {
    const far = [12_865_790, 12_865_791];
    expect(picked(7, far, true)).toEqual(picked(7, far, false));
    expect(picked(7, [], true)).toEqual([]);
  });
});
