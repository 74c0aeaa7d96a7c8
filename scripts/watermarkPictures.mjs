// Pictures of the Watermark view for `npm run screenshots`: a scheme is added through its dialogue, and a text whose middle the
// reference implementation marked (test/fixtures/watermark) is checked.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { get_encoding as getEncoding } from 'tiktoken';
import { repositoryRoot } from './ensureDependencies.mjs';

const patience = { timeout: 180_000 };
const fixture = 'hf-kgw-lefthash-r50k.json';
const markedCase = 'mixed-plain300-wm200-plain300';

/** Writes the text of the fixture's case into the workspace and returns the scheme's settings. */
function writeMarkedText(workspace) {
  const { config, cases } = JSON.parse(
    readFileSync(join(repositoryRoot, 'test', 'fixtures', 'watermark', fixture), 'utf8'),
  );
  const { ids } = cases.find(({ label }) => label === markedCase);
  const encoding = getEncoding('r50k_base');
  writeFileSync(join(workspace, 'answer.txt'), encoding.decode(new Uint32Array(ids)));
  encoding.free();
  return config;
}

/** Answers the prompt that is open: clears it, types, confirms. */
async function answer(page, text) {
  await page.waitForSelector('.quick-input-widget:not([style*="display: none"]) input', patience);
  await page.waitForTimeout(600);
  if (text !== undefined) {
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(text);
    await page.waitForTimeout(600);
  }
  await page.keyboard.press('Enter');
  await page.waitForTimeout(900);
}

/** @param tools `runCommand(page, title)` and `openFile(page, name)` of screenshots.mjs, and the workspace's folder */
export async function photographWatermark(page, name, folder, { runCommand, openFile, workspace }) {
  const settings = writeMarkedText(workspace);
  // The extension is up when it counts.
  await page.waitForSelector('.statusbar-item:has-text("tokens")', patience);
  await page.waitForTimeout(1500);
  await runCommand(page, 'View: Close All Editors');
  await openFile(page, 'answer.txt');
  if (await page.locator('.part.sidebar').isVisible()) await page.keyboard.press('Control+B');
  const before = page.viewportSize();
  await page.setViewportSize({ width: 1440, height: 1000 });
  await runCommand(page, 'Tessera: Add Watermark Scheme');
  await answer(page, 'Paste or type JSON');
  await answer(page, JSON.stringify(settings));
  await answer(page, 'r50k_base');
  await answer(page, 'KGW of our model');
  await runCommand(page, 'Tessera: Check for Watermark');
  await page.waitForTimeout(1500);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(8000);
  await runCommand(page, 'Notifications: Clear All Notifications');
  await page.waitForTimeout(1500);
  await page.screenshot({ path: join(folder, `watermark-${name}.png`) });
  await page.setViewportSize(before);
}
