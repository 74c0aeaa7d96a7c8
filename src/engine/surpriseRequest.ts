// Answers the model process's request `surprise`: tokenizes a text with the model's own tokenizer and scores all of it, or
// one part of it with exactly the context that it has in the whole.
import { bitsPerByte, effectiveWindow, textSurprise } from '../core/model/textSurprise';
import type { LoadedParts, ModelRequestContext } from './modelHandlers';
import type { SurpriseParams, TextSurpriseResult } from './modelProtocol';

const WINDOW = 1024;

/** Scores a text; rejects with ModelStopped as sessions do. `count` is told how many tokens went through the model. */
export async function scoreText(
  { text, window, part }: SurpriseParams,
  { model, tokenizer, session }: LoadedParts,
  context: ModelRequestContext,
  count: (tokens: number) => void,
): Promise<TextSurpriseResult> {
  const spans = tokenizer.encodeSpans(text);
  const total = spans.ids.length;
  const used = effectiveWindow(model.info, window ?? WINDOW);
  const { first, last } = tokensOf(part, spans.utf16Ends, used / 2);
  const scored = await textSurprise(session, spans.ids, {
    cancellation: context.cancellation,
    window: used,
    part: { first, last },
    onProgress: (done) => context.progress({ done: done - first, total: last - first }),
  });
  count(last - first);
  const lengths = spans.byteEnds.map((end, i) => end - (i === 0 ? 0 : spans.byteEnds[i - 1]!));
  const decoder = new TextDecoder();
  const known = new Map<number, string>();
  const textOf = (id: number): string => {
    // A padded head has scores for ids that no token has.
    if (id < 0 || id >= tokenizer.vocabularySize) return '';
    const found = known.get(id) ?? decoder.decode(tokenizer.decodeBytes([id]));
    known.set(id, found);
    return found;
  };
  return {
    model: model.info.name,
    totalTokens: total,
    totalBytes: total === 0 ? 0 : spans.byteEnds[total - 1]!,
    vocabularySize: model.info.vocabularySize,
    window: used,
    first,
    firstUtf16: first === 0 ? 0 : spans.utf16Ends[first - 1]!,
    firstByte: first === 0 ? 0 : spans.byteEnds[first - 1]!,
    ids: spans.ids.slice(first, last),
    utf16Ends: spans.utf16Ends.slice(first, last),
    byteEnds: spans.byteEnds.slice(first, last),
    logProbs: scored.logProbs.slice(first, last),
    ranks: scored.ranks.slice(first, last),
    entropies: scored.entropies.slice(first, last),
    choices: Array.from(scored.best.subarray(first, last), textOf),
    choiceLogProbs: scored.bestLogProbs.slice(first, last),
    bitsPerByte: bitsPerByte(scored, lengths),
  };
}

/** The tokens of a part, widened to whole steps: windows begin at every step, so parts fit together without a seam. */
function tokensOf(
  part: SurpriseParams['part'],
  utf16Ends: Uint32Array,
  step: number,
): { readonly first: number; readonly last: number } {
  const total = utf16Ends.length;
  if (part === undefined) return { first: 0, last: total };
  const tokenAt = (offset: number): number => {
    let low = 0;
    let high = total;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (utf16Ends[middle]! > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const from = part.unit === 'tokens' ? part.from : tokenAt(part.from);
  const to = part.unit === 'tokens' ? part.to : tokenAt(Math.max(part.from, part.to - 1)) + 1;
  const first = Math.min(total, Math.floor(from / step) * step);
  return { first, last: Math.max(first, Math.min(total, Math.ceil(to / step) * step)) };
}
