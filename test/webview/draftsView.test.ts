// @vitest-environment node
// The Drafts view in Chromium with a fake host: asking, cards, keyboard, acceptance, cancelling, states and the "why" parts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPanelPages } from './page/openPage';
import { sampleDraft } from './page/sampleDrafts';
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
  const page = await pages.open({ text: 'const x = 1;\n', width: 1100 });
  await page.click('#tab-drafts');
  return page;
}

async function openDrafts(): Promise<Page> {
  const page = await openView();
  await page.click('.state-message vscode-button');
  await page.waitForSelector('.draft-card');
  return page;
}

const requests = (page: Page, name: string) =>
  page.evaluate(
    (wanted) =>
      window.fakeHost.received.flatMap((message) =>
        message.type === 'request' && message.name === wanted ? [message.params as unknown] : [],
      ),
    name,
  );
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
const choose = (page: Page, selector: string, value: string) =>
  page.evaluate(
    ([where, wanted]) => {
      const picker = document.querySelector<HTMLElement & { value: string }>(where!)!;
      picker.value = wanted!;
      picker.dispatchEvent(new Event('change'));
    },
    [selector, value],
  );

describe('asking for drafts', () => {
  it('asks nothing by itself when the view is looked at', async () => {
    const page = await openView();
    await page.waitForTimeout(400);
    expect(await requests(page, 'drafts')).toEqual([]);
    expect(await page.locator('.state-message').textContent()).toContain('model on this machine');
    await page.close();
  });

  it('carries out a command that asked for drafts and for a part of the why', async () => {
    const page = await pages.open({ text: 'const x = 1;\n' });
    await page.evaluate(() => {
      window.fakeHost.setup = { ...window.fakeHost.setup, wanted: 'nextByte' };
      window.fakeHost.send({ type: 'showView', view: 'drafts' });
    });
    await page.waitForSelector('.byte-bars');
    expect(await requests(page, 'drafts')).toEqual([{ method: 'forked', count: 3, seed: 0 }]);
    expect(await focused(page)).toMatch(/^Draft 1 of 3/);
    await page.close();
  });

  it('puts documents in as text, white space and markup included', async () => {
    const page = await openDrafts();
    await choose(page, '.draft-count', '5');
    await page.waitForSelector('[data-draft="4"]');
    const shown = await page.locator('.draft-text').allTextContents();
    const marks = (text: string): string => text.replaceAll(' ', '·').replaceAll('\n', '↵\n');
    expect(shown).toEqual([0, 1, 2, 3, 4].map((i) => marks(sampleDraft(i).text)));
    expect(await page.locator('.draft-text b').count()).toBe(0);
    await page.close();
  });

  it('takes the method, the number and the seed as they are chosen, and remembers them', async () => {
    const page = await openDrafts();
    expect(await page.locator('.draft-seed').isVisible()).toBe(false);
    await choose(page, '.draft-method', 'nucleus');
    await choose(page, '.draft-count', '4');
    await choose(page, '.draft-seed', '17');
    await page.waitForSelector('[data-draft="3"]');
    await page.click('.draft-ask');
    await page.waitForTimeout(200);
    const asked = await requests(page, 'drafts');
    expect(asked.at(-2)).toEqual({ method: 'nucleus', count: 4, seed: 17 });
    expect(asked.at(-1)).toEqual({ method: 'nucleus', count: 4, seed: 18 });
    await page.waitForTimeout(400);
    expect(await page.evaluate(() => window.fakeHost.state)).toMatchObject({
      draftMethod: 'nucleus',
      draftCount: 4,
      draftSeed: 18,
    });
    await page.close();
  });

  it('cancels a run on the host and keeps the drafts that were there', async () => {
    const page = await openDrafts();
    await page.evaluate(() => (window.fakeHost.delay = 5000));
    await page.click('.draft-ask');
    await page.click('.draft-cancel');
    await page.waitForSelector('.draft-ask:not([hidden])');
    const cancelled = await page.evaluate(
      () => window.fakeHost.received.filter(({ type }) => type === 'cancel').length,
    );
    expect(cancelled).toBe(1);
    expect(await page.locator('.draft-card').count()).toBe(3);
    await page.close();
  });

  it('follows a resting cursor only while that is switched on', async () => {
    const page = await openDrafts();
    const move = () =>
      page.evaluate(() => window.fakeHost.send({ type: 'cursor', generation: 2, first: 2, last: 3 }));
    await move();
    await page.waitForTimeout(700);
    expect(await requests(page, 'drafts')).toHaveLength(1);
    await page.check('#follow-cursor');
    await move();
    await move();
    await page.waitForTimeout(900);
    expect(await requests(page, 'drafts')).toHaveLength(3);
    await page.close();
  });
});

