// What other ways of prompting say about the next byte, for comparison with the exact answer: token-level prompting keeps
// only the left context that ends at the cursor; token healing (guidance) drops the last tokens and forces the removed
// text, with the one left context that remains. Both are biased; neither costs an extra row.
import type { Cancellation, LmSession, Logits } from '../model/languageModel';
import { step } from '../model/languageModel';
import type { ByteVocabulary } from './byteVocabulary';
import { vocabularyIndex } from './byteVocabulary';
import { logSumExp } from './logProbabilities';

/** Probabilities by byte; `bytes` and `end` sum to 1 up to special tokens that are neither text nor end. */
export interface ComparedNextByte {
  readonly bytes: Float64Array;
  readonly end: number;
}

/** Next byte when the model continues after `ids`, the ordinary tokens of the text. */
export async function nextByteTokenLevel(
  session: LmSession,
  vocabulary: ByteVocabulary,
  ids: readonly number[],
  cancellation?: Cancellation,
): Promise<ComparedNextByte> {
  const { node, logits } = await session.prefill(ids, cancellation);
  session.release([node]);
  const bytes = new Float64Array(256);
  return { bytes, end: addNextBytes(session, vocabulary, logits, 1, bytes) };
}

/**
 * Next byte under token healing: the last `dropped` ids are taken back and the next token must start with their bytes.
 * Undefined when no token does.
 */
export async function nextByteHealing(
  session: LmSession,
  vocabulary: ByteVocabulary,
  ids: readonly number[],
  dropped = 1,
  cancellation?: Cancellation,
): Promise<ComparedNextByte | undefined> {
  const index = vocabularyIndex(vocabulary);
  const kept = ids.slice(0, Math.max(0, ids.length - dropped));
  const removed: number[] = [];
  for (const id of ids.slice(kept.length)) removed.push(...index.bytesOf(id));
  const text = Uint8Array.from(removed);
  const { node, logits } = await session.prefill(kept, cancellation);
  try {
    const total = logSumExp(logits);
    const bytes = new Float64Array(256);
    let end = 0;
    const { low, high } = index.extensionsOf(text);
    for (let i = low; i < high; i++) {
      const token = index.order[i]!;
      bytes[index.byteAt(token, text.length)]! += Math.exp(logits[token]! - total);
    }
    const equal = text.length === 0 ? undefined : index.find(text);
    if (equal !== undefined) {
      const after = await step(session, node, equal, cancellation);
      session.release([after.node]);
      end = addNextBytes(session, vocabulary, after.logits, Math.exp(logits[equal]! - total), bytes);
    }
    let mass = end;
    for (const p of bytes) mass += p;
    if (mass === 0) return undefined;
    return { bytes: bytes.map((p) => p / mass), end: end / mass };
  } finally {
    session.release([node]);
  }
}

/** Adds `weight` times the first-byte distribution of a row to `bytes`; returns the end mass. */
function addNextBytes(
  session: LmSession,
  vocabulary: ByteVocabulary,
  logits: Logits,
  weight: number,
  bytes: Float64Array,
): number {
  const index = vocabularyIndex(vocabulary);
  const total = logSumExp(logits);
  for (const token of index.order)
    bytes[index.byteAt(token, 0)]! += weight * Math.exp(logits[token]! - total);
  let end = 0;
  for (const token of session.info.endTokens) end += weight * Math.exp(logits[token]! - total);
  return end;
}

/** Total variation distance of two next-byte distributions, in [0, 1]. */
export function totalVariation(a: ComparedNextByte, b: ComparedNextByte): number {
  let sum = Math.abs(a.end - b.end);
  for (let i = 0; i < 256; i++) sum += Math.abs(a.bytes[i]! - b.bytes[i]!);
  return sum / 2;
}
