// @vitest-environment node
// The page in a pseudo-translation, where every translated string stands in ⟦ ⟧: in no view and no state may a text or a label
// stand outside, unless the host sent it or it is text of the file. Numbers are those of the language.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPanelPages } from './page/openPage';
import { mixedText } from './page/sampleTexts';
import { untranslatedTexts } from './page/untranslatedTexts';
import type { Page } from 'playwright-core';
import type { PanelPages } from './page/openPage';
import type { PanelDocument } from '../../src/shared/panelProtocol';
import type { DraftsSetup } from '../../src/shared/draftsProtocol';

let pages: PanelPages;
beforeAll(async () => {
  pages = await startPanelPages();
}, 120_000);
afterAll(async () => {
  await pages.close();
});

const open = (text = mixedText): Promise<Page> => pages.open({ language: 'de', text, width: 1100 });
const settled = (page: Page): Promise<unknown> => page.waitForTimeout(250);
const button = (label: string): string => `vscode-button:has-text("${label}")`;

describe('in a pseudo-translation', () => {
  it('the Tokens view says nothing in English', async () => {
    const page = await open();
    await page.focus('[data-token="0"]');
    await page.keyboard.press('ArrowRight');
    await page.waitForSelector('.merges');
    expect(await untranslatedTexts(page)).toEqual([]);
    await page.click('vscode-button[aria-label="⟦As table⟧"]');
    await page.waitForSelector('.table-row[data-token]');
    for (const query of ['nonsense', '99999999', 'id 99999']) {
      await page.locator('.finder input').fill(query);
      await page.locator('.finder input').press('Enter');
      await page.waitForFunction(() => document.querySelector('.finder-note')?.textContent !== '');
      await settled(page);
      expect(await untranslatedTexts(page), query).toEqual([]);
    }
    await page.close();
  });

  it('nor do its states without tokens, with a failure or with a part of the file', async () => {
    const page = await open();
    const file = { uri: 'file:///a/b.md', name: 'b.md', folder: 'a' };
    const encoding = 'o200k_base';
    const totals = { tokens: 50, characters: 100, bytes: 100, length: 100 };
    const states: readonly PanelDocument[] = [
      { state: 'none' },
      { state: 'counting', file, encoding },
      { state: 'estimated', file, encoding, tokens: 12_345_678, length: 49_000_000, reason: 'Too large.' },
      { state: 'failed', file, encoding, message: 'The tables could not be read.' },
      {
        ...{ ...totals, state: 'ready', file, encoding, generation: 900, notes: ['A note.'] },
        ...{ exactness: 'estimate', source: 'sampled' },
        scope: { first: 1, last: 3, tokens: 2, characters: 9, bytes: 9, label: 'lines 1–2' },
      },
      {
        ...{ ...totals, state: 'ready', file, encoding, generation: 901, notes: [], tokens: 0 },
        ...{ exactness: 'exact', source: 'tables', scope: null },
      },
    ];
    const wrong: string[] = [];
    for (const view of ['tokens', 'compare', 'drafts', 'surprise', 'watermark'] as const) {
      await page.evaluate((name) => window.fakeHost.send({ type: 'showView', view: name }), view);
      for (const document of states) {
        await page.evaluate((next) => window.fakeHost.show(next), document);
        await page.waitForTimeout(60);
        wrong.push(...(await untranslatedTexts(page)).map((text) => `${view}, ${document.state}: ${text}`));
      }
    }
    expect([...new Set(wrong)]).toEqual([]);
    await page.close();
  });

  it('nor does the comparison', async () => {
    const page = await open();
    await page.click('#tab-compare');
    await page.waitForSelector('.compared-line');
    expect(await untranslatedTexts(page)).toEqual([]);
    await page.close();
  });

  it.each(['forked', 'superposed'] as const)('nor do %s drafts and why they are these', async (method) => {
    const page = await open();
    await page.evaluate((wanted) => {
      window.fakeHost.setup = { ...window.fakeHost.setup, method: wanted, wanted: 'drafts' };
      window.fakeHost.send({ type: 'showView', view: 'drafts' });
    }, method);
    await page.waitForSelector('.draft-card');
    await page.keyboard.press('ArrowRight');
    for (const part of ['covers', 'nextByte', 'tree', 'gamma']) {
      await page.click(`#why-${part}`);
      expect(await untranslatedTexts(page), part).toEqual([]);
    }
    await page.evaluate(() => window.fakeHost.open('another text'));
    await page.waitForSelector('.drafts-results.outdated');
    expect(await untranslatedTexts(page)).toEqual([]);
    await page.close();
  });

  it('nor do the states without drafts', async () => {
    const states: readonly Partial<DraftsSetup>[] = [
      { state: 'ready' },
      { state: 'server', model: 'llama' },
      { state: 'stopped' },
      { state: 'unloaded', problem: 'No model was found.' },
    ];
    for (const state of states) {
      const page = await open();
      await page.evaluate((change) => {
        window.fakeHost.setup = { ...window.fakeHost.setup, ...change };
        window.fakeHost.refusal = 'The host refuses.';
        window.fakeHost.send({ type: 'showView', view: 'drafts' });
      }, state);
      await page.waitForSelector('.state-message');
      await settled(page);
      expect(await untranslatedTexts(page), JSON.stringify(state)).toEqual([]);
      const first = page.locator('.state-message vscode-button').first();
      await first.click();
      await page.waitForFunction(
        () => document.querySelector('.state-message')?.textContent.includes('The host refuses.') === true,
      );
      expect(await untranslatedTexts(page), JSON.stringify(state)).toEqual([]);
      // An answer that does not come keeps the view busy for as long as it takes to look.
      await page.evaluate(() => (window.fakeHost.delay = 1e8));
      await first.click();
      await page.waitForSelector('.state-message.busy');
      expect(await untranslatedTexts(page), JSON.stringify(state)).toEqual([]);
      await page.close();
    }
  });

  it('nor does the surprise', async () => {
    const page = await open();
    await page.click('#tab-surprise');
    await page.waitForSelector('.surprise-peaks tbody tr');
    await settled(page);
    expect(await untranslatedTexts(page)).toEqual([]);
    await page.close();
  });

  it('nor does the Watermark view, from empty to a report with an audit', async () => {
    const page = await open();
    await page.evaluate(() => {
      const { watermark } = window.fakeHost;
      watermark.state = { ...watermark.state, schemes: [], audit: null, planting: null };
    });
    await page.click('#tab-watermark');
    await page.waitForSelector('.watermark-empty');
    expect(await untranslatedTexts(page)).toEqual([]);
    await page.reload();
    await page.evaluate((text) => window.fakeHost.open(text), mixedText);
    await page.click('#tab-watermark');
    await page.waitForSelector('.audit-charts');
    expect(await untranslatedTexts(page)).toEqual([]);
    await page.click(button('Check file'));
    await page.waitForSelector('.evidence-text .evidence-token');
    await page.click(button('Look for them'));
    await page.waitForSelector('.hidden-list');
    await page.hover('[data-evidence="5"]');
    await page.waitForSelector('.evidence-heading');
    expect(await untranslatedTexts(page)).toEqual([]);
    await page.evaluate(() => {
      const { watermark } = window.fakeHost;
      const { report } = watermark.state;
      watermark.state = { ...watermark.state, report: report && { ...report, stale: true } };
      window.fakeHost.send({ type: 'watermarkChanged' });
    });
    await page.waitForSelector('.stale-note');
    expect(await untranslatedTexts(page)).toEqual([]);
    await page.close();
  });

  it('numbers are written as in the language', async () => {
    const page = await open();
    const [tokens] = await page.locator('.metric dd').allTextContents();
    expect(tokens).toMatch(/^\d\.\d{3}$/);
    expect(await page.getAttribute('html', 'lang')).toBe('de');
    await page.close();
  });

  it('a text that is not translated would be found', async () => {
    const page = await open();
    await page.evaluate(() => {
      const said = document.createElement('p');
      said.textContent = 'Plain English';
      const named = document.createElement('p');
      named.setAttribute('aria-label', 'Plain label');
      document.querySelector('main')?.append(said, named);
    });
    expect(await untranslatedTexts(page)).toEqual(['aria-label: Plain label', 'text: Plain English']);
    await page.close();
  });

  it('runs without errors, under the same policy as in VS Code', () => {
    expect(pages.errors).toEqual([]);
  });
});
