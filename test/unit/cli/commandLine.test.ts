// The built command line as a user runs it: a process with arguments, input, output and an exit code.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { get_encoding, type Tiktoken } from 'tiktoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBundle, type BuiltBundle } from '../engine/builtWorker';

let cli: BuiltBundle;
let folder: string;
let oracle: Tiktoken;

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function tessera(args: readonly string[], input: string | Uint8Array = ''): Promise<Run> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [cli.path, ...args], { cwd: folder });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('close', (code) => done({ code, out, err }));
    // A command that does not read its input may close it before it is written.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

interface CountJson {
  readonly encoding: string;
  readonly exact: boolean;
  readonly total: number;
  readonly files: readonly {
    readonly path: string;
    readonly tokens: number;
    readonly bytes: number;
    readonly note?: string;
  }[];
  readonly skipped: readonly { readonly path: string; readonly kind: string; readonly reason: string }[];
}
const countJson = async (args: readonly string[], input?: string | Uint8Array): Promise<CountJson> =>
  JSON.parse((await tessera(['count', ...args, '--json'], input)).out) as CountJson;

const files = {
  'a.txt': 'Hello, world!\n',
  'sub/b.ts': 'export const answer = 42;\n'.repeat(20),
  'sub/deeper/c.md': '# 日本語\n\n🙂 and `code`\n',
  'node_modules/p/index.js': 'module.exports = 1;\n',
};

