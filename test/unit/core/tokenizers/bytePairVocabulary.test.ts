// Packed tables, merges, standing pairs and the trie, against plain definitions computed here.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { ScriptKernel } from '../../../../src/core/tokenizers/bytePairKernel';
import { KERNEL_SOURCE_SHA256 } from '../../../../src/core/tokenizers/bytePairKernelBinary';
import { mergeSymbols, PairTable } from '../../../../src/core/tokenizers/bytePairMerge';
import { buildTables, findMerge, NONE } from '../../../../src/core/tokenizers/bytePairTables';
import type { BytePairTokenizer } from '../../../../src/core/tokenizers/bytePairTokenizer';
import {
  PACKED_HEADER_BYTES,
  packVocabulary,
  unpackVocabulary,
  vocabularyFromTokens,
} from '../../../../src/core/tokenizers/bytePairVocabulary';
import { characterClasses } from '../../../../src/core/tokenizers/characterClasses';
import { patternOf, scannerFor } from '../../../../src/core/tokenizers/splitScanners';
import { parseTiktokenRanks } from '../../../../src/core/tokenizers/tiktokenRanks';
import { buildVocabularyTrie, tokensWithPrefix } from '../../../../src/core/tokenizers/vocabularyTrie';
import { KernelMemory } from '../../../../src/core/tokenizers/wasmKernel';
import { loadEncoding } from '../../../../src/engine/tiktokenLoader';
import { seededRandom } from './seededRandom';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
let r50k: BytePairTokenizer;
let ranks: (Uint8Array | undefined)[];

beforeAll(async () => {
  r50k = await loadEncoding('r50k_base');
  const file = createRequire(import.meta.url)('tiktoken/encoders/r50k_base.json') as { bpe_ranks: string };
  const parsed = parseTiktokenRanks(file.bpe_ranks);
  if (!parsed.ok) throw new Error(parsed.reason);
  ranks = parsed.tokens;
});

