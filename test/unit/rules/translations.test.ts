// Everything the extension host says can be translated: each message is a literal, and in the bundle that translators use.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleText, collectStrings } from '../../../scripts/l10nBundle.mjs';
import { repositoryRoot, sourceFiles } from './sourceFiles';

describe('messages of the extension host', () => {
  it('are literals, so that a translation can be found', () => {
    expect(collectStrings().computed).toEqual([]);
  });

  it('are all in l10n/bundle.l10n.json, and nothing else is; `npm run l10n` writes it', () => {
    expect(readFileSync(join(repositoryRoot, 'l10n', 'bundle.l10n.json'), 'utf8')).toBe(bundleText());
  });

  it('number their places from 0 without a gap', () => {
    const gaps = collectStrings().strings.filter((text) => {
      const places = new Set([...text.matchAll(/\{(\d+)\}/g)].map(([, number]) => Number(number)));
      return [...places].some((place) => place >= places.size);
    });
    expect(gaps).toEqual([]);
  });

  it('are not shown past the translation', () => {
    const plain = sourceFiles(['src'])
      .filter(({ text }) => /show(Information|Warning|Error)Message\(\s*['"`]/.test(text))
      .map(({ path }) => path);
    expect(plain).toEqual([]);
  });
});