beforeAll(() => {
  cli = buildBundle('src/cli/main.ts', 'cli.js');
  oracle = get_encoding('o200k_base');
  folder = mkdtempSync(join(tmpdir(), 'tessera-cli-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, 'sub/picture.bin'), Uint8Array.of(137, 80, 78, 71, 0, 1, 2, 3));
  symlinkSync(folder, join(folder, 'sub/loop'));
  symlinkSync('nowhere', join(folder, 'sub/broken'));
  writeFileSync(join(folder, 'invalid.txt'), Uint8Array.of(0x61, 0xff, 0xfe, 0x62));
  writeFileSync(join(folder, 'bom.txt'), '\ufeffabc');
  writeFileSync(join(folder, 'utf16.txt'), Buffer.from('\ufeffhé🙂', 'utf16le'));
  writeFileSync(join(folder, 'empty.txt'), '');
});
afterAll(() => {
  cli.remove();
  oracle.free();
  rmSync(folder, { recursive: true, force: true });
});
const expected = (text: string): number => oracle.encode_ordinary(text).length;

describe('tessera', () => {
  it('lists its commands with --help', async () => {
    const { code, out } = await tessera(['--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}count /m);
    expect(out).toMatch(/^ {2}tokens /m);
  });

  it('without a command shows the same and fails', async () => {
    expect((await tessera([])).code).toBe(2);
  });

  it('prints its version', async () => {
    expect((await tessera(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('names an unknown command and the nearest known one', async () => {
    const { code, err } = await tessera(['cuont']);
    expect(code).toBe(2);
    expect(err).toContain('unknown command "cuont". Did you mean "count"?');
  });
});

describe('tessera count', () => {
  it('counts a file and the total as tiktoken does', async () => {
    const { code, out } = await tessera(['count', 'a.txt', 'sub/b.ts']);
    const counts = [expected(files['a.txt']), expected(files['sub/b.ts'])];
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => Number(line.trim().split(/\s+/)[0])),
    ).toEqual([...counts, counts[0]! + counts[1]!]);
    expect(out).toContain('total (o200k_base, exact)');
  });

  it('prints one JSON object', async () => {
    const result = await countJson(['a.txt']);
    const tokens = expected(files['a.txt']);
    expect(result).toMatchObject({
      encoding: 'o200k_base',
      exact: true,
      total: tokens,
      files: [{ path: 'a.txt', tokens, bytes: 14 }],
    });
  });

  it('walks folders in a fixed order, each once however links lead', async () => {
    const result = await countJson(['sub']);
    const real = result.files.filter(({ path }) => !path.startsWith(join('sub', 'loop')));
    expect(real.map(({ path }) => path)).toEqual([join('sub', 'b.ts'), join('sub', 'deeper', 'c.md')]);
    const again = await countJson(['sub']);
    expect(again.files).toEqual(result.files);
  });

  it('names binary files, folders it does not walk and what it cannot read', async () => {
    const { skipped } = await countJson(['.']);
    expect(skipped).toContainEqual({ path: join('sub', 'picture.bin'), kind: 'skipped', reason: 'binary' });
    expect(skipped).toContainEqual({
      path: 'node_modules',
      kind: 'skipped',
      reason: 'folder not walked; name it to count it',
    });
    expect(skipped).toContainEqual({
      path: join('sub', 'broken'),
      kind: 'unreadable',
      reason: 'no such file or folder',
    });
  });

  it('walks node_modules when it is named', async () => {
    expect((await countJson(['node_modules'])).files).toHaveLength(1);
  });

  it('counts the rest and exits with 2 when something cannot be read', async () => {
    const { code, out, err } = await tessera(['count', 'missing.txt', 'a.txt']);
    expect(code).toBe(2);
    expect(err).toContain('missing.txt: unreadable: no such file or folder');
    expect(out).toContain('a.txt');
  });

  it('reads standard input for "-"', async () => {
    expect(await countJson(['-'], 'one two three')).toMatchObject({ total: 3, files: [{ path: '-' }] });
  });

  it('exits with 1 above the budget and with 0 at it', async () => {
    const over = await tessera(['count', '-', '--budget', '2'], 'one two three');
    expect(over.code).toBe(1);
    expect(over.err).toContain('3 tokens are 1 above the budget of 2.');
    expect((await tessera(['count', '-', '--budget', '3'], 'one two three')).code).toBe(0);
    expect((await tessera(['count', 'empty.txt', '--budget', '0'])).code).toBe(0);
  });

  it('counts special-token text as ordinary text', async () => {
    expect((await countJson(['-'], '<|endoftext|>')).total).toBe(expected('<|endoftext|>'));
    expect(expected('<|endoftext|>')).toBeGreaterThan(1);
  });

  it('counts invalid UTF-8 as decoded and says so', async () => {
    const {
      files: [file],
    } = await countJson(['invalid.txt']);
    expect(file).toMatchObject({
      tokens: expected('a\ufffd\ufffdb'),
      note: expect.stringContaining('not valid UTF-8') as string,
    });
  });

  it('counts a byte order mark and says so; reads UTF-16 by its mark', async () => {
    const {
      files: [bom, utf16],
    } = await countJson(['bom.txt', 'utf16.txt']);
    expect(bom).toMatchObject({ bytes: 6, note: expect.stringContaining('byte order mark') as string });
    expect(utf16).toMatchObject({
      tokens: expected('hé🙂'),
      note: expect.stringContaining('UTF-16') as string,
    });
  });

  it.each(['cl100k_base', 'p50k_base', 'p50k_edit', 'r50k_base', 'gpt2'] as const)(
    'counts with %s',
    async (encoding) => {
      const other = get_encoding(encoding);
      const text = files['sub/deeper/c.md'] + files['sub/b.ts'];
      expect(await countJson(['-', '-e', encoding], text)).toMatchObject({
        encoding,
        total: other.encode_ordinary(text).length,
      });
      other.free();
    },
  );

  it.each([
    [['count'], 'Name at least one file or folder'],
    [['count', 'a.txt', '--encoding', 'o200kbase'], 'Unknown encoding "o200kbase". Did you mean o200k_base?'],
    [['count', 'a.txt', '--budget', 'many'], '--budget needs a whole number, not "many".'],
    [['count', 'a.txt', '--jsn'], 'Unknown option --jsn. Did you mean --json?'],
    [['tokens'], 'Name exactly one file'],
    [['tokens', 'a.txt', 'sub/b.ts'], 'Name exactly one file'],
    [['tokens', 'sub'], 'a folder; name a file'],
  ])('%j is bad usage: %s', async (args, message) => {
    const { code, out, err } = await tessera(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });
});

describe('tessera tokens', () => {
  const text = 'Hello  wörld 𓀀\n<|endoftext|>';

  it('prints ids and byte ranges that tile the text', async () => {
    const { out } = await tessera(['tokens', '-'], text);
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows.map(([id]) => Number(id))).toEqual(Array.from(oracle.encode_ordinary(text)));
    expect(Number(rows.at(-1)?.[2])).toBe(Buffer.byteLength(text));
    rows.forEach(([, start], i) => expect(start).toBe(i === 0 ? '0' : rows[i - 1]?.[2]));
  });

  it('as JSON gives the text of each token, and the bytes of those that cut a character', async () => {
    const result = JSON.parse((await tessera(['tokens', '-', '--json'], text)).out) as {
      encoding: string;
      exact: boolean;
      total: number;
      tokens: { id: number; start: number; end: number; text: string; bytes?: string }[];
    };
    expect(result).toMatchObject({ encoding: 'o200k_base', exact: true, total: result.tokens.length });
    const bytes = Buffer.from(text);
    for (const token of result.tokens) {
      const own = bytes.subarray(token.start, token.end);
      if (token.bytes === undefined) expect(token.text).toBe(own.toString());
      else expect(Buffer.from(token.bytes.replaceAll(' ', ''), 'hex')).toEqual(own);
    }
    expect(result.tokens.some((token) => token.bytes !== undefined)).toBe(true);
  });

  it('of an empty file are none', async () => {
    expect(await tessera(['tokens', 'empty.txt'])).toEqual({ code: 0, out: '', err: '' });
    expect(JSON.parse((await tessera(['tokens', 'empty.txt', '--json'])).out)).toMatchObject({
      total: 0,
      tokens: [],
    });
  });

  it('of a binary file are refused', async () => {
    expect(await tessera(['tokens', 'sub/picture.bin'])).toMatchObject({ code: 2, out: '' });
  });

  it('end quietly when the reader closes the pipe', async () => {
    const child = spawn(process.execPath, [cli.path, 'tokens', '-'], { cwd: folder });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
    child.stdout.once('data', () => child.stdout.destroy());
    child.stdin.on('error', () => undefined);
    child.stdin.end('word '.repeat(400_000));
    const code = await new Promise((done) => child.on('close', done));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});
