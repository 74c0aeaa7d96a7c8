import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TokenizerStore, readTokenizerPath } from '../../../src/engine/tokenizerFiles';
import { createTokenizerPool } from '../../../src/engine/tokenizerPool';

const FIXTURES = join(import.meta.dirname, '../../fixtures/tokenizers');
const GPT2 = join(FIXTURES, 'bpe-gpt2.json');
const SPM = join(FIXTURES, 'spm-bpe.model');
const sumOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tessera-tokenizers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('keeps a copy under its fingerprint, lists it, and loads it after the original is gone', async () => {
  const original = join(folder, 'mine.json');
  copyFileSync(GPT2, original);
  const store = new TokenizerStore(join(folder, 'kept'));
  const added = await store.add(original);
  rmSync(original);
  expect(added).toMatchObject({ ok: true, sha256: sumOf(GPT2) });
  expect(await store.list()).toMatchObject([
    { sha256: sumOf(GPT2), name: 'mine.json', format: 'tokenizer.json' },
  ]);
  const loaded = await store.load(sumOf(GPT2));
  if (!loaded?.ok || !added.ok) throw new Error('not loaded');
  expect(loaded.tokenizer.encode('some text')).toEqual(added.tokenizer.encode('some text'));
  expect(loaded.tokenizer.provenance.source).toBe(`mine.json, sha256 ${sumOf(GPT2).slice(0, 8)}…`);
});

test('adding twice keeps one entry, removing takes entry and copy away', async () => {
  const store = new TokenizerStore(folder);
  await store.add(GPT2);
  await store.add(SPM);
  await store.add(GPT2);
  expect((await store.list()).map((one) => one.name)).toEqual(['spm-bpe.model', 'bpe-gpt2.json']);
  expect(await store.remove(sumOf(GPT2))).toBe(true);
  expect(await store.remove(sumOf(GPT2))).toBe(false);
  expect(readdirSync(folder).sort()).toEqual([sumOf(SPM), 'index.json'].sort());
});

test('a bad file is not kept, a changed copy is not used, a damaged index counts as empty', async () => {
  const bad = join(folder, 'bad.json');
  writeFileSync(bad, '{"model":');
  const store = new TokenizerStore(join(folder, 'kept'));
  expect(await store.add(bad)).toMatchObject({ ok: false, reason: { code: 'truncated' } });
  expect(await store.list()).toEqual([]);
  await store.add(GPT2);
  writeFileSync(join(folder, 'kept', sumOf(GPT2)), '{}');
  expect(await store.load(sumOf(GPT2))).toBeNull();
  writeFileSync(join(folder, 'kept', 'index.json'), '{"not": "a list"}');
  expect(await store.list()).toEqual([]);
});

test('the pool loads kept files by id and says when one is gone', async () => {
  await new TokenizerStore(folder).add(SPM);
  const pool = createTokenizerPool({ tokenizerFolder: folder });
  const loaded = await pool.get(`file:${sumOf(SPM)}`);
  const direct = await readTokenizerPath(SPM);
  if (!loaded.ok || !direct.ok) throw new Error('not loaded');
  expect(loaded.value.encode('two  words')).toEqual(direct.tokenizer.encode('two  words'));
  expect(await pool.get(`file:${'0'.repeat(64)}`)).toMatchObject({
    ok: false,
    error: { code: 'tablesMissing' },
  });
  expect(await createTokenizerPool().get(`file:${sumOf(SPM)}`)).toMatchObject({
    ok: false,
    error: { code: 'badRequest' },
  });
});
