// Takes a user's watermark settings apart into what may be stored in the open (the scheme) and what may not (the key).
// Pure. The key fields are those of the formats that schemeCatalogue.ts reads; lm-watermarking can also hide a key at
// the end of a scheme name ("ff-anchored_minhash_prf-4-True-15485863").
import { type Outcome, type Scheme, accept, refuse } from '../core/watermark/scheme';
import { type SchemeOverrides, schemeFromText } from '../core/watermark/schemeCatalogue';
import { parseSettingsText, watermarkPart } from '../core/watermark/settings';

/** Largest settings text that is read; real ones have less than a page. */
const MAX_UNITS = 200_000;
const KEY_FIELDS = ['hashing_key', 'hash_key', 'watermark_key', 'keys', 'key'] as const;
/** Copies of the settings inside themselves, already merged by `watermarkPart`. */
const WRAPPERS = ['watermarking_config', 'config'] as const;
const NAME_WITH_KEY = /^(ff-\w+-\d+-(?:True|False))-\d+$/;

/** A scheme that was understood, and the two halves of its settings. */
export interface PreparedScheme {
  readonly scheme: Scheme;
  /** JSON without any key. */
  readonly settings: string;
  readonly key: string;
}

/** Whether the settings say which key the mark was made with. */
export function namesKey(text: string): boolean {
  const parsed = parseSettingsText(text);
  if (!parsed.ok) return false;
  const part = watermarkPart(parsed.value);
  const seeding = part['seeding_scheme'];
  return (
    KEY_FIELDS.some((field) => part[field] !== undefined && part[field] !== null) ||
    (typeof seeding === 'string' && NAME_WITH_KEY.test(seeding))
  );
}

/** The vocabulary size that the settings give, if any. */
export function namedVocabularySize(text: string): number | undefined {
  const parsed = parseSettingsText(text);
  if (!parsed.ok) return undefined;
  const part = watermarkPart(parsed.value);
  const size = part['vocab_size'] ?? part['vocabulary_size'];
  return typeof size === 'number' ? size : undefined;
}

/** Understands settings and separates the key; a refusal says what to change and repeats no key. */
export function prepareScheme(text: string, overrides: SchemeOverrides = {}): Outcome<PreparedScheme> {
  if (text.trim() === '') return refuse('The settings are empty. Paste the JSON of a watermark.');
  if (text.length > MAX_UNITS) {
    return refuse('This is too long for watermark settings. Give the JSON of the watermark only.');
  }
  const built = schemeFromText(text, overrides);
  if (!built.ok) return refuse(withoutQuotes(built.reason));
  const scheme = built.value;
  const parsed = parseSettingsText(text);
  if (!parsed.ok) return parsed;
  const part = watermarkPart(parsed.value);
  const open: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(part)) {
    if ([...KEY_FIELDS, ...WRAPPERS].some((secret) => secret === field)) continue;
    open[field] = field === 'seeding_scheme' && typeof value === 'string' ? withoutKey(value) : value;
  }
  // Some formats are recognised by their key field; without it they must name themselves.
  const named = ['scheme', 'algorithm_name', 'algorithm'].some((field) => typeof open[field] === 'string');
  if (!named) open['scheme'] = scheme.id;
  const settings = JSON.stringify(open);
  // The halves must make the same scheme again; anything else would be found only when a mark is missed.
  for (const key of keyCandidates(part, scheme, overrides)) {
    const again = schemeFromText(settings, { key, vocabularySize: scheme.vocabularySize });
    if (again.ok && again.value.key === scheme.key && again.value.name === scheme.name)
      return accept({ scheme, settings, key });
  }
  return refuse('These settings cannot be stored without their key. Name the scheme in a field "scheme".');
}

/** The key as given first: one scheme derives the key it works with from it. */
function keyCandidates(
  part: Readonly<Record<string, unknown>>,
  scheme: Scheme,
  { key }: SchemeOverrides,
): string[] {
  const given = KEY_FIELDS.map((field) => part[field]).flatMap((value) =>
    Array.isArray(value)
      ? [value.map(String).join(',')]
      : typeof value === 'string' || typeof value === 'number'
        ? [String(value)]
        : [],
  );
  return [...(key === undefined ? [] : [key]), ...given, scheme.key];
}

/** JSON errors quote what stands around the mistake, which may be the key. */
const withoutQuotes = (reason: string): string =>
  reason.replace(/, (?:\.\.\.)?".*"(?:\.\.\.)? is not valid JSON/su, ' is not valid JSON');

const withoutKey = (seedingScheme: string): string => NAME_WITH_KEY.exec(seedingScheme)?.[1] ?? seedingScheme;
