// @vitest-environment node
// The Compare view in Chromium with a fake host: rows, adding and removing, lines, jumps, memory, accessibility.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPanelPages } from './page/openPage';
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

async function openCompare(): Promise<Page> {
  const page = await pages.open({ text: mixedText });
  await page.click('#tab-compare');
  await page.waitForSelector('.compare-table tbody tr');
  return page;
}
const labels = (page: Page): Promise<string[]> => page.locator('.compare-name').allTextContents();
const lastMessage = (page: Page, type: string) =>
  page.evaluate(
    (wanted) => window.fakeHost.received.filter((message) => message.type === wanted).at(-1),
    type,
  );

describe('the Compare view', () => {
  it('shows one row for each choice, with its number beside its bar', async () => {
    const page = await openCompare();
    expect(await labels(page)).toEqual(['o200k_base', 'cl100k_base', 'gpt2']);
    const widths = await page
      .locator('.bar-fill')
      .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width));
    expect(widths[0]).toBeGreaterThan(widths[1]! * 1.4);
    const tokens = await page.locator('.bar-label').first().textContent();
    expect(Number(tokens!.replaceAll(',', ''))).toBe(Math.ceil(mixedText.length / 2));
    await page.close();
  });

  it('marks the boundaries that all rows have, on each of their strips', async () => {
    const page = await openCompare();
    // The fake host cuts every 2, 3 and 4 units: all three cut at multiples of 12.
    const strips = await page
      .locator('.compared-line')
      .first()
      .locator('.strip-text')
      .evaluateAll((nodes) =>
        nodes.map((strip) => {
          let offset = 0;
          return [...strip.children].flatMap((piece) => {
            const at = offset;
            offset += piece.textContent.length;
            return piece.classList.contains('aligned') ? [at] : [];
          });
        }),
      );
    expect(strips.length).toBe(3);
    for (const offsets of strips) {
      expect(offsets.length).toBeGreaterThan(0);
      expect(offsets).toEqual(offsets.map((_, i) => 12 * (i + 1)));
    }
    await page.close();
  });

  it('adds a model, marks it as an estimate with a dated price, and removes it again', async () => {
    const page = await openCompare();
    await page.evaluate(() => {
      const picker = document.querySelector<HTMLElement & { value: string }>('.compare-picker')!;
      picker.value = 'model:sample';
      picker.dispatchEvent(new Event('change'));
    });
    await page.waitForSelector('tbody tr:nth-child(4)');
    const row = page.locator('tbody tr').nth(3);
    expect(await row.locator('.bar-label').textContent()).toMatch(/^≈ /);
    expect(await row.locator('td').nth(5).textContent()).toBe('$0.0123');
    expect(await row.locator('td').nth(5).getAttribute('title')).toContain('2026-11-01');
    await row.locator('vscode-button').click();
    await page.waitForSelector('tbody tr:nth-child(4)', { state: 'detached' });
    expect(await labels(page)).toEqual(['o200k_base', 'cl100k_base', 'gpt2']);
    await page.close();
  });

  it('shows how each tokenizer cuts the lines that differ, and jumps to a line', async () => {
    const page = await openCompare();
    const first = page.locator('.compared-line').first();
    const strips = await first
      .locator('.strip-text')
      .evaluateAll((nodes) => nodes.map((node) => node.textContent));
    expect(new Set(strips).size).toBe(1);
    const pieces = await first.locator('.strip').first().locator('.token').allTextContents();
    expect(pieces.slice(0, -1).every((piece) => piece.length === 2)).toBe(true);
    await first.locator('.line-jump').click();
    expect(await lastMessage(page, 'revealLine')).toMatchObject({ line: 0 });
    await page.close();
  });

  it('says why there is no comparison when the host refuses one', async () => {
    const page = await pages.open({ text: mixedText });
    await page.evaluate(() => (window.fakeHost.failure = 'This file is too long to compare.'));
    await page.click('#tab-compare');
    await page.waitForSelector('.state-message');
    expect(await page.locator('.state-message').textContent()).toContain('too long');
    await page.close();
  });

  it('can be walked with the keyboard alone', async () => {
    const page = await openCompare();
    await page.focus('.compare-picker');
    const seen: string[] = [];
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab');
      seen.push(
        await page.evaluate(
          () =>
            document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
        ),
      );
    }
    expect(seen.slice(0, 3)).toEqual(['Remove o200k_base', 'Remove cl100k_base', 'Remove gpt2']);
    expect(seen[3]).toBe('Line 1');
    await page.close();
  });
});
