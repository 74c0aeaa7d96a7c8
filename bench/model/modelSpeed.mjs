// Speed of the embedded model through the runtime that ships: node bench/model/modelSpeed.mjs [folder]
// Every point is the best of several calls: other work on the machine only makes a call slower. Ratios are between lines of
// one run. Native and WebAssembly run in processes of their own, so that memory is each one's own.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '../..');
const folder = process.argv[2] ?? 'models/tessera-tiny';
const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });
const outfile = join(cache, 'modelSpeed.cjs');
await build({
  entryPoints: [join(here, 'modelSpeedCase.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['onnxruntime-node', 'onnxruntime-web'],
  logLevel: 'warning',
});
const results = ['native', 'wasm'].map((runtime) => {
  const began = process.hrtime.bigint();
  const { stdout, status } = spawnSync(process.execPath, [outfile, folder, runtime, String(began)], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the ${runtime} case failed`);
  return JSON.parse(stdout);
});
rmSync(outfile, { force: true });
const date = new Date().toISOString().slice(0, 10);
const report = {
  date,
  machine: `${cpus().length} x ${cpus()[0].model}`,
  load: loadavg()[0],
  node: process.version,
  results,
};
writeFileSync(join(root, `bench/results/${date}-model-speed.json`), `${JSON.stringify(report, null, 1)}\n`);
process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
