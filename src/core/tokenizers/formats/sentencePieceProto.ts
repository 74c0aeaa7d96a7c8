// The parts of a SentencePiece model file (google/sentencepiece, sentencepiece_model.proto).
import { FormatError, MAX_VOCABULARY } from './formatResult';
import { floatOf, protobufFields } from './protobufReader';

export type PieceType = 'normal' | 'unknown' | 'control' | 'userDefined' | 'unused' | 'byte';

export interface SentencePiece {
  readonly text: string;
  readonly score: number;
  readonly type: PieceType;
}

export interface SentencePieceProto {
  readonly pieces: readonly SentencePiece[];
  readonly modelType: 'unigram' | 'bpe' | 'word' | 'char';
  readonly byteFallback: boolean;
  readonly whitespaceAsSuffix: boolean;
  readonly unknownSurface: string;
  readonly normalizationName: string;
  readonly charsmap: Uint8Array;
  readonly addDummyPrefix: boolean;
  readonly removeExtraWhitespaces: boolean;
  readonly escapeWhitespaces: boolean;
  /** Check strings that the file brings: text and its pieces joined by spaces. */
  readonly selfTests: readonly { readonly input: string; readonly expected: string }[];
}

const TYPES: readonly (PieceType | undefined)[] = [
  undefined,
  'normal',
  'unknown',
  'control',
  'userDefined',
  'unused',
  'byte',
];
const MODEL_TYPES = [undefined, 'unigram', 'bpe', 'word', 'char'] as const;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Reads the file. Throws FormatError. */
export function readSentencePieceProto(bytes: Uint8Array): SentencePieceProto {
  const pieces: SentencePiece[] = [];
  const proto = {
    modelType: 'unigram' as SentencePieceProto['modelType'],
    byteFallback: false,
    whitespaceAsSuffix: false,
    unknownSurface: ' \u2047 ',
    normalizationName: '',
    charsmap: new Uint8Array(0),
    addDummyPrefix: true,
    removeExtraWhitespaces: true,
    escapeWhitespaces: true,
  };
  const selfTests: { input: string; expected: string }[] = [];
  for (const { number, bytes: part } of protobufFields(bytes, 'The file')) {
    if (number === 1) pieces.push(readPiece(part, pieces.length));
    if (pieces.length > MAX_VOCABULARY)
      throw new FormatError('too-large', `The model has more than ${MAX_VOCABULARY} pieces; it is refused.`);
    if (number === 2) {
      for (const field of protobufFields(part, 'The trainer settings')) {
        if (field.number === 3) {
          const type = MODEL_TYPES[field.value];
          if (!type)
            throw new FormatError(
              'unsupported-version',
              `The model is of a type (${field.value}) that this version of SentencePiece does not have.`,
            );
          proto.modelType = type;
        } else if (field.number === 24) proto.whitespaceAsSuffix = field.value !== 0;
        else if (field.number === 35) proto.byteFallback = field.value !== 0;
        else if (field.number === 44) proto.unknownSurface = text(field.bytes, 'The unknown surface');
      }
    }
    if (number === 3) {
      for (const field of protobufFields(part, 'The normalizer settings')) {
        if (field.number === 1) proto.normalizationName = text(field.bytes, 'The normalizer name');
        else if (field.number === 2) proto.charsmap = Uint8Array.from(field.bytes);
        else if (field.number === 3) proto.addDummyPrefix = field.value !== 0;
        else if (field.number === 4) proto.removeExtraWhitespaces = field.value !== 0;
        else if (field.number === 5) proto.escapeWhitespaces = field.value !== 0;
      }
    }
    if (number === 4) {
      for (const sample of protobufFields(part, 'The check strings')) {
        if (sample.number !== 1) continue;
        const test = { input: '', expected: '' };
        for (const field of protobufFields(sample.bytes, 'A check string')) {
          if (field.number === 1) test.input = text(field.bytes, 'A check string');
          if (field.number === 2) test.expected = text(field.bytes, 'A check string');
        }
        selfTests.push(test);
      }
    }
  }
  if (pieces.length === 0) {
    throw new FormatError(
      'bad-vocabulary',
      'The file has no pieces, so it is not a SentencePiece model. Choose the file that ends in .model.',
    );
  }
  return { ...proto, pieces, selfTests };
}

function readPiece(bytes: Uint8Array, id: number): SentencePiece {
  const where = `Piece ${id}`;
  let [piece, score, type] = ['', 0, 'normal' as PieceType];
  for (const field of protobufFields(bytes, where)) {
    if (field.number === 1) piece = text(field.bytes, where);
    else if (field.number === 2) score = floatOf(field.bytes, where);
    else if (field.number === 3) {
      const known = TYPES[field.value];
      if (!known)
        throw new FormatError(
          'unsupported-version',
          `${where} has a type (${field.value}) that is not known; the file is newer than this reader.`,
        );
      type = known;
    }
  }
  if (piece === '')
    throw new FormatError(
      'bad-vocabulary',
      `${where} is empty. The file is damaged or not a SentencePiece model.`,
    );
  if (!Number.isFinite(score))
    throw new FormatError('bad-vocabulary', `${where} has no usable score. The file is damaged.`);
  return { text: piece, score, type };
}

function text(bytes: Uint8Array, where: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new FormatError(
      'bad-text',
      `${where} is not UTF-8. The file is damaged or not a SentencePiece model.`,
    );
  }
}
