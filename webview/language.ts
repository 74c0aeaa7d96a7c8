// The page's strings in the language of VS Code. The host puts the bundle of that language into the page as data; this module
// gives it to @vscode/l10n before any other module of the page asks for a string, so that constants may hold translations.
import * as l10n from '@vscode/l10n';

/** Id of the data block with the bundle; src/panel/panelHtml.ts writes it. */
const bundleBlock = 'translations';

const contents = document.getElementById(bundleBlock)?.textContent ?? '';
if (contents !== '') l10n.config({ contents });

export { l10n };
