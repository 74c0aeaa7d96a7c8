// Everything a reader may want to know about one token of an open document, for the hover and the panel.
import { BytePairTokenizer } from '../core/tokenizers/bytePairTokenizer';
import type { LiveDocument } from '../core/tokenizers/liveDocument';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import type { MergeStep, TokenDetails } from './engineProtocol';

/** Null when there is no token with this number. */
export function describeToken(
  {
    live,
    tokenizer,
    version,
  }: { readonly live: LiveDocument; readonly tokenizer: Tokenizer; readonly version: number },
  index: number,
): TokenDetails | null {
  const { firstToken, startByte, startUtf16, spans } = live.spansByIndex(index, 1);
  const id = spans.ids[0];
  if (firstToken !== index || id === undefined) return null;
  return {
    version,
    index,
    id,
    bytes: tokenizer.tokenBytes(id),
    byteStart: startByte,
    byteEnd: startByte + spans.byteEnds[0]!,
    utf16Start: startUtf16,
    utf16End: startUtf16 + spans.utf16Ends[0]!,
    rank: tokenizer instanceof BytePairTokenizer ? (tokenizer.tokenRank(id) ?? null) : null,
    merges: mergesOf(tokenizer, id),
  };
}

/** The merges that make a token, as bytes; none for tokenizers that do not merge pairs, and for single bytes. */
function mergesOf(tokenizer: Tokenizer, id: number): readonly MergeStep[] {
  if (!(tokenizer instanceof BytePairTokenizer)) return [];
  return tokenizer.mergeHistory(id).steps.map(({ left, right, rank }) => ({
    left: tokenizer.tokenBytes(left),
    right: tokenizer.tokenBytes(right),
    rank,
  }));
}
