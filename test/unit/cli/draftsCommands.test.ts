// tessera drafts and tessera next-byte as a user runs them, with the model in the box and with one that cannot fill in.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomWeights, SMALL, writeTreeFolder } from '../core/model/randomModel';
import { writeWholeByteFolder } from '../core/model/wholeByteTokenizer';
import { buildBundle, type BuiltBundle } from '../engine/builtWorker';

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
interface DraftsJson {
  readonly drafts: readonly {
    readonly text: string;
    readonly logProb: number;
    readonly tokens: readonly { readonly text: string; readonly logProb: number }[];
  }[];
  readonly method: string;
  readonly notes: readonly string[];
  readonly watermark?: { readonly tokens: number; readonly changed: number };
}
interface NextByteJson {
  readonly rows: readonly {
    readonly byte: number;
    readonly exact: number;
    readonly tokenLevel: number;
    readonly allPaths?: number;
  }[];
  readonly allPathsDistance?: number;
}

const CODE =
  'export function totalLength(items: string[]): number {\n  let total = 0;\n  for (const item of items) {\n    total += item.len;\n  }\n  return total;\n}\n';

describe('draft commands', () => {
  let cli: BuiltBundle;
  const folder = mkdtempSync(join(tmpdir(), 'tessera-drafts-cli-'));
  const box = resolve('models/tessera-tiny');
  const random = join(folder, 'random');
  const wholeBytes = join(folder, 'wholeBytes');
  const run = (...args: readonly string[]): Promise<Run> =>
    new Promise((done) => {
      const child = spawn(process.execPath, [cli.path, ...args, '--threads', '1'], { cwd: folder });
      let out = '';
      let err = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
      child.on('close', (code) => done({ code, out, err }));
    });
  const json = async <T>(...args: readonly string[]): Promise<T> => {
    const { code, out, err } = await run(...args, '--model', box, '--json');
    expect(err).toBe('');
    expect(code).toBe(0);
    return JSON.parse(out) as T;
  };

  beforeAll(() => {
    cli = buildBundle('src/cli/main.ts', 'cli.js');
    writeTreeFolder(random, randomWeights(SMALL, 3));
    writeWholeByteFolder(wholeBytes, 3);
    writeFileSync(join(folder, 'length.ts'), CODE);
    writeFileSync(join(folder, 'windows.ts'), CODE.replaceAll('\n', '\r\n'));
    writeFileSync(join(folder, 'emoji.ts'), 'const a = "\ud83d\ude00";\n');
    writeFileSync(join(folder, 'empty.ts'), '');
    writeFileSync(join(folder, 'long.ts'), `const text = "${'word '.repeat(2000)}`);
    writeFileSync(join(folder, 'binary.bin'), Buffer.from([1, 0, 2, 0, 3]));
    writeFileSync(join(folder, 'kgw.json'), '{"scheme":"hf-kgw","bias":4,"hashing_key":35}');
  });
  afterAll(() => {
    cli.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('drafts inside a word, the same in a file with CRLF, and repeatably by seed', async () => {
    const drafts = await json<DraftsJson>('drafts', 'length.ts', '--at', '4:22', '-k', '3');
    expect(drafts.drafts[0]!.text.startsWith('gth')).toBe(true);
    for (const { logProb, tokens } of drafts.drafts)
      expect(tokens.reduce((sum, token) => sum + token.logProb, 0)).toBeCloseTo(logProb, 6);
    const windows = await json<DraftsJson>('drafts', 'windows.ts', '--at', '4:22');
    expect(windows.drafts[0]!.text).toBe(drafts.drafts[0]!.text);
    const sampled = ['drafts', 'length.ts', '--at', '3:8', '--method', 'nucleus', '--max-bytes', '12'];
    const first = await json<DraftsJson>(...sampled, '--seed', '7');
    expect((await json<DraftsJson>(...sampled, '--seed', '7')).drafts).toEqual(first.drafts);
    for (const { text } of first.drafts) expect(Buffer.from(text).length).toBeLessThanOrEqual(12);
  });

  it('prints text for people, and plants a mark where asked', async () => {
    const { out, err, code } = await run('drafts', 'length.ts', '--at', '4:22', '--model', box);
    expect(code).toBe(0);
    expect(out).toContain('total += item.len▏gth');
    expect(err).toContain('tessera-tiny: forked');
    const marked = await json<DraftsJson>('drafts', 'length.ts', '--at', '3:8', '--watermark', 'kgw.json');
    expect(marked.watermark!.tokens).toBeGreaterThan(0);
    const voted = await json<DraftsJson>('drafts', 'length.ts', '--at', '4:22', '--ensemble', 'document=0.5');
    expect(voted.method).toBe('ensemble');
    const second = await json<DraftsJson>(
      'drafts',
      'length.ts',
      '--at',
      '4:22',
      '--max-tokens',
      '3',
      '--ensemble',
      box,
    );
    expect(second.drafts[0]!.text.startsWith('gth')).toBe(true);
  });

  it('gives the next byte under three kinds of prompting', async () => {
    const { rows, allPathsDistance } = await json<NextByteJson>('next-byte', 'length.ts', '--at', '4:22');
    // P_all beside P_canon: another sum over nearly the same mass.
    expect(rows.reduce((sum, { allPaths }) => sum + allPaths!, 0)).toBeCloseTo(1, 6);
    const apart = rows.reduce((sum, { exact, allPaths }) => sum + Math.abs(exact - allPaths!), 0) / 2;
    expect(allPathsDistance).toBeCloseTo(apart, 9);
    expect(rows[0]!.byte).toBe('g'.charCodeAt(0));
    expect(rows[0]!.exact).toBeGreaterThan(rows[0]!.tokenLevel);
    expect(rows.reduce((sum, { exact }) => sum + exact, 0)).toBeCloseTo(1, 6);
    const { out } = await run('next-byte', 'length.ts', '--at', '4:22', '--rows', '3', '--model', box);
    expect(out).toMatch(/^byte +exact +token-level +healing +all paths/);
    expect(out).toContain('all paths (P_all) every one');
    expect(out).toContain('67 "g"');
  });

  it('serves an empty file and an endless line', async () => {
    expect((await run('drafts', 'empty.ts', '--model', box)).code).toBe(0);
    expect((await run('drafts', 'long.ts', '--model', box)).code).toBe(0);
  });

  it('says what is wrong and what to do', async () => {
    const told = async (...args: readonly string[]): Promise<string> => {
      const { code, err } = await run(...args);
      expect(code).toBe(2);
      return err;
    };
    expect(await told('drafts', 'length.ts', '--at', '90:1')).toContain('the text has 8 lines');
    expect(await told('drafts', 'length.ts', '--at', '1:400')).toContain('columns go from 1 to');
    expect(await told('drafts', 'length.ts', '--at', 'x')).toContain('LINE:COLUMN');
    expect(await told('drafts', 'emoji.ts', '--at', '1:13')).toContain('inside a character');
    expect(await told('drafts', 'length.ts', '--method', 'beem')).toMatch(
      /Did you mean beam\? Methods: greedy, forked/,
    );
    expect(await told('drafts', 'binary.bin')).toContain('binary');
    expect(await told('drafts', 'missing.ts')).toContain('unreadable');
    expect(await told('drafts', 'length.ts', '--model', 'nowhere')).toContain('nowhere');
    expect(await told('drafts', 'length.ts', '--key', '1')).toContain('--watermark');
    expect(await told('drafts')).toContain('Name exactly one file');
  });

  it('refuses a tokenizer that is not the model’s, and goes left to right where it must, saying so', async () => {
    const wrong = join(folder, 'wrong');
    cpSync(box, wrong, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(wrong, 'manifest.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    writeFileSync(
      join(wrong, 'manifest.json'),
      JSON.stringify({ ...manifest, tokenizerFingerprint: '0123456789abcdef' }),
    );
    const { code, err } = await run('drafts', 'length.ts', '--at', '4:22', '--model', wrong);
    expect(code).toBe(2);
    expect(err).toContain('tokenizer');
    const plain = await run(
      'drafts',
      'length.ts',
      '--at',
      '4:22',
      '--max-tokens',
      '4',
      '--model',
      wholeBytes,
    );
    expect(plain.err).toContain('cannot fill in the middle');
    expect(plain.code).toBe(0);
    const lacking = await run('drafts', 'length.ts', '--at', '4:22', '--model', random);
    expect(lacking.err).toContain('Drafts need');
    expect(lacking.code).toBe(2);
  });

  it('drafts inside a character’s token and inside the literal text of a special token', async () => {
    for (const [name, line, at] of [
      ['inToken.ts', '// caf\u00e9 \u65e5\u672c\u8a9e \u65e5\u672c', '1:11'],
      ['special.ts', 'const end = "<|endoftext|>";', '1:20'],
      ['specialAll.ts', '<fim_middle><|fim_middle|><|endoftext|>', '1:13'],
    ] as const) {
      writeFileSync(join(folder, name), `${line}\n`);
      const { code, err } = await run('drafts', name, '--at', at, '--max-tokens', '4', '--model', box);
      expect(err, name).toContain('tessera-tiny: forked');
      expect(code, name).toBe(0);
      const next = await json<NextByteJson>('next-byte', name, '--at', at);
      expect(
        next.rows.reduce((sum, { exact }) => sum + exact, 0),
        name,
      ).toBeCloseTo(1, 6);
    }
  });

  it('votes with a second model of another vocabulary, and says why one cannot vote', async () => {
    const asked = ['drafts', 'length.ts', '--at', '4:22', '--max-tokens', '3', '--ensemble'];
    const both = await json<DraftsJson>(...asked, `${wholeBytes}=0.2`);
    expect(both.method).toBe('ensemble');
    expect(both.drafts[0]!.text.startsWith('gth')).toBe(true);
    const { code, err } = await run(...asked, random, '--model', box);
    expect(code).toBe(2);
    expect(err).toContain('Drafts need a byte-level');
    expect((await run(...asked, 'nowhere', '--model', box)).err).toContain(
      'second model cannot be used (nowhere)',
    );
  });
});
