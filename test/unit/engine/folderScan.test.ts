import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Tokenizer } from '../../../src/core/tokenizers/tokenizer';
import { scanFolder, type FolderScanOptions, type ScannedFile } from '../../../src/engine/folderScan';
import { loadEncoding } from '../../../src/engine/tiktokenLoader';

let tokenizer: Tokenizer;
let root: string;
beforeAll(async () => {
  tokenizer = await loadEncoding('o200k_base');
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tessera-scan-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
}
function scan(options: Partial<FolderScanOptions> = {}): Map<string, ScannedFile> {
  const all = scanFolder(root, tokenizer, { filesExclude: {}, maxBytes: 1e6, ...options });
  return new Map([...all].map((file) => [file.path, file]));
}

describe('a folder scan', () => {
  it('tells a large binary file by its first bytes and does not read the rest', () => {
    // Holes take no room on the disk. One call cannot read 3 GB, so a scan that tried to would call it unreadable.
    put('library.so', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0));
    truncateSync(join(root, 'library.so'), 3e9);
    put('long.txt', 'text '.repeat(100_000));
    const files = scan({ maxBytes: Infinity });
    expect(files.get('library.so')?.outcome).toEqual({ kind: 'skipped', reason: 'binary' });
    expect(files.get('long.txt')?.outcome).toMatchObject({ kind: 'counted', bytes: 500_000 });
  });

  it('counts text, names binary files and leaves ignored ones out', () => {
    put('a.txt', 'one two three');
    put('b/c.ts', 'let x = 1;\n');
    put('b/image.png', Uint8Array.of(0x89, 0x50, 0, 0, 1));
    put('.gitignore', 'out/\n*.log\n');
    put('.tesseraignore', '!important.log\n');
    put('out/big.txt', 'x');
    put('debug.log', 'x');
    put('important.log', 'x');
    const files = scan();
    expect([...files.keys()].sort()).toEqual([
      '.gitignore',
      '.tesseraignore',
      'a.txt',
      'b/c.ts',
      'b/image.png',
      'important.log',
    ]);
    expect(files.get('a.txt')?.outcome).toMatchObject({
      kind: 'counted',
      tokens: 3,
      characters: 13,
      bytes: 13,
    });
    expect(files.get('b/image.png')?.outcome).toEqual({ kind: 'skipped', reason: 'binary' });
    expect([...scan({ useGitignore: false }).keys()]).toContain('out/big.txt');
  });

  it('skips a sparse file of 3 GB by its size, without reading it', () => {
    put('huge.bin', 'x');
    truncateSync(join(root, 'huge.bin'), 3_000_000_000);
    expect(scan().get('huge.bin')?.outcome).toEqual({
      kind: 'skipped',
      reason: 'too-large',
      detail: '3000000000',
    });
  });

  it.skipIf(process.platform === 'win32')('does not wait at a link to a pipe', () => {
    execFileSync('mkfifo', [join(root, 'pipe')]);
    symlinkSync('pipe', join(root, 'to-pipe'));
    writeFileSync(join(root, 'beside.txt'), 'beside');
    const files = scan();
    expect(files.has('beside.txt')).toBe(true);
    expect(files.has('pipe') || files.has('to-pipe')).toBe(false);
  });

  it('ends on loops of links, counts links to files and names broken ones', () => {
    put('real.txt', 'hello');
    symlinkSync('.', join(root, 'loop'));
    symlinkSync('self', join(root, 'self'));
    symlinkSync('real.txt', join(root, 'alias.txt'));
    symlinkSync('nowhere', join(root, 'broken'));
    const files = scan();
    expect([...files.keys()].sort()).toEqual(['alias.txt', 'broken', 'real.txt', 'self']);
    expect(files.get('alias.txt')?.outcome).toMatchObject({ kind: 'counted', tokens: 1 });
    expect(files.get('self')?.outcome).toMatchObject({ reason: 'link-loop' });
    expect(files.get('broken')?.outcome).toMatchObject({ reason: 'unreadable', detail: 'ENOENT' });
  });

  it('takes a count from an earlier scan only while size and time are the same', () => {
    put('a.txt', 'one two');
    const known = scan();
    const again = scan({ known });
    expect(again.get('a.txt')).toMatchObject({ cached: true, outcome: known.get('a.txt')!.outcome });
    put('a.txt', 'one 2wo');
    utimesSync(join(root, 'a.txt'), new Date(), new Date(Date.now() + 5000));
    expect(scan({ known }).get('a.txt')?.cached).toBe(false);
  });

  it('says that a folder which does not exist cannot be read', () => {
    rmSync(root, { recursive: true });
    expect(scan().get('')?.outcome).toMatchObject({ reason: 'unreadable', detail: 'ENOENT' });
  });
});
