// Settings and key taken apart: every format makes the same scheme again, no key stays in what is stored or in a refusal.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KNOWN_SCHEMES, schemeFromText } from '../../../src/core/watermark/schemeCatalogue';
import { keyFingerprint } from '../../../src/core/watermark/watermarkReport';
import { namedVocabularySize, namesKey, prepareScheme } from '../../../src/editor/watermarkSettings';
import { SCHEME_TEMPLATES, usualVocabularySize } from '../../../src/editor/watermarkTemplates';

const KEY = '982451653';
const folder = join(__dirname, '..', '..', 'fixtures', 'watermark');

/** Each known scheme with a key that is easy to find again. */
const settingsOf = (scheme: string): Record<string, unknown> => {
  const keys: Partial<Record<string, string>> = { 'hf-kgw': 'hashing_key', unigram: 'watermark_key' };
  if (scheme.includes('ynth')) return { scheme, ngram_len: 5, keys: [KEY, 982451654, 982451655] };
  if (/kuditipudi|Edit$/.test(scheme)) return { scheme, key: Number(KEY) };
  const field = keys[scheme] ?? 'hash_key';
  return { scheme, [field]: KEY };
};

describe('watermark settings', () => {
  it.each(KNOWN_SCHEMES)('%s: the halves make the same scheme, and the open half has no key', (name) => {
    const text = JSON.stringify({ ...settingsOf(name), vocab_size: 50257 });
    const whole = schemeFromText(text);
    const prepared = prepareScheme(text);
    expect(whole.ok && prepared.ok, prepared.ok ? '' : prepared.reason).toBe(true);
    if (!whole.ok || !prepared.ok) return;
    expect(prepared.value.settings).not.toContain('98245165');
    const { settings, key } = prepared.value;
    const again = schemeFromText(settings, { key, vocabularySize: 50257 });
    expect(again.ok && keyFingerprint(again.value)).toBe(keyFingerprint(whole.value));
    expect(again.ok && again.value.name).toBe(whole.value.name);
  });

  it.each(
    readdirSync(folder).filter((file) =>
      /^(hf|lmw-[a-lm-z]*-|unigram|synthid|kuditipudi|markllm)/.test(file),
    ),
  )('%s: the reference’s own settings can be saved as they are', (file) => {
    const { config } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { config?: object };
    if (config === undefined || !schemeFromText(JSON.stringify(config)).ok) return;
    const prepared = prepareScheme(JSON.stringify(config));
    expect(prepared.ok, prepared.ok ? '' : prepared.reason).toBe(true);
  });

  it('find a key that hides in a generation config or in a scheme name', () => {
    const nested = JSON.stringify({
      do_sample: true,
      watermarking_config: { greenlist_ratio: 0.25, hashing_key: Number(KEY), vocab_size: 50257 },
    });
    const hidden = JSON.stringify({
      scheme: 'lm-watermarking',
      seeding_scheme: `ff-anchored_minhash_prf-4-True-${KEY}`,
      vocab_size: 50257,
    });
    for (const text of [nested, hidden]) {
      const prepared = prepareScheme(text);
      expect(prepared.ok && prepared.value.key).toBe(KEY);
      expect(prepared.ok && prepared.value.settings).not.toContain(KEY);
      expect(namesKey(text)).toBe(true);
    }
    expect(namedVocabularySize(nested)).toBe(50257);
    expect(namesKey('{"greenlist_ratio":0.25}')).toBe(false);
  });

  it.each([
    `{"hashing_key":${KEY}`,
    `{"hashing_key":${KEY}x}`,
    `{"vocab_size":1,"hashing_key":"${KEY}"}`,
    `[${KEY}]`,
  ])('refuse %s without repeating the key', (text) => {
    const prepared = prepareScheme(text);
    expect(prepared.ok).toBe(false);
    expect(prepared.ok ? '' : prepared.reason).not.toContain(KEY);
  });

  it('are refused when they are empty or far too long', () => {
    expect(prepareScheme('  ')).toMatchObject({ ok: false });
    expect(prepareScheme(`{"x":"${'y'.repeat(300_000)}"}`)).toMatchObject({ ok: false });
  });
});

describe('scheme templates', () => {
  it.each(SCHEME_TEMPLATES.map((template) => [template.label, template] as const))(
    '%s can be used at once',
    (_, template) => {
      const { count, below } = template.randomKeys;
      const key = Array.from({ length: count }, (__, i) => below - 1 - i).join(',');
      const prepared = prepareScheme(JSON.stringify(template.settings), { key, vocabularySize: 50257 });
      expect(prepared.ok, prepared.ok ? '' : prepared.reason).toBe(true);
      expect(prepared.ok && prepared.value.scheme.distortionFree).toBe(template.distortionFree);
    },
  );

  it('offer distortion-free schemes first', () => {
    const flags = SCHEME_TEMPLATES.map(({ distortionFree }) => distortionFree);
    expect(flags).toEqual([...flags].sort((a, b) => Number(b) - Number(a)));
  });

  it('know the usual size of a built-in vocabulary only', () => {
    expect(usualVocabularySize('r50k_base')).toBe(50257);
    expect(usualVocabularySize('file:0')).toBeUndefined();
  });
});
