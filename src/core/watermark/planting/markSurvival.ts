// Does a planted mark survive becoming text? The draft's tokens are turned into text, tokenized again as any checker would,
// and tested. Tokens that merge differently the second time are the loss (Kirchenbauer et al. 2023, section on
// tokenization; under 1 % of tokens for text that a model writes, more for random tokens).
import type { Tokenizer } from '../../tokenizers/tokenizer';
import { decodeUtf8 } from '../../text/utf8';
import type { Outcome, Scheme } from '../scheme';
import { accept, refuse } from '../scheme';
import { type CheckOptions, checkWatermark } from '../watermarkCheck';
import type { SchemeResult } from '../watermarkReport';

export interface MarkSurvival {
  readonly text: string;
  /** Result on the ids as drawn, and on those of the re-tokenized text. */
  readonly asDrawn: SchemeResult;
  readonly retokenized: SchemeResult;
  /** Length of the longest run of tokens, gaps allowed, that both have in this order. */
  readonly sameTokens: number;
}

/** @param ids tokens of the draft, without its prompt. */
export function markSurvival(
  scheme: Scheme,
  ids: readonly number[],
  tokenizer: Tokenizer,
  options: CheckOptions = {},
): Outcome<MarkSurvival> {
  const pieces = ids.map((id) => tokenizer.tokenBytes(id));
  const bytes = Uint8Array.from(pieces.flatMap((piece) => Array.from(piece)));
  const text = decodeUtf8(bytes);
  const again = tokenizer.encode(text);
  const results: SchemeResult[] = [];
  for (const tokens of [ids, again]) {
    const outcome = checkWatermark({ ids: tokens, schemes: [scheme], tokenizer: tokenizer.name, options });
    if (outcome?.ok !== true) return refuse(outcome?.reason ?? 'Stopped.');
    results.push(outcome.value.results[0]!);
  }
  const [asDrawn, retokenized] = [results[0]!, results[1]!];
  return accept({ text, asDrawn, retokenized, sameTokens: commonTokens(ids, again) });
}

/** Length of the longest common subsequence. */
function commonTokens(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const row = new Uint32Array(b.length + 1);
  for (let i = 0; i < a.length; i += 1) {
    let diagonal = 0;
    for (let j = 0; j < b.length; j += 1) {
      const above = row[j + 1]!;
      row[j + 1] = a[i] === b[j] ? diagonal + 1 : Math.max(above, row[j]!);
      diagonal = above;
    }
  }
  return row[b.length]!;
}
