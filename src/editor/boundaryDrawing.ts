// Boundary pieces in an editor, sent to the window only where they changed. VS Code takes the ranges of a decoration type
// as a whole; with one type for every eighth line a keystroke replaces an eighth of what is drawn, and the window itself
// moves the rest along.
import * as vscode from 'vscode';
import { COLORS } from '../ids';
import type { BoundaryKind, BoundaryPiece } from './boundaryRanges';

export const BOUNDARY_KINDS: readonly BoundaryKind[] = [
  'evenStart',
  'evenRest',
  'oddStart',
  'oddRest',
  'insideCharacter',
];
/** Lines with the same remainder share their decoration types. */
const LINE_CLASSES = 8;

export type DrawnBoundaries = Readonly<Record<BoundaryKind, readonly vscode.Range[]>>;

/** The types, made when something is drawn for the first time: most windows never need them. */
export interface BoundaryTypes {
  /** Index: place of the kind times LINE_CLASSES plus the line's remainder. */
  all(): readonly vscode.TextEditorDecorationType[];
  dispose(): void;
}

export function createBoundaryTypes(): BoundaryTypes {
  let types: readonly vscode.TextEditorDecorationType[] | undefined;
  return {
    all: () =>
      (types ??= BOUNDARY_KINDS.flatMap((kind) =>
        Array.from({ length: LINE_CLASSES }, () =>
          vscode.window.createTextEditorDecorationType(renderOptions(kind)),
        ),
      )),
    dispose: () => types?.forEach((type) => type.dispose()),
  };
}

function renderOptions(kind: BoundaryKind): vscode.DecorationRenderOptions {
  const rangeBehavior = vscode.DecorationRangeBehavior.ClosedClosed;
  if (kind === 'insideCharacter') {
    const borderColor = new vscode.ThemeColor(COLORS.tokenEdgeInsideCharacter);
    return { rangeBehavior, border: '1px dashed', borderColor };
  }
  const color = kind.startsWith('even') ? COLORS.tokenBandEven : COLORS.tokenBandOdd;
  const band = { rangeBehavior, backgroundColor: new vscode.ThemeColor(color) };
  if (kind.endsWith('Rest')) return band;
  return {
    ...band,
    border: '1px none',
    borderStyle: 'none none none solid',
    borderColor: new vscode.ThemeColor(COLORS.tokenEdge),
  };
}

/** What is drawn in one editor. */
export class BoundaryDrawing {
  readonly #editor: vscode.TextEditor;
  readonly #types: BoundaryTypes;
  /** Pieces last sent for each type; undefined where the window may have moved or lost some since. */
  readonly #sent: (readonly BoundaryPiece[] | undefined)[];
  #ranges = lazyRanges([]);

  constructor(editor: vscode.TextEditor, types: BoundaryTypes) {
    this.#editor = editor;
    this.#types = types;
    this.#sent = Array.from({ length: BOUNDARY_KINDS.length * LINE_CLASSES }, () => []);
  }

  /** Shows `pieces` and nothing else. */
  show(pieces: readonly BoundaryPiece[]): void {
    const wanted = this.#sent.map((): BoundaryPiece[] => []);
    for (const piece of pieces)
      wanted[BOUNDARY_KINDS.indexOf(piece.kind) * LINE_CLASSES + (piece.line % LINE_CLASSES)]?.push(piece);
    for (const [i, list] of wanted.entries()) {
      if (samePieces(this.#sent[i], list)) continue;
      const type = this.#types.all()[i];
      if (type !== undefined) this.#editor.setDecorations(type, list.map(rangeOf));
      this.#sent[i] = list;
    }
    this.#ranges = lazyRanges(pieces);
  }

  /** The document was edited: what the window shows on these lines is not what was sent. */
  edited(changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
    for (const { range, text } of changes) {
      const { line } = range.start;
      const oneLine = range.isSingleLine && !/[\r\n]/.test(text);
      for (let i = 0; i < this.#sent.length; i++)
        if (!oneLine || i % LINE_CLASSES === line % LINE_CLASSES) this.#sent[i] = undefined;
    }
  }

  clear(): void {
    this.show([]);
  }

  /** Ranges by kind, in the order of the pieces; the same object until something else is shown. */
  get ranges(): DrawnBoundaries {
    return this.#ranges;
  }
}

/** Made when they are looked at: only tests do. */
function lazyRanges(pieces: readonly BoundaryPiece[]): DrawnBoundaries {
  const rangesOf = (wanted: BoundaryKind): vscode.Range[] =>
    pieces.filter(({ kind }) => kind === wanted).map(rangeOf);
  const ranges = {};
  for (const kind of BOUNDARY_KINDS)
    Object.defineProperty(ranges, kind, { enumerable: true, get: () => rangesOf(kind) });
  return ranges as DrawnBoundaries;
}

const rangeOf = ({ line, start, end }: BoundaryPiece): vscode.Range =>
  new vscode.Range(line, start, line, end);

function samePieces(before: readonly BoundaryPiece[] | undefined, now: readonly BoundaryPiece[]): boolean {
  return (
    before?.length === now.length &&
    before.every(({ line, start, end }, i) => {
      const piece = now[i];
      return line === piece?.line && start === piece.start && end === piece.end;
    })
  );
}
