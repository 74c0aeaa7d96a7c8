// Installs a real VS Code that needs no download from outside npm: code-server and the Node 24 it wants.
// The folder is `.vscode-test/host`, or TESSERA_VSCODE_CACHE when several checkouts share one.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireProcess } from './childProcess.mjs';
import { repositoryRoot } from './ensureDependencies.mjs';

/** code-server 4.139.1 carries VS Code 1.139.1; its extension host is Node 24. */
export const hostVersions = { codeServer: '4.139.1', node: '24.21.0' };

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
// npm's `node` package copies a binary from one of these in a lifecycle script; naming it directly needs no script.
const nodePackage = `${process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${
  process.platform === 'win32' ? 'win' : process.platform
}-${process.arch}`;
const installFlags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** Where the host is, present or not: `{ folder, node, server }` as absolute paths. */
export function vscodeHostPaths() {
  const shared = process.env.TESSERA_VSCODE_CACHE;
  const folder = shared ? resolve(shared) : join(repositoryRoot, '.vscode-test', 'host');
  return {
    folder,
    node: join(
      folder,
      'node_modules',
      nodePackage,
      'bin',
      process.platform === 'win32' ? 'node.exe' : 'node',
    ),
    codeServer: join(folder, 'node_modules', 'code-server'),
    server: join(folder, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js'),
  };
}

/**
 * Installs Node 24 alone and returns its path. `@vscode/vsce` and `@vscode/test-electron` want Node 22 or newer, the
 * project itself runs on 20; a newer Node that already runs this script is used as it is.
 */
export async function ensureNewerNode() {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  const { folder, node } = vscodeHostPaths();
  if (existsSync(node)) return node;
  console.error('Installing Node 24 for the packaging and test tools …');
  prepareFolder(folder);
  await installNode(folder);
  return node;
}

/** Installs Node 24 and code-server where missing and returns {@link vscodeHostPaths}. About 30 s when cold. */
export async function ensureVscodeHost() {
  const paths = vscodeHostPaths();
  const stamp = join(paths.folder, 'installed.json');
  const wanted = JSON.stringify(hostVersions);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(paths.server)) return paths;
  console.error(`Installing code-server ${hostVersions.codeServer} (a real VS Code) into ${paths.folder} …`);
  rmSync(stamp, { force: true });
  prepareFolder(paths.folder);
  await installNode(paths.folder);
  await requireProcess(npm, ['install', ...installFlags, `code-server@${hostVersions.codeServer}`], {
    cwd: paths.folder,
    quiet: true,
  });
  // code-server's own post-install step does these two, and then compiles native modules for minutes. They are not
  // needed: node-pty and the file watcher ship prebuilt, and without the others the server only logs errors.
  const vscode = join(paths.codeServer, 'lib', 'vscode');
  for (const folder of [vscode, join(vscode, 'extensions')]) {
    await requireProcess(npm, ['install', '--omit=dev', ...installFlags], { cwd: folder, quiet: true });
  }
  if (!existsSync(paths.server)) throw new Error(`code-server was installed but ${paths.server} is missing.`);
  writeFileSync(stamp, wanted);
  return paths;
}

function prepareFolder(folder) {
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, 'package.json');
  // Without a manifest of its own npm would walk up and install into the checkout.
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
}

async function installNode(folder) {
  await requireProcess(npm, ['install', ...installFlags, `${nodePackage}@${hostVersions.node}`], {
    cwd: folder,
    quiet: true,
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { folder } = await ensureVscodeHost();
  console.log(`VS Code host ready in ${folder}`);
}
