// How the bytes of one token look and sound. Whitespace and control characters get a visible mark; bytes that are only
// part of a character are shown in hex, since no character stands for them:
//   [20 74 68 65]  → space '·', text 'the'      "'the' with leading space"
//   [F0 9F]        → part 'F0 9F'              "part of a character, bytes F0 9F"
import { byteCount } from './countedNames';
import { l10n } from './language';
import { hexBytes } from './numberFormat';

/** text: ordinary characters; space: the mark of whitespace; control: a code point that prints nothing; part: bytes of a
 * cut character. */
export interface TokenPiece {
  readonly kind: 'text' | 'space' | 'control' | 'part';
  readonly text: string;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const marks: ReadonlyMap<string, string> = new Map([
  [' ', '·'],
  ['\t', '→'],
  ['\n', '↵'],
  ['\r', '␍'],
  ['\u00a0', '⍽'],
]);
const names: ReadonlyMap<string, string> = new Map([
  [' ', l10n.t('space')],
  ['\t', l10n.t('tab')],
  ['\n', l10n.t('line break')],
  ['\r', l10n.t('carriage return')],
  ['\u00a0', l10n.t('no-break space')],
]);

/** Characters that print nothing, or nothing one can tell apart: controls, formats, odd spaces, separators. */
const invisible =
  /^[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Co}\p{Cn}\u115f\u1160\u3164\uffa0]$|^\p{Default_Ignorable_Code_Point}$/u;

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Bytes of the UTF-8 sequence that a first byte announces; 0 for a byte that cannot start one. */
const sequenceLength = (byte: number): number =>
  byte < 0x80 ? 1 : byte < 0xc2 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 0;

const decodeWhole = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
};

/** Splits bytes into whole characters and what remains of cut ones, in order. */
export function splitCharacters(bytes: Uint8Array): readonly (string | Uint8Array)[] {
  const whole = decodeWhole(bytes);
  if (whole !== undefined) return whole === '' ? [] : [whole];
  const pieces: (string | Uint8Array)[] = [];
  let partStart = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes[at] ?? 0);
    const text = length > 0 ? decodeWhole(bytes.subarray(at, at + length)) : undefined;
    if (text === undefined || at + length > bytes.length) {
      at++;
      continue;
    }
    if (at > partStart) pieces.push(bytes.subarray(partStart, at));
    const last = pieces.at(-1);
    if (typeof last === 'string') pieces[pieces.length - 1] = last + text;
    else pieces.push(text);
    at += length;
    partStart = at;
  }
  if (partStart < bytes.length) pieces.push(bytes.subarray(partStart));
  return pieces;
}

/** Pieces to draw for one token. */
export function tokenPieces(bytes: Uint8Array): readonly TokenPiece[] {
  const pieces: TokenPiece[] = [];
  const add = (kind: TokenPiece['kind'], text: string): void => {
    const last = pieces.at(-1);
    if (last?.kind === kind && (kind === 'text' || kind === 'space'))
      pieces[pieces.length - 1] = { kind, text: last.text + text };
    else pieces.push({ kind, text });
  };
  for (const part of splitCharacters(bytes)) {
    if (typeof part !== 'string') add('part', hexBytes(part));
    else
      for (const character of part) {
        const mark = marks.get(character);
        if (mark !== undefined) add('space', mark);
        else if (invisible.test(character)) add('control', codePoint(character));
        else add('text', character);
      }
  }
  return pieces;
}

/** Whether the token's last byte ends a line of the document. */
export function endsLine(bytes: Uint8Array): boolean {
  return bytes.at(-1) === 0x0a;
}

/** The token cut after each of its line breaks, as it stands on lines; a token may contain several. */
export function splitLines(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0x0a) + 1; end > 0; end = bytes.indexOf(0x0a, start) + 1) {
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  if (start < bytes.length || lines.length === 0) lines.push(bytes.subarray(start));
  return lines;
}

/** Line breaks in the token. */
export function countLineBreaks(bytes: Uint8Array): number {
  let breaks = 0;
  for (const byte of bytes) if (byte === 0x0a) breaks++;
  return breaks;
}

const spoken = (text: string): string => {
  const runs: string[] = [];
  const counted: { name: string; count: number }[] = [];
  for (const character of text) {
    const name = names.get(character) ?? codePoint(character);
    const last = counted.at(-1);
    if (last?.name === name) last.count++;
    else counted.push({ name, count: 1 });
  }
  for (const { name, count } of counted) runs.push(count === 1 ? name : `${count} × ${name}`);
  return runs.join(', ');
};

/** The token in words, for a screen reader: "'the' with leading space". */
export function describeText(bytes: Uint8Array): string {
  if (bytes.length === 0) return l10n.t('empty');
  const parts = splitCharacters(bytes);
  if (parts.length !== 1 || typeof parts[0] !== 'string') {
    const words = parts.map((part) =>
      typeof part === 'string' ? `'${part}'` : l10n.t('part of a character, bytes {0}', hexBytes(part)),
    );
    return words.reduce((before, next) => l10n.t('{0}, then {1}', before, next));
  }
  const text = parts[0];
  const blank = (character: string): boolean => names.has(character) || invisible.test(character);
  const characters = Array.from(text);
  const start = characters.findIndex((character) => !blank(character));
  if (start === -1) return spoken(text);
  const end = characters.findLastIndex((character) => !blank(character)) + 1;
  const leading = spoken(characters.slice(0, start).join(''));
  const trailing = spoken(characters.slice(end).join(''));
  const middle = `'${characters.slice(start, end).join('')}'`;
  if (leading === '') return trailing === '' ? middle : l10n.t('{0} with trailing {1}', middle, trailing);
  return trailing === ''
    ? l10n.t('{0} with leading {1}', middle, leading)
    : l10n.t('{0} with leading {1} and trailing {2}', middle, leading, trailing);
}

/** "token 12, id 1234, 'the' with leading space, 4 bytes" */
export function tokenLabel(index: string, id: number, bytes: Uint8Array): string {
  return l10n.t('token {0}, id {1}, {2}, {3}', index, id, describeText(bytes), byteCount(bytes.length));
}
