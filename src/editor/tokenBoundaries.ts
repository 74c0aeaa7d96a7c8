// Draws token boundaries in the visible editors: two alternating bands, an edge line where each token begins, and a mark on
// characters that a boundary cuts. Switched by a command; the switch survives a reload of the window.
import * as vscode from 'vscode';
import { CONTEXT_KEYS } from '../ids';
import { BoundaryDrawing, createBoundaryTypes, type DrawnBoundaries } from './boundaryDrawing';
import {
  boundaryPieces,
  joinedRanges,
  linesBeside,
  MAX_DRAWN_TOKENS,
  type BoundaryPiece,
  type LineRange,
} from './boundaryRanges';
import type { DocumentTokens } from './documentTokens';
import { createFrameThrottle, createLatestOnly, type LatestOnly } from './latestOnly';

export interface TokenBoundaries {
  readonly visible: boolean;
  toggle(): Promise<void>;
  readonly onDidChange: vscode.Event<boolean>;
  /** Ranges drawn now in an editor, by kind. For tests. */
  drawn(editor: vscode.TextEditor): DrawnBoundaries | undefined;
  dispose(): void;
}

const STATE_KEY = 'boundaries.visible';
/** Scrolling sends an event a frame; drawing that often would only make it jerk. */
const THROTTLE_MS = 50;

/** A line before the drawn ones tells the band of the first token, unless it is a giant itself. */
const LONGEST_LEAD = 1000;

export function createTokenBoundaries(documents: DocumentTokens, memory: vscode.Memento): TokenBoundaries {
  const types = createBoundaryTypes();
  const changed = new vscode.EventEmitter<boolean>();
  const jobs = new Map<vscode.TextEditor, LatestOnly>();
  const drawings = new Map<vscode.TextEditor, BoundaryDrawing>();
  let visible = memory.get<boolean>(STATE_KEY, false);

  function show(editor: vscode.TextEditor, pieces: readonly BoundaryPiece[]): void {
    const drawing = drawings.get(editor) ?? new BoundaryDrawing(editor, types);
    drawings.set(editor, drawing);
    drawing.show(pieces);
  }

  function clear(editor: vscode.TextEditor): void {
    jobs.get(editor)?.cancel();
    jobs.delete(editor);
    drawings.get(editor)?.clear();
    drawings.delete(editor);
  }

  /** Pieces of the tokens on some lines; undefined when the document changed meanwhile or cannot be tokenized. */
  async function piecesOf(
    { document }: vscode.TextEditor,
    lines: LineRange,
    limit: number,
    cancellation: Parameters<DocumentTokens['query']>[3],
  ): Promise<readonly BoundaryPiece[] | undefined> {
    const before = lines.first > 0 ? document.lineAt(lines.first - 1).range : undefined;
    const lead = before !== undefined && before.end.character <= LONGEST_LEAD ? before.start : undefined;
    const start = document.offsetAt(lead ?? new vscode.Position(lines.first, 0));
    const end = document.offsetAt(document.lineAt(lines.last).rangeIncludingLineBreak.end);
    const reply = await documents.query(
      'spans',
      document,
      { query: { by: 'offset', start, end, limit } },
      cancellation,
    );
    if (!reply.ok || reply.value.version !== document.version || document.isClosed) return undefined;
    const spans = reply.value;
    const from = document.positionAt(spans.firstUtf16);
    const last = spans.utf16Ends.at(-1) ?? spans.firstUtf16;
    // One character more, because the last token may end inside it.
    const text = document.getText(new vscode.Range(from, document.positionAt(last + 2)));
    const position = { line: from.line, column: from.character };
    const pieces = boundaryPieces(spans, text, document.offsetAt(from), position);
    return lead === undefined ? pieces : pieces.filter(({ line }) => line >= lines.first);
  }

  /** Pieces of several ranges of lines, in their order, up to the cap on tokens. */
  async function piecesOfAll(
    editor: vscode.TextEditor,
    parts: readonly LineRange[],
    cancellation: Parameters<DocumentTokens['query']>[3],
  ): Promise<{ readonly pieces: readonly BoundaryPiece[]; readonly capped: boolean } | undefined> {
    const pieces: BoundaryPiece[] = [];
    let left = MAX_DRAWN_TOKENS;
    for (const lines of parts) {
      if (left <= 0) break;
      const found = await piecesOf(editor, lines, left, cancellation);
      if (found === undefined) return undefined;
      for (const piece of found) {
        pieces.push(piece);
        if (piece.kind === 'evenStart' || piece.kind === 'oddStart') left--;
      }
    }
    return { pieces, capped: left <= 0 };
  }

  function draw(editor: vscode.TextEditor): void {
    if (!documents.accepts(editor.document)) return;
    const screens = editor.visibleRanges.map(({ start, end }) => ({ first: start.line, last: end.line }));
    const job = jobs.get(editor) ?? createLatestOnly();
    jobs.set(editor, job);
    job.run(
      async (cancellation) => {
        const beside = linesBeside(screens, editor.document.lineCount);
        // Mostly one range and one question. Only where the cap cuts it off the screen has to come first, so that it
        // never goes without in favour of what is not seen.
        const all = await piecesOfAll(editor, joinedRanges([...screens, ...beside]), cancellation);
        return all?.capped === true ? await piecesOfAll(editor, [...screens, ...beside], cancellation) : all;
      },
      (all) => {
        if (all !== undefined && visible) show(editor, all.pieces);
      },
    );
  }

  function drawAll(): void {
    const editors = visible ? vscode.window.visibleTextEditors : [];
    for (const editor of [...drawings.keys(), ...jobs.keys()]) if (!editors.includes(editor)) clear(editor);
    for (const editor of editors) draw(editor);
  }
  const drawSoon = createFrameThrottle(drawAll, THROTTLE_MS);
  const announce = (): void => {
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.boundariesVisible, visible);
  };
  announce();
  if (visible) drawSoon.schedule();

  const subscriptions = vscode.Disposable.from(
    types,
    changed,
    drawSoon,
    vscode.window.onDidChangeVisibleTextEditors(() => drawSoon.schedule()),
    vscode.window.onDidChangeTextEditorVisibleRanges(() => drawSoon.schedule()),
    documents.onDidChange(() => drawSoon.schedule()),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      for (const [editor, drawing] of drawings)
        if (editor.document === document) drawing.edited(contentChanges);
    }),
  );

  return {
    get visible() {
      return visible;
    },
    toggle: async () => {
      visible = !visible;
      announce();
      changed.fire(visible);
      drawAll();
      await memory.update(STATE_KEY, visible);
    },
    onDidChange: changed.event,
    drawn: (editor) => drawings.get(editor)?.ranges,
    dispose: () => {
      for (const job of jobs.values()) job.cancel();
      subscriptions.dispose();
    },
  };
}
