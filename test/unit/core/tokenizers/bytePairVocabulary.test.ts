// Packed tables, merges, standing pairs and the trie, against plain definitions computed here.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { KERNEL_SOURCE_SHA256 } from '../../../../src/core/tokenizers/bytePairKernelBinary';
import { mergeSymbols, PairTable } from '../../../../src/core/tokenizers/bytePairMerge';
import type { BytePairTokenizer } from '../../../../src/core/tokenizers/bytePairTokenizer';
import {
  packVocabulary,
  unpackVocabulary,
  vocabularyFromTokens,
} from '../../../../src/core/tokenizers/bytePairVocabulary';
import { parseTiktokenRanks } from '../../../../src/core/tokenizers/tiktokenRanks';
import { buildVocabularyTrie, tokensWithPrefix } from '../../../../src/core/tokenizers/vocabularyTrie';
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

describe('the kept snapshot', () => {
  it('gives the same ids, and is built again when it is damaged or cut short', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
    try {
      const text = readFileSync(`${root}package.json`, 'utf8') + ' überaus \ud800 zwölf';
      const expected = r50k.encode(text);
      const path = join(folder, 'r50k_base.tables');
      for (const harm of ['none', 'none', 'cut', 'flip', 'none']) {
        const tokenizer = await loadEncoding('r50k_base', { snapshotFolder: folder });
        expect(tokenizer.encode(text)).toEqual(expected);
        const kept = readFileSync(path);
        if (harm === 'cut') writeFileSync(path, kept.subarray(0, kept.length - 5));
        if (harm === 'flip') {
          kept[kept.length >> 1]! ^= 64;
          writeFileSync(path, kept);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
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
