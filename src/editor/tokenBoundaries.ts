// Draws token boundaries in the visible editors: two alternating bands, an edge line where each token begins, and a mark on
// characters that a boundary cuts. Switched by a command; the switch survives a reload of the window.
import * as vscode from 'vscode';
import { COLORS, CONTEXT_KEYS } from '../ids';
import {
  boundaryPieces,
  joinedRanges,
  linesBeside,
  MAX_DRAWN_TOKENS,
  type BoundaryKind,
  type LineRange,
} from './boundaryRanges';
import type { DocumentTokens } from './documentTokens';
import { createFrameThrottle, createLatestOnly, type LatestOnly } from './latestOnly';

export interface TokenBoundaries {
  readonly visible: boolean;
  toggle(): Promise<void>;
  readonly onDidChange: vscode.Event<boolean>;
  /** Ranges drawn now in an editor, by kind. For tests. */
  drawn(editor: vscode.TextEditor): Readonly<Record<BoundaryKind, readonly vscode.Range[]>> | undefined;
  dispose(): void;
}

const STATE_KEY = 'boundaries.visible';
const KINDS: readonly BoundaryKind[] = ['evenStart', 'evenRest', 'oddStart', 'oddRest', 'insideCharacter'];
/** Scrolling sends an event a frame; drawing that often would only make it jerk. */
const THROTTLE_MS = 50;

function createDecorationTypes(): Readonly<Record<BoundaryKind, vscode.TextEditorDecorationType>> {
  const rangeBehavior = vscode.DecorationRangeBehavior.ClosedClosed;
  const band = (color: string): vscode.DecorationRenderOptions => ({
    rangeBehavior,
    backgroundColor: new vscode.ThemeColor(color),
  });
  const edge: vscode.DecorationRenderOptions = {
    border: '1px none',
    borderStyle: 'none none none solid',
    borderColor: new vscode.ThemeColor(COLORS.tokenEdge),
  };
  return {
    evenStart: vscode.window.createTextEditorDecorationType({ ...band(COLORS.tokenBandEven), ...edge }),
    evenRest: vscode.window.createTextEditorDecorationType(band(COLORS.tokenBandEven)),
    oddStart: vscode.window.createTextEditorDecorationType({ ...band(COLORS.tokenBandOdd), ...edge }),
    oddRest: vscode.window.createTextEditorDecorationType(band(COLORS.tokenBandOdd)),
    insideCharacter: vscode.window.createTextEditorDecorationType({
      rangeBehavior,
      border: '1px dashed',
      borderColor: new vscode.ThemeColor(COLORS.tokenEdgeInsideCharacter),
    }),
  };
}

const noRanges = (): Record<BoundaryKind, vscode.Range[]> => ({
  evenStart: [],
  evenRest: [],
  oddStart: [],
  oddRest: [],
  insideCharacter: [],
});

export function createTokenBoundaries(documents: DocumentTokens, memory: vscode.Memento): TokenBoundaries {
  const types = createDecorationTypes();
  const changed = new vscode.EventEmitter<boolean>();
  const jobs = new Map<vscode.TextEditor, LatestOnly>();
  const drawn = new Map<vscode.TextEditor, Readonly<Record<BoundaryKind, readonly vscode.Range[]>>>();
  let visible = memory.get<boolean>(STATE_KEY, false);

  function show(
    editor: vscode.TextEditor,
    ranges: Readonly<Record<BoundaryKind, readonly vscode.Range[]>>,
  ): void {
    const before = drawn.get(editor);
    for (const kind of KINDS) {
      const unchanged = ranges[kind].length === 0 && before?.[kind].length === 0;
      if (!unchanged) editor.setDecorations(types[kind], ranges[kind]);
    }
    drawn.set(editor, ranges);
  }

  function clear(editor: vscode.TextEditor): void {
    jobs.get(editor)?.cancel();
    jobs.delete(editor);
    if (!drawn.delete(editor)) return;
    for (const kind of KINDS) editor.setDecorations(types[kind], []);
  }

  /** Pieces of the tokens on some lines; undefined when the document changed meanwhile or cannot be tokenized. */
  async function piecesOf(
    { document }: vscode.TextEditor,
    lines: LineRange,
    limit: number,
    cancellation: Parameters<DocumentTokens['query']>[3],
  ): Promise<Record<BoundaryKind, vscode.Range[]> | undefined> {
    const start = document.offsetAt(new vscode.Position(lines.first, 0));
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
    const ranges = noRanges();
    const position = { line: from.line, column: from.character };
    for (const piece of boundaryPieces(spans, text, document.offsetAt(from), position))
      ranges[piece.kind].push(new vscode.Range(piece.line, piece.start, piece.line, piece.end));
    return ranges;
  }

  /** Pieces of several ranges of lines, in their order, up to the cap on tokens. */
  async function piecesOfAll(
    editor: vscode.TextEditor,
    parts: readonly LineRange[],
    cancellation: Parameters<DocumentTokens['query']>[3],
  ): Promise<
    { readonly ranges: Record<BoundaryKind, vscode.Range[]>; readonly capped: boolean } | undefined
  > {
    const ranges = noRanges();
    let left = MAX_DRAWN_TOKENS;
    for (const lines of parts) {
      if (left <= 0) break;
      const found = await piecesOf(editor, lines, left, cancellation);
      if (found === undefined) return undefined;
      for (const kind of KINDS) ranges[kind].push(...found[kind]);
      left -= found.evenStart.length + found.oddStart.length;
    }
    return { ranges, capped: left <= 0 };
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
        if (all !== undefined && visible) show(editor, all.ranges);
      },
    );
  }

  function drawAll(): void {
    const editors = visible ? vscode.window.visibleTextEditors : [];
    for (const editor of [...drawn.keys(), ...jobs.keys()]) if (!editors.includes(editor)) clear(editor);
    for (const editor of editors) draw(editor);
  }
  const drawSoon = createFrameThrottle(drawAll, THROTTLE_MS);
  const announce = (): void => {
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.boundariesVisible, visible);
  };
  announce();
  if (visible) drawSoon.schedule();

  const subscriptions = vscode.Disposable.from(
    ...Object.values(types),
    changed,
    drawSoon,
    vscode.window.onDidChangeVisibleTextEditors(() => drawSoon.schedule()),
    vscode.window.onDidChangeTextEditorVisibleRanges(() => drawSoon.schedule()),
    documents.onDidChange(() => drawSoon.schedule()),
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
    drawn: (editor) => drawn.get(editor),
    dispose: () => {
      for (const job of jobs.values()) job.cancel();
      subscriptions.dispose();
    },
  };
}
