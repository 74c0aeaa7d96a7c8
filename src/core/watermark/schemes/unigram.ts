// Unigram (Zhao et al. 2024): one green list for the whole text, a shuffled mask from numpy's generator seeded with four
// bytes of sha256(key). MarkLLM's Unigram is the same under other names.
import { int64Bytes } from '../random/int64';
import { Pcg64, SeedSequence } from '../random/numpyGenerator';
import { sha256 } from '../random/sha256';
import type { FixedListScheme, Outcome } from '../scheme';
import type { SettingsReader } from '../settings';

const INT64 = 2n ** 63n;

/** 32-bit seed of a key: the first four bytes of sha256 of its int64 form, little-endian. */
export function unigramSeed(key: bigint): number {
  return new DataView(sha256(int64Bytes(key)).buffer).getUint32(0, true);
}

export function unigram(read: SettingsReader, variant: 'unigram' | 'markllm'): Outcome<FixedListScheme> {
  const markllm = variant === 'markllm';
  const vocabularySize = read.vocabularySize();
  const gamma = markllm ? read.share('gamma', 0.5) : read.share('fraction', 0.5);
  const delta = markllm ? read.number('delta', 2) : read.number('strength', 2);
  const key = read.key(markllm ? 'hash_key' : 'watermark_key', markllm ? 15485863n : 0n, -INT64, INT64 - 1n);
  const listSize = Math.trunc(gamma * vocabularySize);
  let mask: Uint8Array | undefined;
  return read.finish(() => ({
    family: 'fixed-list',
    id: 'unigram',
    name: markllm ? 'Unigram (MarkLLM)' : 'Unigram',
    key: String(key),
    vocabularySize,
    notes: ['One list serves every context, so it is the easiest of the schemes to steal.'],
    distortionFree: false,
    gamma,
    listSize,
    delta,
    mask: () => {
      if (mask === undefined) {
        mask = new Uint8Array(vocabularySize).fill(1, 0, listSize);
        new Pcg64(new SeedSequence(unigramSeed(key))).shuffle(mask);
      }
      return mask;
    },
  }));
}
