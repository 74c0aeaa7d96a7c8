// The `model` of a tokenizer.json: BPE, Unigram, WordPiece or WordLevel, as a piece model with its vocabulary.
// Source: huggingface/tokenizers v0.23, models/*/serialization.rs and model.rs.
import { bytesInAlphabet } from './decoders';
import { characterOfByte, decodeByteAlphabet } from './byteAlphabet';
import { borderedModel, NeighbourSet } from './certainBorders';
import { FormatError, MAX_VOCABULARY } from './formatResult';
import {
  asArray,
  asString,
  asObject,
  booleanField,
  field,
  integerField,
  optionalString,
  type JsonObject,
} from './jsonFields';
import { byteLevelMergeModel, characterMergeModel, NO_ID } from './mergeModel';
import type { PieceModel } from './pieceModel';
import { remembering } from './pieceModel';
import { TokenTable } from './tokenTable';
import { PairTable } from '../bytePairMerge';
import { byteTokenIds, unigramModel } from '../unigramTokenizer';
import { wordLevelModel, wordPieceModel } from '../wordPieceTokenizer';

export interface ReadModel {
  readonly model: PieceModel;
  readonly table: TokenTable;
  /** Tokens are written in the byte alphabet. */
  readonly byteLevel: boolean;
  /** '##' for models that mark tokens inside a word; else ''. */
  readonly continuingPrefix: string;
  readonly label: string;
  readonly notes: readonly string[];
  /** What the byte-pair engine needs to take over; null for models that are not byte-level BPE. */
  readonly mergeList: { readonly byteIds: Uint32Array; readonly triples: Uint32Array } | null;
}

interface ModelContext {
  /** The pre-tokenizer writes bytes in GPT-2's alphabet. */
  readonly byteLevel: boolean;
  readonly specialIds: ReadonlySet<number>;
}

/** Builds the model. Throws FormatError. */
export function readModel(part: JsonObject, context: ModelContext): ReadModel {
  const type = optionalString(part, 'type', 'model') ?? guessType(part);
  switch (type) {
    case 'BPE':
      return readBytePair(part, context);
    case 'Unigram':
      return readUnigram(part, context);
    case 'WordPiece':
      return readWordPiece(part, context);
    case 'WordLevel':
      return readWordLevel(part, context);
    default:
      throw new FormatError(
        'unsupported-part',
        `The model is of type '${type.slice(0, 40)}'. Tessera reads BPE, Unigram, WordPiece and WordLevel.`,
      );
  }
}

/** Files of early versions have no `type`. */
function guessType(part: JsonObject): string {
  if (Object.hasOwn(part, 'merges')) return 'BPE';
  if (Array.isArray(field(part, 'vocab'))) return 'Unigram';
  return Object.hasOwn(part, 'max_input_chars_per_word') ? 'WordPiece' : 'WordLevel';
}

function readVocabulary(part: JsonObject): TokenTable {
  const table = new TokenTable();
  const vocab = asObject(field(part, 'vocab'), 'model.vocab');
  for (const text of Object.keys(vocab)) {
    const id = vocab[text];
    if (typeof id !== 'number')
      throw new FormatError(
        'bad-vocabulary',
        `model.vocab['${text.slice(0, 30)}'] is not a number. Download the file again.`,
      );
    table.add(text, id, 'model.vocab');
  }
  if (table.texts.length === 0)
    throw new FormatError('bad-vocabulary', 'The vocabulary is empty. Download the file again.');
  return table;
}

function unknownOf(part: JsonObject, table: TokenTable): number | null {
  const text = optionalString(part, 'unk_token', 'model');
  if (text === null) return null;
  return table.idOf(text) ?? null;
}

/** Looks texts up, special tokens left out: document text never becomes one. */
function lookUpWithout(
  table: TokenTable,
  excluded: ReadonlySet<number>,
): (text: string) => number | undefined {
  return (text) => {
    const id = table.idOf(text);
    return id !== undefined && excluded.has(id) ? undefined : id;
  };
}

