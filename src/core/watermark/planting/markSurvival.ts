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
  /** Tokens drawn that the second tokenization has at the same bytes too. */
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
  const again = tokenizer.encodeSpans(text);
  const results: SchemeResult[] = [];
  for (const tokens of [ids, again.ids]) {
    const outcome = checkWatermark({ ids: tokens, schemes: [scheme], tokenizer: tokenizer.name, options });
    if (outcome?.ok !== true) return refuse(outcome?.reason ?? 'Stopped.');
    results.push(outcome.value.results[0]!);
  }
  const [asDrawn, retokenized] = [results[0]!, results[1]!];
  return accept({ text, asDrawn, retokenized, sameTokens: tokensAtSameBytes(ids, pieces, again) });
}

function tokensAtSameBytes(
  ids: readonly number[],
  pieces: readonly Uint8Array[],
  again: { readonly ids: ArrayLike<number>; readonly byteEnds: ArrayLike<number> },
): number {
  const byEnd = new Map<number, number>();
  for (let i = 0; i < again.ids.length; i += 1) byEnd.set(again.byteEnds[i]!, again.ids[i]!);
  let end = 0;
  let same = 0;
  ids.forEach((id, i) => {
    end += pieces[i]!.length;
    same += Number(byEnd.get(end) === id);
  });
  return same;
}
