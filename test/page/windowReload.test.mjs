// What only someone outside the window can see: the inspector after a reload of the window.
// Drives the real workbench in Chromium; run by `npm run test:page`.
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import { startCodeServer, workbenchAddress, writeSettings } from '../../scripts/codeServer.mjs';
import { chromiumArguments, ensureChromium } from '../../scripts/ensureChromium.mjs';
import { repositoryRoot } from '../../scripts/ensureDependencies.mjs';
import { ensureVscodeHost } from '../../scripts/ensureVscodeHost.mjs';

const patience = { timeout: 60_000 };

/** The inspector's own frame, two levels inside the workbench; waits until it shows `text`. */
async function inspectorShowing(page, text) {
  const end = Date.now() + patience.timeout;
  while (Date.now() < end) {
    for (const frame of page.frames()) {
      const body = await frame
        .locator('body')
        .innerText()
        .catch(() => '');
      if (frame !== page.mainFrame() && body.includes(text)) return frame;
    }
    await page.waitForTimeout(250);
  }
  throw new Error(`No frame shows ${text}`);
}

async function runCommand(page, title) {
  await page.keyboard.press('F1');
  await page.waitForSelector('.quick-input-widget input', patience);
  await page.keyboard.type(title);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click(patience);
}

describe('the window', { timeout: 300_000 }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'tessera-page-'));
  let server, browser, page;

  before(async () => {
    const workspace = join(scratch, 'workspace');
    for (const folder of [workspace, join(scratch, 'extensions')]) mkdirSync(folder);
    writeFileSync(join(workspace, 'reloaded.txt'), 'antidisestablishmentarianism is one long word\n');
    writeSettings(join(scratch, 'data'));
    server = await startCodeServer(await ensureVscodeHost(), {
      userDataDir: join(scratch, 'data'),
      extensionsDir: join(scratch, 'extensions'),
    });
    browser = await chromium.launch({ executablePath: await ensureChromium(), args: chromiumArguments });
    page = await browser.newPage({ viewport: { width: 1400, height: 800 } });
    await page.goto(workbenchAddress(server, { folder: workspace, developmentPaths: [repositoryRoot] }));
    // Not through the address: files named there are what a reload opens, in place of what was open.
    await page
      .locator('.explorer-folders-view .monaco-list-row', { hasText: 'reloaded.txt' })
      .dblclick(patience);
    await page.waitForSelector('.monaco-editor .view-line', patience);
    await page.locator('[id="tessera.tessera.tessera.tokens"]', { hasText: /^\d+ tokens/ }).waitFor(patience);
  });

  after(async () => {
    await browser?.close();
    server?.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });

  it('shows the inspector with the tokens of the open file', async () => {
    await runCommand(page, 'Tessera: Open Token Inspector');
    const frame = await inspectorShowing(page, 'reloaded.txt');
    assert.match(await frame.locator('body').innerText(), /Exact/);
  });

  it('restores the inspector with its file after a reload', async () => {
    await runCommand(page, 'Developer: Reload Window');
    await page.waitForEvent('load', patience);
    const frame = await inspectorShowing(page, 'reloaded.txt');
    const count = page.locator('[id="tessera.tessera.tessera.tokens"]', { hasText: /^\d+ tokens/ });
    await count.waitFor(patience);
    const number = /^\d+/.exec(await count.innerText())?.[0];
    assert.ok(number);
    const end = Date.now() + 20_000;
    let body = '';
    while (Date.now() < end && !new RegExp(`\\b${number}\\b`).test(body)) {
      body = await frame.locator('body').innerText();
      await page.waitForTimeout(250);
    }
    assert.match(body, new RegExp(`\\b${number}\\b`), 'the panel shows the same number as the status bar');
  });
});
