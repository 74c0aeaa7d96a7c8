// What only someone outside the window can do: press real keys in the Drafts view of a real VS Code. Drafts come from the model
// in the box; Enter inserts one, one undo takes it back. Drives the workbench in Chromium; run by `npm run test:page`.
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { frameWith, lastAnswer, openWorkbench, patience, runCommand } from './workbench.mjs';

const source = `export function countTokens(text: string): number {
  const tokens = tokenizer.encode(text);
  return tok
}
`;

describe('the Drafts view', { timeout: 600_000 }, () => {
  let workbench, page;

  /** Saves, and reads the file until it is `expected`; what it is after a while when it never is. */
  async function savedText(expected) {
    await page.keyboard.press('Control+S');
    const read = () => readFileSync(join(workbench.folder, 'drafted.ts'), 'utf8');
    await lastAnswer(page, () => read() === expected);
    return read();
  }

  before(async () => {
    workbench = await openWorkbench({ files: { 'drafted.ts': source }, open: 'drafted.ts' });
    ({ page } = workbench);
    // To the end of `return tok`.
    await page.keyboard.press('Control+Home');
    for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
  });

  after(() => workbench?.stop());

  it('shows drafts of the model in the box, and what the next byte will be', async () => {
    await runCommand(page, 'Tessera: Explain Next Byte');
    const frame = await frameWith(page, '.draft-card');
    await frame.waitForSelector('.byte-bars', patience);
    // Exact, all token paths, token level, healing.
    assert.equal(await frame.locator('.byte-bars').count(), 4);
    assert.match(await frame.locator('.draft-place').innerText(), /drafted\.ts:3:13.*return·tok/s);
  });

  it('inserts a draft with Enter as one edit, which one undo takes back', async () => {
    const frame = await frameWith(page, '.draft-card');
    await frame.waitForFunction(
      () => /^Draft 1 of/.test(globalThis.document.activeElement?.getAttribute('aria-label') ?? ''),
      undefined,
      patience,
    );
    const label = await frame.locator('[data-draft="0"]').getAttribute('aria-label');
    const text = /^Draft 1 of \d+: (.*)\. log P/s.exec(label)?.[1];
    assert.ok(text, label);
    await page.keyboard.press('Enter');
    await page.waitForFunction(
      () => globalThis.document.activeElement?.closest('.monaco-editor') !== null,
      undefined,
      patience,
    );
    const drafted = source.replace('return tok', () => `return tok${text}`);
    assert.equal(await savedText(drafted), drafted);
    await page.keyboard.press('Control+Z');
    assert.equal(await savedText(source), source);
  });
});
