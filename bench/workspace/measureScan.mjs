// `node bench/workspace/measureScan.mjs`: the workspace scan against the raw tokenizer, in one run: throughput on 10 000
// files (wall clock, with the workers that the extension uses, messages included; and CPU time of one worker's work),
// memory, and how soon a scan of this repository with its node_modules ends when it is cancelled.
// Prints the result; `--write` keeps it in bench/results under today's date. Files come from a fixed seed.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { median, root, tableFolder } from '../tokenizers/engineBundle.mjs';

const FILES = 10_000;
const ROUNDS = 5;
const CANCELS = 15;
const outdir = join(root, 'out', 'bench');
const common = { bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' };
await build({
  ...common,
  stdin: {
    contents: `export * from './src/engine/tiktokenLoader'; export * from './src/engine/folderScan';
      export * from './src/engine/engineClient'; export * from './src/engine/diskScan';
      export * from './src/core/files/textDetection';`,
    resolveDir: root,
  },
  outfile: join(outdir, 'scan.cjs'),
});
await build({
  ...common,
  entryPoints: [join(root, 'src', 'engine', 'tokenWorker.ts')],
  outfile: join(outdir, 'tokenWorker.js'),
});
const { loadEncoding, scanFolder, scanOnDisk, scanWorkers, createEngineClient, decodeFile } = createRequire(
  import.meta.url,
)(join(outdir, 'scan.cjs'));

/** As many as the extension starts. */
const WORKERS = scanWorkers(availableParallelism());
/** CPU milliseconds of this process. */
const cpuOf = (work) => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};
const megabytes = (bytes) => Number((bytes / 1e6).toFixed(1));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Files of 1 to 8 kB, made of lines of this repository's own sources, 100 to a folder. */
function makeFiles(folder) {
  const lines = ['src/engine', 'src/core/tokenizers', 'docs', 'webview'].flatMap((path) =>
    readdirSync(join(root, path))
      .filter((name) => /\.(ts|md)$/.test(name))
      .flatMap((name) => readFileSync(join(root, path, name), 'utf8').split('\n')),
  );
  let state = 20261125;
  const next = (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % below;
  };
  for (let i = 0; i < FILES; i++) {
    const at = join(folder, `part${Math.floor(i / 100)}`);
    if (i % 100 === 0) mkdirSync(at, { recursive: true });
    const first = next(lines.length);
    const size = 20 + next(180);
    const text = Array.from({ length: size }, (_, k) => lines[(first + k) % lines.length]).join('\n');
    writeFileSync(join(at, `file${i}.ts`), text);
  }
}

