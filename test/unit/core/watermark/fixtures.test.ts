// Every shared fixture of a scheme: what the reference implementations computed, value by value.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkFixture } from '../../../../src/core/watermark/fixtures/fixtureCheck';
import { parseSettingsText, type JsonObject } from '../../../../src/core/watermark/settings';

const folder = new URL('../../../fixtures/watermark/', import.meta.url);
const OTHER_FORMATS = new Set(['prng.json', 'plant.json', 'lmw-normalizer.json']);
const files = readdirSync(folder).filter((name) => name.endsWith('.json') && !OTHER_FORMATS.has(name));

function read(name: string): JsonObject {
  const parsed = parseSettingsText(readFileSync(new URL(name, folder), 'utf8'));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

describe('reference fixtures', () => {
  it('are all here', () => expect(files.length).toBe(31));
  for (const name of files) {
    it(name, () => {
      const result = checkFixture(read(name));
      expect(result.ok ? '' : result.reason).toBe('');
    });
  }
});
