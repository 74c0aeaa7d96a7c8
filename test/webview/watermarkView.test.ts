// @vitest-environment node
// The Watermark view in Chromium with a fake host: checking, verdict and wording, evidence map, hidden characters, keyboard.
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

async function openView(): Promise<Page> {
  const page = await pages.open({ text: mixedText });
  await page.click('#tab-watermark');
  await page.waitForSelector('.scheme-item');
  return page;
}
async function openReport(): Promise<Page> {
  const page = await openView();
  await page.click('vscode-button:has-text("Check file")');
  await page.waitForSelector('.evidence-text .evidence-token');
  return page;
}
const requests = (page: Page, name: string) =>
  page.evaluate(
    (wanted) =>
      window.fakeHost.received.flatMap((message) =>
        message.type === 'request' && message.name === wanted ? [message.params] : [],
      ),
    name,
  );

describe('the Watermark view', () => {
  it('lists saved schemes with fingerprints, and looks for the ticked ones only', async () => {
    const page = await openView();
    expect(await page.locator('.scheme-name').allTextContents()).toEqual(['Blog drafts', 'House model']);
    expect(await page.locator('.scheme-facts').first().textContent()).toContain('key 3fb1c09a');
    await page.uncheck('#scheme-b');
    await page.click('vscode-button:has-text("Check file")');
    await page.waitForSelector('.verdict');
    expect(await requests(page, 'watermarkCheck')).toEqual([{ schemes: ['a'], selection: false }]);
    await page.close();
  });

  it('says the verdict, the chance in words, what was tested and both caveats', async () => {
    const page = await openReport();
    expect(await page.locator('.verdict h2').textContent()).toBe('Watermark found');
    expect(await page.locator('.verdict-chance').textContent()).toContain('once in 1 trillion');
    const facts = await page.locator('.result-facts dt').allTextContents();
    for (const label of [
      'Scheme',
      'Key fingerprint',
      'Tokenizer',
      'Vocabulary size',
      'Tokens scored',
      'Tests made',
    ])
      expect(facts).toContain(label);
    expect(await page.locator('.caveat').allTextContents()).toEqual([
      expect.stringContaining('does not show who wrote'),
      expect.stringContaining('Absence proves nothing'),
    ]);
    // The audit's charts are about a key, not about a text, and have percentages.
    const words = await page.locator('.watermark-view').evaluate((view) => {
      const copy = view.cloneNode(true) as HTMLElement;
      for (const audit of copy.querySelectorAll('.audit')) audit.remove();
      return copy.textContent;
    });
    expect(words).not.toMatch(/AI[- ]|written by|human|\d %/);
    await page.close();
  });

  it('tells the kinds of evidence apart by the line below as well as by colour', async () => {
    const page = await openReport();
    const styles = new Set<string>();
    for (const level of ['strong', 'weak', 'against', 'ignored']) {
      const style = await page
        .locator(`.evidence-text .evidence-token.${level}`)
        .first()
        .evaluate((node) => {
          const computed = getComputedStyle(node);
          return computed.borderBottomColor === 'rgba(0, 0, 0, 0)' ? 'none' : computed.borderBottomStyle;
        });
      styles.add(style);
    }
    expect(styles).toEqual(new Set(['solid', 'dashed', 'dotted', 'none']));
    expect(await page.locator('.evidence-text .flagged').count()).toBe(56);
    await page.close();
  });

  it('describes a token under the pointer and jumps to it', async () => {
    const page = await openReport();
    await page.hover('[data-evidence="3"]');
    await page.waitForSelector('.evidence-heading');
    expect(await page.locator('.evidence-detail').textContent()).toContain('Green');
    await page.click('[data-evidence="3"]');
    const [reveal] = await requests(page, 'watermarkReveal');
    const before = await page.evaluate(() =>
      [0, 1, 2]
        .map((i) => document.querySelector(`[data-evidence="${i}"]`)!.textContent.length)
        .reduce((a, b) => a + b, 0),
    );
    expect(reveal).toMatchObject({ start: before });
    await page.close();
  });

  it('walks the tokens with the arrow keys', async () => {
    const page = await openReport();
    await page.focus('.evidence-text');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await page.getAttribute('[data-evidence="1"]', 'aria-selected')).toBe('true');
    expect(await page.getAttribute('.evidence-text', 'aria-activedescendant')).toBe('evidence-1');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    expect(await requests(page, 'watermarkReveal')).toHaveLength(1);
    await page.close();
  });

  it('shows another scheme’s result when it is chosen', async () => {
    const page = await openReport();
    await page.click('.result-row:has-text("House model")');
    await page.waitForSelector('h3:has-text("What was tested: House model")');
    expect(await page.locator('.comparison').count()).toBe(0);
    await page.close();
  });

  it('drops the evidence and offers a new check when the text has changed', async () => {
    const page = await openReport();
    await page.evaluate(() => {
      const { watermark } = window.fakeHost;
      watermark.state = { ...watermark.state, report: { ...watermark.state.report!, stale: true } };
      window.fakeHost.send({ type: 'watermarkChanged' });
    });
    await page.waitForSelector('.stale-note');
    expect(await page.locator('.evidence-text').count()).toBe(0);
    await page.click('vscode-button:has-text("Check again")');
    await page.waitForSelector('.evidence-text .evidence-token');
    await page.close();
  });

  it('lists hidden characters with what they spell, and removes them', async () => {
    const page = await openView();
    await page.click('vscode-button:has-text("Look for them")');
    await page.waitForSelector('.hidden-list');
    expect(await page.locator('.hidden-list li').first().textContent()).toContain('“ignore this”');
    await page.click('.hidden-list .line-jump');
    expect(await requests(page, 'watermarkReveal')).toEqual([{ start: 3, end: 14 }]);
    await page.click('vscode-button:has-text("Remove all")');
    await page.waitForSelector('text=None in this file.');
    await page.close();
  });

  it('says what is wrong when the host refuses, and has no errors of its own', async () => {
    const page = await openView();
    await page.evaluate(
      () => (window.fakeHost.failure = 'Token 7 has id 60000, but the vocabulary is 50257.'),
    );
    await page.click('vscode-button:has-text("Check file")');
    await page.waitForSelector('.watermark-problem:not([hidden])');
    expect(await page.locator('.watermark-problem').textContent()).toContain('vocabulary is 50257');
    expect(pages.errors).toEqual([]);
    expect(await page.evaluate(() => window.fakeHost.rejected)).toBe(0);
    await page.close();
  });
});
