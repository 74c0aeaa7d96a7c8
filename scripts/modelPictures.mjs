// Pictures of the local model: the surprise heat map with its hover, the Surprise view, the list of models.
import { join } from 'node:path';

/** @param tools `runCommand(page, title)`, `openFile(page, name)` and `waitForCount(page)` of screenshots.mjs */
export async function photographModel(page, name, folder, { runCommand, openFile, waitForCount }) {
  const shot = (what) => page.screenshot({ path: join(folder, `${what}-${name}.png`) });
  // The window may be a new one, which takes no commands before its extensions run.
  await waitForCount(page);
  await runCommand(page, 'View: Close All Editors');
  await openFile(page, 'retry.py');
  await runCommand(page, 'Tessera: Toggle Surprise Heat Map');
  // The model is loaded by the first score.
  await page.waitForFunction(
    () =>
      /bits\/byte/.test(
        globalThis.document.getElementById('tessera.tessera.tessera.surprise')?.textContent ?? '',
      ),
    undefined,
    { timeout: 90_000 },
  );
  await runCommand(page, 'Tessera: Show Surprise');
  await page.waitForTimeout(5000);
  const word = page.locator('.view-line', { hasText: 'def ' }).locator('span', { hasText: 'def' }).first();
  await word.hover();
  await page.waitForTimeout(2500);
  await shot('surprise');
  await page.mouse.move(10, 400);
  await runCommand(page, 'Tessera: Choose Local Model');
  await page.waitForTimeout(2000);
  await shot('models');
  await page.keyboard.press('Escape');
  await page.hover('[id="tessera.tessera.tessera.tokens"]');
  await page.waitForTimeout(2500);
  await shot('model-status');
}