function readBytePair(part: JsonObject, { byteLevel, specialIds }: ModelContext): ReadModel {
  const table = readVocabulary(part);
  const prefix = optionalString(part, 'continuing_subword_prefix', 'model') ?? '';
  const suffix = optionalString(part, 'end_of_word_suffix', 'model') ?? '';
  const merges = readMerges(part, table, prefix);
  const ignoreMerges = booleanField(part, 'ignore_merges', 'model', false);
  const fallback = booleanField(part, 'byte_fallback', 'model', false);
  const dropout = field(part, 'dropout');
  const notes =
    typeof dropout === 'number' && dropout > 0
      ? ['The file asks for dropout (random merges, for training); counts are without it.']
      : [];
  const shared = { table, continuingPrefix: prefix, notes, mergeList: null };
  const unknownId = unknownOf(part, table);
  const count = `${merges.count} merges`;

  const alphabetBytes = Array.from({ length: 256 }, (_, byte) => table.idOf(characterOfByte(byte)));
  if (byteLevel && !prefix && !suffix && !fallback) {
    const missing = alphabetBytes.filter((id) => id === undefined).length;
    const byteLengths = Uint32Array.from(table.texts, (text) =>
      text === undefined ? 0 : bytesInAlphabet(text).length,
    );
    const byteIds = Uint32Array.from(alphabetBytes, (id) => id ?? NO_ID);
    const model = byteLevelMergeModel({
      byteIds,
      unknownId,
      pairs: merges.pairs,
      byteLengths,
      whole: ignoreMerges ? wholePieces(table, specialIds) : null,
    });
    if (missing > 0) {
      const fate = unknownId === null ? 'are dropped' : 'become the unknown token';
      notes.push(
        `The vocabulary lacks ${missing} of the 256 bytes; they ${fate}, as in the model's own library.`,
      );
    }
    return {
      ...shared,
      model,
      mergeList: missing === 0 ? { byteIds, triples: merges.triples } : null,
      byteLevel: true,
      label: `BPE on bytes, ${count}${ignoreMerges ? ', whole pieces first' : ''}`,
    };
  }
  if (byteLevel) {
    throw new FormatError(
      'unsupported-part',
      'The file combines the byte alphabet with subword marks or byte fallback, which no known tokenizer does; it is refused.',
    );
  }
  const byteTokens = fallback ? byteTokenIds(table.texts) : null;
  const idOf = lookUpWithout(table, specialIds);
  let model = characterMergeModel({
    idOf,
    pairs: merges.pairs,
    charactersOf: merges.charactersOf,
    prefix,
    suffix,
    unknownId,
    fuseUnknown: booleanField(part, 'fuse_unk', 'model', false),
    byteTokens,
    ignoreMerges,
  });
  if (!prefix && !suffix && !ignoreMerges) {
    const neighbours = new NeighbourSet();
    for (const id of merges.made) neighbours.addText(table.texts[id]!);
    model = borderedModel(remembering(model), neighbours, knownPoints(idOf));
  }
  const label = `BPE on characters, ${count}${fallback ? ', byte fallback' : ''}`;
  return { ...shared, model, byteLevel: false, label };
}

