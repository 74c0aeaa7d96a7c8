// Reads Hugging Face's tokenizer.json. A part that is not known is refused, never skipped: ids would be wrong.
// Source: huggingface/tokenizers v0.23, tokenizer/serialization.rs and the parts' own files.
import { AddedTokenMatcher, type AddedToken } from './addedTokens';
import { aligned } from './alignedText';
import { bytesInAlphabet, byteOfToken, readDecoder, type DecoderPart } from './decoders';
import {
  FormatError,
  guarded,
  sourceLabel,
  type FileIdentity,
  type FormatResult,
  type ReadTokenizer,
} from './formatResult';
import {
  asArray,
  asObject,
  booleanField,
  field,
  integerField,
  stringField,
  type JsonObject,
} from './jsonFields';
import { fastTokenizer } from './fastByteLevel';
import { readNormalizer } from './normalizers';
import { remembering } from './pieceModel';
import { PipelineTokenizer } from './pipelineTokenizer';
import { readPostProcessor } from './postProcessor';
import { readPreTokenizer, type PreTokenizerPart } from './preTokenizers';
import { knownSplit } from './splitFamilies';
import { readModel, type ReadModel } from './tokenizerJsonModel';
import type { BytePairTokenizer } from '../bytePairTokenizer';
import { encodeUtf8 } from '../utf8Encoding';

/** Reads the text of a tokenizer.json. */
export function readTokenizerJsonText(text: string, identity: FileIdentity): FormatResult {
  return guarded(() => readTokenizerJson(parseJson(text), identity));
}

/** Parses JSON with a message a user can act on. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const end = text.trimEnd();
    if (/[{[]/.test(end[0] ?? '') && !/[}\]]$/.test(end)) {
      throw new FormatError(
        'truncated',
        'The JSON stops before it is complete: the download was cut off. Download the file again.',
      );
    }
    throw new FormatError(
      'bad-json',
      `The file is not valid JSON (${error instanceof Error ? error.message.slice(0, 100) : 'unknown error'}). Choose a tokenizer.json.`,
    );
  }
}

/** Reads a parsed tokenizer.json. Throws FormatError. */
export function readTokenizerJson(
  value: unknown,
  identity: FileIdentity,
): ReadTokenizer & { readonly pipeline: PipelineTokenizer } {
  const file = asObject(value, 'The file');
  const modelPart = field(file, 'model');
  if (typeof modelPart !== 'object' || modelPart === null) {
    throw new FormatError(
      'unknown-format',
      'This JSON has no "model", so it is not a tokenizer.json. Choose the file named tokenizer.json (not config.json or tokenizer_config.json).',
    );
  }
  const version = field(file, 'version');
  if (version !== undefined && version !== '1.0') {
    throw new FormatError(
      'unsupported-version',
      `The file has version ${JSON.stringify(version).slice(0, 20)}; only version 1.0 of tokenizer.json is known.`,
    );
  }
  const normalizer = readNormalizer(field(file, 'normalizer'));
  const preTokenizer = readPreTokenizer(field(file, 'pre_tokenizer'));
  const decoder = readDecoder(field(file, 'decoder'));
  const added = readAddedTokens(file);
  const specialIds = new Set(added.filter((token) => token.special).map((token) => token.id));
  const model = readModel(asObject(modelPart, 'model'), {
    byteLevel: preTokenizer?.byteLevel ?? false,
    specialIds,
  });
  const { table } = model;
  for (const token of added) {
    if (table.idOf(token.content) !== token.id) table.add(token.content, token.id, 'added_tokens');
  }
  const specials = added.filter((token) => token.special);
  const normalForm = (token: AddedToken): string =>
    normalizer ? normalizer.run(aligned(token.content)).text : token.content;
  const addedContents = new Set(added.map((token) => token.id));
  const bytesOf = tokenBytesReader(
    table.texts,
    addedContents,
    decoder,
    model.byteLevel,
    model.continuingPrefix,
  );
  const notes = [...model.notes, ...notesOn(file)];
  const label = {
    name: identity.name,
    provenance: { exactness: 'exact', source: sourceLabel(identity) } as const,
    specialTokens: new Map(specials.map((token) => [token.content, token.id])),
  };
  const engine = engineFor(model, preTokenizer, addedContents, bytesOf, label);
  const pipeline = new PipelineTokenizer({
    ...label,
    kind: model.model.kind,
    engine,
    tokenTexts: table.texts,
    bytesOf,
    decode: (tokens) => (decoder ? decoder.run(tokens).join('') : tokens.join(' ')),
    decoding: isByteDecoder(decoder, model.byteLevel) ? 'bytes' : 'text',
    dropsFirstSpace:
      decoder !== null && (decoder.types.includes('Strip') || decoder.types.includes('Metaspace')),
    rawTokens: new AddedTokenMatcher(
      added.filter((token) => !token.normalized),
      (token) => token.content,
    ),
    normalizedTokens: new AddedTokenMatcher(
      added.filter((token) => token.normalized),
      normalForm,
    ),
    normalizer: normalizer?.run ?? null,
    preTokenizer: preTokenizer?.run ?? null,
    model: remembering(model.model),
  });
  // With nothing to cut out and nothing to normalize the engine alone gives the same, and live documents with it.
  const direct = engine !== null && normalizer === null && specials.length === added.length;
  const tokenizer = direct ? engine : pipeline;
  return {
    tokenizer,
    pipeline,
    description: {
      format: 'tokenizer.json',
      model: model.label,
      vocabularySize: tokenizer.vocabularySize,
      specialTokens: specials.map((token) => ({ text: token.content, id: token.id })),
      matchedTokens: added.length - specials.length,
      normalizer: normalizer?.label ?? 'none',
      preTokenizer: preTokenizer?.label ?? 'none',
      decoder: decoder?.label ?? 'none',
      postProcessor: readPostProcessor(field(file, 'post_processor')),
      notes,
    },
  };
}

