// What only someone outside the window can do: press real keys in the Drafts view of a real VS Code. Drafts come from the model
// in the box; Enter inserts one, one undo takes it back. Drives the workbench in Chromium; run by `npm run test:page`.
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import { startCodeServer, workbenchAddress, writeSettings } from '../../scripts/codeServer.mjs';
import { chromiumArguments, ensureChromium } from '../../scripts/ensureChromium.mjs';
import { repositoryRoot } from '../../scripts/ensureDependencies.mjs';
import { ensureVscodeHost } from '../../scripts/ensureVscodeHost.mjs';

const patience = { timeout: 90_000 };
const source = `export function countTokens(text: string): number {
  const tokens = tokenizer.encode(text);
  return tok
}
`;

/** The frame that holds a node; frames of webviews come and go. */
async function frameWith(page, selector) {
  const end = Date.now() + patience.timeout;
  while (Date.now() < end) {
    for (const frame of page.frames()) {
      const found = await frame
        .locator(selector)
        .count()
        .catch(() => 0);
      if (frame !== page.mainFrame() && found > 0) return frame;
    }
    await page.waitForTimeout(200);
  }
  throw new Error(`No frame has ${selector}`);
}

async function runCommand(page, title) {
  await page.keyboard.press('F1');
  await page.waitForSelector('.quick-input-widget input', patience);
  await page.keyboard.type(title);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click(patience);
}

describe('the Drafts view', { timeout: 300_000 }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'tessera-drafts-'));
  const file = join(scratch, 'workspace', 'drafted.ts');
  let server, browser, page;

  /** Saves, and reads the file until it is `expected`; what it is after a while when it never is. */
  async function savedText(expected) {
    await page.keyboard.press('Control+S');
    const end = Date.now() + 20_000;
    while (Date.now() < end && readFileSync(file, 'utf8') !== expected) await page.waitForTimeout(150);
    return readFileSync(file, 'utf8');
  }

  before(async () => {
    for (const folder of [join(scratch, 'workspace'), join(scratch, 'extensions')]) mkdirSync(folder);
    writeFileSync(file, source);
    writeSettings(join(scratch, 'data'));
    server = await startCodeServer(await ensureVscodeHost(), {
      userDataDir: join(scratch, 'data'),
      extensionsDir: join(scratch, 'extensions'),
    });
    browser = await chromium.launch({ executablePath: await ensureChromium(), args: chromiumArguments });
    page = await browser.newPage({ viewport: { width: 1500, height: 900 } });
    await page.goto(
      workbenchAddress(server, {
        folder: join(scratch, 'workspace'),
        developmentPaths: [repositoryRoot],
        openFiles: [file],
      }),
    );
    await page.waitForSelector('.monaco-editor .view-line', patience);
    await page.locator('[id="tessera.tessera.tessera.tokens"]', { hasText: /^\d+ tokens/ }).waitFor(patience);
    // To the end of `return tok`.
    await page.keyboard.press('Control+Home');
    for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
  });

  after(async () => {
    await browser?.close();
    server?.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });

  it('shows drafts of the model in the box, and what the next byte will be', async () => {
    await runCommand(page, 'Tessera: Explain Next Byte');
    const frame = await frameWith(page, '.draft-card');
    await frame.waitForSelector('.byte-bars', patience);
    assert.equal(await frame.locator('.byte-bars').count(), 3);
    assert.match(await frame.locator('.draft-place').innerText(), /drafted\.ts:3:13.*return·tok/s);
  });

  it('inserts a draft with Enter as one edit, which one undo takes back', async () => {
    const frame = await frameWith(page, '.draft-card');
    await frame.waitForFunction(
      () => /^Draft 1 of/.test(globalThis.document.activeElement?.getAttribute('aria-label') ?? ''),
      undefined,
      patience,
    );
    const label = await frame.locator('[data-draft="0"]').getAttribute('aria-label');
    const text = /^Draft 1 of \d+: (.*)\. log P/s.exec(label)?.[1];
    assert.ok(text, label);
    await page.keyboard.press('Enter');
    await page.waitForFunction(
      () => globalThis.document.activeElement?.closest('.monaco-editor') !== null,
      undefined,
      patience,
    );
    const drafted = source.replace('return tok', () => `return tok${text}`);
    assert.equal(await savedText(drafted), drafted);
    await page.keyboard.press('Control+Z');
    assert.equal(await savedText(source), source);
  });
});
