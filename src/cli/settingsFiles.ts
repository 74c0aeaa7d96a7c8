// Files with settings for the watermark commands: JSON objects whose long integers keep their digits, and schemes.
import { readFile } from 'node:fs/promises';
import type { Outcome, Scheme } from '../core/watermark/scheme';
import { schemeFromText } from '../core/watermark/schemeCatalogue';
import { type JsonObject, parseSettingsText } from '../core/watermark/settings';
import { type CliArguments, type CliOption, UsageError } from './cliCommand';

export const SCHEME_OPTIONS: readonly CliOption[] = [
  { name: 'scheme', short: 's', value: 'FILE', summary: 'Watermark settings: transformers, MarkLLM or ours' },
  { name: 'key', short: 'k', value: 'KEY', summary: 'Key, instead of the one in the settings' },
  { name: 'vocab-size', value: 'N', summary: "The model's config.vocab_size, padding included" },
];

export async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

export async function readJsonObject(path: string): Promise<JsonObject> {
  const parsed = parseSettingsText(await readTextFile(path));
  if (!parsed.ok) throw new UsageError(`${path} must hold one JSON object.`);
  return parsed.value;
}

/**
 * The scheme that --scheme, --key and --vocab-size describe. The reason of a refusal names the file.
 * @param modelVocabulary size to use where neither the settings nor the options give one.
 */
export async function chosenScheme(args: CliArguments, modelVocabulary?: number): Promise<Outcome<Scheme>> {
  const path = args.text('scheme');
  if (path === undefined) throw new UsageError('Say which watermark: --scheme CONFIG.json.');
  const text = await readTextFile(path);
  const key = args.text('key');
  const given = schemeFromText(text, { key, vocabularySize: args.count('vocab-size') });
  const scheme =
    given.ok || modelVocabulary === undefined || args.count('vocab-size') !== undefined
      ? given
      : schemeFromText(text, { key, vocabularySize: modelVocabulary });
  return scheme.ok ? scheme : { ok: false, reason: `${path}: ${scheme.reason}` };
}
