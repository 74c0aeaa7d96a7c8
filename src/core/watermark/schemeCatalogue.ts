// From settings to a scheme: recognises whose file it is by its fields and hands it to that scheme's own reader. To add
// a scheme: write its file in schemes/, add it to READERS, and say in `recognise` which fields give it away.
import type { Outcome, Scheme } from './scheme';
import { refuse } from './scheme';
import { type JsonObject, parseSettingsText, SettingsReader, watermarkPart } from './settings';
import { kgwLmWatermarking } from './schemes/kgwLmWatermarking';
import { kgwTransformers } from './schemes/kgwTransformers';
import { kuditipudi } from './schemes/kuditipudi';
import { markllmEntropy, markllmExp, markllmKgw } from './schemes/markllmSeeds';
import { synthIdDeepMind, synthIdTransformers } from './schemes/synthId';
import { unigram } from './schemes/unigram';

/** What the user gives beside the settings. */
export interface SchemeOverrides {
  /** Replaces the key in the settings; several, separated by commas, for SynthID. */
  readonly key?: string | undefined;
  /** The model's config.vocab_size, padding included. */
  readonly vocabularySize?: number | undefined;
}

interface SchemeReader {
  /** Field that holds the key. */
  readonly keyField: string;
  readonly read: (read: SettingsReader) => Outcome<Scheme>;
}

const READERS: Readonly<Record<string, SchemeReader>> = {
  'hf-kgw': { keyField: 'hashing_key', read: kgwTransformers },
  'lm-watermarking': { keyField: 'hash_key', read: kgwLmWatermarking },
  unigram: { keyField: 'watermark_key', read: (r) => unigram(r, 'unigram') },
  'synthid-hf': { keyField: 'keys', read: synthIdTransformers },
  'synthid-text': { keyField: 'keys', read: synthIdDeepMind },
  'synthid-text-3-leaves': { keyField: 'keys', read: synthIdDeepMind },
  'kuditipudi-its': { keyField: 'key', read: (r) => kuditipudi(r, 'library-its') },
  'kuditipudi-exp': { keyField: 'key', read: (r) => kuditipudi(r, 'library-exp') },
  'kuditipudi-demo-exp': { keyField: 'key', read: (r) => kuditipudi(r, 'demo') },
  'markllm-KGW': { keyField: 'hash_key', read: markllmKgw },
  'markllm-Unigram': { keyField: 'hash_key', read: (r) => unigram(r, 'markllm') },
  'markllm-SWEET': { keyField: 'hash_key', read: (r) => markllmEntropy(r, 'SWEET') },
  'markllm-EWD': { keyField: 'hash_key', read: (r) => markllmEntropy(r, 'EWD') },
  'markllm-EXP': { keyField: 'hash_key', read: markllmExp },
  'markllm-EXPEdit': { keyField: 'key', read: (r) => kuditipudi(r, 'markllm-exp-edit') },
  'markllm-ITSEdit': { keyField: 'key', read: (r) => kuditipudi(r, 'markllm-its-edit') },
  'markllm-SynthID': { keyField: 'keys', read: synthIdTransformers },
};

/** Names for the "scheme" field. */
export const KNOWN_SCHEMES: readonly string[] = Object.keys(READERS);

/** MarkLLM algorithms that need trained networks or the model's own weights, with what to say about them. */
const OUT_OF_REACH =
  'needs a trained network or the generating model, which an editor does not have. Tessera checks KGW, Unigram, SWEET, EWD, EXP, EXPEdit, ITSEdit and SynthID of MarkLLM.';

function recognise(settings: JsonObject): Outcome<string> {
  const named = settings['scheme'];
  if (typeof named === 'string') {
    return named in READERS
      ? { ok: true, value: named }
      : refuse(`The scheme "${named}" is not known. Known schemes: ${KNOWN_SCHEMES.join(', ')}.`);
  }
  const algorithm = settings['algorithm_name'] ?? settings['algorithm'];
  if (typeof algorithm === 'string') {
    const name = `markllm-${algorithm}`;
    return name in READERS ? { ok: true, value: name } : refuse(`MarkLLM's ${algorithm} ${OUT_OF_REACH}`);
  }
  if ('greenlist_ratio' in settings || 'hashing_key' in settings) return { ok: true, value: 'hf-kgw' };
  if ('ngram_len' in settings && 'keys' in settings) return { ok: true, value: 'synthid-hf' };
  if ('seeding_scheme' in settings || 'gamma' in settings) return { ok: true, value: 'lm-watermarking' };
  if ('watermark_key' in settings || 'fraction' in settings) return { ok: true, value: 'unigram' };
  return refuse(
    `These settings do not say which watermark they describe. Add a field "scheme" with one of: ${KNOWN_SCHEMES.join(', ')}.`,
  );
}

/** Builds a scheme from parsed settings; the reason of a refusal says what to change. */
export function schemeFromSettings(settings: JsonObject, overrides: SchemeOverrides = {}): Outcome<Scheme> {
  const part = watermarkPart(settings);
  const device = part['device'];
  if (typeof device === 'string' && device !== 'cpu') {
    return refuse(
      `These settings say the mark was made on "${device}". GPU generators draw other lists than the CPU, and Tessera can only reproduce the CPU's. Make the text with the watermark processor on the CPU, or set "device" to "cpu" if it was.`,
    );
  }
  const name = recognise(part);
  if (!name.ok) return name;
  const reader = READERS[name.value]!;
  const merged: Record<string, unknown> = { ...part };
  if (overrides.key !== undefined) merged[reader.keyField] = overrides.key;
  if (overrides.vocabularySize !== undefined) merged['vocab_size'] = overrides.vocabularySize;
  return reader.read(new SettingsReader(merged, name.value));
}

/** The same from the text of a JSON file. */
export function schemeFromText(text: string, overrides: SchemeOverrides = {}): Outcome<Scheme> {
  const settings = parseSettingsText(text);
  return settings.ok ? schemeFromSettings(settings.value, overrides) : settings;
}
