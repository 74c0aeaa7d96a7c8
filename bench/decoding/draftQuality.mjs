// node bench/decoding/draftQuality.mjs [--model FOLDER] [--positions N] [--edges N] [--words N] [--minutes M]
// Quality and CPU time of every draft method, and of the three ways to meet a cursor inside a token, on code that the
// embedded model has not seen: packages that training/corpus-manifest.json lists as held out, fetched once with `npm pack`
// into .cache/held-out. Every cursor is kept in .cache/draft-quality as soon as it is measured: after --minutes, or when stopped,
// the same command goes on there. Writes bench/results/DATE-draft-quality-MODEL.json, and the table of docs/algorithms-decoding.md
// beside what it keeps.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(new URL('.', import.meta.url)), '../..');
const cache = join(root, '.cache', 'held-out');

/** Held-out packages with sources worth completing; versions are those of the manifest. */
const packages = ['prosemirror-model', 'z-schema', 'optimism', 'comlink', 'axios', 'koa', 'undici', 'valtio'];

function fetchPackages() {
  const manifest = JSON.parse(readFileSync(join(root, 'training/corpus-manifest.json'), 'utf8'));
  mkdirSync(cache, { recursive: true });
  for (const name of packages) {
    const entry = manifest.packages.find((row) => row.name === name);
    if (entry?.split !== 'heldout') throw new Error(`${name} is not held out`);
    const target = join(cache, name);
    if (existsSync(target)) continue;
    const pack = ['pack', `${name}@${entry.version}`, '--pack-destination', cache, '--silent'];
    run('npm', pack);
    const archive = readdirSync(cache).find((file) => file.endsWith('.tgz'));
    run('tar', ['-xzf', join(cache, archive), '-C', cache]);
    renameSync(join(cache, 'package'), target);
    rmSync(join(cache, archive));
  }
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}

fetchPackages();
const outfile = join(root, '.cache', 'draftQuality.cjs');
await build({
  entryPoints: [join(root, 'bench/decoding/draftQuality.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['onnxruntime-node', 'onnxruntime-web', 'typescript'],
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, [outfile, cache, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
