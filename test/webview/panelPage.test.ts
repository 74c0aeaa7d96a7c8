// @vitest-environment node
// The inspector's page in Chromium with a fake host: scrolling, keyboard, focus, memory, states.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPanelPages } from './page/openPage';
import { longText, mixedText } from './page/sampleTexts';
import type { Page } from 'playwright-core';
import type { PanelPages } from './page/openPage';

let pages: PanelPages;
beforeAll(async () => {
  pages = await startPanelPages();
}, 120_000);
afterAll(async () => {
  await pages.close();
});

/** Index of the token that has the keyboard; −1 when none has. */
const focused = (page: Page): Promise<number> =>
  page.evaluate(() => Number((document.activeElement as HTMLElement | null)?.dataset['token'] ?? -1));

/** Tokens in sight: the first and the last that are not scrolled out. */
const inSight = (page: Page): Promise<{ first: number; last: number; elements: number }> =>
  page.evaluate(() => {
    const grid = document.querySelector('.token-grid')!.getBoundingClientRect();
    const seen = [...document.querySelectorAll<HTMLElement>('[data-token]')].filter((node) => {
      const box = node.getBoundingClientRect();
      return box.bottom > grid.top + 2 && box.top < grid.bottom - 2;
    });
    return {
      first: Number(seen[0]?.dataset['token'] ?? -1),
      last: Number(seen.at(-1)?.dataset['token'] ?? -1),
      elements: document.querySelectorAll('*').length,
    };
  });

const lastMessage = (page: Page, type: string) =>
  page.evaluate(
    (wanted) => window.fakeHost.received.filter((message) => message.type === wanted).at(-1),
    type,
  );

const settle = (page: Page): Promise<void> => page.waitForTimeout(250);
const total = (page: Page): Promise<number> =>
  page.evaluate(() => Number(document.querySelector('.metric.main dd')!.textContent.replaceAll(',', '')));

describe('one million tokens', () => {
  let page: Page;
  beforeAll(async () => {
    page = await pages.open({ text: longText(1_000_000) });
  }, 120_000);
  afterAll(() => page.close());

  it('are shown with only what is in sight in the page', async () => {
    expect(await total(page)).toBeGreaterThanOrEqual(1_000_000);
    const sight = await inSight(page);
    expect(sight.first).toBe(0);
    expect(sight.elements).toBeLessThan(5000);
  });

  it('reach from the first to the last by keyboard', async () => {
    await page.focus('[data-token="0"]');
    await page.keyboard.press('Control+End');
    await settle(page);
    const last = (await total(page)) - 1;
    expect(await focused(page)).toBe(last);
    const sight = await inSight(page);
    expect(sight.last).toBe(last);
    expect(sight.elements).toBeLessThan(5000);
    await page.keyboard.press('Control+Home');
    await settle(page);
    expect(await focused(page)).toBe(0);
  });

  it('go in proportion with the scroll bar, to either end and the middle', async () => {
    const tokens = await total(page);
    for (const share of [0.25, 0.5, 0.9]) {
      await page.waitForTimeout(500);
      await page.evaluate((part) => {
        const grid = document.querySelector('.token-grid')!;
        grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * part;
      }, share);
      await settle(page);
      const { first } = await inSight(page);
      expect(Math.abs(first / tokens - share)).toBeLessThan(0.02);
    }
    await page.evaluate(() => (document.querySelector('.token-grid')!.scrollTop = 1e9));
    await settle(page);
    expect((await inSight(page)).last).toBe(tokens - 1);
  });

  it('move by the pixels of the wheel, not by the proportion of the scroll bar', async () => {
    await page.evaluate(() => (document.querySelector('.token-grid')!.scrollTop = 1_000_000));
    await page.waitForTimeout(600);
    const before = await inSight(page);
    const mark = await page.evaluate((index) => {
      const node = document.querySelector(`[data-token="${index}"]`)!;
      return node.getBoundingClientRect().top;
    }, before.first + 40);
    await page.mouse.move(300, 500);
    await page.mouse.wheel(0, 60);
    await page.waitForTimeout(500);
    const after = await page.evaluate(
      (index) => document.querySelector(`[data-token="${index}"]`)!.getBoundingClientRect().top,
      before.first + 40,
    );
    expect(mark - after).toBeGreaterThan(55);
    expect(mark - after).toBeLessThan(65);
  });

  it('show every token of the file when scrolled line by line, none twice', async () => {
    await page.evaluate(() => (document.querySelector('.token-grid')!.scrollTop = 0));
    await page.waitForTimeout(500);
    await page.mouse.move(300, 500);
    const seen = new Set<number>();
    for (let step = 0; step < 12; step++) {
      const indices = await page.evaluate(() =>
        Array.from(document.querySelectorAll<HTMLElement>('[data-token]'), (node) =>
          Number(node.dataset['token']),
        ),
      );
      expect(new Set(indices).size).toBe(indices.length);
      expect(indices.at(-1)! - indices[0]!).toBe(indices.length - 1);
      for (const index of indices) seen.add(index);
      await page.mouse.wheel(0, 350);
      await page.waitForTimeout(120);
    }
    expect(Math.max(...seen) + 1).toBe(seen.size);
  });

  it('does the same as a table', async () => {
    await page.click('vscode-button[aria-label="As table"]');
    await settle(page);
    await page.focus('[data-token][tabindex="0"], .token-grid');
    await page.keyboard.press('End');
    await settle(page);
    expect(await focused(page)).toBe((await total(page)) - 1);
    expect((await inSight(page)).elements).toBeLessThan(5000);
  });
});

