// Types of panelPage.mjs for the tests.
import type { Browser } from 'playwright-core';

export const themeNames: readonly ('dark' | 'light' | 'hc-dark' | 'hc-light')[];
export function servePanelPage(options?: {
  readonly port?: number;
  readonly sample?: () => Promise<{ readonly name: string; readonly text: string }>;
  readonly rebuild?: boolean;
}): Promise<{ readonly url: string; close(): Promise<void> }>;
export function launchBrowser(): Promise<Browser>;
export function axeScript(): Promise<string>;
