// A short name for "these ids mean these bytes". A model remembers the fingerprint of the tokenizer that it was trained
// with; prompting it through another tokenizer would give fluent nonsense, so the decoders compare before they start.
// Method: FNV-1a over (byte length, bytes) of every id in order, two 32-bit lanes with different seeds.

/** The part of a tokenizer that the fingerprint reads. */
export interface FingerprintedVocabulary {
  readonly vocabularySize: number;
  tokenBytes(id: number): Uint8Array;
}

const cache = new WeakMap<FingerprintedVocabulary, string>();

/** 16 hex digits, equal for equal vocabularies. Ids without bytes (holes) count as empty. Computed once per object. */
export function vocabularyFingerprint(vocabulary: FingerprintedVocabulary): string {
  const known = cache.get(vocabulary);
  if (known !== undefined) return known;
  let a = 0x811c9dc5;
  let b = 0x5bd1e995;
  for (let id = 0; id < vocabulary.vocabularySize; id++) {
    const bytes = bytesOrEmpty(vocabulary, id);
    a = Math.imul(a ^ bytes.length, 0x01000193);
    b = Math.imul(b ^ bytes.length, 0x85ebca6b);
    for (const byte of bytes) {
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul((b ^ byte) + (b >>> 15), 0x85ebca6b);
    }
  }
  const print = hex(a) + hex(b);
  cache.set(vocabulary, print);
  return print;
}

const none = new Uint8Array(0);

function bytesOrEmpty(vocabulary: FingerprintedVocabulary, id: number): Uint8Array {
  try {
    return vocabulary.tokenBytes(id);
  } catch (error) {
    if (error instanceof RangeError) return none;
    throw error;
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
