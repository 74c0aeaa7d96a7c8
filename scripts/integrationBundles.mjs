// Bundles the suites that run inside VS Code: `test/integration` to `out/integration/editor`, and each of its folders
// (`smoke`, `untrusted`, `multiRoot`, `virtual`) to a folder of that name. mocha and tiktoken stay packages: both load their own parts by name.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { repositoryRoot } from './ensureDependencies.mjs';

const source = join(repositoryRoot, 'test', 'integration');
const target = join(repositoryRoot, 'out', 'integration');

const testsIn = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name));

rmSync(target, { recursive: true, force: true });
for (const [name, folder] of [
  ['editor', source],
  ...['smoke', 'untrusted', 'multiRoot', 'virtual'].map((name) => [name, join(source, name)]),
]) {
  await build({
    entryPoints: [join(source, 'index.ts'), ...testsIn(folder)],
    outdir: join(target, name),
    outbase: folder === source ? source : undefined,
    entryNames: '[name]',
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode', 'mocha', 'tiktoken'],
    sourcemap: 'linked',
    logLevel: 'warning',
  });
}
