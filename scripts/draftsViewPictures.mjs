// Pictures of the Drafts view for `npm run screenshots`: drafts of the model in the box for a cursor inside a word, the next byte
// by three ways of prompting, and superposed drafts with their weights.
import { join } from 'node:path';

const patience = { timeout: 180_000 };

/** The frame of the inspector's page that holds a node. */
async function frameWith(page, selector) {
  for (const end = Date.now() + patience.timeout; Date.now() < end; await page.waitForTimeout(250)) {
    for (const frame of page.frames()) {
      const found = await frame
        .locator(selector)
        .count()
        .catch(() => 0);
      if (frame !== page.mainFrame() && found > 0) return frame;
    }
  }
  throw new Error(`No frame has ${selector}`);
}

/** @param tools `runCommand(page, title)` and `openFile(page, name)` of screenshots.mjs */
export async function photographDraftsView(page, name, folder, { runCommand, openFile }) {
  const shot = (what) => page.screenshot({ path: join(folder, `${what}-${name}.png`) });
  const choose = async (frame, selector, value) => {
    await frame.evaluate(
      ([where, wanted]) => {
        const picker = globalThis.document.querySelector(where);
        picker.value = wanted;
        picker.dispatchEvent(new globalThis.Event('change'));
      },
      [selector, value],
    );
    await page.waitForTimeout(2500);
  };
  await runCommand(page, 'View: Close All Editors');
  await openFile(page, 'drafts.ts');
  await page.keyboard.press('Control+G');
  await page.waitForSelector('.quick-input-widget input');
  await page.keyboard.type('8:5', { delay: 5 });
  await page.keyboard.press('Enter');
  await page.keyboard.press('Shift+End');
  await page.keyboard.type('total += item.le', { delay: 20 });
  await page.keyboard.press('Escape');
  await page.waitForTimeout(300);
  const before = page.viewportSize();
  await page.setViewportSize({ width: 1440, height: 1000 });
  await runCommand(page, 'Tessera: Explain Next Byte');
  const frame = await frameWith(page, '.draft-card');
  await frame.waitForSelector('.byte-bars', patience);
  await frame.locator('[data-draft="0"]').focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForTimeout(800);
  await shot('next-byte');
  await frame.locator('#why-covers').click();
  await frame.locator('[data-draft="1"]').focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForTimeout(500);
  await shot('drafts-view');
  await frame.locator('#why-tree').click();
  await page.waitForTimeout(500);
  await shot('draft-tree');
  await choose(frame, '.draft-method', 'superposed');
  await frame.locator('#why-gamma').click();
  await frame.waitForSelector('.gamma-chart', patience);
  await page.waitForTimeout(800);
  await shot('gamma');
  await page.setViewportSize(before);
}
