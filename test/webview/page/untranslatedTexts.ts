// Finds what a page in the pseudo-translation says outside ⟦ ⟧ although the host did not send it.
import type { Page } from 'playwright-core';

/** Nodes whose text is that of the file, or names a byte. */
const fileText =
  '[data-token], [data-further], [data-evidence], code, .chip, .draft-text, .draft-detail, .tree-text, .detail-token, .merge-part, .gamma-label';

/** Texts and labels of the page, hidden ones too, that are in no ⟦ ⟧, as 'text: …' or 'attribute: …', sorted. */
export function untranslatedTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate((skipped) => {
    const hostTexts = new Set<string>();
    const gather = (value: unknown): void => {
      if (typeof value === 'string') hostTexts.add(value.trim());
      else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
        Object.values(value).forEach(gather);
    };
    gather(window.fakeHost.sent);
    const known = [...hostTexts].filter((text) => text.length > 1).sort((a, b) => b.length - a.length);
    const rest = (text: string): string => {
      let depth = 0;
      let outside = '';
      for (const character of text) {
        if (character === '⟦') depth++;
        if (depth === 0) outside += character;
        else if (character === '⟧') depth--;
      }
      for (const hostText of known)
        if (outside.includes(hostText)) outside = outside.replaceAll(hostText, ' ');
      // Bytes and code points in hex are numbers.
      return outside.replaceAll(/0x[\dA-F]{2}|U\+[\dA-F]{4,}|\b[\dA-F]{2}\b/giu, ' ');
    };
    const found = new Set<string>();
    const check = (kind: string, text: string | null): void => {
      if (text !== null && /\p{L}{2,}/u.test(rest(text))) found.add(`${kind}: ${text.trim()}`);
    };
    for (const node of document.body.querySelectorAll('*:not(script, style)')) {
      for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
        if (!node.matches('[data-evidence]') || name !== 'aria-label') check(name, node.getAttribute(name));
      if (node.closest(skipped) !== null) continue;
      for (const child of node.childNodes)
        if (child.nodeType === Node.TEXT_NODE) check('text', child.textContent);
    }
    return [...found].sort();
  }, fileText);
}
