// Reading parts of a VS Code document by UTF-16 offset. VS Code moves a position between \r and \n to before the \r;
// tokens do end there, so slices are cut to the units that were asked for.
import * as vscode from 'vscode';

/** Text from `start` to `end`, both clamped to the document; exact inside a line break too. */
export function sliceDocument(document: vscode.TextDocument, start: number, end: number): string {
  const from = document.positionAt(start);
  const moved = start - document.offsetAt(from);
  // Two units more than asked, since the end may be moved back by one.
  const to = document.positionAt(end + 2);
  return document.getText(new vscode.Range(from, to)).slice(moved, moved + end - start);
}

const piece = 256 * 1024;

/** Code points from `start` to `end`, counted in pieces with pauses, so that the host stays responsive. */
export async function countCharacters(
  document: vscode.TextDocument,
  start: number,
  end: number,
): Promise<number> {
  let characters = 0;
  for (let at = start; at < end; at += piece) {
    if (at > start) await new Promise((resolve) => setImmediate(resolve));
    const text = sliceDocument(document, at, Math.min(end, at + piece));
    characters += text.length;
    for (let i = 0; i < text.length - 1; i++) if (isPair(text, i)) characters--;
    // A pair that the piece cuts counts once.
    if (at > start && isPair(sliceDocument(document, at - 1, at + 1), 0)) characters--;
  }
  return characters;
}

const isPair = (text: string, i: number): boolean =>
  (text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
