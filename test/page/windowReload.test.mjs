// What only someone outside the window can see: the inspector after a reload of the window.
// Drives the real workbench in Chromium; run by `npm run test:page`.
import { strict as assert } from 'node:assert';
import { after, before, describe, it } from 'node:test';
import { countOf, frameShowing, lastAnswer, openWorkbench, patience, runCommand } from './workbench.mjs';

describe('the window', { timeout: 600_000 }, () => {
  let workbench, page;

  before(async () => {
    workbench = await openWorkbench({
      files: { 'reloaded.txt': 'antidisestablishmentarianism is one long word\n' },
      open: 'reloaded.txt',
      click: true,
    });
    ({ page } = workbench);
  });

  after(() => workbench?.stop());

  it('shows the inspector with the tokens of the open file', async () => {
    await runCommand(page, 'Tessera: Open Token Inspector');
    const frame = await frameShowing(page, 'reloaded.txt');
    assert.match(await frame.locator('body').innerText(), /Exact/);
  });

  it('restores the inspector with its file after a reload', async () => {
    await runCommand(page, 'Developer: Reload Window');
    await page.waitForEvent('load', patience);
    const frame = await frameShowing(page, 'reloaded.txt');
    await countOf(page).waitFor(patience);
    const number = /^\d+/.exec(await countOf(page).innerText())?.[0];
    assert.ok(number);
    const shown = new RegExp(`\\b${number}\\b`);
    let body = '';
    await lastAnswer(page, async () => shown.test((body = await frame.locator('body').innerText())));
    assert.match(body, shown, 'the panel shows the same number as the status bar');
  });
});
