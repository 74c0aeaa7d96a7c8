// What ships must stay small: the extension host loads its bundle at every start of the window.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('the extension bundle', () => {
  let folder: string;
  let bundle: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-bundle-'));
    execFileSync(process.execPath, [
      'esbuild.mjs',
      '--production',
      '--only',
      'src/extension.ts',
      '--outdir',
      folder,
    ]);
    bundle = join(folder, 'extension.js');
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is under 300 KB', () => {
    expect(statSync(bundle).size).toBeLessThan(300_000);
  });

  it('asks Node and VS Code for nothing else than they have', () => {
    const required = new Set(
      Array.from(readFileSync(bundle, 'utf8').matchAll(/\brequire\("([^"]+)"\)/g), ([, name]) => name ?? ''),
    );
    const foreign = [...required].filter(
      (name) => name !== 'vscode' && !name.startsWith('node:') && !/^(path|fs|os|util|crypto)$/.test(name),
    );
    expect(foreign).toEqual([]);
  });
});
