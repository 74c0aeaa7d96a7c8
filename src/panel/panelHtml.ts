// The page around the inspector's bundle. Nothing may run or load but the two files of dist/webview: every script
// carries this page's nonce, styles come from the extension or carry it, and there is no network. The page's strings come
// along as a data block, which is no script and never runs.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

const escapeAttribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/**
 * The bundle of translations as a data block of the page (webview/language.ts reads it); '' without one, when the page
 * speaks English. JSON without a '<' cannot close the block, whatever a translation says.
 */
export function translationsBlock(bundle: Readonly<Record<string, string>> | undefined): string {
  if (bundle === undefined) return '';
  const json = JSON.stringify(bundle).replaceAll('<', '\\u003c');
  return `<script type="application/json" id="translations">${json}</script>`;
}

/** The policy, for a page with this nonce; `source` is the webview's own origin. */
export function contentSecurityPolicy(nonce: string, source: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source} 'nonce-${nonce}'`,
    `font-src ${source}`,
    `img-src ${source} data:`,
  ].join('; ');
}

/** Options for every webview of the inspector: scripts yes, forms and other folders no. */
export function panelOptions(extension: vscode.Uri): vscode.WebviewOptions {
  return {
    enableScripts: true,
    enableForms: false,
    localResourceRoots: [vscode.Uri.joinPath(extension, 'dist'), vscode.Uri.joinPath(extension, 'media')],
  };
}

/** HTML of the page; a fresh nonce each time. */
export function panelHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(18).toString('base64');
  const file = (name: string): string =>
    escapeAttribute(webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', 'webview', name)).toString());
  const { bundle } = vscode.l10n;
  const language = escapeAttribute(bundle === undefined ? 'en' : vscode.env.language);
  const policy = escapeAttribute(contentSecurityPolicy(nonce, webview.cspSource));
  return `<!DOCTYPE html>
<html lang="${language}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta property="csp-nonce" content="${nonce}" />
    <title>Tessera</title>
    <link rel="stylesheet" href="${file('panel.css')}" />
  </head>
  <body>
    ${translationsBlock(bundle)}
    <script nonce="${nonce}" src="${file('panel.js')}"></script>
  </body>
</html>`;
}