// The engine's worker alone does not keep a process alive.
const alive = setInterval(() => undefined, 1000);
const folder = mkdtempSync(join(tmpdir(), 'tessera-scan-bench-'));
try {
  makeFiles(folder);
  const tokenizer = await loadEncoding('o200k_base', { tableFolder });
  const options = { filesExclude: {}, maxBytes: 20e6 };
  const paths = [...scanFolder(folder, tokenizer, options)].map(({ path }) => join(folder, path));
  const texts = paths.map((path) => decodeFile(readFileSync(path)).text);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const ratios = [];
  const speeds = [];
  for (let round = 0; round < ROUNDS; round++) {
    let rawTokens = 0;
    let scanTokens = 0;
    const raw = cpuOf(() => {
      for (const text of texts) rawTokens += tokenizer.count(text);
    });
    const scan = cpuOf(() => {
      for (const { outcome } of scanFolder(folder, tokenizer, options)) scanTokens += outcome.tokens;
    });
    if (rawTokens !== scanTokens) throw new Error(`${rawTokens} tokens raw, ${scanTokens} in the scan`);
    ratios.push(raw / scan);
    speeds.push({ raw: bytes / raw / 1000, scan: bytes / scan / 1000 });
  }

  const clients = Array.from({ length: WORKERS }, () =>
    createEngineClient({ workerPath: join(outdir, 'tokenWorker.js'), tableFolder }),
  );
  const [client] = clients;
  const never = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };
  const scanAll = async (engines) => {
    const request = { root: folder, tokenizer: 'o200k_base', filesExclude: {}, maxBytes: 20e6, known: [] };
    let tokens = 0;
    for await (const files of scanOnDisk(engines, request, never))
      for (const { outcome } of files) tokens += outcome.tokens;
    return tokens;
  };
  const wall = async (work) => {
    const start = performance.now();
    const tokens = await work();
    return { ms: performance.now() - start, tokens };
  };
  // Workers start and load their tables once, whatever is scanned.
  await scanAll(clients);
  const wallRatios = { oneWorker: [], allWorkers: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const raw = await wall(() => texts.reduce((sum, text) => sum + tokenizer.count(text), 0));
    const one = await wall(() => scanAll([client]));
    const all = await wall(() => scanAll(clients));
    if (one.tokens !== raw.tokens || all.tokens !== raw.tokens)
      throw new Error(`${raw.tokens} tokens raw, ${one.tokens} and ${all.tokens} in the scans`);
    wallRatios.oneWorker.push(raw.ms / one.ms);
    wallRatios.allWorkers.push(raw.ms / all.ms);
  }
  const summary = (values) => ({
    median: Number(median(values).toFixed(3)),
    rounds: values.map((value) => Number(value.toFixed(3))),
  });

  const begin = async (path) => {
    const reply = await client.request('scanFolder', {
      root: path,
      tokenizer: 'o200k_base',
      filesExclude: {},
      maxBytes: 20e6,
      known: [],
    });
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.value;
  };
  globalThis.gc?.();
  const memoryBefore = process.memoryUsage();
  const known = new Map();
  let scan = await begin(folder);
  for (let done = false; !done;) {
    const reply = await client.request('continueScan', { scan, sliceMs: 80 });
    if (!reply.ok) throw new Error(reply.error.message);
    for (const file of reply.value.files) known.set(file.path, file);
    ({ done } = reply.value);
  }
  globalThis.gc?.();
  const memoryAfter = process.memoryUsage();

  // A scan of node_modules, cancelled at moments spread over its first seconds; the worker is free when it answers again.
  const callerMs = [];
  const workerMs = [];
  for (let i = 0; i < CANCELS; i++) {
    scan = await begin(join(root, 'node_modules'));
    const listeners = new Set();
    const cancellation = {
      isCancellationRequested: false,
      onCancellationRequested: (listener) => {
        listeners.add(listener);
        return { dispose: () => listeners.delete(listener) };
      },
    };
    const scanning = (async () => {
      for (;;) {
        const reply = await client.request('continueScan', { scan, sliceMs: 80 }, { cancellation });
        if (!reply.ok || reply.value.done) return;
      }
    })();
    await pause(100 + i * 137);
    const start = performance.now();
    cancellation.isCancellationRequested = true;
    for (const listener of [...listeners]) listener();
    await scanning;
    callerMs.push(performance.now() - start);
    await client.request('endScan', { scan });
    workerMs.push(performance.now() - start);
  }
  for (const each of clients) await each.dispose();

  const date = new Date().toISOString().slice(0, 10);
  const report = `${JSON.stringify(
    {
      what: 'Workspace scan: throughput against the raw tokenizer on the same texts (wall clock through the workers, and CPU time of one), memory, and time to the end of a cancelled scan',
      date,
      node: process.version,
      cpu: cpus()[0]?.model,
      load: loadavg()[0],
      files: FILES,
      megabytes: megabytes(bytes),
      workers: WORKERS,
      shareOfRawThroughput: {
        allWorkers: summary(wallRatios.allWorkers),
        oneWorker: summary(wallRatios.oneWorker),
        cpuTimeOfOne: summary(ratios),
      },
      megabytesPerCpuSecond: speeds.map(({ raw, scan: own }) => ({
        raw: Number(raw.toFixed(1)),
        scan: Number(own.toFixed(1)),
      })),
      memoryMegabytes: {
        hostHeapGrowth: megabytes(memoryAfter.heapUsed - memoryBefore.heapUsed),
        processAfter: megabytes(memoryAfter.rss),
      },
      cancelMs: {
        callerMedian: Number(median(callerMs).toFixed(1)),
        callerMax: Number(Math.max(...callerMs).toFixed(1)),
        workerFreeMedian: Number(median(workerMs).toFixed(1)),
        workerFreeMax: Number(Math.max(...workerMs).toFixed(1)),
      },
    },
    null,
    2,
  )}\n`;
  process.stdout.write(report);
  if (process.argv.includes('--write'))
    writeFileSync(join(root, 'bench', 'results', `${date}-scan.json`), report);
} finally {
  clearInterval(alive);
  rmSync(folder, { recursive: true, force: true });
}
