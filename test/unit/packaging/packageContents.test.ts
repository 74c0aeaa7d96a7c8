// What the VSIX would hold, as vsce lists it: everything a user needs, and nothing from the checkout that he does not.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(__dirname, '..', '..', '..');
const node = (...args: readonly string[]): string =>
  execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

describe('the package', () => {
  let files: readonly string[] = [];

  beforeAll(() => {
    if (!existsSync(join(root, 'dist', 'extension.js'))) node('esbuild.mjs');
    files = node('scripts/package.mjs', '--list')
      .split('\n')
      .filter((line) => line !== '');
  }, 180_000);

  it('holds the manifest, its strings, the documents and the bundles', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'package.nls.json',
        'README.md',
        'CHANGELOG.md',
        'LICENSE',
        'SECURITY.md',
        'THIRD_PARTY_NOTICES.md',
        'media/icon.png',
        'dist/extension.js',
        'dist/tokenWorker.js',
        'dist/cli.js',
        'dist/webview/panel.js',
        'dist/webview/panel.css',
      ]),
    );
  });

  it('holds no sources, tests, source maps or dependencies', () => {
    const allowed =
      /^(package(\.nls)?\.json|(README|CHANGELOG|SECURITY|THIRD_PARTY_NOTICES)\.md|LICENSE|l10n\/[\w.-]+\.json|media\/(icon\.png|tokens\.svg)|media\/walkthrough\/\w+\.svg|dist\/.+)$/;
    expect(files.filter((file) => !allowed.test(file) || /\.(map|ts|log)$/.test(file))).toEqual([]);
  });

  it('holds every file that the manifest names', () => {
    const manifest = readFileSync(join(root, 'package.json'), 'utf8');
    const named = [...manifest.matchAll(/"(?:\.\/)?((?:media|dist)\/[^"]+)"/g)].map(([, path]) => path);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((path) => path === undefined || !files.includes(path))).toEqual([]);
  });

  it('lists the licences of exactly the packages in the bundles', () => {
    expect(() => node('scripts/thirdPartyNotices.mjs', '--check')).not.toThrow();
  }, 60_000);
});
