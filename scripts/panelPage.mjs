// The inspector's page without VS Code: bundles webview/panel.ts and the fake host, and serves both under the same
// content security policy as in VS Code. For the page test and for the playground.
import { build } from 'esbuild';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumArguments, ensureChromium } from './ensureChromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const themesFolder = join(root, 'test', 'webview', 'themes');

/** One for each kind of theme; test/webview/themes holds what VS Code sets for it. */
export const themeNames = ['dark', 'light', 'hc-dark', 'hc-light'];

/** What VS Code gives every webview before its own styles. */
const defaultStyles = `
html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background); }
body { overscroll-behavior-x: none; background-color: transparent; color: var(--vscode-editor-foreground);
  font-family: var(--vscode-font-family); font-weight: var(--vscode-font-weight); font-size: var(--vscode-font-size);
  margin: 0; padding: 0 20px; }`;

async function bundle(entry) {
  const result = await build({
    entryPoints: [join(root, entry)],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'chrome134',
    logLevel: 'warning',
  });
  return result.outputFiles[0].text;
}

/** Every variable of a theme as one style sheet, and what VS Code says on the body. */
async function themeOf(name) {
  const { bodyClass, themeKind, variables } = JSON.parse(
    await readFile(join(themesFolder, `${name}.json`), 'utf8'),
  );
  const lines = Object.entries(variables).map(([key, value]) => `${key}: ${value};`);
  return { css: `:root { ${lines.join('\n')} } ${defaultStyles}`, themeKind, bodyClass };
}

/**
 * The bundle of a language that does not exist: every string stands in ⟦ ⟧, so that a text which was not translated is seen.
 * As in src/panel/panelHtml.ts, it is a data block of the page.
 */
async function makePseudoTranslations() {
  const { collectStrings } = await import('./l10nBundle.mjs');
  const bundle = Object.fromEntries(collectStrings().strings.map((text) => [text, `⟦${text}⟧`]));
  return `<script type="application/json" id="translations">${JSON.stringify(bundle).replaceAll('<', '\\u003c')}</script>`;
}

let pseudoTranslations;

async function pageHtml(theme, language, nonce) {
  const { css, themeKind, bodyClass } = await themeOf(theme);
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self' data:",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${language ?? 'en'}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta property="csp-nonce" content="${nonce}" />
    <title>Tessera</title>
    <style nonce="${nonce}">${css}</style>
    <link rel="stylesheet" href="/panel.css" />
  </head>
  <body class="${bodyClass}" data-vscode-theme-kind="${themeKind}">
    ${language === null ? '' : await (pseudoTranslations ??= makePseudoTranslations())}
    <script nonce="${nonce}" src="/fakeHost.js"></script>
    <script nonce="${nonce}" src="/sample.js"></script>
    <script nonce="${nonce}" src="/panel.js"></script>
  </body>
</html>`;
}

/**
 * Serves the page on 127.0.0.1; `?theme=dark|light|hc-dark|hc-light`, `&language=de` a pseudo-translation with the numbers of
 * that language, and `sample()` gives { name, text } to open.
 * Resolves to { url, close }.
 */
export async function servePanelPage({
  port = 0,
  sample = async () => ({ name: 'sample.md', text: '' }),
  rebuild = false,
} = {}) {
  const make = async () => ({
    '/panel.js': ['text/javascript', await bundle('webview/panel.ts')],
    '/panel.css': ['text/css', await bundle('webview/panel.css')],
    '/fakeHost.js': ['text/javascript', await bundle('test/webview/page/fakeHost.ts')],
  });
  let files = await make();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const answer = async () => {
      if (pathname === '/') {
        if (rebuild) files = await make();
        const asked = searchParams.get('theme');
        const theme = themeNames.includes(asked) ? asked : 'dark';
        const language = /^[a-z-]{2,8}$/i.exec(searchParams.get('language') ?? '')?.[0] ?? null;
        return ['text/html', await pageHtml(theme, language, randomBytes(16).toString('base64'))];
      }
      if (pathname === '/sample.js') {
        const { name, text } = await sample();
        return ['text/javascript', `fakeHost.open(${JSON.stringify(text)}, ${JSON.stringify(name)});`];
      }
      return files[pathname];
    };
    answer().then(
      (found) => {
        response.writeHead(found ? 200 : 404, {
          'content-type': `${found?.[0] ?? 'text/plain'}; charset=utf-8`,
        });
        response.end(found?.[1] ?? 'not found');
      },
      (error) => {
        response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
        response.end(String(error));
      },
    );
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}

/** A Chromium for the page, installed first when there is none. */
export async function launchBrowser() {
  return chromium.launch({ executablePath: await ensureChromium(), args: chromiumArguments });
}

/** axe-core as one script, to be evaluated in a page. */
export const axeScript = () => readFile(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');
