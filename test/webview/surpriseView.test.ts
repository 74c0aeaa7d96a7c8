// @vitest-environment node
// The Surprise view in Chromium with a fake host: figures that add up over pieces, the list with its jumps, stopping, failures,
// accessibility.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeScript } from '../../scripts/panelPage.mjs';
import { startPanelPages } from './page/openPage';
import { sampleWords } from './page/sampleSurprise';
import { mixedText } from './page/sampleTexts';
import type { Page } from 'playwright-core';
import type { PanelPages } from './page/openPage';

let pages: PanelPages;
beforeAll(async () => {
  pages = await startPanelPages();
}, 120_000);
afterAll(async () => {
  await pages.close();
});

async function openSurprise(text: string): Promise<Page> {
  const page = await pages.open({ text });
  await page.click('#tab-surprise');
  await page.waitForSelector('.surprise-peaks tbody tr');
  return page;
}
const figure = (page: Page, name: string): Promise<string | null> =>
  page.locator('.surprise-body .metric', { hasText: name }).locator('dd').textContent();

describe('the Surprise view', () => {
  it('shows bits per byte of the scored tokens and how the bits are spread', async () => {
    const page = await openSurprise(mixedText);
    const words = sampleWords(mixedText).slice(1);
    const bits = words.reduce((sum, { from, to }) => sum + 2 * mixedText.slice(from, to).trim().length, 0);
    const length = (text: string): number => new TextEncoder().encode(text).length;
    const bytes = words.reduce((sum, { from, to }) => sum + length(mixedText.slice(from, to)), 0);
    expect(await figure(page, 'Bits per byte')).toBe((bits / bytes).toFixed(2));
    const counts = await page.locator('.surprise-histogram .number:not(.histogram-share)').allTextContents();
    const spread = counts.reduce((sum, count) => sum + Number(count.replaceAll(',', '')), 0);
    expect(spread).toBe(words.length);
    await page.close();
  });

  it('goes on piece by piece through a long file, and asks before it scores more', async () => {
    const text = 'word '.repeat(20_000);
    const page = await openSurprise(text);
    await page.waitForFunction(() =>
      (document.querySelector('.surprise-progress')?.textContent ?? '').includes('first 16,384'),
    );
    const firsts = (): Promise<unknown[]> =>
      page.evaluate(() =>
        window.fakeHost.received.flatMap((message) =>
          message.type === 'request' && message.name === 'surprise' ? [message.params.first] : [],
        ),
      );
    expect(await firsts()).toEqual([0, 2048, 4096, 6144, 8192, 10_240, 12_288, 14_336]);
    await page.click('.surprise-run vscode-button');
    await page.waitForFunction(
      () => document.querySelector<HTMLElement>('.surprise-run vscode-button')?.hidden === true,
    );
    expect(await firsts()).toHaveLength(10);
    await page.close();
  });

  it('lists the least expected tokens first and selects one in the editor', async () => {
    const page = await openSurprise('a bb hippopotamus ccc');
    const first = page.locator('.surprise-peaks tbody tr').first();
    expect(await first.locator('th').textContent()).toBe('·hippopotamus');
    await first.locator('.line-jump').click();
    await page.waitForFunction(() =>
      window.fakeHost.received.some((message) => message.type === 'request' && message.name === 'revealText'),
    );
    const asked = await page.evaluate(() =>
      window.fakeHost.received.flatMap((message) =>
        message.type === 'request' && message.name === 'revealText' ? [message.params] : [],
      ),
    );
    expect(asked).toEqual([{ from: 4, to: 17 }]);
    await page.close();
  });

  it('says why nothing can be scored and tries again', async () => {
    const page = await pages.open({ text: mixedText });
    await page.evaluate(() => (window.fakeHost.failure = 'This needs a model on this machine.'));
    await page.click('#tab-surprise');
    await page.waitForSelector('.surprise-message .state-message vscode-button');
    expect(await page.locator('.surprise-message').textContent()).toContain('model on this machine');
    await page.evaluate(() => (window.fakeHost.failure = undefined));
    await page.click('.surprise-message vscode-button');
    await page.waitForSelector('.surprise-peaks tbody tr');
    await page.close();
  });

  it('has no accessibility violation that axe finds', async () => {
    const page = await openSurprise(mixedText);
    await page.evaluate(await axeScript());
    const violations = await page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
    });
    expect(violations).toEqual([]);
    await page.close();
  });
});
