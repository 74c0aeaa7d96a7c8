// Runs the integration suite in a real VS Code by @vscode/test-electron: the VS Code that VSCODE_EXECUTABLE names, else
// downloaded ones (the oldest supported and stable), else code-server. Arguments: `--grep PATTERN`, `--host code-server|download`,
// `--suite editor|multiRoot|virtual|untrusted` for one of the suites.
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireProcess, runProcess } from './childProcess.mjs';
import { ensureDependencies, repositoryRoot } from './ensureDependencies.mjs';
import { ensureNewerNode } from './ensureVscodeHost.mjs';

const updateServer = 'https://update.code.visualstudio.com/api/releases/stable';

/** True when VS Code can be downloaded here; asked once, and a slow or filtered network means no. */
async function downloadsReachable() {
  try {
    return (await fetch(updateServer, { signal: AbortSignal.timeout(4000) })).ok;
  } catch {
    return false;
  }
}

/** The VS Codes to test in: `{ name, options }` for `runTests`. */
async function chooseHosts(asked) {
  if (process.env.VSCODE_EXECUTABLE && asked === undefined) {
    return [
      {
        name: process.env.VSCODE_EXECUTABLE,
        options: { vscodeExecutablePath: process.env.VSCODE_EXECUTABLE },
      },
    ];
  }
  if (asked === 'download' || (asked === undefined && (await downloadsReachable()))) {
    const manifest = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8'));
    const oldest = manifest.engines.vscode.replace('^', '');
    return [oldest, 'stable'].map((version) => ({ name: `VS Code ${version}`, options: { version } }));
  }
  const adapter = join(repositoryRoot, 'scripts', 'codeServerAdapter.mjs');
  return [{ name: 'code-server in Chromium', options: { vscodeExecutablePath: adapter } }];
}

const folderWithSettings = (folder, settings) => {
  mkdirSync(join(folder, '.vscode'), { recursive: true });
  writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify(settings, null, 2));
};

/**
 * The windows to test in: which folder or workspace file is opened (made in an empty folder), and with which user
 * settings. `codeServerOnly`: the test runner switches workspace trust off in a desktop VS Code.
 */
const suites = [
  { name: 'editor' },
  {
    name: 'multiRoot',
    open: (folder) => {
      folderWithSettings(join(folder, 'first'), { 'tessera.encoding': 'cl100k_base' });
      folderWithSettings(join(folder, 'second'), { 'tessera.model': 'claude-sonnet-5' });
      const file = join(folder, 'two.code-workspace');
      writeFileSync(file, JSON.stringify({ folders: [{ path: 'first' }, { path: 'second' }], settings: {} }));
      return file;
    },
  },
  {
    name: 'virtual',
    open: (folder) => {
      const file = join(folder, 'virtual.code-workspace');
      writeFileSync(file, JSON.stringify({ folders: [{ uri: 'tessera-memory:/project' }], settings: {} }));
      return file;
    },
  },
  {
    name: 'untrusted',
    open: (folder) => {
      folderWithSettings(folder, { 'tessera.encoding': 'cl100k_base' });
      return folder;
    },
    settings: {
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.banner': 'never',
      'security.workspace.trust.untrustedFiles': 'open',
    },
    codeServerOnly: true,
  },
];

/**
 * Runs the bundled suite `name` in every chosen VS Code. `developmentPath` is the extension under test;
 * `installVsix` is installed into the fresh profile first. Throws when a run fails or leaves a process behind.
 */
