// Speed and memory of local models through the runtime that ships: node bench/model/modelSpeed.mjs [folder ...]
// Without folders: the model in the box, and the class `small` with random weights when a Python with torch and onnx can write
// it (training/random_model.py; TESSERA_PYTHON names another Python). Every point is the best of several calls: other work on
// the machine only makes a call slower. Ratios are between lines of one run. Each case is a process of its own, started with
// the arguments and the environment of the extension's model process, so that memory is what a user sees.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '../..');
const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });
const bundled = async (entry, outfile, format) => {
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format,
    target: 'node20',
    external: ['onnxruntime-node', 'onnxruntime-web'],
    logLevel: 'warning',
  });
  return outfile;
};
const script = await bundled('bench/model/modelSpeedCase.ts', join(cache, 'modelSpeed.cjs'), 'cjs');
const optionsFile = await bundled(
  'src/engine/modelProcessOptions.ts',
  join(cache, 'modelProcessOptions.mjs'),
  'esm',
);
const { modelProcessArguments, modelProcessEnvironment } = await import(pathToFileURL(optionsFile).href);

function smallFolder() {
  const folder = join(cache, 'small-random');
  const python = process.env.TESSERA_PYTHON ?? 'python3';
  const { status } = spawnSync(python, ['training/random_model.py', 'small', folder], { cwd: root });
  if (status === 0) return [folder];
  process.stderr.write(
    `${python} cannot write the random model: the class small is left out (TESSERA_PYTHON).\n`,
  );
  return [];
}

const given = process.argv.slice(2);
const tiny = 'models/tessera-tiny';
const cases =
  given.length > 0
    ? given.map((folder) => [folder, 'native'])
    : [[tiny, 'native'], [tiny, 'wasm'], ...smallFolder().map((folder) => [folder, 'native'])];
const results = cases.map(([folder, runtime]) => {
  const began = process.hrtime.bigint();
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...modelProcessArguments, script, folder, runtime, String(began)],
    { cwd: root, encoding: 'utf8', env: modelProcessEnvironment(process.env) },
  );
  if (status !== 0) throw new Error(`the ${runtime} case of ${folder} failed: ${stderr}`);
  return JSON.parse(stdout);
});
rmSync(script, { force: true });
rmSync(optionsFile, { force: true });
const date = new Date().toISOString().slice(0, 10);
const report = {
  date,
  machine: `${cpus().length} x ${cpus()[0].model}`,
  load: loadavg()[0],
  node: process.version,
  goals: {
    tiny: {
      startToReadyMs: 600,
      tokenMs: 2,
      prefill512Ms: 60,
      treeToToken: { 3: 1.3, 8: 1.5, 16: 1.9 },
      residentMegabytes: 150,
    },
    small: { tokenMs: 8, prefill512Ms: 220, residentMegabytes: 300 },
  },
  results,
};
writeFileSync(join(root, `bench/results/${date}-model-speed.json`), `${JSON.stringify(report, null, 1)}\n`);
process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
