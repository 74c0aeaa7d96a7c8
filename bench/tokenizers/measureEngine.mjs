// One figure in one fresh process: node measureEngine.mjs ENGINE (ready | speed WORKLOAD | hard WORKLOAD)
// Prints one line of JSON. CPU time, not wall-clock time: others may be using the machine.
import { createHash } from 'node:crypto';
import { cpuOf, median } from './engineBundle.mjs';
import { ENGINES } from './peers.mjs';
import { PATHOLOGICAL, WORKLOADS } from './workloads.mjs';

const [engine, kind, workload] = process.argv.slice(2);
const sum = (ids) => createHash('sha256').update(Uint32Array.from(ids)).digest('hex').slice(0, 16);
const cpuNow = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const rssBefore = process.memoryUsage().rss;
const startedAt = cpuNow();
const tokenizer = await ENGINES[engine]();
const run = async (text) => {
  if (!tokenizer.asynchronous) {
    let ids;
    const cpu = cpuOf(() => {
      ids = tokenizer.encode(text);
    });
    return { ids, cpu };
  }
  const before = cpuNow();
  const ids = await tokenizer.asynchronous(text);
  return { ids, cpu: cpuNow() - before };
};

if (kind === 'ready') {
  await run('Hello, world.');
  print({ readyMs: cpuNow() - startedAt, rssMB: (process.memoryUsage().rss - rssBefore) / 1e6 });
} else {
  const text = (kind === 'speed' ? WORKLOADS : PATHOLOGICAL)[workload]();
  const megabytes = Buffer.byteLength(text) / 1e6;
  const first = await run(text);
  const result = { megabytes, tokens: first.ids.length, sum: sum(first.ids), firstMs: first.cpu };
  const passes = first.cpu > 1000 ? 1 : first.cpu > 300 ? 3 : 7;
  if (kind === 'speed' || first.cpu < 1000) {
    const warm = [];
    for (let i = 0; i < passes; i++) warm.push((await run(text)).cpu);
    result.warmMs = median(warm);
  }
  if (kind === 'speed' && tokenizer.count) {
    tokenizer.count(text);
    result.countMs = median(Array.from({ length: passes }, () => cpuOf(() => tokenizer.count(text))));
  }
  print(result);
}

function print(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
