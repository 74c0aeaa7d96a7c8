// Starts code-server's VS Code on a free local port with a profile of its own, and stops it again.
// The inner server is started directly: code-server's own front adds a login page and a proxy that nobody needs here.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killGroup } from './childProcess.mjs';

/** Settings of a quiet VS Code: no trust question, no welcome page, no updates, nothing sent anywhere. */
export const quietSettings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
};

/** Writes the user settings of a profile folder; `extra` wins over {@link quietSettings}. */
export function writeSettings(userDataDir, extra = {}) {
  const folder = join(userDataDir, 'User');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ ...quietSettings, ...extra }, null, 2));
}

/**
 * Starts the server and resolves with `{ port, origin, stop }` once it listens.
 * `host` is what `ensureVscodeHost` returns; `stop()` ends the server and everything it started.
 */
export async function startCodeServer(
  host,
  { userDataDir, extensionsDir, env = {}, extraArgs = [], showLog = false },
) {
  const args = [
    host.server,
    ...['--host', '127.0.0.1', '--port', '0'],
    '--without-connection-token',
    '--accept-server-license-terms',
    '--telemetry-level=off',
    ...['--user-data-dir', userDataDir, '--extensions-dir', extensionsDir],
    // Without this flag a built workbench ignores extensionDevelopmentPath and extensionTestsPath.
    '--enable-smoke-test-driver',
    ...extraArgs,
  ];
  // A process group of its own, so that the extension host and its children end with the server.
  const child = spawn(host.node, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let stopped = false;
  const stop = () => {
    stopped = true;
    process.off('exit', stop);
    killGroup(child.pid);
  };
  process.on('exit', stop);
  const port = await new Promise((resolve, reject) => {
    let log = '';
    const timer = setTimeout(
      () => reject(new Error(`VS Code's server did not start in 60 s.\n${log}`)),
      60_000,
    );
    const read = (chunk) => {
      const text = String(chunk);
      if (showLog && !stopped) process.stderr.write(text);
      log = (log + text).slice(-8000);
      const found = /listening on (\d+)/.exec(log);
      if (!found) return;
      clearTimeout(timer);
      resolve(Number(found[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`VS Code's server ended with code ${code}.\n${log}`)));
  }).catch((error) => {
    stop();
    throw error;
  });
  return { port, origin: `http://127.0.0.1:${port}`, stop };
}

/** Address of the workbench page on a folder or workspace file, with the extension paths a desktop VS Code takes as arguments. */
export function workbenchAddress(
  { port, origin },
  { folder, developmentPaths = [], testsPath, openFiles = [] },
) {
  const remote = (path) => `vscode-remote://127.0.0.1:${port}${path}`;
  const payload = [
    ...developmentPaths.map((path) => ['extensionDevelopmentPath', remote(path)]),
    ...(testsPath ? [['extensionTestsPath', remote(testsPath)]] : []),
    ...openFiles.map((path) => ['openFile', remote(path)]),
  ];
  const query = new URLSearchParams();
  if (folder) query.set(folder.endsWith('.code-workspace') ? 'workspace' : 'folder', folder);
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `${origin}/?${query}`;
}