/** Whether a character has a token, remembered for the common ones. */
export function knownPoints(idOf: (text: string) => number | undefined): (point: number) => boolean {
  const known = new Int8Array(0x10000).fill(-1);
  return (point) => {
    if (point > 0xffff) return idOf(String.fromCodePoint(point)) !== undefined;
    if (known[point] === -1) known[point] = idOf(String.fromCharCode(point)) === undefined ? 0 : 1;
    return known[point] === 1;
  };
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Texts of all tokens that are whole UTF-8, to find pieces that are tokens. */
function wholePieces(table: TokenTable, specialIds: ReadonlySet<number>): Map<string, number> {
  const whole = new Map<string, number>();
  table.texts.forEach((text, id) => {
    const bytes = text === undefined || specialIds.has(id) ? null : decodeByteAlphabet(text);
    if (!bytes) return;
    try {
      whole.set(decoder.decode(bytes), id);
    } catch {
      // Part of a character: no piece of text can equal it.
    }
  });
  return whole;
}

interface Merges {
  readonly pairs: PairTable;
  /** Left, right and merged id by rank. */
  readonly triples: Uint32Array;
  readonly count: number;
  /** Ids that merging makes. */
  readonly made: ReadonlySet<number>;
  readonly charactersOf: (id: number) => number;
}

function readMerges(part: JsonObject, table: TokenTable, prefix: string): Merges {
  const list = asArray(field(part, 'merges'), 'model.merges');
  if (list.length > 4 * MAX_VOCABULARY)
    throw new FormatError('too-large', `The file has ${list.length} merges; that many are refused.`);
  const pairs = new PairTable(list.length);
  const triples = new Uint32Array(list.length * 3);
  let guess = 0;
  const made = new Set<number>();
  // From the last to the first: when a pair is listed twice the last one counts, as in the library.
  for (let rank = list.length - 1; rank >= 0; rank--) {
    const [left, right] = mergeParts(list[rank], rank);
    const [leftId, rightId] = [table.idOf(left), table.idOf(right)];
    const rest = prefix.length > 0 && right.startsWith(prefix) ? right.slice(prefix.length) : right;
    // Merged tokens mostly stand in the vocabulary in merge order; looking there saves hashing a new text.
    const near = table.texts[guess - 1];
    const ordered =
      near?.length === left.length + rest.length && near.startsWith(left) && near.endsWith(rest);
    const id = ordered ? guess - 1 : table.idOf(left + rest);
    if (id !== undefined) guess = id;
    if (leftId === undefined || rightId === undefined || id === undefined) {
      const missing = leftId === undefined ? left : rightId === undefined ? right : left + rest;
      throw new FormatError(
        'missing-token',
        `Merge ${rank} needs the token '${missing.slice(0, 30)}', which the vocabulary does not have. The file is damaged; download it again.`,
      );
    }
    if (id === leftId || id === rightId) {
      throw new FormatError(
        'bad-merge',
        `Merge ${rank} makes one of its own parts ('${(left + rest).slice(0, 30)}'), which never ends. The file is refused.`,
      );
    }
    pairs.set(leftId, rightId, id, rank);
    triples.set([leftId, rightId, id], rank * 3);
    made.add(id);
  }
  const charactersOf = (id: number): number => {
    if (!made.has(id)) return 1;
    const text = table.texts[id]!;
    const known = lengths.get(id);
    if (known !== undefined) return known;
    const suffix = optionalString(part, 'end_of_word_suffix', 'model') ?? '';
    const from = prefix && text.startsWith(prefix) ? prefix.length : 0;
    const to = suffix && text.endsWith(suffix) ? text.length - suffix.length : text.length;
    const length = Math.max(1, Array.from(text.slice(from, to)).length);
    lengths.set(id, length);
    return length;
  };
  const lengths = new Map<number, number>();
  return { pairs, triples, count: list.length, made, charactersOf };
}

function mergeParts(merge: unknown, rank: number): readonly [string, string] {
  if (Array.isArray(merge) && merge.length === 2) {
    return [asString(merge[0], `model.merges[${rank}][0]`), asString(merge[1], `model.merges[${rank}][1]`)];
  }
  const text = asString(merge, `model.merges[${rank}]`);
  const space = text.indexOf(' ');
  if (space <= 0 || text.indexOf(' ', space + 1) >= 0) {
    throw new FormatError(
      'bad-merge',
      `Merge ${rank} is '${text.slice(0, 30)}', which is not two tokens. The file is damaged; download it again.`,
    );
  }
  return [text.slice(0, space), text.slice(space + 1)];
}

function readUnigram(part: JsonObject, { specialIds }: ModelContext): ReadModel {
  const vocab = asArray(field(part, 'vocab'), 'model.vocab');
  const table = new TokenTable();
  const scores = new Float64Array(vocab.length);
  vocab.forEach((entry, id) => {
    const pair = asArray(entry, `model.vocab[${id}]`);
    const score = pair[1];
    if (typeof score !== 'number')
      throw new FormatError('bad-vocabulary', `model.vocab[${id}] has no score. Download the file again.`);
    table.add(asString(pair[0], `model.vocab[${id}][0]`), id, 'model.vocab');
    scores[id] = score;
  });
  if (vocab.length === 0)
    throw new FormatError('bad-vocabulary', 'The vocabulary is empty. Download the file again.');
  const unk = field(part, 'unk_id');
  const unknownId =
    unk === null || unk === undefined
      ? null
      : integerField(part, 'unk_id', 'model', undefined, 0, vocab.length - 1);
  const byteFallback = booleanField(part, 'byte_fallback', 'model', false);
  const excluded = new Set([...specialIds].filter((id) => id !== unknownId || id < vocab.length));
  const model = unigramModel({
    texts: table.texts as string[],
    scores,
    excluded,
    unknownId,
    byteFallback,
    singlePrecision: false,
    lowestScore: null,
  });
  return {
    model,
    table,
    byteLevel: false,
    continuingPrefix: '',
    mergeList: null,
    label: `Unigram${byteFallback ? ', byte fallback' : ''}`,
    notes: [],
  };
}

function readWordPiece(part: JsonObject, { specialIds }: ModelContext): ReadModel {
  const table = readVocabulary(part);
  const unknownId = unknownOf(part, table);
  if (unknownId === null)
    throw new FormatError(
      'missing-token',
      'The vocabulary lacks its unknown token, so some text could not be encoded. Download the file again.',
    );
  const prefix = optionalString(part, 'continuing_subword_prefix', 'model') ?? '##';
  const model = wordPieceModel({
    idOf: lookUpWithout(table, specialIds),
    unknownId,
    prefix,
    longestWord: integerField(part, 'max_input_chars_per_word', 'model', 100),
    longestToken: table.texts.reduce((longest, text) => Math.max(longest, text?.length ?? 0), 1),
  });
  return {
    model,
    table,
    byteLevel: false,
    continuingPrefix: prefix,
    mergeList: null,
    label: 'WordPiece',
    notes: [],
  };
}

function readWordLevel(part: JsonObject, { specialIds }: ModelContext): ReadModel {
  const table = readVocabulary(part);
  const model = wordLevelModel(lookUpWithout(table, specialIds), unknownOf(part, table));
  return {
    model,
    table,
    byteLevel: false,
    continuingPrefix: '',
    mergeList: null,
    label: 'WordLevel',
    notes: [],
  };
}
