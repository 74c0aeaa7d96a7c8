// Every shared fixture of a scheme: what the reference implementations computed, value by value.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkFixture } from '../../../../src/core/watermark/fixtures/fixtureCheck';
import { parseSettingsText, type JsonObject } from '../../../../src/core/watermark/settings';

const folder = new URL('../../../fixtures/watermark/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

function read(name: string): JsonObject {
  const parsed = parseSettingsText(readFileSync(new URL(name, folder), 'utf8'));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

describe('reference fixtures', () => {
  it('are all here', () => expect(files.length).toBe(34));
  for (const name of files) {
    it(name, () => {
      const result = checkFixture(read(name));
      expect(result.ok ? '' : result.reason).toBe('');
    });
  }

  /** The fixture's text with one value changed must fail, and say where. */
  for (const [name, from, to, place] of [
    ['plant.json', '"boosted_ids":', '"boosted_ids":[1],"unused":', 'step'],
    ['lmw-normalizer.json', '"Plain text stays."', '"Plain text goes."', 'text 0'],
    ['prng.json', '"randint_2_first64":', '"randint_2_first64":"01","unused":', 'torch seed'],
    ['unigram-r50k-key0.json', '"green":', '"green":"01","unused":', 'wm-1000'],
  ] as const) {
    it(`${name}: a changed value is told with its place`, () => {
      const text = readFileSync(new URL(name, folder), 'utf8').replace(/": /g, '":');
      expect(text).toContain(from);
      const at =
        name === 'lmw-normalizer.json'
          ? text.lastIndexOf(from, text.indexOf(from) + 200)
          : text.indexOf(from);
      const parsed = parseSettingsText(text.slice(0, at) + to + text.slice(at + from.length));
      if (!parsed.ok) throw new Error(parsed.reason);
      const result = checkFixture(parsed.value);
      expect(result.ok ? 'pass' : result.reason).toContain(place);
    });
  }
  it('what is no fixture is refused in words', () => {
    for (const json of [
      {},
      { scheme: 'hf-kgw', cases: 5 },
      { scheme: 'hf-kgw', config: { vocab_size: 9 }, cases: [{}] },
      { steps: [{}] },
    ]) {
      const result = checkFixture(json);
      expect(result.ok).toBe(false);
      expect(result.ok ? '' : result.reason.length).toBeGreaterThan(20);
    }
  });
});