/** The byte-pair engine for the model and its split, or null when it cannot be shown to give the same ids. */
function engineFor(
  { mergeList, table }: ReadModel,
  preTokenizer: PreTokenizerPart | null,
  added: ReadonlySet<number>,
  bytesOf: (id: number) => Uint8Array,
  label: Pick<BytePairTokenizer, 'name' | 'provenance' | 'specialTokens'>,
): BytePairTokenizer | null {
  if (!mergeList || preTokenizer?.patterns.length !== 1) return null;
  const pattern = knownSplit(preTokenizer.patterns[0]!);
  if (!pattern) return null;
  const textIds = table.texts.flatMap((text, id) => (text === undefined || added.has(id) ? [] : [id]));
  return fastTokenizer({ ...mergeList, bytesOf, textIds }, { ...label, pattern });
}

function readAddedTokens(file: JsonObject): AddedToken[] {
  const list = field(file, 'added_tokens');
  if (list === undefined || list === null) return [];
  const ids = new Map<number, string>();
  return asArray(list, 'added_tokens').map((one, i) => {
    const where = `added_tokens[${i}]`;
    const part = asObject(one, where);
    const token = {
      id: integerField(part, 'id', where),
      content: stringField(part, 'content', where),
      special: booleanField(part, 'special', where, false),
      singleWord: booleanField(part, 'single_word', where, false),
      lstrip: booleanField(part, 'lstrip', where, false),
      rstrip: booleanField(part, 'rstrip', where, false),
      normalized: booleanField(part, 'normalized', where, true),
    };
    const other = ids.get(token.id);
    if (other !== undefined && other !== token.content) {
      throw new FormatError(
        'duplicate-id',
        `added_tokens gives the id ${token.id} to '${other.slice(0, 30)}' and to '${token.content.slice(0, 30)}'. The file is damaged.`,
      );
    }
    ids.set(token.id, token.content);
    return token;
  });
}

function notesOn(file: JsonObject): string[] {
  const notes = ['Special tokens in a document count as ordinary text.'];
  if (field(file, 'truncation')) notes.push('The file asks for truncation, which is not applied.');
  return notes;
}

const TEXT_DECODERS = ['WordPiece', 'BPEDecoder', 'CTC'];

function isByteDecoder(decoder: DecoderPart | null, byteLevel: boolean): boolean {
  return decoder === null ? byteLevel : !decoder.types.some((type) => TEXT_DECODERS.includes(type));
}

/** Bytes a single token stands for: decoded apart from the tokens around it. */
function tokenBytesReader(
  texts: readonly (string | undefined)[],
  added: ReadonlySet<number>,
  decoder: DecoderPart | null,
  byteLevel: boolean,
  continuingPrefix: string,
): (id: number) => Uint8Array {
  const types = decoder?.types ?? [];
  const marks = types.includes('Metaspace') || types.includes('Replace');
  return (id) => {
    const text = texts[id]!;
    if (added.has(id)) return encodeUtf8(text);
    if (byteLevel) return bytesInAlphabet(text);
    const byte = types.includes('ByteFallback') ? byteOfToken(text) : null;
    if (byte !== null) return Uint8Array.of(byte);
    if (continuingPrefix && text.startsWith(continuingPrefix))
      return encodeUtf8(text.slice(continuingPrefix.length));
    return encodeUtf8(marks ? text.replaceAll('▁', ' ') : text);
  };
}
