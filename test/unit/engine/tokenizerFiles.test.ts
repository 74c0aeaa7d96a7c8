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
  const added = await store.add({ path: original });
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
  await store.add({ path: GPT2 });
  await store.add({ path: SPM });
  await store.add({ path: GPT2 });
  expect((await store.list()).map((one) => one.name)).toEqual(['bpe-gpt2.json', 'spm-bpe.model']);
  expect(await store.remove(sumOf(GPT2))).toBe(true);
  expect(await store.remove(sumOf(GPT2))).toBe(false);
  expect(readdirSync(folder).sort()).toEqual([sumOf(SPM), `${sumOf(SPM)}.json`]);
});

test('a bad file is not kept, a changed copy is not used, a damaged description counts as none', async () => {
  const bad = join(folder, 'bad.json');
  writeFileSync(bad, '{"model":');
  const store = new TokenizerStore(join(folder, 'kept'));
  expect(await store.add({ path: bad })).toMatchObject({ ok: false, reason: { code: 'truncated' } });
  expect(await store.list()).toEqual([]);
  await store.add({ path: GPT2 });
  writeFileSync(join(folder, 'kept', sumOf(GPT2)), '{}');
  expect(await store.load(sumOf(GPT2))).toBeNull();
  writeFileSync(join(folder, 'kept', `${sumOf(GPT2)}.json`), '{"not": "an entry"}');
  expect(await store.list()).toEqual([]);
});

test('the pool loads kept files by id and says when one is gone', async () => {
  const store = new TokenizerStore(folder);
  await store.add({ path: SPM }, { name: 'my model' });
  const pool = createTokenizerPool({ tokenizerFolder: folder });
  const loaded = await pool.get(`file:${sumOf(SPM)}`);
  const direct = await readTokenizerPath(SPM);
  if (!loaded.ok || !direct.ok) throw new Error('not loaded');
  expect(loaded.value.encode('two  words')).toEqual(direct.tokenizer.encode('two  words'));
  for (const id of ['file:my model', `file:${sumOf(SPM).slice(0, 8)}`])
    expect(await pool.get(id)).toMatchObject({ ok: true });
  await store.rename(sumOf(SPM), 'renamed');
  pool.forgetFiles();
  expect(await pool.get('file:my model')).toMatchObject({ ok: false, error: { code: 'tablesMissing' } });
  expect(await pool.get('file:renamed')).toMatchObject({ ok: true });
  expect(await pool.get(`file:${'0'.repeat(64)}`)).toMatchObject({
    ok: false,
    error: { code: 'tablesMissing' },
  });
  expect(await createTokenizerPool().get(`file:${sumOf(SPM)}`)).toMatchObject({
    ok: false,
    error: { code: 'badRequest' },
  });
});

test('two files of one name are told apart, and a new name stays with the file that is added again', async () => {
  const store = new TokenizerStore(folder);
  await store.add({ path: GPT2 }, { name: 'tokenizer.json' });
  await store.add({ fileName: 'tokenizer.json', content: readFileSync(SPM) });
  expect((await store.list()).map((one) => one.name)).toEqual([
    'tokenizer.json',
    `tokenizer.json (${sumOf(SPM).slice(0, 8)})`,
  ]);
  await store.rename(sumOf(SPM), 'mine');
  await store.add(
    { fileName: 'tokenizer.json', content: readFileSync(SPM) },
    { suggestedName: 'its folder' },
  );
  expect((await store.list()).map((one) => one.name)).toEqual(['tokenizer.json', 'mine']);
  expect(await store.rename('0'.repeat(64), 'nothing')).toBeUndefined();
});

test('descriptions written at the same time by two processes are both kept', async () => {
  await Promise.all([
    new TokenizerStore(folder).add({ path: GPT2 }),
    new TokenizerStore(folder).add({ path: SPM }),
  ]);
  expect(await new TokenizerStore(folder).list()).toHaveLength(2);
});
