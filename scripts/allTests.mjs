// `npm test`: installs what is missing, then lint, types, unit, webview and integration tests, and a smoke test of the packed
// VSIX. Every step runs even when an earlier one failed; the runners' own summaries are printed together at the end.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { runProcess } from './childProcess.mjs';
import { ensureDependencies, repositoryRoot } from './ensureDependencies.mjs';

const bin = (name) => join(repositoryRoot, 'node_modules', '.bin', name);
const script = (name) => join(repositoryRoot, 'scripts', name);

/** Lines of a runner's output that are its summary. */
const vitestSummary = /^\s*(Test Files|Tests)\s.*\d/;
const nodeTestSummary = /^(#|ℹ) (pass|fail) \d+/;
const mochaSummary = /^\s*(\d+ (passing|failing|pending)|tried again:)/;

/** What failed, in a runner's own words: whoever sees only the end of a log needs the names there. */
function failures(output) {
  const lines = output.split('\n').map((line) => stripVTControlCharacters(line).trimEnd());
  const list = lines.findIndex((line) => /^\s*[1-9]\d* failing/.test(line));
  const named = lines.filter((line) => /^\s*(FAIL|×|not ok|✖)\s/.test(line));
  return [...new Set(named), ...(list < 0 ? [] : lines.slice(list, list + 60))].slice(0, 80);
}

/** The steps, in the order a contributor wants to hear about trouble: cheap first. */
const steps = [
  { name: 'build', command: process.execPath, args: ['esbuild.mjs'] },
  { name: 'types', command: 'npm', args: ['run', '--silent', 'typecheck'] },
  { name: 'lint', command: 'npm', args: ['run', '--silent', 'lint'] },
  { name: 'unit', command: bin('vitest'), args: ['run', '--project', 'unit'], summary: vitestSummary },
  { name: 'webview', command: bin('vitest'), args: ['run', '--project', 'webview'], summary: vitestSummary },
  {
    name: 'integration',
    command: process.execPath,
    args: [script('integrationTests.mjs')],
    summary: mochaSummary,
  },
  { name: 'page', command: process.execPath, args: ['--test', 'test/page/'], summary: nodeTestSummary },
  { name: 'VSIX smoke', command: process.execPath, args: [script('smokeTest.mjs')], summary: mochaSummary },
];

await ensureDependencies();
const asked = process.argv.slice(2);
const report = [];
const failedLines = [];
let failed = false;
for (const { name, command, args, summary } of steps) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n── ${name} ${'─'.repeat(Math.max(4, 70 - name.length))}`);
  if (!existsSync(command) && command.startsWith(repositoryRoot))
    throw new Error(`${command} is missing; run npm ci.`);
  const started = performance.now();
  const { code, output } = await runProcess(command, args, { cwd: repositoryRoot, both: true });
  const seconds = Math.round((performance.now() - started) / 1000);
  failed ||= code !== 0;
  report.push(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(12)} ${String(seconds).padStart(4)} s`);
  if (code !== 0) failedLines.push(`── failed in ${name}`, ...failures(output));
  if (summary) {
    const lines = output.split('\n').map((line) => stripVTControlCharacters(line).trim());
    for (const line of lines.filter((text) => summary.test(text))) report.push(`          ${line}`);
  }
}
// One plain line for whatever reads the log: tests of all runners together.
const total = { passed: 0, failed: 0 };
for (const line of report) {
  for (const [, count, word] of line.matchAll(/(\d+) (passed|failed|passing|failing)\b/g)) {
    if (/Test Files/.test(line)) continue;
    total[word.startsWith('pass') ? 'passed' : 'failed'] += Number(count);
  }
}
if (failedLines.length > 0) console.log(`\n${failedLines.join('\n')}`);
console.log(`\n── summary ${'─'.repeat(63)}\n${report.join('\n')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(failed ? 1 : 0);
