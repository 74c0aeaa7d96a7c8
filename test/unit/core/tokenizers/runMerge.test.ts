// Pieces of a few long runs (rules, indentation, padding) merged run by run, against the plain merge one place at a time,
// in both kernels.
import { describe, expect, it } from 'vitest';
import { mergeSymbols, PairTable } from '../../../../src/core/tokenizers/bytePairMerge';
import { FEW_RUNS, mergeRuns } from '../../../../src/core/tokenizers/runMerge';
import { loadEncoding } from '../../../../src/engine/tiktokenLoader';
import { seededRandom } from './seededRandom';

const SEED = 2511;
const SYMBOLS = '=-*#_~. \tax\u00e90';

/** Up to six runs, so that some pieces are too many for the run merge and go the usual way. */
function runsOf(random: ReturnType<typeof seededRandom>): string {
  return Array.from({ length: 1 + random.integer(FEW_RUNS + 2) }, () =>
    random.pick(Array.from(SYMBOLS)).repeat(1 + random.integer(random.pick([3, 80, 700]))),
  ).join('');
}

describe('pieces of few runs', () => {
  for (const name of ['o200k_base', 'cl100k_base', 'r50k_base'] as const) {
    it(`${name}: 300 random ones give the tokens of the plain merge`, async () => {
      const { tables } = await loadEncoding(name);
      const table = new PairTable(tables.size);
      for (let id = 0; id < tables.size; id++) {
        if (tables.halves[2 * id] !== id)
          table.set(tables.halves[2 * id]!, tables.halves[2 * id + 1]!, id, id);
      }
      const find = (left: number, right: number): number => {
        const at = table.find(left, right);
        return at < 0 ? 0xffffffff : table.slots[at + 2]!;
      };
      const random = seededRandom(SEED);
      let byRuns = 0;
      for (let i = 0; i < 300; i++) {
        const bytes = Buffer.from(runsOf(random));
        const plain = Uint32Array.from(bytes, (byte) => tables.byteIds[byte]!);
        const expected = plain.subarray(0, mergeSymbols(plain, plain.length, table));
        const out = new Uint32Array(bytes.length + 1);
        const length = mergeRuns(bytes, bytes.length, tables.byteIds, find, out, 1);
        if (length === 0) continue;
        byRuns++;
        expect([...out.subarray(1, 1 + length)], `seed ${SEED}, ${JSON.stringify(bytes.toString())}`).toEqual(
          [...expected],
        );
      }
      expect(byRuns).toBeGreaterThan(100);
    });
  }

  it('come out of both kernels alike', async () => {
    const compiled = await loadEncoding('o200k_base');
    const script = await loadEncoding('o200k_base', { kernel: 'script' });
    expect([compiled.kernelKind, script.kernelKind]).toEqual(['wasm', 'script']);
    const random = seededRandom(SEED + 1);
    for (let i = 0; i < 300; i++) {
      const text = runsOf(random);
      expect([...compiled.encode(text)], `seed ${SEED + 1}, ${JSON.stringify(text)}`).toEqual([
        ...script.encode(text),
      ]);
    }
  });
});