describe('the keyboard alone', () => {
  it('walks from the header through every control into the tokens and back to the editor', async () => {
    const page = await pages.open({ text: mixedText });
    const names: string[] = [];
    for (let i = 0; i < 12 && (await focused(page)) < 0; i++) {
      await page.keyboard.press('Tab');
      names.push(
        await page.evaluate(() => {
          const node = document.activeElement;
          return node?.getAttribute('aria-label') ?? node?.tagName ?? '';
        }),
      );
    }
    expect(names.slice(0, 7)).toEqual([
      'Encoding of this file',
      'Keep showing this file',
      'Tokens',
      'As text',
      'As table',
      'Show whitespace',
      'Go to token by index or id',
    ]);
    expect(await focused(page)).toBe(0);

    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe(1);
    await page.keyboard.press('End');
    const lineEnd = await focused(page);
    expect(lineEnd).toBeGreaterThan(1);
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe(lineEnd + 1);
    await page.keyboard.press('ArrowDown');
    const below = await focused(page);
    expect(below).toBeGreaterThan(lineEnd + 1);
    await page.keyboard.press('ArrowUp');
    expect(await focused(page)).toBe(lineEnd + 1);
    await page.keyboard.press('PageDown');
    const pageBelow = await focused(page);
    expect(pageBelow).toBeGreaterThan(below);
    await page.keyboard.press('PageUp');
    expect(await focused(page)).toBeLessThan(pageBelow);

    await page.keyboard.press('Control+Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await settle(page);
    expect(await lastMessage(page, 'reveal')).toMatchObject({ index: 1, focus: false });
    expect(await page.getAttribute('[data-token="1"]', 'aria-current')).toBe('location');
    await page.keyboard.press('Escape');
    await settle(page);
    expect(await lastMessage(page, 'focusEditor')).toBeDefined();
    await page.close();
  });

  it('has one token in the tab order, whatever is scrolled', async () => {
    const page = await pages.open({ text: longText(20_000) });
    const tabbable = () =>
      page.evaluate(
        () => document.querySelectorAll('.token-grid [tabindex="0"], .token-grid[tabindex="0"]').length,
      );
    expect(await tabbable()).toBe(1);
    await page.mouse.move(300, 500);
    await page.mouse.wheel(0, 5000);
    await settle(page);
    expect(await tabbable()).toBe(1);
    await page.close();
  });

  it('keeps the focus when its token is scrolled away', async () => {
    const page = await pages.open({ text: longText(20_000) });
    await page.focus('[data-token="0"]');
    await page.mouse.move(300, 500);
    await page.mouse.wheel(0, 8000);
    await page.waitForTimeout(600);
    await page.keyboard.press('ArrowRight');
    await settle(page);
    expect(await focused(page)).toBe(1);
    await page.close();
  });

  it('goes to an index and to the next token with an id', async () => {
    const page = await pages.open({ text: mixedText });
    await page.click('.finder');
    await page.keyboard.type('300');
    await page.keyboard.press('Enter');
    await settle(page);
    expect(await focused(page)).toBe(300);
    const id = await page.evaluate(
      () => /id (\d+)/.exec(document.activeElement!.getAttribute('aria-label')!)![1]!,
    );
    await page.click('.finder');
    await page.keyboard.press('Control+A');
    await page.keyboard.type(`id ${id}`);
    await page.keyboard.press('Enter');
    await settle(page);
    const found = await page.getAttribute('.token-grid [aria-selected="true"]', 'aria-label');
    expect(found).toContain(`id ${id},`);
    expect(found).not.toContain('token 300,');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('999999');
    await page.keyboard.press('Enter');
    expect(await page.textContent('.finder-note')).toMatch(/There are tokens 0 to/);
    await page.close();
  });
});

describe('the page', () => {
  it('comes back as it was: layout, place, whitespace', async () => {
    const page = await pages.open({ text: longText(20_000) });
    await page.click('vscode-button[aria-label="As table"]');
    await page.click('vscode-button[aria-label="Show whitespace"]');
    await page.focus('[data-token][tabindex="0"]');
    for (let i = 0; i < 5; i++) await page.keyboard.press('PageDown');
    await page.waitForTimeout(500);
    const before = { ...(await inSight(page)), focus: await focused(page) };
    await page.reload();
    await page.evaluate((text) => window.fakeHost.open(text), longText(20_000));
    await page.waitForSelector('[data-token]');
    await settle(page);
    expect((await inSight(page)).first).toBe(before.first);
    expect(await page.getAttribute('.token-grid', 'data-layout')).toBe('table');
    expect(await page.evaluate(() => window.fakeHost.state)).toMatchObject({ active: before.focus });
    expect(await page.getAttribute(`[data-token="${before.focus}"]`, 'aria-selected')).toBe('true');
    expect(await page.getAttribute('.tokens-view', 'class')).toContain('hide-whitespace');
    await page.close();
  });

  it('keeps its place when the text is edited or the panel gets another width', async () => {
    const page = await pages.open({ text: longText(20_000) });
    await page.mouse.move(300, 500);
    await page.mouse.wheel(0, 9000);
    await page.waitForTimeout(600);
    const { first } = await inSight(page);
    expect(first).toBeGreaterThan(100);
    await page.evaluate((text) => window.fakeHost.open(text), `${longText(20_000)} and more`);
    await settle(page);
    expect((await inSight(page)).first).toBe(first);
    await page.setViewportSize({ width: 420, height: 900 });
    await settle(page);
    const narrow = await inSight(page);
    expect(Math.abs(narrow.first - first)).toBeLessThanOrEqual(10);
    await page.close();
  });

  it('follows the editor only while the keyboard is elsewhere', async () => {
    const page = await pages.open({ text: longText(20_000) });
    const cursor = (first: number) =>
      page.evaluate(
        (index) => window.fakeHost.send({ type: 'cursor', generation: 2, first: index, last: index + 2 }),
        first,
      );
    await cursor(9000);
    await settle(page);
    expect(await page.locator('.at-cursor').count()).toBe(2);
    await page.focus('[data-token][tabindex="0"], .token-grid');
    await settle(page);
    const before = await inSight(page);
    await cursor(15_000);
    await settle(page);
    expect((await inSight(page)).first).toBe(before.first);
    await page.close();
  });

  it('takes document text as text only', async () => {
    const page = await pages.open({ text: mixedText });
    expect(await page.locator('.token-grid img').count()).toBe(0);
    expect(await page.title()).toBe('Tessera');
    await page.close();
  });

  it('shows the file as its tokens, byte for byte', async () => {
    const page = await pages.open({ text: mixedText, height: 4000 });
    await settle(page);
    const shown = await page.evaluate(() =>
      Array.from(document.querySelectorAll('[data-token], [data-further]'), (node) => node.textContent).join(
        '',
      ),
    );
    const start = mixedText.slice(0, 60).replaceAll(' ', '·').replaceAll('\n', '↵');
    expect(shown.startsWith(start)).toBe(true);
    expect(shown.endsWith('The·end.')).toBe(true);
    await page.close();
  });

  it('asks the host for another encoding', async () => {
    const page = await pages.open({ text: mixedText });
    await page.focus('.encoding');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await settle(page);
    expect(await lastMessage(page, 'setEncoding')).toMatchObject({ encoding: 'o200k_harmony' });
    await page.close();
  });

  it('says what is the case in every state', async () => {
    const page = await pages.open({ text: mixedText });
    const file = { uri: 'file:///a/b.md', name: 'b.md', folder: 'a' };
    const encoding = 'o200k_base';
    const show = (document: Parameters<Window['fakeHost']['show']>[0]): Promise<void> =>
      page.evaluate((next) => window.fakeHost.show(next), document);
    // Drawn a frame or two after the message; longer on a busy machine.
    const says = (text: string | RegExp, where = 'body'): Promise<void> =>
      expect
        .poll(() => page.innerText(where), { timeout: 60_000 })
        .toMatch(typeof text === 'string' ? new RegExp(text) : text);
    await show({ state: 'none' });
    await says('Nothing to inspect yet');
    await show({ state: 'counting', file, encoding });
    await says('Counting tokens');
    await show({
      state: 'estimated',
      file,
      encoding,
      tokens: 12_345_678,
      length: 49_000_000,
      reason: 'Too large.',
    });
    await says(/≈ 12,345,678[\s\S]*≈ Estimate[\s\S]*Too large/);
    await show({ state: 'failed', file, encoding, message: 'The tables are missing.' });
    await says('The tables are missing');
    await page.click('text=Open log');
    await expect.poll(() => lastMessage(page, 'openLog')).toBeDefined();
    await page.evaluate(() => window.fakeHost.open('', 'empty.txt'));
    await says('This file is empty');
    await page.evaluate((text) => {
      window.fakeHost.failure = 'The engine is gone.';
      window.fakeHost.open(text);
    }, mixedText);
    await says('The engine is gone', '.token-grid');
    await page.close();
  });

  it('sent nothing that the host refuses and broke no rule of the policy, in all of these tests', async () => {
    const page = await pages.open({ text: mixedText });
    expect(await page.evaluate(() => window.fakeHost.rejected)).toBe(0);
    expect(pages.errors).toEqual([]);
    await page.close();
  });
});
