// @vitest-environment node
// axe-core on the inspector in VS Code's four kinds of theme, at 100 % and 200 % zoom, as text, as table and in the
// states without tokens. Screenshots go to out/webview, to be looked at.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeScript, themeNames } from '../../scripts/panelPage.mjs';
import { startPanelPages } from './page/openPage';
import { mixedText } from './page/sampleTexts';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import type { PanelPages } from './page/openPage';

const pictures = 'out/webview';
let pages: PanelPages;
let axeSource: string;
beforeAll(async () => {
  pages = await startPanelPages();
  axeSource = await axeScript();
}, 120_000);
afterAll(async () => {
  await pages.close();
});

/** Violations as 'rule: selector', so that a failure names its place. */
async function violations(page: Page): Promise<readonly string[]> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(axeSource);
  const results = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}

describe.each(themeNames)('the inspector in the theme %s', (theme) => {
  it.each([1, 2])('has no violation at a zoom of %d', async (zoom) => {
    const page = await pages.open({ theme, zoom, text: mixedText, width: 640, height: 720 });
    await page.focus('[data-token="0"]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${pictures}/${theme}-${zoom}-text.png` });
    expect(await violations(page)).toEqual([]);
    await page.click('vscode-button[aria-label="As table"]');
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${pictures}/${theme}-${zoom}-table.png` });
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  it.each([1, 2])('has none in the comparison at a zoom of %d', async (zoom) => {
    const page = await pages.open({ theme, zoom, text: mixedText, width: 760, height: 720 });
    await page.click('#tab-compare');
    await page.waitForSelector('.compared-line');
    await page.screenshot({ path: `${pictures}/${theme}-${zoom}-compare.png` });
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  it.each([1, 2])('has none in the Watermark view at a zoom of %d', async (zoom) => {
    const page = await pages.open({ theme, zoom, text: mixedText, width: 760, height: 1400 });
    await page.click('#tab-watermark');
    await page.click('vscode-button:has-text("Check file")');
    await page.waitForSelector('.evidence-text .evidence-token');
    await page.click('vscode-button:has-text("Look for them")');
    await page.waitForSelector('.hidden-list');
    await page.hover('[data-evidence="5"]');
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${pictures}/${theme}-${zoom}-watermark.png`, fullPage: true });
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  it.each([1, 2])('has none in the drafts and their explanations at a zoom of %d', async (zoom) => {
    const page = await pages.open({ theme, zoom, text: mixedText, width: 1000, height: 1100 });
    await page.evaluate(() => {
      window.fakeHost.setup = { ...window.fakeHost.setup, method: 'superposed', wanted: 'drafts' };
      window.fakeHost.send({ type: 'showView', view: 'drafts' });
    });
    await page.waitForSelector('.draft-card');
    await page.keyboard.press('ArrowRight');
    for (const part of ['covers', 'nextByte', 'tree', 'gamma']) {
      await page.click(`#why-${part}`);
      await page.waitForTimeout(100);
      await page.screenshot({ path: `${pictures}/${theme}-${zoom}-drafts-${part}.png` });
      expect(await violations(page), part).toEqual([]);
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await page.close();
  });

  it('has none in the states without tokens', async () => {
    const page = await pages.open({ theme });
    const file = { uri: 'file:///a/b.md', name: 'b.md', folder: 'a' };
    const encoding = 'o200k_base';
    const reason = 'The file is larger than the limit; samples of it were counted instead.';
    const states = [
      { state: 'none' },
      { state: 'counting', file, encoding },
      { state: 'estimated', file, encoding, tokens: 12_345_678, length: 49_000_000, reason },
      { state: 'failed', file, encoding, message: 'The tables of o200k_base could not be read.' },
    ] as const;
    for (const document of states) {
      await page.evaluate((next) => window.fakeHost.show(next), document);
      await page.waitForTimeout(150);
      await page.screenshot({ path: `${pictures}/${theme}-state-${document.state}.png` });
      expect(await violations(page), document.state).toEqual([]);
    }
    await page.close();
  });

  it('needs no sideways scrolling outside the table at a zoom of 200 %', async () => {
    const page = await pages.open({ theme, zoom: 2, text: mixedText });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await page.close();
  });
});
