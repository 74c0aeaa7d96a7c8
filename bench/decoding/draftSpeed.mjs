// node bench/decoding/draftSpeed.mjs [--positions N] [--model FOLDER]
// How long a user waits for drafts: first ghost text with a warm prompt cache, three and ten drafts against one greedy draft,
// where the time goes, from cancelling to a free model process, and how long the host is kept busy. One run, two processes
// (the host's side here, the model process as it ships). Writes bench/results/DATE-draft-speed-MODEL.json.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(new URL('.', import.meta.url)), '../..');
const bundle = (entry, outfile) =>
  build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['onnxruntime-node', 'onnxruntime-web'],
    logLevel: 'warning',
  });
const outfile = join(root, '.cache', 'draftSpeed.cjs');
const modelProcess = join(root, '.cache', 'draftSpeedProcess.cjs');
await bundle('bench/decoding/draftSpeed.ts', outfile);
await bundle('src/engine/modelProcess.ts', modelProcess);
const { status } = spawnSync(process.execPath, [outfile, modelProcess, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
