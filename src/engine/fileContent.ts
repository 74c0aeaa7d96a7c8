// The content of one file as an outcome: its count, or why it is not counted.
import { decodeFile } from '../core/files/textDetection';
import type { FileOutcome } from '../core/files/tokenTreeModel';
import { codePointCount } from '../core/text/utf8';
import type { Tokenizer } from '../core/tokenizers/tokenizer';

export function countContent(tokenizer: Tokenizer, bytes: Uint8Array): FileOutcome {
  const decoded = decodeFile(bytes);
  if (decoded.kind === 'binary') return { kind: 'skipped', reason: 'binary' };
  return {
    kind: 'counted',
    tokens: tokenizer.count(decoded.text),
    bytes: bytes.length,
    characters: codePointCount(decoded.text),
  };
}
