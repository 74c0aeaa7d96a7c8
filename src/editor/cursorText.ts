// The text around a cursor as the decoders take it: with \n as line end, cut to what any prompt can hold. The start of the
// window stays where it is while the user types, so that prompt cache and draft cache stay valid.
import * as vscode from 'vscode';

export interface CursorText {
  readonly prefix: string;
  readonly suffix: string;
  /** Document version that the text is from. */
  readonly version: number;
}

const BEFORE = 49_152;
const AFTER = 16_384;
/** The window's start moves in steps of this many UTF-16 units. */
const STEP = 16_384;

/** The text before and after `position`. */
export function cursorText(document: vscode.TextDocument, position: vscode.Position): CursorText {
  const offset = document.offsetAt(position);
  const start = Math.max(0, Math.ceil((offset - BEFORE) / STEP) * STEP);
  const from = document.positionAt(start);
  const to = document.positionAt(offset + AFTER);
  return {
    prefix: unixLines(document.getText(new vscode.Range(from, position))),
    suffix: unixLines(document.getText(new vscode.Range(position, to))),
    version: document.version,
  };
}

/** The part of an identifier that stands directly before the cursor; empty range where there is none. */
export function partialWord(document: vscode.TextDocument, position: vscode.Position): vscode.Range {
  const line = document
    .lineAt(position.line)
    .text.slice(Math.max(0, position.character - 200), position.character);
  const word = /[\p{L}\p{N}_$]+$/u.exec(line)?.[0] ?? '';
  return new vscode.Range(position.translate(0, -word.length), position);
}

/** Whether the position stands between the two halves of a surrogate pair. */
export function insideCharacter(document: vscode.TextDocument, position: vscode.Position): boolean {
  const { text } = document.lineAt(position.line);
  const before = text.charCodeAt(position.character - 1);
  const after = text.charCodeAt(position.character);
  return before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000;
}

const unixLines = (text: string): string => text.replaceAll('\r\n', '\n');
