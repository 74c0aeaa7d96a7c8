import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { get_encoding, type TiktokenEncoding } from 'tiktoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArguments, UsageError, type CliCommand } from '../../../src/cli/cliCommand';
import { compareCommand } from '../../../src/cli/compareCommand';
import { costCommand } from '../../../src/cli/costCommand';

const text = 'Naïve tokenization of 東京タワー:\n\tlet price = 1_234.5; // €\n';
let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tessera-cli-'));
  file = join(folder, 'text.ts');
  writeFileSync(file, text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function reference(encoding: TiktokenEncoding): number {
  const tokenizer = get_encoding(encoding);
  const tokens = tokenizer.encode_ordinary(text).length;
  tokenizer.free();
  return tokens;
}

async function run(
  command: CliCommand,
  ...argv: string[]
): Promise<{ code: number; out: string; notes: string }> {
  let out = '';
  let notes = '';
  const code = await command.run(readArguments(command, argv), {
    out: (part) => {
      out += part;
      return Promise.resolve();
    },
    note: (part) => {
      notes += `${part}\n`;
    },
    standardInput: () => Promise.resolve(new TextEncoder().encode(text)),
  });
  return { code, out, notes };
}

describe('tessera compare', () => {
  it('counts with each encoding what tiktoken counts', async () => {
    const { code, out } = await run(
      compareCommand,
      file,
      '--encodings',
      'o200k_base,cl100k_base,gpt2',
      '--json',
    );
    expect(code).toBe(0);
    const result = JSON.parse(out) as {
      tokenizers: { tokenizer: string; tokens: number }[];
      differingLines: { line: number }[];
    };
    expect(result.tokenizers.map((row) => row.tokens)).toEqual([
      reference('o200k_base'),
      reference('cl100k_base'),
      reference('gpt2'),
    ]);
    expect(result.differingLines[0]!.line).toBe(1);
  });

  it('prints a table for people and reads standard input', async () => {
    const { out } = await run(compareCommand, '-');
    expect(out).toMatch(/^tokenizer +tokens/);
    expect(out).toContain('東京タワー');
  });

  it.each([
    [[], 'exactly one file'],
    [['a', '--encodings', 'o200k_base,,gpt2'], 'commas'],
    [['a', '--encodings', 'o200k'], 'o200k_base'],
  ])('refuses %j', async (argv, complaint) => {
    await expect(run(compareCommand, ...argv)).rejects.toThrow(UsageError);
    await expect(run(compareCommand, ...argv)).rejects.toThrow(complaint);
  });

  it('says that a file cannot be read', async () => {
    const { code, notes } = await run(compareCommand, join(folder, 'missing'));
    expect(code).toBe(2);
    expect(notes).toContain('no such file');
  });
});

describe('tessera cost', () => {
  it('prices input, cached input and output at the dated list price', async () => {
    const { out } = await run(
      costCommand,
      file,
      '-m',
      'gpt-5',
      '--output-tokens',
      '1000',
      '--cached-tokens',
      '4',
      '--json',
    );
    const result = JSON.parse(out) as {
      inputTokens: number;
      exact: boolean;
      cost: { total: number };
      price: { date: string; old: boolean };
    };
    const tokens = reference('o200k_base');
    expect(result).toMatchObject({ inputTokens: tokens, exact: true });
    expect(result.cost.total).toBeCloseTo(((tokens - 4) * 1.25 + 4 * 0.125 + 1000 * 10) / 1e6, 12);
    expect(result.price.date).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  it('marks an estimate and gives its bounds', async () => {
    const { out } = await run(costCommand, file, '--model', 'claude-opus-5');
    expect(out).toMatch(/^≈ \d+ tokens for Claude Opus 5 \(estimate/);
    expect(out).toMatch(/between \d+ and \d+/);
  });

  it('lists all models', async () => {
    const { out } = await run(costCommand, '--model', 'list');
    expect(out).toMatch(/^gpt-5 +exact/m);
    expect(out).toMatch(/^llama-4-scout +estimate +no price/m);
  });

  it.each([
    [['f'], 'Name a model'],
    [['f', '-m', 'gpt5'], 'gpt-5'],
    [['-m', 'gpt-5'], 'exactly one file'],
  ])('refuses %j', async (argv, complaint) => {
    await expect(run(costCommand, ...argv)).rejects.toThrow(complaint);
  });

  it('refuses more cached tokens than there are', async () => {
    await expect(run(costCommand, file, '-m', 'gpt-5', '--cached-tokens', '100000')).rejects.toThrow(
      'more than the',
    );
  });
});
