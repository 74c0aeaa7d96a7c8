// `npm run icon`: renders media/icon.svg to the 256 px PNG that the Marketplace wants, in Chromium.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumArguments, ensureChromium } from './ensureChromium.mjs';
import { repositoryRoot } from './ensureDependencies.mjs';

const media = join(repositoryRoot, 'media');
const svg = await readFile(join(media, 'icon.svg'), 'utf8');
const browser = await chromium.launch({ executablePath: await ensureChromium(), args: chromiumArguments });
try {
  const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
  await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
  await page.screenshot({ path: join(media, 'icon.png'), omitBackground: true });
} finally {
  await browser.close();
}
