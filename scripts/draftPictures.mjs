// Pictures of drafts for `npm run screenshots`: ghost text of the model in the box, asked for from the keyboard with the cursor
// inside a word, as a user would.
import { join } from 'node:path';

/** Types the start of an expression into samples/drafts.ts and asks for drafts. */
export async function photographDrafts(page, name, folder, { runCommand, openFile }) {
  // Keys pressed before the extension has come alive are lost.
  await page.waitForSelector('[id="tessera.tessera.tessera.tokens"]', { timeout: 60_000 });
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
  await page.keyboard.press('Control+Alt+K');
  await page.keyboard.press('Control+Alt+D');
  await page.waitForSelector('.ghost-text-decoration', { timeout: 60_000 });
  await page.locator('.ghost-text-decoration').first().hover();
  await page.waitForTimeout(2000);
  await page.screenshot({ path: join(folder, `drafts-${name}.png`) });
}
