// Entry of the suite that runs inside a real VS Code: hands every bundled `*.test.js` beside this file to mocha.
// TESSERA_TEST_GREP narrows the run to tests whose title matches; TESSERA_TEST_REPORT names the file mocha's lines go to,
// because VS Code's own log would bury them on the console.
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

/** Called by VS Code's test host; rejects when a test fails, which becomes exit code 1. */
export function run(): Promise<void> {
  // A second try, named in the report and in the summary: the workbench around us is a browser page on a busy machine, which
  // may lose a keystroke or a focus. Whatever fails twice is ours.
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 120_000, slow: 5_000, retries: 1 });
  const report = process.env['TESSERA_TEST_REPORT'];
  if (report !== undefined) {
    Mocha.reporters.Base.consoleLog = (...parts: unknown[]) =>
      appendFileSync(report, `${format(...parts)}\n`);
  }
  const pattern = process.env['TESSERA_TEST_GREP'];
  if (pattern !== undefined) mocha.grep(new RegExp(pattern));
  for (const name of readdirSync(__dirname).sort()) {
    if (name.endsWith('.test.js')) mocha.addFile(join(__dirname, name));
  }
  return new Promise((resolve, reject) => {
    const runner = mocha.run((failures) => {
      if (failures > 0) reject(new Error(`${failures} integration tests failed.`));
      else resolve();
    });
    runner.on('retry', (test: Mocha.Test, error: Error) => {
      Mocha.reporters.Base.consoleLog(`    tried again: ${test.fullTitle()}\n      ${error.message}`);
    });
  });
}
