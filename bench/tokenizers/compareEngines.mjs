// Tessera's tokenizer beside its peers on o200k_base, one run: node bench/tokenizers/compareEngines.mjs [DATE] [LEFT-OUT,…]
// First: npm ci (root), npm install --ignore-scripts (here). Writes bench/results/DATE-tokenizers.json and .md.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { buildEngine, median, root, tableFolder } from './engineBundle.mjs';
import { ENGINES, makeTokenizerJson } from './peers.mjs';
import { PATHOLOGICAL, WORKLOADS } from './workloads.mjs';

const date = process.argv[2] ?? new Date().toISOString().slice(0, 10);
/** Names to leave out, comma-separated. */
const leftOut = new Set((process.argv[3] ?? '').split(','));
/** CPU seconds after which a process on a hard input is ended, and what getting ready may take of its process besides. */
const HARD_LIMIT_S = 6;
const READY_S = 4;
const script = fileURLToPath(new URL('measureEngine.mjs', import.meta.url));

await buildEngine();
await makeTokenizerJson();

function measure(engine, kind, workload) {
  try {
    // The limit is one of CPU time, like the figures: a busy machine must not end a fast engine.
    const limit = kind === 'hard' ? `ulimit -t ${HARD_LIMIT_S + READY_S}; ` : '';
    const output = execFileSync(
      'sh',
      ['-c', `${limit}exec "$0" "$@"`, process.execPath, script, engine, kind, workload ?? ''],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return JSON.parse(output.toString());
  } catch (error) {
    // Only running out of time is a result; anything else is a broken set-up, and no table may be made of it.
    if (error.signal !== 'SIGXCPU' && error.signal !== 'SIGKILL') throw error;
    return { failed: `more than ${HARD_LIMIT_S} s` };
  }
}

const names = Object.keys(ENGINES).filter((name) => !leftOut.has(name));
const results = {
  date,
  node: process.version,
  cpu: `${cpus().length} × ${cpus()[0].model}`,
  loadBefore: loadavg(),
  encoding: 'o200k_base',
  ready: {},
  speed: {},
  hard: {},
  sizes: {},
};
for (const engine of names) {
  const runs = Array.from({ length: 3 }, () => measure(engine, 'ready'));
  results.ready[engine] = runs[0].failed
    ? runs[0]
    : { readyMs: median(runs.map((run) => run.readyMs)), rssMB: median(runs.map((run) => run.rssMB)) };
}
for (const workload of Object.keys(WORKLOADS)) {
  results.speed[workload] = Object.fromEntries(
    names.map((engine) => [engine, measure(engine, 'speed', workload)]),
  );
}
for (const workload of Object.keys(PATHOLOGICAL)) {
  results.hard[workload] = Object.fromEntries(
    names.map((engine) => [engine, measure(engine, 'hard', workload)]),
  );
}
for (const table of ['o200k_base', 'cl100k_base', 'p50k_base', 'r50k_base']) {
  const bytes = readFileSync(join(tableFolder, `${table}.pairs`));
  results.sizes[table] = { bytes: bytes.length, deflated: deflateRawSync(bytes, { level: 9 }).length };
}
results.loadAfter = loadavg();
writeFileSync(`${root}bench/results/${date}-tokenizers.json`, `${JSON.stringify(results, null, 1)}\n`);
writeFileSync(`${root}bench/results/${date}-tokenizers.md`, report(results));

function report({ node, cpu, ready, speed, hard, sizes, loadBefore, loadAfter }) {
  const lines = [
    `# Tokenizers side by side, ${date}`,
    '',
    `o200k_base, Node ${node}, ${cpu}. CPU time (user + system of the process), medians, one fresh process a figure, one run.`,
    `Load average before and after: ${loadBefore[0].toFixed(1)}, ${loadAfter[0].toFixed(1)}; on a shared machine compare ratios, not megabytes.`,
    `Not in this run: ${
      Object.keys(ENGINES)
        .filter((name) => leftOut.has(name))
        .join(', ') || 'none of the engines'
    }.`,
    "`bench/tokenizers/compareEngines.mjs` makes this file. ≠ marks ids that differ from tiktoken's.",
    '',
  ];
  const peers = names.filter((name) => !name.startsWith('tessera'));
  for (const [field, title] of [
    ['warmMs', 'warm'],
    ['firstMs', 'first pass'],
    ['countMs', 'count only'],
  ]) {
    lines.push(
      `## MB/s, ${title}`,
      '',
      `| engine | ${Object.keys(speed).join(' | ')} |`,
      `|---|${'--:|'.repeat(Object.keys(speed).length)}`,
    );
    for (const name of names) {
      const cells = Object.values(speed).map((rows) => {
        const row = rows[name];
        if (row.failed) return 'failed';
        if (!row[field]) return '–';
        return ((row.megabytes / row[field]) * 1000).toFixed(1) + (row.sum === rows.tiktoken.sum ? '' : ' ≠');
      });
      lines.push(`| ${name} | ${cells.join(' | ')} |`);
    }
    for (const own of names.filter((name) => name.startsWith('tessera'))) {
      const cells = Object.values(speed).map((rows) => {
        const fastest = Math.min(
          ...peers.map(
            (name) => rows[name][field] ?? (field === 'countMs' ? rows[name].warmMs : undefined) ?? Infinity,
          ),
        );
        return `**${(fastest / rows[own][field]).toFixed(1)} ×**`;
      });
      lines.push(`| ${own} against the fastest peer | ${cells.join(' | ')} |`);
    }
    lines.push('');
  }
  lines.push(
    '## Ready (import, vocabulary, first encode) and memory',
    '',
    '| engine | ms | growth of resident memory, MB |',
    '|---|--:|--:|',
  );
  for (const [name, row] of Object.entries(ready))
    lines.push(
      row.failed
        ? `| ${name} | failed | |`
        : `| ${name} | ${row.readyMs.toFixed(0)} | ${row.rssMB.toFixed(0)} |`,
    );
  lines.push(
    '',
    `## Hard inputs, ms, warm (first pass when it took more than a second); stopped after ${HARD_LIMIT_S} s`,
    '',
    `| engine | ${Object.keys(hard).join(' | ')} |`,
    `|---|${'--:|'.repeat(Object.keys(hard).length)}`,
  );
  for (const name of names) {
    const cells = Object.values(hard).map((rows) => {
      const row = rows[name];
      if (row.failed) return row.failed.startsWith('more') ? row.failed : 'failed';
      return (row.warmMs ?? row.firstMs).toFixed(row.warmMs < 10 ? 1 : 0);
    });
    lines.push(`| ${name} | ${cells.join(' | ')} |`);
  }
  lines.push('', '## Packed tables, bytes', '', '| table | raw | deflated |', '|---|--:|--:|');
  for (const [name, { bytes, deflated }] of Object.entries(sizes))
    lines.push(`| ${name} | ${bytes} | ${deflated} |`);
  return `${lines.join('\n')}\n`;
}
