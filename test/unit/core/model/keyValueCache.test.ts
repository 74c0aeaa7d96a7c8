// Slots of the key/value buffers: rows survive growing and shrinking, free slots are reused lowest first.
import { describe, expect, it } from 'vitest';
import { bytesPerToken, KeyValueCache, type KeyValueShape } from '../../../../src/core/model/keyValueCache';

const shape: KeyValueShape = { layers: 2, heads: 2, headSize: 3, element: 'float32' };

/** Rows [heads][1][headSize] that name their slot, layer and head. */
function rowsFor(slot: number, layer: number, sign: number): Float32Array {
  return Float32Array.from({ length: 6 }, (_, i) => sign * (slot * 100 + layer * 10 + i));
}

function writeAll(cache: KeyValueCache, slots: Iterable<number>): void {
  for (const slot of slots)
    for (let layer = 0; layer < shape.layers; layer++)
      cache.write(layer, slot, rowsFor(slot, layer, 1), rowsFor(slot, layer, -1), 0, 1);
}

describe('key/value cache', () => {
  it('counts two rows a layer and head', () => {
    expect(bytesPerToken(shape)).toBe(2 * 2 * 2 * 3 * 4);
    expect(bytesPerToken({ ...shape, element: 'float16' })).toBe(2 * 2 * 2 * 3 * 2);
  });

  it('keeps rows when the buffers grow and shrink', () => {
    const cache = new KeyValueCache(shape, 1000);
    const first = cache.allocate(50);
    writeAll(cache, first);
    const more = cache.allocate(600);
    writeAll(cache, more);
    expect(cache.capacity).toBe(704);
    cache.free(more);
    cache.allocate(1);
    expect(cache.capacity).toBe(64);
    for (let layer = 0; layer < shape.layers; layer++) {
      const keys = cache.gather(cache.keys[layer]!, first);
      const values = cache.gather(cache.values[layer]!, first);
      // gather gives [heads][slots][headSize].
      first.forEach((slot, i) => {
        for (let head = 0; head < 2; head++)
          for (let j = 0; j < 3; j++) {
            const expected = slot * 100 + layer * 10 + head * 3 + j;
            expect(keys[(head * first.length + i) * 3 + j]).toBe(expected);
            expect(values[(head * first.length + i) * 3 + j]).toBe(-expected);
          }
      });
    }
  });

  it('gives out the lowest free slots and counts generations', () => {
    const cache = new KeyValueCache(shape, 10);
    cache.allocate(5);
    cache.free([1, 3]);
    expect([...cache.allocate(3)]).toEqual([1, 3, 5]);
    expect([...cache.generations.slice(0, 6)]).toEqual([1, 2, 1, 2, 1, 1]);
    expect(cache.freeSlots).toBe(4);
    expect(() => cache.allocate(5)).toThrow(RangeError);
  });

  it('ignores a slot that is freed twice', () => {
    const cache = new KeyValueCache(shape, 4);
    cache.allocate(4);
    cache.free([2, 2]);
    expect(cache.freeSlots).toBe(1);
  });
});