describe('the keyboard', () => {
  it('walks drafts and tokens, says what they are, and inserts with Enter', async () => {
    const page = await openDrafts();
    expect(await focused(page)).toMatch(/^Draft 1 of 3: .*log P −\d.*Enter inserts it/s);
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toMatch(/^Draft 2 of 3/);
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toMatch(/^token 1 of 3, '.length', \d.*%, of “tok.length”/);
    expect(await page.locator('[data-draft="1"] .draft-detail').textContent()).toMatch(/“.length”\s+\d+/);
    await page.keyboard.press('End');
    expect(await focused(page)).toMatch(/^token 3 of 3/);
    await page.keyboard.press('Escape');
    expect(await focused(page)).toMatch(/^Draft 2 of 3/);
    await page.keyboard.press('Enter');
    await page.waitForFunction(
      () => document.querySelector('.live[role=status]')?.textContent === 'Draft 2 inserted.',
    );
    expect(await requests(page, 'acceptDraft')).toEqual([{ run: 1, draft: 1 }]);
    await page.close();
  });

  it('inserts by number, and goes back to the editor with Escape', async () => {
    const page = await openDrafts();
    await page.keyboard.press('3');
    await page.keyboard.press('9');
    await page.keyboard.press('Escape');
    expect(await requests(page, 'acceptDraft')).toEqual([{ run: 1, draft: 2 }]);
    const types = await page.evaluate(() => window.fakeHost.received.map(({ type }) => type));
    expect(types.at(-1)).toBe('focusEditor');
    await page.close();
  });

  it('has one card in the tab order, then its button, then the parts below', async () => {
    const page = await openDrafts();
    const seen: string[] = [];
    for (let i = 0; i < 3; i++) {
      await page.keyboard.press('Tab');
      seen.push(
        await page.evaluate(
          () =>
            document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
        ),
      );
    }
    expect(seen).toEqual(['Insert draft 1', 'Covers', 'Covers table']);
    await page.close();
  });

  it('says so when a draft can no longer be inserted, and marks all of them when the document changes', async () => {
    const page = await openDrafts();
    await page.evaluate(() => window.fakeHost.open('const x = 2;\n'));
    await page.waitForSelector('.drafts-results.outdated');
    expect(await page.locator('.draft-notice').textContent()).toContain('The document has changed');
    expect(await page.locator('.draft-ask').textContent()).toBe('Draft Here');
    await page.close();
  });
});

describe('states', () => {
  it.each([
    [{ state: 'failed', problem: 'The model file is damaged: choose another one.' }, 'damaged'],
    [{ state: 'stopped', problem: null }, 'crashed several times'],
    [{ state: 'server', model: 'coder-7b', problem: null }, 'sent to the server that you chose (coder-7b)'],
  ] as const)('%j', async (setup, words) => {
    const page = await pages.open({ text: 'const x = 1;\n' });
    await page.evaluate((change) => (window.fakeHost.setup = { ...window.fakeHost.setup, ...change }), setup);
    await page.click('#tab-drafts');
    await page.waitForFunction(
      (wanted) => document.querySelector('.drafts-view .state-message')?.textContent.includes(wanted),
      words,
    );
    await page.close();
  });

  it('refusals say why and can be tried again', async () => {
    const page = await openView();
    await page.evaluate(
      () => (window.fakeHost.refusal = 'This file is read-only: a draft could not be inserted.'),
    );
    await page.click('.draft-ask');
    await page.waitForFunction(() =>
      document.querySelector('.state-message')?.textContent.includes('read-only'),
    );
    expect(await page.locator('.state-actions vscode-button').allTextContents()).toEqual(['Try Again']);
    await page.close();
  });
});

describe('why these drafts', () => {
  it('lists the covers with weights that add up to all', async () => {
    const page = await openDrafts();
    const shares = await page.locator('.why-panel .data-table tbody td .share-number').allTextContents();
    expect(shares).toHaveLength(3);
    expect(shares.reduce((sum, text) => sum + Number.parseFloat(text), 0)).toBeCloseTo(100, 0);
    await page.close();
  });

  it('compares the next byte with all token paths, token-level prompting and token healing', async () => {
    const page = await openDrafts();
    await page.click('#why-nextByte');
    expect(await page.locator('.byte-bars').count()).toBe(4);
    expect(await page.locator('.strip-title').allTextContents()).toContain('All paths (P_all)');
    expect(await page.locator('.why-lead').textContent()).toContain('P_all every path');
    expect(await page.locator('.strip-head').nth(2).textContent()).toMatch(
      /best · .*% of the mass elsewhere/,
    );
    const first = page.locator('.why-panel .data-table tbody tr').first();
    expect(await first.locator('th').textContent()).toContain('lower-case letter');
    expect(await first.locator('.share-number').allTextContents()).toHaveLength(4);
    await page.close();
  });

  it('draws the tree of the drafts, and the weights for the superposed method only', async () => {
    const page = await openDrafts();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.tree-run').count()).toBe(4);
    expect(await page.locator('.tree-drafts').first().textContent()).toBe('drafts 1, 2');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.why-lead').textContent()).toContain('Only the superposed method');
    await choose(page, '.draft-method', 'superposed');
    await page.waitForSelector('.gamma-chart polyline');
    expect(await page.locator('.gamma-chart polyline').count()).toBe(3);
    expect(await page.locator('.why-panel .data-table tbody tr').count()).toBe(3);
    await page.close();
  });

  it('left no error and no refused message on any page', () => {
    expect(pages.errors).toEqual([]);
  });
});
