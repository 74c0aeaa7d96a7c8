// Runs a TypeScript file of this folder against the sources: node training/run.mjs evaluate.ts [arguments]
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [file, ...rest] = process.argv.slice(2);
const folder = resolve(here, '../.cache');
mkdirSync(folder, { recursive: true });
const outfile = join(folder, `training-${process.pid}.cjs`);
await build({
  entryPoints: [join(here, file)],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['onnxruntime-node', 'onnxruntime-web', 'typescript'],
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, ['--max-old-space-size=6000', outfile, ...rest], { stdio: 'inherit', cwd: resolve(here, '..') });
rmSync(outfile, { force: true });
process.exitCode = status ?? 1;
