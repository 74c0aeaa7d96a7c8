// P_all: next-byte probabilities summed over EVERY token path that spells the text, those included that the tokenizer never
// produces (Vieira et al., arXiv 2412.03719). The number of paths grows exponentially with the text after the context,
// so a limit turns the answer into a lower bound and says so.
import type { CacheNode, Cancellation, LmSession, Logits } from '../model/languageModel';
import type { NextByte } from './byteDistribution';
import type { ByteVocabulary } from './byteVocabulary';
import { vocabularyIndex } from './byteVocabulary';
import { logSumExp } from './logProbabilities';

export interface AllPathsOptions {
  /** Model rows at most. Default 4096. */
  readonly maxRows?: number;
  /** Paths below this share of the heaviest path of the same round are left out. 0 (default) leaves none out. */
  readonly minShare?: number;
  readonly cancellation?: Cancellation;
}

export interface AllPathsNextByte extends NextByte {
  /** False when paths were left out: `logMass` is then a lower bound. */
  readonly exact: boolean;
  readonly rows: number;
}

interface Path {
  readonly node: CacheNode;
  readonly logits: Logits;
  readonly bytes: number;
  readonly logWeight: number;
}

/** P_all(next byte | context, text). `context` must not be empty for trained models. */
export async function nextByteAll(
  session: LmSession,
  vocabulary: ByteVocabulary,
  context: readonly number[],
  text: Uint8Array,
  options: AllPathsOptions = {},
): Promise<AllPathsNextByte> {
  const { maxRows = 4096, minShare = 0, cancellation } = options;
  const index = vocabularyIndex(vocabulary);
  const bins = new Float64Array(256);
  let end = 0;
  let exact = true;
  let rows = 0;
  const start = await session.prefill(context, cancellation);
  const held: CacheNode[] = [start.node];
  let frontier: readonly Path[] = [{ node: start.node, logits: start.logits, bytes: 0, logWeight: 0 }];
  try {
    while (frontier.length > 0) {
      const next: { readonly path: Path; readonly token: number; readonly logWeight: number }[] = [];
      for (const path of frontier) {
        const shift = path.logWeight - logSumExp(path.logits);
        const rest = text.subarray(path.bytes);
        const { low, high } = index.extensionsOf(rest);
        for (let i = low; i < high; i++) {
          const token = index.order[i]!;
          bins[index.byteAt(token, rest.length)]! += Math.exp(path.logits[token]! + shift);
        }
        if (rest.length === 0) {
          for (const token of session.info.endTokens) end += Math.exp(path.logits[token]! + shift);
        }
        for (let length = 1; length <= Math.min(rest.length, index.maxTokenBytes); length++) {
          const token = index.find(rest.subarray(0, length));
          if (token === undefined || path.logits[token] === -Infinity) continue;
          next.push({ path, token, logWeight: path.logits[token]! + shift });
        }
      }
      const heaviest = Math.max(...next.map((step) => step.logWeight));
      let kept = minShare > 0 ? next.filter((step) => step.logWeight >= heaviest + Math.log(minShare)) : next;
      if (rows + kept.length > maxRows) {
        kept = [...kept].sort((a, b) => b.logWeight - a.logWeight).slice(0, maxRows - rows);
      }
      exact &&= kept.length === next.length;
      if (kept.length === 0) break;
      const { nodes, logits } = await session.evaluate(
        kept.map(({ path, token }) => ({ parent: path.node, input: token })),
        cancellation,
      );
      held.push(...nodes);
      rows += kept.length;
      frontier = kept.map(({ path, token, logWeight }, i) => ({
        node: nodes[i]!,
        logits: logits[i]!,
        bytes: path.bytes + index.lengthOf(token),
        logWeight,
      }));
    }
  } finally {
    session.release(held);
  }
  let total = end;
  for (const mass of bins) total += mass;
  for (let b = 0; b < 256; b++) bins[b]! /= total;
  return { bytes: bins, end: end / total, logMass: Math.log(total), exact, rows };
}
