// `npm run demo`: builds Tessera and opens it on a copy of `samples/` in a real VS Code. A desktop VS Code (`code` on the
// PATH) is used where there is one; otherwise a VS Code page is served on this machine until Ctrl-C. `--page` asks for the page.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireProcess } from './childProcess.mjs';
import { startCodeServer, workbenchAddress, writeSettings } from './codeServer.mjs';
import { findOnPath } from './ensureChromium.mjs';
import { ensureDependencies, repositoryRoot } from './ensureDependencies.mjs';
import { ensureVscodeHost } from './ensureVscodeHost.mjs';

const firstFile = 'quickstart.md';

/** Serves `/` as a redirect to the long workbench address, so that there is a short one to print and to keep. */
function serveShortAddress(target) {
  const server = createServer((request, response) => {
    response.writeHead(302, { location: target }).end();
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}/`));
  });
}

function copySamples(folder) {
  const workspace = join(folder, 'samples');
  cpSync(join(repositoryRoot, 'samples'), workspace, { recursive: true });
  return workspace;
}

async function openDesktop(code) {
  const workspace = copySamples(mkdtempSync(join(tmpdir(), 'tessera-demo-')));
  const args = [
    '--new-window',
    `--extensionDevelopmentPath=${repositoryRoot}`,
    workspace,
    join(workspace, firstFile),
  ];
  await requireProcess(code, args);
  console.log(`Opened VS Code on ${workspace}, with Tessera from this checkout.`);
}

async function servePage() {
  const host = await ensureVscodeHost();
  const scratch = mkdtempSync(join(tmpdir(), 'tessera-demo-'));
  const workspace = copySamples(scratch);
  const [userDataDir, extensionsDir] = [join(scratch, 'user-data'), join(scratch, 'extensions')];
  mkdirSync(extensionsDir, { recursive: true });
  writeSettings(userDataDir);
  const server = await startCodeServer(host, { userDataDir, extensionsDir });
  const address = workbenchAddress(server, {
    folder: workspace,
    developmentPaths: [repositoryRoot],
    openFiles: [join(workspace, firstFile)],
  });
  console.log(`\nVS Code with Tessera:  ${await serveShortAddress(address)}\n`);
  console.log('Open it in a browser on this machine. Ctrl-C stops it.');
  const stop = () => {
    server.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
}

await ensureDependencies();
console.log('Building Tessera …');
await requireProcess(process.execPath, ['esbuild.mjs'], { cwd: repositoryRoot });
const code = process.argv.includes('--page') ? undefined : findOnPath('code');
if (code) await openDesktop(code);
else await servePage();
