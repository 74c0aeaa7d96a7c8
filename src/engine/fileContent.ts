// The content of one file as an outcome: its count, or why it is not counted.
import { decodeFile } from '../core/files/textDetection';
import type { FileOutcome } from '../core/files/tokenTreeModel';
import { codePointCount } from '../core/text/utf8';
import { countInPieces } from '../core/tokenizers/pieceCount';
import type { Tokenizer } from '../core/tokenizers/tokenizer';

/** Undefined when `cancelled` said so; a file of megabytes takes longer than anybody wants to wait for an end. */
export function countContent(
  tokenizer: Tokenizer,
  bytes: Uint8Array,
  cancelled: () => boolean,
): FileOutcome | undefined {
  const decoded = decodeFile(bytes);
  if (decoded.kind === 'binary') return { kind: 'skipped', reason: 'binary' };
  const tokens = countInPieces(tokenizer, decoded.text, cancelled);
  if (tokens === undefined) return undefined;
  return {
    kind: 'counted',
    tokens,
    bytes: bytes.length,
    // As many units as bytes: ASCII only, so every unit is a character.
    characters: decoded.text.length === bytes.length ? bytes.length : codePointCount(decoded.text),
  };
}
