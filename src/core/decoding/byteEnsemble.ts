// Several models that vote on the next byte: token models of different vocabularies and byte models of the open document.
// Byte distributions of all of them have the same 257 entries (256 bytes and the end), so they can be averaged, which token
// distributions cannot (Phan et al., arXiv 2410.09303, section 5). The chosen byte is pushed to every member.
import type { Cancellation } from '../model/languageModel';
import type { ByteLevelState } from './byteDistribution';
import type { ByteNgrams } from './byteNgrams';
import type { StopCause, StopRules } from './stopRules';
import { completeText, stopPoint } from './stopRules';
import { argMax } from './logProbabilities';

/** A model at one place of a text. */
export interface ByteSource {
  /** 257 probabilities: bytes, then the end. */
  next(cancellation?: Cancellation): Promise<Float64Array>;
  push(byte: number): void;
  pop(): void;
}

/** A token model through its exact byte distribution. */
export function modelSource(state: ByteLevelState): ByteSource {
  return {
    async next(cancellation) {
      const { bytes, end } = await state.nextByteCanon(cancellation);
      const p = new Float64Array(257);
      p.set(bytes);
      p[256] = end;
      return p;
    },
    push: (byte) => state.push(byte),
    pop: () => state.pop(),
  };
}

/** The byte n-grams of a document, continued from `history`. */
export function ngramSource(ngrams: ByteNgrams, history: Uint8Array): ByteSource {
  const bytes = Array.from(history);
  return {
    next: () => Promise.resolve(ngrams.next(Uint8Array.from(bytes.slice(-16)))),
    push: (byte) => void bytes.push(byte),
    pop: () => void bytes.pop(),
  };
}

/** Weighted mean of the members' distributions. Weights are normalised; equal when absent. */
export function averageSource(members: readonly ByteSource[], weights?: readonly number[]): ByteSource {
  const raw = weights ?? members.map(() => 1);
  const total = raw.reduce((sum, w) => sum + w, 0);
  return {
    async next(cancellation) {
      const mean = new Float64Array(257);
      for (const [m, member] of members.entries()) {
        const p = await member.next(cancellation);
        for (let b = 0; b < 257; b++) mean[b]! += (raw[m]! / total) * p[b]!;
      }
      return mean;
    },
    push(byte) {
      for (const member of members) member.push(byte);
    },
    pop() {
      for (const member of members) member.pop();
    },
  };
}

export interface ByteDraft {
  readonly text: string;
  /** The bytes kept; `text` is their whole characters. */
  readonly written: Uint8Array;
  /** Log-probability of each written byte under the source, those of `head` excluded. */
  readonly logProbs: readonly number[];
  /** Sum over all bytes that were chosen, cut ones and the end included. */
  readonly logProb: number;
  readonly stop: StopCause;
}

export interface ByteWriting {
  /** Bytes of the draft that were pushed already. */
  readonly head?: Uint8Array;
  /** Picks an entry of the distribution (256 is the end); the most probable by default. */
  readonly choose?: (p: Float64Array) => number;
  readonly cancellation?: Cancellation;
}

/**
 * Writes byte by byte; the source is left as it was. Byte-greedy and token-greedy text may differ: the most probable byte
 * need not start the most probable token.
 */
export async function writeBytes(
  source: ByteSource,
  rules: StopRules,
  { head = new Uint8Array(0), choose = argMax, cancellation }: ByteWriting = {},
): Promise<ByteDraft> {
  const bytes = Array.from(head);
  const logProbs: number[] = [];
  let logProb = 0;
  let cause: StopCause;
  let keep: number;
  try {
    for (;;) {
      const p = await source.next(cancellation);
      const byte = choose(p);
      logProb += Math.log(p[byte]!);
      if (byte === 256) {
        [cause, keep] = ['end', bytes.length];
        break;
      }
      bytes.push(byte);
      logProbs.push(Math.log(p[byte]!));
      source.push(byte);
      const stop = stopPoint(Uint8Array.from(bytes), bytes.length, rules);
      if (stop !== undefined) {
        ({ cause, keep } = stop);
        break;
      }
    }
  } finally {
    for (let i = bytes.length; i > head.length; i--) source.pop();
  }
  const written = Uint8Array.from(bytes.slice(0, keep));
  return { text: completeText(written), written, logProbs, logProb, stop: cause };
}
