// The user's tokenizer files through real token workers: one that checks them, one that counts with them.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTokenizerLibrary, type TokenizerLibrary } from '../../../src/editor/tokenizerLibrary';
import { createEngineClient, type EngineClient } from '../../../src/engine/engineClient';
import { expected } from '../core/tokenizers/formats/tokenizerFixtures';
import { buildTokenWorker, type BuiltBundle } from '../engine/builtWorker';

const FIXTURES = join(import.meta.dirname, '../../fixtures/tokenizers');
const GPT2 = join(FIXTURES, 'bpe-gpt2.json');
const SPM = join(FIXTURES, 'spm-bpe.model');
const sumOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const text = expected.strings[200]!;

let folder: string;
let worker: BuiltBundle;
let checker: EngineClient;
let counter: EngineClient;
let library: TokenizerLibrary;
const changes: string[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tessera-library-'));
  worker = buildTokenWorker();
  const options = {
    workerPath: worker.path,
    tableFolder: join(import.meta.dirname, '../../../assets/tables'),
    tokenizerFolder: join(folder, 'kept'),
  };
  checker = createEngineClient(options);
  counter = createEngineClient(options);
  library = createTokenizerLibrary(options.tokenizerFolder, checker, [counter]);
  library.onDidChange((change) => changes.push(change));
}, 60_000);
afterAll(async () => {
  await Promise.all([checker.dispose(), counter.dispose()]);
  worker.remove();
  rmSync(folder, { recursive: true, force: true });
});

const count = async (tokenizer: string): Promise<number | string> => {
  const reply = await counter.request('countText', { tokenizer, text });
  return reply.ok ? reply.value.tokens : reply.error.message;
};

it('adds, names, counts with, renames and removes files', async () => {
  const added = await library.add({ source: { path: GPT2 }, suggestedName: 'its folder' });
  expect(added).toMatchObject({
    ok: true,
    value: {
      ok: true,
      entry: { name: 'its folder', sha256: sumOf(GPT2) },
      facts: { roundTrip: { tried: 12 } },
    },
  });
  expect(library.canonicalId('file:its folder')).toBe(`file:${sumOf(GPT2)}`);
  expect(library.canonicalId('o200k_base')).toBe('o200k_base');
  expect(library.canonicalId('file:nobody')).toBe('file:nobody');
  const tokens = expected.files['bpe-gpt2.json']![200]!.ids.length;
  expect(await count('file:its folder')).toBe(tokens);
  await library.rename(sumOf(GPT2), 'mine');
  expect(library.label(`file:${sumOf(GPT2)}`)).toBe('mine');
  expect(await count('file:its folder')).toMatch(/No tokenizer file "its folder" is kept/);
  expect(await count('file:mine')).toBe(tokens);
  await library.remove(sumOf(GPT2));
  expect(await count(`file:${sumOf(GPT2)}`)).toMatch(/fingerprint .{8}….*Add Tokenizer File/);
  expect(library.label(`file:${sumOf(GPT2)}`)).toBe(`${sumOf(GPT2).slice(0, 8)}…`);
  expect(changes).toEqual(['added', 'changed', 'changed']);
});

it('keeps the name of a file that is added again', async () => {
  await library.add({ source: { path: SPM }, name: 'chosen' });
  await library.add({ source: { fileName: 'x.model', content: readFileSync(SPM) }, suggestedName: 'x' });
  expect(library.entries.map(({ name }) => name)).toEqual(['chosen']);
  expect(await library.describe(sumOf(SPM))).toMatchObject({
    ok: true,
    value: { description: { format: 'SentencePiece .model' } },
  });
});

it('survives a file that takes longer than the checker may, and goes on', async () => {
  const reply = await library.add({ source: { path: GPT2 } }, { budgetMs: 1 });
  expect(reply).toMatchObject({ ok: false, error: { code: 'timeout' } });
  expect(await library.add({ source: { path: join(folder, 'nowhere.json') } })).toMatchObject({
    ok: false,
    error: { code: 'unreadable', message: 'There is no such file.' },
  });
  expect(await library.add({ source: { path: folder } })).toMatchObject({
    ok: false,
    error: { code: 'unreadable' },
  });
  const bad = join(folder, 'bad.json');
  writeFileSync(bad, '{"model":');
  expect(await library.add({ source: { path: bad } })).toMatchObject({
    ok: true,
    value: { ok: false, reason: { code: 'truncated' } },
  });
  expect(library.entries.map(({ name }) => name)).toEqual(['chosen']);
});
