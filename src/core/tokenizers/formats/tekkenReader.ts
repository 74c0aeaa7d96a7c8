// Reads Mistral's tekken.json: token bytes by rank, the split pattern, and special tokens that take the first ids.
// Source: mistralai/mistral-common, tokens/tokenizers/tekken.py: only the first `default_vocab_size − specials` ranks
// are used; a token's id is its rank plus the number of special tokens.
import { decodeBase64 } from './base64';
import {
  FormatError,
  guarded,
  MAX_VOCABULARY,
  sourceLabel,
  type FileIdentity,
  type FormatResult,
  type ReadTokenizer,
} from './formatResult';
import { asArray, asObject, field, integerField, stringField, type JsonObject } from './jsonFields';
import { rankTokenizer } from './rankTokenizer';
import { parseJson } from './tokenizerJsonReader';

/** Files without a list of special tokens use these, in order, then '<SPECIAL_n>'. */
const FIRST_SPECIALS = [
  '<unk>',
  '<s>',
  '</s>',
  '[INST]',
  '[/INST]',
  '[AVAILABLE_TOOLS]',
  '[/AVAILABLE_TOOLS]',
  '[TOOL_RESULTS]',
  '[/TOOL_RESULTS]',
  '[TOOL_CALLS]',
  '[IMG]',
  '<pad>',
  '[IMG_BREAK]',
  '[IMG_END]',
  '[PREFIX]',
  '[MIDDLE]',
  '[SUFFIX]',
  '[SYSTEM_PROMPT]',
  '[/SYSTEM_PROMPT]',
  '[TOOL_CONTENT]',
];
const KNOWN_VERSIONS = /^v(?:3|7|11|13|15)(?:\.\d+)*$/;

/** Whether parsed JSON is a tekken file. */
export function looksLikeTekken(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Array.isArray((value as JsonObject)['vocab']) &&
    Object.hasOwn(value, 'config')
  );
}

/** Reads the text of a tekken.json. */
export function readTekkenText(text: string, identity: FileIdentity): FormatResult {
  return guarded(() => readTekken(parseJson(text), identity));
}

/** Reads a parsed tekken.json. Throws FormatError. */
export function readTekken(value: unknown, identity: FileIdentity): ReadTokenizer {
  const file = asObject(value, 'The file');
  const config = asObject(field(file, 'config'), 'config');
  const version = field(config, 'version');
  const notes = ['Special tokens in a document count as ordinary text.'];
  if (typeof version === 'string' && !KNOWN_VERSIONS.test(version)) {
    throw new FormatError(
      'unsupported-version',
      `The file has tekken version ${version.slice(0, 20)}, which is newer than this reader.`,
    );
  }
  const pattern = stringField(config, 'pattern', 'config');
  const size = integerField(config, 'default_vocab_size', 'config', undefined, 257, MAX_VOCABULARY);
  const specials = integerField(config, 'default_num_special_tokens', 'config', undefined, 0, size - 256);
  const tokens = readTokens(file, size - specials);
  const specialTokens = readSpecials(file, specials);
  const tokenizer = rankTokenizer({
    tokens,
    firstId: specials,
    pattern,
    nfc: false,
    specialTokens,
    name: identity.name,
    provenance: { exactness: 'exact', source: sourceLabel(identity) },
  });
  return {
    tokenizer,
    description: {
      format: 'tekken.json',
      model: 'BPE on bytes, by rank',
      vocabularySize: tokenizer.vocabularySize,
      specialTokens: [...specialTokens].map(([text, id]) => ({ text, id })),
      matchedTokens: 0,
      normalizer: 'none',
      preTokenizer: `Split /${pattern}/`,
      decoder: 'bytes',
      postProcessor: 'none',
      notes,
    },
  };
}

function readTokens(file: JsonObject, count: number): (Uint8Array | undefined)[] {
  const vocab = asArray(field(file, 'vocab'), 'vocab');
  if (vocab.length < count) {
    throw new FormatError(
      'truncated',
      `The file lists ${vocab.length} tokens but says it uses ${count}. Download it again.`,
    );
  }
  const tokens: (Uint8Array | undefined)[] = [];
  for (let i = 0; i < count; i++) {
    const where = `vocab[${i}]`;
    const entry = asObject(vocab[i], where);
    const rank = integerField(entry, 'rank', where);
    if (rank !== i) {
      const code = rank < i ? 'duplicate-id' : 'bad-vocabulary';
      throw new FormatError(
        code,
        `${where} has rank ${rank} where ${i} is due. The file is damaged; download it again.`,
      );
    }
    tokens.push(decodeBase64(stringField(entry, 'token_bytes', where), where));
  }
  return tokens;
}

function readSpecials(file: JsonObject, count: number): Map<string, number> {
  const list = field(file, 'special_tokens');
  const specials = new Map<string, number>();
  if (Array.isArray(list)) {
    const taken = new Set<number>();
    list.forEach((one, i) => {
      const entry = asObject(one, `special_tokens[${i}]`);
      const rank = integerField(entry, 'rank', `special_tokens[${i}]`, undefined, 0, Math.max(0, count - 1));
      if (taken.has(rank))
        throw new FormatError(
          'duplicate-id',
          `special_tokens gives the id ${rank} twice. The file is damaged.`,
        );
      taken.add(rank);
      specials.set(stringField(entry, 'token_str', `special_tokens[${i}]`), rank);
    });
  } else FIRST_SPECIALS.slice(0, count).forEach((text, id) => specials.set(text, id));
  const named = new Set(specials.values());
  for (let id = 0; id < count; id++) if (!named.has(id)) specials.set(`<SPECIAL_${id}>`, id);
  return specials;
}