describe('the packed tables', () => {
  it('hold the tokens of npm tiktoken', () => {
    const packed = readFileSync(`${root}assets/tables/r50k_base.pairs`);
    const unpacked = unpackVocabulary(packed);
    if (!unpacked.ok) throw new Error(unpacked.reason);
    const { offsets, bytes, size } = unpacked.vocabulary;
    expect(size).toBe(ranks.length);
    const differing = ranks.findIndex(
      (token, id) => !Buffer.from(token!).equals(bytes.subarray(offsets[id], offsets[id + 1])),
    );
    expect(differing).toBe(-1);
    expect(Buffer.from(packVocabulary(vocabularyFromTokens(ranks))).equals(packed)).toBe(true);
  });

  it('keep free numbers and tokens that no merge makes', () => {
    const tokens: (Uint8Array | undefined)[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
    tokens.push(undefined, Uint8Array.of(97, 98), Uint8Array.of(120, 121, 122, 119));
    const unpacked = unpackVocabulary(packVocabulary(vocabularyFromTokens(tokens)));
    if (!unpacked.ok) throw new Error(unpacked.reason);
    expect(unpacked.vocabulary).toEqual(vocabularyFromTokens(tokens));
    expect(unpacked.vocabulary.left[258]).toBe(258);
  });

  it('are refused when truncated, of another kind or damaged', () => {
    const packed = readFileSync(`${root}assets/tables/r50k_base.pairs`);
    const damaged = Buffer.from(packed);
    damaged[100_000]! ^= 1;
    const huge = Buffer.from(packed);
    huge.writeUInt32LE(0xffffffff, 4);
    for (const bad of [
      packed.subarray(0, 10),
      packed.subarray(0, -1),
      Buffer.from('not a table at all, really'),
      damaged,
      huge,
    ]) {
      expect(unpackVocabulary(bad)).toMatchObject({ ok: false });
    }
  });

  it('need every byte, before any merged token', () => {
    const bytes = Array.from({ length: 255 }, (_, byte) => Uint8Array.of(byte));
    expect(() => vocabularyFromTokens(bytes)).toThrow(/0xff/);
    expect(() => vocabularyFromTokens([Uint8Array.of(1, 2), ...bytes, Uint8Array.of(255)])).toThrow(
      RangeError,
    );
  });
});

describe('rank tables', () => {
  it('are refused with a reason', () => {
    for (const text of ['{}', '! x IQ==', '! 0 IQ== *', '! 99999999999 IQ==']) {
      expect(parseTiktokenRanks(text)).toMatchObject({ ok: false });
    }
  });
});

describe('the compiled unpacking', () => {
  /** A packed vocabulary in the compiled kernel's memory; the answer is why it was refused. */
  function load(packed: Uint8Array): { memory: KernelMemory | undefined; refused: string | undefined } {
    const memory = KernelMemory.forPacked(packed.subarray(0, PACKED_HEADER_BYTES));
    if (memory?.packed.length !== packed.length) return { memory: undefined, refused: 'header' };
    memory.packed.set(packed);
    return { memory, refused: memory.unpack() };
  }

  const octets = (array: Uint8Array | Uint32Array): Buffer =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength);

  it.each(['o200k_base', 'cl100k_base', 'p50k_base', 'r50k_base'])('makes the tables of %s', (name) => {
    const packed = readFileSync(`${root}assets/tables/${name}.pairs`);
    const unpacked = unpackVocabulary(packed);
    if (!unpacked.ok) throw new Error(unpacked.reason);
    const expected = buildTables(unpacked.vocabulary);
    const { memory, refused } = load(packed);
    expect(refused).toBeUndefined();
    for (const part of ['halves', 'byteIds', 'pairs', 'offsets', 'bytes'] as const)
      expect(octets(memory![part]).equals(octets(expected[part])), part).toBe(true);
    // Every pair is found, and finding one says nothing of a pair that is not there.
    const { left, right, size } = unpacked.vocabulary;
    const random = seededRandom(11);
    for (let i = 0; i < 20_000; i++) {
      const token = 256 + random.integer(size - 256);
      if (left[token] === token) continue;
      expect(findMerge(expected, left[token]!, right[token]!)).toBe(token);
      const other = random.integer(size);
      const found = findMerge(expected, left[token]!, other);
      if (found !== NONE) expect([left[found], right[found]]).toEqual([left[token], other]);
    }
  });

  it('takes free numbers and whole pieces that no merge makes, and learns those again after forgetting', () => {
    const tokens: (Uint8Array | undefined)[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
    tokens.push(undefined, Buffer.from('ab'), Buffer.from('xyzw'), Buffer.from('überall'));
    const packed = packVocabulary(vocabularyFromTokens(tokens));
    const { memory, refused } = load(packed);
    expect(refused).toBeUndefined();
    const pattern = patternOf('cl100k');
    const kernels = [
      memory!.makeKernel(pattern),
      new ScriptKernel(buildTables(vocabularyFromTokens(tokens)), characterClasses(), scannerFor(pattern)),
    ];
    const random = seededRandom(12);
    // Enough different words to fill the table, or nearly all of its arena, more than once.
    for (let round = 0; round < 40; round++) {
      const words = Array.from({ length: 1200 }, () => random.integer(2 ** 48).toString(26)).join('\n');
      const text = `xyzw\nüberall\nab\n${words}\nxyzwab\nüberall`;
      const [compiled, script] = kernels.map((kernel) => [...kernel.encode(text, 0, text.length)]);
      expect(compiled!.slice(0, 3)).toEqual([258, 10, 259]);
      expect(compiled!.at(-1)).toBe(259);
      expect(compiled, `seed 12, round ${round}`).toEqual(script);
    }
  });

  it('refuses what is truncated, of another kind or damaged', () => {
    const packed = readFileSync(`${root}assets/tables/r50k_base.pairs`);
    const damaged = Buffer.from(packed);
    damaged[100_000]! ^= 1;
    const miscounted = Buffer.from(packed);
    miscounted.writeUInt32LE(255, 8);
    const huge = Buffer.from(packed);
    huge.writeUInt32LE(0xffffffff, 4);
    for (const bad of [packed.subarray(0, -1), Buffer.from('not a table at all, really'), huge])
      expect(load(bad).refused).toBe('header');
    expect(load(damaged).refused).toMatch(/fingerprint/);
    expect(load(miscounted).refused).toMatch(/raw tokens/);
  });
});

describe('long pieces in both kernels', () => {
  it('come out alike, whatever tokens they start with', async () => {
    const random = seededRandom(13);
    for (const name of ['o200k_base', 'r50k_base'] as const) {
      const compiled = await loadEncoding(name);
      const script = await loadEncoding(name, { kernel: 'script' });
      expect([compiled.kernelKind, script.kernelKind]).toEqual(['wasm', 'script']);
      const size = name === 'o200k_base' ? 199_998 : 50_256;
      for (let i = 0; i < 400; i++) {
        // Tokens of letters in a row are one piece; marks and ideographs bring long UTF-8 sequences.
        let text = '';
        while (text.length < 40 + random.integer(400)) {
          const token = Buffer.from(compiled.tokenBytes(random.integer(size))).toString();
          text += token.replace(/[^\p{L}\p{M}]/gu, '');
        }
        const expected = script.encode(text);
        expect([...compiled.encode(text)], `seed 13, ${name}, ${JSON.stringify(text)}`).toEqual([
          ...expected,
        ]);
      }
    }
  });
});

describe('the compiled kernel', () => {
  it('was made from the C file beside it', () => {
    const source = readFileSync(`${root}src/core/tokenizers/wasm/bytePairKernel.c`);
    expect(createHash('sha256').update(source).digest('hex')).toBe(KERNEL_SOURCE_SHA256);
  });
});

describe('merging symbols', () => {
  it('gives the same for the scan and the heap as a plain search for the lowest rank', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 300; round++) {
      const table = new PairTable(40);
      const ranked = new Map<string, { merged: number; rank: number }>();
      for (let i = 0; i < 40; i++) {
        const [left, right] = [random.integer(4 + i), random.integer(4 + i)];
        const rank = random.integer(30);
        if (ranked.has(`${left} ${right}`)) continue;
        ranked.set(`${left} ${right}`, { merged: 4 + i, rank });
        table.set(left, right, 4 + i, rank);
      }
      const length = 2 + random.integer(300);
      const symbols = Uint32Array.from({ length }, () => random.integer(4));
      const plain = [...symbols];
      for (;;) {
        let best = -1;
        for (let i = 0; i + 1 < plain.length; i++) {
          const pair = ranked.get(`${plain[i]!} ${plain[i + 1]!}`);
          const lowest = best < 0 ? Infinity : ranked.get(`${plain[best]!} ${plain[best + 1]!}`)!.rank;
          if (pair && pair.rank < lowest) best = i;
        }
        if (best < 0) break;
        plain.splice(best, 2, ranked.get(`${plain[best]!} ${plain[best + 1]!}`)!.merged);
      }
      expect([...symbols.slice(0, mergeSymbols(symbols, length, table))], `round ${round}`).toEqual(plain);
    }
  });
});

