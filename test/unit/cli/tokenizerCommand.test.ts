import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readArguments, UsageError, type CliCommand } from '../../../src/cli/cliCommand';
import { compareCommand } from '../../../src/cli/compareCommand';
import { costCommand } from '../../../src/cli/costCommand';
import { countCommand } from '../../../src/cli/countCommand';
import { tokenizerCommand } from '../../../src/cli/tokenizerCommand';
import { expected } from '../core/tokenizers/formats/tokenizerFixtures';

const FIXTURES = join(import.meta.dirname, '../../fixtures/tokenizers');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tessera-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(
  command: CliCommand,
  ...argv: string[]
): Promise<{ code: number; out: string; notes: string }> {
  let [out, notes] = ['', ''];
  const code = await command.run(readArguments(command, argv), {
    out: (part) => {
      out += part;
      return Promise.resolve();
    },
    note: (part) => {
      notes += part;
    },
    standardInput: () => Promise.resolve(new Uint8Array()),
  });
  return { code, out, notes };
}

it('describes a tokenizer.json with its parts, fingerprint and round trip', async () => {
  const path = join(FIXTURES, 'bpe-roberta.json');
  const { code, out } = await run(tokenizerCommand, path, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    ok: true,
    sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
    format: 'tokenizer.json',
    matchedTokens: 3,
    postProcessor: 'before: <s>; after: </s>',
    exactness: 'exact',
    roundTrip: { tried: 12 },
  });
});

it('tells what a lossy tokenizer loses', async () => {
  const { out } = await run(tokenizerCommand, join(FIXTURES, 'wordpiece-uncased.json'));
  expect(out).toMatch(/round trip +0 of 12 sample texts come back; "The quick/);
  expect(out).toMatch(/normalizer +BERT \(clean, CJK apart, strip accents, lowercase\)/);
});

it('refuses a bad file by name and answers 2', async () => {
  const bad = join(folder, 'bad.json');
  writeFileSync(bad, '<html>');
  expect(await run(tokenizerCommand, bad)).toMatchObject({
    code: 2,
    notes: expect.stringContaining('[unknown-format]') as string,
  });
  await expect(run(tokenizerCommand, join(folder, 'nowhere'))).rejects.toThrow(UsageError);
});

it('counts with a tokenizer file as the library does', async () => {
  const text = expected.strings[200]!;
  const file = join(folder, 'text.txt');
  writeFileSync(file, text);
  const path = join(FIXTURES, 'spm-unigram-nmt-nfkc.model');
  const { out } = await run(countCommand, file, '--tokenizer', path, '--json');
  expect(JSON.parse(out)).toMatchObject({
    exact: true,
    total: expected.files['spm-unigram-nmt-nfkc.model']![200]!.ids.length,
  });
  await expect(run(countCommand, file, '--tokenizer', path, '--encoding', 'gpt2')).rejects.toThrow(
    UsageError,
  );
});

it('compares tokenizer files with encodings, in the order given', async () => {
  const file = join(folder, 'compared.txt');
  writeFileSync(file, expected.strings[200]!);
  const names = ['bpe-gpt2.json', 'spm-bpe.model'];
  const { out } = await run(
    compareCommand,
    file,
    '--encodings',
    'gpt2',
    ...names.flatMap((name) => ['--tokenizer', join(FIXTURES, name)]),
    '--json',
  );
  const { tokenizers } = JSON.parse(out) as { tokenizers: { tokenizer: string; tokens: number }[] };
  expect(tokenizers.map(({ tokenizer }) => tokenizer)).toEqual(['gpt2', ...names]);
  expect(tokenizers.slice(1).map(({ tokens }) => tokens)).toEqual(
    names.map((name) => expected.files[name]![200]!.ids.length),
  );
  const bad = join(folder, 'bad.json');
  writeFileSync(bad, '[]');
  await expect(run(compareCommand, file, '--tokenizer', bad)).rejects.toThrow(/bad\.json: .*\[/s);
});

it('prices what the tokenizer file counts, without the factor of the model’s own estimate', async () => {
  const file = join(folder, 'priced.txt');
  writeFileSync(file, expected.strings[200]!);
  const path = join(FIXTURES, 'bpe-gpt2.json');
  const { out } = await run(costCommand, file, '--model', 'gpt-5', '--tokenizer', path, '--json');
  expect(JSON.parse(out)).toMatchObject({
    exact: true,
    encoding: 'bpe-gpt2.json',
    inputTokens: expected.files['bpe-gpt2.json']![200]!.ids.length,
  });
});

it('says how a SentencePiece model did on its own test strings', async () => {
  const { out } = await run(tokenizerCommand, join(FIXTURES, 'bpe-gpt2.json'));
  expect(out).toMatch(/own test strings +the file has none/);
});
