// Packs the extension, installs the VSIX into an empty profile and runs the smoke suite against it: what users get works,
// not only what a checkout holds.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess } from './childProcess.mjs';
import { ensureDependencies, repositoryRoot } from './ensureDependencies.mjs';
import { ensureNewerNode } from './ensureVscodeHost.mjs';

async function main() {
  await ensureDependencies();
  const node = await ensureNewerNode();
  if (node !== process.execPath) {
    process.exit((await runProcess(node, process.argv.slice(1), { cwd: repositoryRoot })).code);
  }
  const { bundleSuites, runSuite } = await import('./integrationTests.mjs');
  const { packageExtension } = await import('./package.mjs');
  const vsix = await packageExtension();
  await bundleSuites();
  // VS Code runs tests on behalf of an extension under development; an empty one stands in, so that the only Tessera in
  // the window is the installed one.
  const driver = mkdtempSync(join(tmpdir(), 'tessera-smoke-'));
  mkdirSync(driver, { recursive: true });
  writeFileSync(
    join(driver, 'package.json'),
    JSON.stringify({
      name: 'smoke-driver',
      publisher: 'tessera',
      version: '0.0.1',
      engines: { vscode: '^1.101.0' },
    }),
  );
  try {
    await runSuite({ name: 'smoke', developmentPath: driver, installVsix: vsix });
  } finally {
    rmSync(driver, { recursive: true, force: true });
  }
}

await main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
