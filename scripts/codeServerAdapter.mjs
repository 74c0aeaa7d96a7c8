#!/usr/bin/env node
// Stands where a desktop VS Code executable is expected: understands the arguments that @vscode/test-electron passes,
// and runs code-server in Chromium with them. The exit code is that of the test suite.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format } from 'node:util';
import { chromium } from 'playwright-core';
import { runProcess } from './childProcess.mjs';
import { startCodeServer, workbenchAddress, writeSettings } from './codeServer.mjs';
import { chromiumArguments, ensureChromium } from './ensureChromium.mjs';
import { ensureVscodeHost } from './ensureVscodeHost.mjs';

/**
 * What a workbench that nobody looks at need not do: a browser without a graphics card paints with the processor that the
 * tests run on, and TypeScript's full server checks types where only its symbols are asked for.
 */
const unwatched = {
  'workbench.reduceMotion': 'on',
  'editor.minimap.enabled': false,
  'editor.stickyScroll.enabled': false,
  'editor.cursorBlinking': 'solid',
  'editor.occurrencesHighlight': 'off',
  'editor.bracketPairColorization.enabled': false,
  'editor.guides.indentation': false,
  'typescript.tsserver.useSyntaxServer': 'always',
  'typescript.validate.enable': false,
  'javascript.validate.enable': false,
};

/** Longest a whole suite may take, in minutes; a stuck workbench must not hold a build for ever. */
const minutesAllowed = Number(process.env.TESSERA_TEST_MINUTES ?? '20');

/** Reads the desktop arguments that mean something here; the rest (sandbox, updates, trust) is settled by the settings. */
export function readDesktopArguments(argv) {
  const read = {
    developmentPaths: [],
    testsPath: undefined,
    userDataDir: undefined,
    extensionsDir: undefined,
    folder: undefined,
  };
  for (const argument of argv) {
    const [, name, value] = /^--([\w-]+)=(.*)$/s.exec(argument) ?? [];
    if (name === 'extensionDevelopmentPath') read.developmentPaths.push(value);
    else if (name === 'extensionTestsPath') read.testsPath = value;
    else if (name === 'user-data-dir') read.userDataDir = value;
    else if (name === 'extensions-dir') read.extensionsDir = value;
    else if (!argument.startsWith('-')) read.folder = resolve(argument);
  }
  return read;
}

/** `--install-extension FILE`: the server's own command line does it, and ends. */
async function installExtension(argv) {
  const host = await ensureVscodeHost();
  const { code } = await runProcess(host.node, [host.server, '--accept-server-license-terms', ...argv]);
  return code;
}

async function main() {
  if (process.argv.includes('--install-extension')) return await installExtension(process.argv.slice(2));
  const asked = readDesktopArguments(process.argv.slice(2));
  const scratch = mkdtempSync(join(tmpdir(), 'tessera-vscode-'));
  const userDataDir = asked.userDataDir ?? join(scratch, 'user-data');
  const extensionsDir = asked.extensionsDir ?? join(scratch, 'extensions');
  // What the caller put into the profile wins, as it would in a desktop VS Code.
  const given = join(userDataDir, 'User', 'settings.json');
  const asGiven = existsSync(given) ? JSON.parse(readFileSync(given, 'utf8')) : {};
  writeSettings(userDataDir, { ...unwatched, ...asGiven });
  let server;
  let browser;
  const close = async () => {
    await browser?.close().catch(() => undefined);
    server?.stop();
    rmSync(scratch, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => void close().then(() => process.exit(130)));
  try {
    const [host, executablePath] = [await ensureVscodeHost(), await ensureChromium()];
    server = await startCodeServer(host, {
      userDataDir,
      extensionsDir,
      showLog: process.env.TESSERA_SERVER_LOG !== undefined,
      // Should this process be killed outright, the server ends by itself.
      extraArgs: ['--enable-remote-auto-shutdown'],
    });
    browser = await chromium.launch({ executablePath, args: chromiumArguments });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    // Loading the workbench takes longer than the half minute allowed by default when the machine is busy.
    page.setDefaultNavigationTimeout(120_000);
    const finished = new Promise((resolveCode) => {
      void page.exposeFunction('codeAutomationExit', (code) => resolveCode(code));
      page.on('crash', () => resolveCode('The workbench page crashed.'));
      setTimeout(
        () => resolveCode(`The suite was not done after ${minutesAllowed} minutes.`),
        minutesAllowed * 60_000,
      );
    });
    await page.exposeFunction('codeAutomationLog', printAutomationLog);
    if (process.env.TESSERA_SERVER_LOG !== undefined)
      page.on('console', (message) => console.error(message.text()));
    await page.goto(workbenchAddress(server, asked), { timeout: 180_000 });
    const outcome = await finished;
    if (typeof outcome === 'string') console.error(outcome);
    return typeof outcome === 'number' ? outcome : 1;
  } finally {
    await close();
  }
}

function printAutomationLog(type, args) {
  const stream = type === 'error' || type === 'warn' ? process.stderr : process.stdout;
  stream.write(`${Array.isArray(args) ? format(...args) : String(args)}\n`);
}

process.exit(await main());
