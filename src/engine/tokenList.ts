// The tokens of a document as plain text, one line each: number, place, id, text, bytes. The form that a screen reader,
// a diff or a search can use.
import { hexBytes, visibleBytes } from '../core/text/visibleText';
import type { LineIndex } from '../core/text/lineIndex';
import type { LiveDocument } from '../core/tokenizers/liveDocument';
import type { Tokenizer } from '../core/tokenizers/tokenizer';

/** Column titles of the rows. */
export const TOKEN_LIST_HEADER = '   token  line:col        id  text                  bytes';

/** Rows of up to `limit` tokens from number `first` on, each ended by a line break. Lines and columns count from 1. */
export function tokenRows(
  live: LiveDocument,
  tokenizer: Tokenizer,
  lines: LineIndex,
  first: number,
  limit: number,
): string {
  const { firstToken, startUtf16, spans } = live.spansByIndex(first, limit);
  let start = startUtf16;
  let rows = '';
  for (let i = 0; i < spans.ids.length; i++) {
    const id = spans.ids[i]!;
    const bytes = tokenizer.tokenBytes(id);
    const { line, column } = lines.positionAt(start);
    const number = String(firstToken + i + 1).padStart(8);
    const place = `${line + 1}:${column + 1}`.padEnd(10);
    rows += `${number}  ${place}  ${String(id).padStart(6)}  ${visibleBytes(bytes).padEnd(20)}  ${hexBytes(bytes)}\n`;
    start = startUtf16 + spans.utf16Ends[i]!;
  }
  return rows;
}
