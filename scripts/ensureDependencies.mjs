// Installs the npm packages of this checkout when the lock file has changed since the last time.
// Runs before anything else, on Node 20 alone, so it must import nothing from node_modules.
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { requireProcess } from './childProcess.mjs';

/** Root folder of the checkout these scripts belong to. */
export const repositoryRoot = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Makes `node_modules` match `package-lock.json`; returns at once when it already does. */
export async function ensureDependencies(root = repositoryRoot) {
  const lock = join(root, 'package-lock.json');
  const stamp = join(root, 'node_modules', '.lock-copy');
  if (existsSync(stamp) && readFileSync(stamp).equals(readFileSync(lock))) return;
  console.error('Installing npm packages …');
  // Lifecycle scripts are off: nothing here needs one (esbuild runs from its platform package), and fewer
  // strangers' scripts run on a contributor's machine.
  await requireProcess(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    quiet: true,
  });
  copyFileSync(lock, stamp);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await ensureDependencies();
