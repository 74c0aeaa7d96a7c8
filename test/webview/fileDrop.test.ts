// @vitest-environment node
// Dropping tokenizer files on the inspector's page in Chromium: what the page shows and what it sends to the host.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPanelPages } from './page/openPage';
import { dropByteLimit } from '../../src/shared/tokenizerDrop';
import type { Page } from 'playwright-core';
import type { PanelPages } from './page/openPage';

let pages: PanelPages;
let page: Page;
beforeAll(async () => {
  pages = await startPanelPages();
  page = await pages.open({ text: 'some text' });
}, 120_000);
afterAll(async () => {
  expect(pages.errors).toEqual([]);
  await pages.close();
});

interface Dragged {
  readonly files?: readonly { readonly name: string; readonly content?: string; readonly size?: number }[];
  readonly data?: Readonly<Record<string, string>>;
}

/** Drags over the page and, unless `leave`, drops there, as the browser tells a page of it. */
const drag = (
  dragged: Dragged,
  leave = false,
): Promise<{ readonly hint: boolean; readonly taken: boolean }> =>
  page.evaluate(
    ([{ files = [], data = {} }, leaves]) => {
      const transfer = new DataTransfer();
      for (const { name, content = '', size } of files) {
        const file = new File([content], name);
        // As large as the test says without making a text of that size.
        if (size !== undefined) Object.defineProperty(file, 'size', { value: size });
        transfer.items.add(file);
      }
      for (const [type, value] of Object.entries(data)) transfer.setData(type, value);
      const fire = (type: string): boolean =>
        !document.body.dispatchEvent(
          new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }),
        );
      fire('dragenter');
      const taken = fire('dragover');
      const hint = !document.querySelector<HTMLElement>('.drop-hint')!.hidden;
      fire(leaves ? 'dragleave' : 'drop');
      return { hint, taken };
    },
    [dragged, leave] as const,
  );

/** The last drop that reached the host, with contents as text. */
const lastDrop = (): Promise<unknown> =>
  page.evaluate(() => {
    const requests = window.fakeHost.received.flatMap((message) =>
      message.type === 'request' && message.name === 'addTokenizers' ? [message.params] : [],
    );
    const { files, uris, tooLarge } = requests.at(-1)!;
    const texts = files.map(({ name, content }) => ({ name, content: new TextDecoder().decode(content) }));
    return { count: requests.length, files: texts, uris, tooLarge };
  });
const dropsSent = (): Promise<number> =>
  page.evaluate(
    () =>
      window.fakeHost.received.filter(
        (message) => message.type === 'request' && message.name === 'addTokenizers',
      ).length,
  );

it('shows where to drop while a file is over the page, and sends the contents', async () => {
  const { hint, taken } = await drag({ files: [{ name: 'tokenizer.json', content: '{"a":1}' }] });
  expect({ hint, taken }).toEqual({ hint: true, taken: true });
  await expect.poll(dropsSent).toBe(1);
  expect(await lastDrop()).toMatchObject({
    files: [{ name: 'tokenizer.json', content: '{"a":1}' }],
    uris: [],
    tooLarge: [],
  });
  expect(await page.locator('.drop-hint').isHidden()).toBe(true);
  await expect
    .poll(() => page.locator('.live[role=status]').textContent())
    .toBe('Added tokenizer tokenizer.json.');
});

it('sends addresses where there are no contents, each once', async () => {
  await drag({
    data: {
      'text/uri-list': '# from a file manager\r\nfile:///models/tekken.json\r\n',
      resourceurls: '["file:///models/tekken.json","file:///models/b.model"]',
    },
  });
  await expect.poll(dropsSent).toBe(2);
  expect(await lastDrop()).toMatchObject({
    files: [],
    uris: ['file:///models/tekken.json', 'file:///models/b.model'],
  });
});

it('names files that are too large instead of sending them', async () => {
  await drag({ files: [{ name: 'weights.json', size: dropByteLimit + 1 }] });
  await expect.poll(dropsSent).toBe(3);
  expect(await lastDrop()).toMatchObject({ files: [], uris: [], tooLarge: ['weights.json'] });
});

it('leaves other drags alone, and hides the hint when the drag leaves', async () => {
  expect(await drag({ data: { 'text/plain': 'words' } })).toEqual({ hint: false, taken: false });
  expect((await drag({ files: [{ name: 'a.json' }] }, true)).hint).toBe(true);
  expect(await page.locator('.drop-hint').isHidden()).toBe(true);
  expect(await dropsSent()).toBe(3);
  expect(await page.evaluate(() => window.fakeHost.rejected)).toBe(0);
});
