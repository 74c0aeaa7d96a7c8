// Runs one measurement inside a real VS Code: builds the extension and the suite, starts the host, prints what the suite
// wrote and, with `--write`, keeps it in bench/results under today's date. `--edits N` sets the number of keystrokes,
// `--profile FILE` also writes a CPU profile of the host thread (and builds without minifying, so that it has names).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { requireProcess, runProcess } from '../../scripts/childProcess.mjs';
import { repositoryRoot } from '../../scripts/ensureDependencies.mjs';
import { ensureNewerNode } from '../../scripts/ensureVscodeHost.mjs';
import { runSuite } from '../../scripts/integrationTests.mjs';

const value = (flag) =>
  process.argv.includes(flag) ? process.argv[process.argv.indexOf(flag) + 1] : undefined;

/** @param name of the suite, bench/editor/NAMESuite.ts, and of its results */
export async function runHostBench(name) {
  const node = await ensureNewerNode();
  if (node !== process.execPath) {
    const again = await runProcess(node, process.argv.slice(1), { cwd: repositoryRoot });
    process.exit(again.code);
  }
  const date = new Date().toISOString().slice(0, 10);
  const result = join(tmpdir(), `tessera-${name}-${process.pid}.json`);
  process.env.TESSERA_BENCH_RESULT = result;
  process.env.TESSERA_BENCH_DATE = date;
  if (value('--edits')) process.env.TESSERA_BENCH_EDITS = value('--edits');
  const profile = value('--profile');
  if (profile) process.env.TESSERA_BENCH_PROFILE = profile;
  await requireProcess(process.execPath, ['esbuild.mjs', ...(profile ? [] : ['--production'])], {
    cwd: repositoryRoot,
  });
  const outdir = join(repositoryRoot, 'out', 'integration', name);
  mkdirSync(outdir, { recursive: true });
  await build({
    entryPoints: [join(repositoryRoot, 'bench', 'editor', `${name}Suite.ts`)],
    outfile: join(outdir, 'index.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
  });
  await runSuite({ name });
  const report = readFileSync(result, 'utf8');
  process.stdout.write(report);
  if (process.argv.includes('--write'))
    writeFileSync(join(repositoryRoot, 'bench', 'results', `${date}-${name}.json`), report);
}
