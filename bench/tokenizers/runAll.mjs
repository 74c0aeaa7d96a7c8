// Every tokenizer benchmark in one command: node bench/tokenizers/runAll.mjs [DATE]
// Installs the peers when they are missing, then compares engines, measures keystrokes with 1 000 000 random edits, and
// checks ids against tiktoken on 52 MB and 100 000 strings for each encoding. Results in bench/results/DATE-tokenizer*.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const date = process.argv[2] ?? new Date().toISOString().slice(0, 10);
const run = (command, args) => execFileSync(command, args, { cwd: here, stdio: 'inherit' });

if (!existsSync(`${here}node_modules`))
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']);
for (const script of ['compareEngines', 'measureEdits', 'checkExactness']) {
  const started = Date.now();
  run(process.execPath, [`${script}.mjs`, date]);
  console.log(`${script}: ${Math.round((Date.now() - started) / 1000)} s`);
}
