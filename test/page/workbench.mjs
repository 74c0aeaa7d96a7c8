// A real VS Code in Chromium for the page tests: started with a fresh profile, driven by keys and clicks as a user would.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { startCodeServer, workbenchAddress, writeSettings } from '../../scripts/codeServer.mjs';
import { chromiumArguments, ensureChromium } from '../../scripts/ensureChromium.mjs';
import { repositoryRoot } from '../../scripts/ensureDependencies.mjs';
import { ensureVscodeHost } from '../../scripts/ensureVscodeHost.mjs';

/** How long a step may take; long, because a busy machine is no failure. */
export const patience = { timeout: 120_000 };

/** The status item with a number of tokens. */
export const countOf = (page) =>
  page.locator('[id="tessera.tessera.tessera.tokens"]', { hasText: /^[\d,]+ tokens/ });

/**
 * Opens a workbench on a new folder with `files` (name to text). `open` names the file to show: by the address, or with
 * `click` by a double click in the explorer, because files named in the address are what a reload opens in place of what
 * was open. Resolves with `{ page, folder, stop }` once Tessera shows a count.
 */
export async function openWorkbench({ files, open, click = false, settings = {} }) {
  const scratch = mkdtempSync(join(tmpdir(), 'tessera-page-'));
  const folder = join(scratch, 'workspace');
  for (const each of [folder, join(scratch, 'extensions')]) mkdirSync(each);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeSettings(join(scratch, 'data'), settings);
  let server, browser;
  const stop = async () => {
    await browser?.close();
    server?.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    server = await startCodeServer(await ensureVscodeHost(), {
      userDataDir: join(scratch, 'data'),
      extensionsDir: join(scratch, 'extensions'),
    });
    browser = await chromium.launch({ executablePath: await ensureChromium(), args: chromiumArguments });
    const page = await browser.newPage({ viewport: { width: 1500, height: 900 } });
    const openFiles = click ? [] : [join(folder, open)];
    await page.goto(
      workbenchAddress(server, { folder, developmentPaths: [repositoryRoot], openFiles }),
      patience,
    );
    if (click)
      await page.locator('.explorer-folders-view .monaco-list-row', { hasText: open }).dblclick(patience);
    await page.waitForSelector('.monaco-editor .view-line', patience);
    await countOf(page).waitFor(patience);
    return { page, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs a command by its title, through the palette. */
export async function runCommand(page, title) {
  await page.keyboard.press('F1');
  await page.waitForSelector('.quick-input-widget input', patience);
  await page.keyboard.type(title);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click(patience);
}

/** The webview frame for which `holds(frame)` resolves to true; frames of webviews come and go. */
export async function frameWhere(page, what, holds) {
  const end = Date.now() + patience.timeout;
  while (Date.now() < end) {
    for (const frame of page.frames())
      if (frame !== page.mainFrame() && (await holds(frame).catch(() => false))) return frame;
    await page.waitForTimeout(200);
  }
  throw new Error(`No frame has ${what}`);
}

/** The frame that holds a node. */
export const frameWith = (page, selector) =>
  frameWhere(page, selector, async (frame) => (await frame.locator(selector).count()) > 0);

/** The frame that shows a text. */
export const frameShowing = (page, text) =>
  frameWhere(page, `"${text}"`, async (frame) => (await frame.locator('body').innerText()).includes(text));

/** Polls until `read` resolves to something true, or gives its last answer after a while. */
export async function lastAnswer(page, read, timeoutMs = 30_000) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value || Date.now() > end) return value;
    await page.waitForTimeout(200);
  }
}
