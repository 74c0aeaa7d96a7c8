// One Chromium and one server for the page tests, and what every test asks of a page: no console errors, no blocked
// resources, no message that the host refuses.
import { launchBrowser, servePanelPage } from '../../../scripts/panelPage.mjs';
import type { Browser, Page } from 'playwright-core';

export interface OpenOptions {
  readonly theme?: string;
  /** 2 is a zoom of 200 %: half the CSS pixels on the same screen. */
  readonly zoom?: number;
  readonly width?: number;
  readonly height?: number;
  readonly text?: string;
  /** Every string in ⟦ ⟧, numbers as in this language. */
  readonly language?: string;
}

export interface PanelPages {
  open(options?: OpenOptions): Promise<Page>;
  /** Errors of all pages so far: exceptions, console errors, policy violations. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

export async function startPanelPages(): Promise<PanelPages> {
  const browser: Browser = await launchBrowser();
  const server = await servePanelPage();
  const errors: string[] = [];
  return {
    errors,
    open: async ({ theme = 'dark', zoom = 1, width = 760, height = 900, text = '', language = '' } = {}) => {
      const page = await browser.newPage({
        viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
        deviceScaleFactor: zoom,
      });
      // For a page that hangs, not for a busy machine.
      page.setDefaultTimeout(100_000);
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
          errors.push(message.text());
      });
      await page.goto(`${server.url}?theme=${theme}&language=${language}`);
      if (text !== '') {
        await page.evaluate((content) => window.fakeHost.open(content), text);
        await page.waitForSelector('[data-token]');
      }
      return page;
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}
