// What the window is sent: all of what changed, and nothing else. The window is a stand-in that keeps what each decoration
// type was last given, and loses what an edit touches.
import { beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('vscode', () => ({
  Range: class {
    constructor(
      readonly line: number,
      readonly start: number,
      readonly endLine: number,
      readonly end: number,
    ) {}
  },
}));

import type * as vscode from 'vscode';
import { BoundaryDrawing } from '../../../src/editor/boundaryDrawing';
import type { BoundaryPiece } from '../../../src/editor/boundaryRanges';

type Sent = { readonly line: number; readonly start: number; readonly end: number };

const types = Array.from({ length: 40 }, (_, id) => ({ id }) as unknown as vscode.TextEditorDecorationType);
const LINES = 24;
/** Two tokens a line; `at` is where the second begins. */
const linesOf = (at: (line: number) => number): BoundaryPiece[] =>
  Array.from({ length: LINES }, (_, line): BoundaryPiece[] => [
    { kind: 'evenStart', line, start: 0, end: at(line) },
    { kind: 'oddStart', line, start: at(line), end: 9 },
  ]).flat();
const change = (line: number, text: string, endLine = line): vscode.TextDocumentContentChangeEvent => {
  const edit: unknown = { range: { start: { line }, isSingleLine: line === endLine }, text };
  return edit as vscode.TextDocumentContentChangeEvent;
};

describe('the drawing of boundaries', () => {
  let shown: Map<vscode.TextEditorDecorationType, readonly Sent[]>;
  let calls: number;
  let ranges: number;
  let drawing: BoundaryDrawing;
  beforeEach(() => {
    shown = new Map();
    [calls, ranges] = [0, 0];
    const editor = {
      setDecorations: (type: vscode.TextEditorDecorationType, list: readonly unknown[]) => {
        calls++;
        ranges += list.length;
        shown.set(type, list as readonly Sent[]);
      },
    };
    drawing = new BoundaryDrawing(editor as unknown as vscode.TextEditor, {
      all: () => types,
      dispose: () => undefined,
    });
  });
  const inWindow = (): string[] =>
    [...shown.values()]
      .flatMap((list) => list.map(({ line, start, end }) => `${line}:${start}-${end}`))
      .sort();
  const wanted = (pieces: readonly BoundaryPiece[]): string[] =>
    pieces.map(({ line, start, end }) => `${line}:${start}-${end}`).sort();
  const show = (pieces: readonly BoundaryPiece[]): void => {
    [calls, ranges] = [0, 0];
    drawing.show(pieces);
    expect(inWindow()).toEqual(wanted(pieces));
  };

  it('sends all of it at first, and nothing when nothing has changed', () => {
    show(linesOf(() => 4));
    expect(ranges).toBe(2 * LINES);
    show(linesOf(() => 4));
    expect(calls).toBe(0);
  });

  it('sends an eighth of the lines after a change on one line', () => {
    show(linesOf(() => 4));
    drawing.edited([change(5, 'x')]);
    show(linesOf((line) => (line === 5 ? 5 : 4)));
    expect(ranges).toBe((2 * LINES) / 8);
  });

  it('sends lines again that were edited and look as before: the window may have lost them', () => {
    show(linesOf(() => 4));
    drawing.edited([change(5, ''), change(5, 'abc')]);
    for (const type of types)
      if (shown.get(type)?.some(({ line }) => line === 5) === true) shown.set(type, []);
    show(linesOf(() => 4));
    expect(ranges).toBe((2 * LINES) / 8);
  });

  it.each([
    ['a line break that was typed', change(5, 'a\nb')],
    ['lines that were joined', change(5, '', 6)],
  ])('sends everything after %s', (_, edit) => {
    show(linesOf(() => 4));
    drawing.edited([edit]);
    show(linesOf(() => 4));
    expect(ranges).toBe(2 * LINES);
  });

  it('clears all of it, what was edited since too', () => {
    show(linesOf(() => 4));
    drawing.edited([change(5, 'x')]);
    drawing.clear();
    expect(inWindow()).toEqual([]);
  });

  it('tells what it shows, by kind, as the same object until that changes', () => {
    show(linesOf(() => 4));
    const before = drawing.ranges;
    expect(before.evenStart).toHaveLength(LINES);
    expect(before.insideCharacter).toHaveLength(0);
    expect(drawing.ranges).toBe(before);
    show(linesOf(() => 3));
    expect(drawing.ranges).not.toBe(before);
  });
});