describe('merge history', () => {
  it('ends in the token and names a pair for every step', () => {
    for (const id of [1000, 15_000, 50_255]) {
      const { steps, tokens } = r50k.mergeHistory(id);
      expect(tokens).toEqual([id]);
      expect(steps).toHaveLength(r50k.tokenBytes(id).length - 1);
      for (const { left, right, merged, rank } of steps) {
        expect(Buffer.concat([r50k.tokenBytes(left), r50k.tokenBytes(right)])).toEqual(
          Buffer.from(r50k.tokenBytes(merged)),
        );
        expect(rank).toBe(merged);
      }
    }
    expect(() => r50k.mergeHistory(50256)).toThrow(RangeError);
  });

  it('agrees with the encoder about which pairs stand', () => {
    const random = seededRandom(8);
    let standing = 0;
    for (let i = 0; i < 3000; i++) {
      const [first, second] = [random.integer(i % 2 ? 50_256 : 600), random.integer(i % 2 ? 50_256 : 600)];
      const bytes = Buffer.concat([r50k.tokenBytes(first), r50k.tokenBytes(second)]);
      const merged = r50k.mergeHistory(bytes).tokens;
      const stands = merged.length === 2 && merged[0] === first && merged[1] === second;
      expect(r50k.isValidPair(first, second), `${first} ${second}`).toBe(stands);
      if (stands) standing++;
    }
    expect(standing).toBeGreaterThan(100);
  });
});

describe('the vocabulary trie', () => {
  it('finds the tokens below a prefix, and for each token its longest prefix', () => {
    const random = seededRandom(9);
    const trie = r50k.vocabularyTrie;
    const texts = ranks.map((token) => Buffer.from(token!).toString('latin1'));
    const numbers = new Map(texts.map((text, id) => [text, id]));
    for (let i = 0; i < 40; i++) {
      const text = random.pick(texts).slice(0, 1 + random.integer(3));
      const expected = texts.flatMap((token, id) => (token.startsWith(text) ? [id] : []));
      const found = r50k.idsWithPrefix(Buffer.from(text, 'latin1'));
      expect([...found].sort((a, b) => a - b)).toEqual(expected);
      expect(r50k.idsWithPrefix(Buffer.from(text, 'latin1'), 2)).toEqual(found.slice(0, 2));
    }
    for (let i = 0; i < 2000; i++) {
      const id = random.integer(texts.length);
      let length = texts[id]!.length - 1;
      while (length > 0 && !numbers.has(texts[id]!.slice(0, length))) length--;
      const expected = length === 0 ? 0xffffffff : numbers.get(texts[id]!.slice(0, length));
      expect(trie.prefixToken[id]).toBe(expected);
    }
    expect(tokensWithPrefix(trie, new Uint8Array(0))).toHaveLength(texts.length);
    expect(tokensWithPrefix(trie, Buffer.from('\xff\xff\xff', 'latin1'))).toEqual([]);
  });

  it('keeps the lowest of equal tokens', () => {
    const offsets = Uint32Array.of(0, 1, 3, 5);
    const trie = buildVocabularyTrie(offsets, Uint8Array.of(97, 97, 98, 97, 98));
    expect(tokensWithPrefix(trie, Uint8Array.of(97))).toEqual([0, 1]);
  });
});
