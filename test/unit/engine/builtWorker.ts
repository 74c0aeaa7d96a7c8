// Builds the real token worker into a temporary folder, so that engine tests run what ships.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface BuiltBundle {
  readonly path: string;
  remove(): void;
}

/**
 * Builds one bundle of esbuild.mjs. The folder lies inside the checkout, because packages that a bundle leaves out are
 * found from there.
 */
export function buildBundle(entry: string, name: string): BuiltBundle {
  const folder = mkdtempSync(join('node_modules', '.tessera-test-'));
  execFileSync(process.execPath, ['esbuild.mjs', '--only', entry, '--outdir', folder], { stdio: 'inherit' });
  return { path: resolve(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export const buildTokenWorker = (): BuiltBundle => buildBundle('src/engine/tokenWorker.ts', 'tokenWorker.js');
