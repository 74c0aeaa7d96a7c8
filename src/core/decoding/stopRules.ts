// When a draft is finished and what of it is shown. Bytes in, bytes out: tokens may cut characters and lines anywhere.
import { decodeUtf8Tail } from './utf8Tail';

export type StopCause =
  | 'end' // the model ended the text or the fill
  | 'newline' // single-line mode
  | 'dedent' // a line starts left of the line of the cursor
  | 'length' // token limit
  | 'bytes' // byte limit
  | 'loop' // the same bytes over and over
  | 'suffix' // what follows the cursor begins
  | 'verification' // the model itself finds the next token unlikely
  | 'contextFull';

export interface StopRules {
  /** Stop at the first line end after something visible. */
  readonly singleLine: boolean;
  readonly maxTokens: number;
  readonly maxBytes: number;
  /** Columns of leading white space of the cursor's line; lines further left end a multi-line draft. */
  readonly indentation: number;
  /** First line after the cursor, trimmed; a draft that reaches it ends before it. Empty: no such rule. */
  readonly suffixLine: string;
}

export interface StopPoint {
  readonly cause: StopCause;
  /** Bytes of the draft to keep. */
  readonly keep: number;
}

const NEWLINE = 10;
const RETURN = 13;
const isBlank = (byte: number): boolean => byte === 32 || byte === 9;

/** Whether and where a draft of these bytes must stop; `tokens` is its length in tokens. */
export function stopPoint(draft: Uint8Array, tokens: number, rules: StopRules): StopPoint | undefined {
  const line = lineStop(draft, rules);
  if (line !== undefined) return line;
  if (draft.length >= rules.maxBytes) return { cause: 'bytes', keep: rules.maxBytes };
  const loop = loopStart(draft);
  if (loop !== undefined) return { cause: 'loop', keep: loop };
  if (tokens >= rules.maxTokens) return { cause: 'length', keep: draft.length };
  return undefined;
}

function lineStop(draft: Uint8Array, rules: StopRules): StopPoint | undefined {
  let visible = false;
  for (let i = 0; i < draft.length; i++) {
    const byte = draft[i]!;
    if (byte !== NEWLINE) {
      visible ||= !isBlank(byte) && byte !== RETURN;
      continue;
    }
    const keep = i > 0 && draft[i - 1] === RETURN ? i - 1 : i;
    if (rules.singleLine) {
      if (visible) return { cause: 'newline', keep };
      continue;
    }
    let start = i + 1;
    while (start < draft.length && isBlank(draft[start]!)) start++;
    if (start === draft.length || draft[start] === NEWLINE || draft[start] === RETURN) continue;
    if (start - i - 1 < rules.indentation) return { cause: 'dedent', keep };
    if (rules.suffixLine.length > 1 && startsWithText(draft.subarray(start), rules.suffixLine)) {
      return { cause: 'suffix', keep };
    }
  }
  return undefined;
}

function startsWithText(bytes: Uint8Array, ascii: string): boolean {
  if (bytes.length < ascii.length) return false;
  for (let i = 0; i < ascii.length; i++) if (bytes[i] !== ascii.charCodeAt(i)) return false;
  return true;
}

/** Start of the second round when the last 48 bytes or more repeat a unit of at most 24 bytes; blanks do not count. */
function loopStart(draft: Uint8Array): number | undefined {
  const window = 48;
  if (draft.length < window) return undefined;
  const end = draft.length;
  for (let period = 1; period <= 24; period++) {
    let length = 0;
    while (length < end - period && draft[end - 1 - length] === draft[end - 1 - length - period]) length++;
    if (length < window) continue;
    const unit = draft.subarray(end - period);
    if (unit.every((byte) => isBlank(byte))) return undefined;
    return end - length;
  }
  return undefined;
}

/** The longest start of `bytes` that is whole UTF-8 characters, as text. */
export function completeText(bytes: Uint8Array): string {
  for (let end = bytes.length; end > 0; end--) {
    const decoded = decodeUtf8Tail(bytes.subarray(0, end));
    if (decoded !== undefined) return decoded.text;
  }
  return '';
}

/**
 * Cuts from the end of a draft what stands after the cursor on its line: "name)" before ")" becomes "name".
 * `lineRest`: the text between the cursor and the end of its line.
 */
export function withoutSuffixOverlap(draft: string, lineRest: string): string {
  const rest = lineRest.trimEnd();
  if (rest === '' || draft.includes('\n')) return draft;
  const trimmed = draft.trimEnd();
  if (trimmed.endsWith(rest)) return trimmed.slice(0, -rest.length);
  return draft;
}
