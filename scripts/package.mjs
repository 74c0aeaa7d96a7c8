// `npm run package`: builds `tessera-<target>.vsix` with @vscode/vsce. `--target linux-x64` (default: this machine) picks
// the platform; what goes in is the allow-list in .vscodeignore. `--list` only prints the files.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireProcess } from './childProcess.mjs';
import { ensureDependencies, repositoryRoot } from './ensureDependencies.mjs';
import { ensureNewerNode } from './ensureVscodeHost.mjs';
import { copyRuntimes } from './runtimePackages.mjs';

/** This machine as a VSIX target. */
export const localTarget = `${process.platform}-${process.arch}`;

/** Builds for production and packs; returns the absolute path of the VSIX. */
export async function packageExtension(target = localTarget) {
  await ensureDependencies();
  const node = await ensureNewerNode();
  await requireProcess(node, ['esbuild.mjs', '--production'], { cwd: repositoryRoot });
  copyRuntimes(target, join(repositoryRoot, 'dist'));
  const file = join(repositoryRoot, `tessera-${target}.vsix`);
  // The bundles carry their packages or have them beside, so vsce need not look into node_modules.
  // No public repository yet for relative links in the README to be rewritten to.
  const flags = ['--no-dependencies', '--no-rewrite-relative-links', '--allow-missing-repository'];
  await requireProcess(node, [vsce, 'package', '--target', target, ...flags, '--out', file], {
    cwd: repositoryRoot,
    quiet: true,
  });
  return file;
}

/** The paths a package would hold, as vsce sees them; needs a build in `dist`. */
export async function listPackage() {
  const node = await ensureNewerNode();
  const output = await requireProcess(node, [vsce, 'ls', '--no-dependencies'], {
    cwd: repositoryRoot,
    quiet: true,
  });
  return output.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
}

const vsce = join(repositoryRoot, 'node_modules', '@vscode', 'vsce', 'vsce');

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--list')) console.log((await listPackage()).join('\n'));
  else {
    const at = process.argv.indexOf('--target');
    console.log(`Packed ${await packageExtension(at < 0 ? localTarget : process.argv[at + 1])}`);
  }
}