export async function runSuite({ name, developmentPath = repositoryRoot, installVsix, grep, host }) {
  const { runTests } = await import('@vscode/test-electron');
  const { open, settings, codeServerOnly } = suites.find((suite) => suite.name === name) ?? {};
  for (const { name: hostName, options } of await chooseHosts(host)) {
    if (codeServerOnly && !options.vscodeExecutablePath?.endsWith('.mjs')) continue;
    console.log(`\n${name} suite in ${hostName}`);
    const workspace = mkdtempSync(join(tmpdir(), 'tessera-workspace-'));
    const profile = mkdtempSync(join(tmpdir(), 'tessera-profile-'));
    const run = `run-${process.pid}-${Date.now()}`;
    const report = join(profile, 'report.txt');
    const log = join(repositoryRoot, 'out', 'integration', `${name}.log`);
    const logStream = createWriteStream(log);
    const stopFollowing = followReport(report);
    try {
      const profileArgs = [`--user-data-dir=${profile}/data`, `--extensions-dir=${profile}/extensions`];
      if (settings !== undefined) {
        mkdirSync(join(profile, 'data', 'User'), { recursive: true });
        writeFileSync(join(profile, 'data', 'User', 'settings.json'), JSON.stringify(settings));
      }
      if (installVsix !== undefined) await install(installVsix, options, profileArgs);
      await runTests({
        ...options,
        extensionDevelopmentPath: developmentPath,
        extensionTestsPath: join(repositoryRoot, 'out', 'integration', name, 'index.js'),
        launchArgs: [open?.(workspace) ?? workspace, ...profileArgs],
        extensionTestsEnv: {
          TESSERA_TEST_RUN: run,
          TESSERA_TEST_REPORT: report,
          ...(grep === undefined ? {} : { TESSERA_TEST_GREP: grep }),
        },
        stdout: logStream,
        stderr: logStream,
      });
      await requireNothingLeft(run);
    } catch (error) {
      throw new Error(
        `The ${name} suite failed in ${hostName}: ${error.message}\nVS Code's own log: ${log}`,
        { cause: error },
      );
    } finally {
      stopFollowing();
      logStream.end();
      rmSync(workspace, { recursive: true, force: true, maxRetries: 5 });
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

/** Installs a VSIX by the VS Code's own command line, which for a desktop VS Code is a script beside the executable. */
async function install(vsix, options, profileArgs) {
  const { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath } =
    await import('@vscode/test-electron');
  const executable = options.vscodeExecutablePath ?? (await downloadAndUnzipVSCode(options.version));
  const [cli, ...cliArgs] = executable.endsWith('.mjs')
    ? [process.execPath, executable]
    : resolveCliArgsFromVSCodeExecutablePath(executable).slice(0, 1);
  await requireProcess(cli, [...cliArgs, ...profileArgs, '--install-extension', vsix], { quiet: true });
}

/**
 * Prints what the suite appends to its report file, so that mocha's lines are not lost among VS Code's own log.
 * The function it returns prints the rest and stops.
 */
function followReport(file) {
  let printed = 0;
  const print = () => {
    if (!existsSync(file)) return;
    const report = readFileSync(file);
    process.stdout.write(report.subarray(printed));
    printed = report.length;
  };
  const timer = setInterval(print, 250);
  return () => {
    clearInterval(timer);
    print();
  };
}

/** Looks through /proc for processes that inherited this run's mark: a worker or model process that outlived its window. */
async function requireNothingLeft(run) {
  if (process.platform !== 'linux') return;
  const leftovers = () =>
    readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TESSERA_TEST_RUN=${run}`);
        } catch {
          return false;
        }
      })
      .map(
        (pid) => `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 160)}`,
      );
  for (let waited = 0; waited < 10 && leftovers().length > 0; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const left = leftovers();
  if (left.length > 0) throw new Error(`Still running after VS Code was closed:\n${left.join('\n')}`);
}

/** Bundles `test/integration` (and its `smoke` folder) into `out/integration`, one file a suite file. */
export async function bundleSuites() {
  await requireProcess(process.execPath, [join(repositoryRoot, 'scripts', 'integrationBundles.mjs')], {
    cwd: repositoryRoot,
  });
}

async function main() {
  await ensureDependencies();
  const node = await ensureNewerNode();
  if (node !== process.execPath) {
    const again = await runProcess(node, process.argv.slice(1), { cwd: repositoryRoot });
    process.exit(again.code);
  }
  const value = (flag) =>
    process.argv.includes(flag) ? process.argv[process.argv.indexOf(flag) + 1] : undefined;
  await requireProcess(process.execPath, ['esbuild.mjs'], { cwd: repositoryRoot });
  await bundleSuites();
  const [only, grep] = [value('--suite'), value('--grep')];
  let failures = 0;
  for (const { name } of suites) {
    // A pattern is about the suite of the editor, unless another one is named.
    if (name !== (only ?? name) || (only === undefined && grep !== undefined && name !== 'editor')) continue;
    try {
      await runSuite({ name, grep, host: value('--host') });
    } catch (error) {
      // The other windows are tested all the same.
      console.error(error.message);
      failures += 1;
    }
  }
  if (failures > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
