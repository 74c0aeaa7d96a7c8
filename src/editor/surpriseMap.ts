// The heat map of surprise: every visible token that the local model did not expect is marked, in four steps that differ in
// line style as well as in colour. Drawn for the visible lines only, switched by a command, off at every start, because it
// keeps a model busy.
import * as vscode from 'vscode';
import type { EngineReply } from '../engine/engineProtocol';
import type { TextSurpriseResult } from '../engine/modelProtocol';
import { COLORS, CONTEXT_KEYS } from '../ids';
import { createFrameThrottle, createLatestOnly, type LatestOnly } from './latestOnly';
import type { SurpriseScores } from './surpriseScores';
import { SURPRISE_STEPS, surpriseStep, type SurpriseStep } from './surpriseText';

export interface SurpriseMap {
  readonly visible: boolean;
  toggle(): void;
  /** Draws again, after something that may have mended a failure. */
  refresh(): void;
  /** Ranges drawn now in an editor, by step. For tests. */
  drawn(editor: vscode.TextEditor): SurpriseRanges | undefined;
  readonly state: SurpriseMapState;
  readonly onDidChange: vscode.Event<void>;
  dispose(): void;
}

export type SurpriseMapState =
  | { readonly kind: 'off' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed'; readonly reason: string }
  | {
      readonly kind: 'shown';
      readonly model: string;
      /** Of the scored part. */
      readonly bitsPerByte: number;
      readonly tokens: number;
      /** True when a line is so long that only the part around the cursor was scored. */
      readonly cut: boolean;
    };

export type SurpriseRanges = Readonly<Record<SurpriseStep, readonly vscode.Range[]>>;

/** Typing and scrolling send many events; a forward of the model is worth waiting for a pause. */
const QUIET_MS = 250;
/** Lines above and below the visible ones that are drawn too. */
const LINES_BESIDE = 20;
const MAX_DRAWN = 4000;
/** UTF-16 units scored at once: a screen has a tenth of that, a minified line a hundred times as many. */
const LONGEST_PART = 24_000;

/** Line style by step: what tells the steps apart without colour. */
const LINE_STYLE: Readonly<Record<SurpriseStep, string>> = {
  slight: 'dotted',
  clear: 'dashed',
  strong: 'solid',
  extreme: 'double',
};
const LINE_WIDTH: Readonly<Record<SurpriseStep, number>> = { slight: 1, clear: 1, strong: 2, extreme: 3 };
const BAND: Readonly<Record<SurpriseStep, string>> = {
  slight: COLORS.surpriseSlight,
  clear: COLORS.surpriseClear,
  strong: COLORS.surpriseStrong,
  extreme: COLORS.surpriseExtreme,
};

function decorationType(step: SurpriseStep): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    backgroundColor: new vscode.ThemeColor(BAND[step]),
    borderColor: new vscode.ThemeColor(COLORS.surpriseLine),
    borderStyle: `none none ${LINE_STYLE[step]} none`,
    borderWidth: `0 0 ${LINE_WIDTH[step]}px 0`,
  });
}

export function createSurpriseMap(scores: SurpriseScores): SurpriseMap {
  const types: Readonly<Record<SurpriseStep, vscode.TextEditorDecorationType>> = {
    slight: decorationType('slight'),
    clear: decorationType('clear'),
    strong: decorationType('strong'),
    extreme: decorationType('extreme'),
  };
  const changed = new vscode.EventEmitter<void>();
  const jobs = new Map<vscode.TextEditor, LatestOnly>();
  const drawn = new Map<vscode.TextEditor, SurpriseRanges>();
  let state: SurpriseMapState = { kind: 'off' };
  const setState = (next: SurpriseMapState): void => {
    state = next;
    changed.fire();
  };

  function clear(editor: vscode.TextEditor): void {
    jobs.get(editor)?.cancel();
    jobs.delete(editor);
    if (!drawn.delete(editor)) return;
    for (const step of SURPRISE_STEPS) editor.setDecorations(types[step], []);
  }

  function take(
    editor: vscode.TextEditor,
    part: DrawnPart,
    version: number,
    reply: EngineReply<TextSurpriseResult>,
  ): void {
    if (state.kind === 'off' || (!reply.ok && reply.error.code === 'cancelled')) return;
    if (!reply.ok) {
      clear(editor);
      setState({ kind: 'failed', reason: reply.error.message });
    } else if (editor.document.version === version) {
      const ranges = rangesOf(editor.document, part, reply.value);
      for (const step of SURPRISE_STEPS) editor.setDecorations(types[step], ranges[step]);
      drawn.set(editor, ranges);
      if (!isInFront(editor)) return;
      const { model, bitsPerByte, ids } = reply.value;
      setState({ kind: 'shown', model, bitsPerByte, tokens: ids.length, cut: part.cut });
    }
  }

  function draw(editor: vscode.TextEditor): void {
    const { document } = editor;
    if (document.lineCount === 1 && document.lineAt(0).text === '') {
      clear(editor);
      if (isInFront(editor)) setState({ kind: 'shown', model: '', bitsPerByte: NaN, tokens: 0, cut: false });
      return;
    }
    const job = jobs.get(editor) ?? createLatestOnly();
    jobs.set(editor, job);
    const { version } = document;
    const part = visiblePart(editor);
    job.run(
      (cancellation) =>
        scores.score(document, { unit: 'utf16', from: part.from, to: part.to }, { cancellation }),
      (reply) => take(editor, part, version, reply),
    );
  }

  function drawAll(): void {
    const editors = state.kind !== 'off' ? vscode.window.visibleTextEditors.filter(isScored) : [];
    for (const editor of new Set([...drawn.keys(), ...jobs.keys()]))
      if (!editors.includes(editor)) clear(editor);
    for (const editor of editors) draw(editor);
    // Without an editor there is nothing to say; the status item goes.
    if (editors.length === 0) changed.fire();
  }
  const drawSoon = createFrameThrottle(drawAll, QUIET_MS);
  let quiet: NodeJS.Timeout | undefined;
  const drawWhenQuiet = (): void => {
    clearTimeout(quiet);
    if (state.kind !== 'off') quiet = setTimeout(drawAll, QUIET_MS);
  };

  const subscriptions = vscode.Disposable.from(
    ...Object.values(types),
    changed,
    drawSoon,
    scores.onDidForget(() => drawSoon.schedule()),
    vscode.window.onDidChangeVisibleTextEditors(() => drawSoon.schedule()),
    vscode.window.onDidChangeActiveTextEditor(() => drawSoon.schedule()),
    vscode.window.onDidChangeTextEditorVisibleRanges(drawWhenQuiet),
    vscode.workspace.onDidChangeTextDocument(({ contentChanges, document }) => {
      if (contentChanges.length === 0) return;
      if (vscode.window.visibleTextEditors.some((editor) => editor.document === document)) drawWhenQuiet();
    }),
  );

  return {
    get visible() {
      return state.kind !== 'off';
    },
    get state() {
      return state;
    },
    onDidChange: changed.event,
    toggle: () => {
      setState({ kind: state.kind === 'off' ? 'busy' : 'off' });
      void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.surpriseVisible, state.kind !== 'off');
      drawAll();
    },
    refresh: () => {
      if (state.kind === 'failed') setState({ kind: 'busy' });
      drawAll();
    },
    drawn: (editor) => drawn.get(editor),
    dispose: () => {
      clearTimeout(quiet);
      for (const job of jobs.values()) job.cancel();
      subscriptions.dispose();
    },
  };
}

/** Whether the status item speaks about this editor: the active one, or any while the focus is elsewhere. */
function isInFront(editor: vscode.TextEditor): boolean {
  return (vscode.window.activeTextEditor ?? editor) === editor;
}

/** Output channels and the like change all the time and hold nobody's text. */
function isScored({ document }: vscode.TextEditor): boolean {
  return !['output', 'debug', 'vscode-scm'].includes(document.uri.scheme);
}

interface DrawnPart {
  /** UTF-16 offsets. */
  readonly from: number;
  readonly to: number;
  readonly cut: boolean;
}

/** What is on the screen and a little beside it; around the cursor only where a line is longer than any screen. */
function visiblePart({ document, selection, visibleRanges }: vscode.TextEditor): DrawnPart {
  const lines = visibleRanges.flatMap(({ start, end }) => [start.line, end.line]);
  const first = Math.max(0, Math.min(document.lineCount - 1, ...lines) - LINES_BESIDE);
  const last = Math.min(document.lineCount - 1, Math.max(0, ...lines) + LINES_BESIDE);
  const from = document.offsetAt(new vscode.Position(first, 0));
  const to = document.offsetAt(document.lineAt(last).range.end);
  if (to - from <= LONGEST_PART) return { from, to, cut: false };
  const cursor = document.offsetAt(selection.active);
  const start = Math.max(from, Math.min(cursor - LONGEST_PART / 2, to - LONGEST_PART));
  return { from: start, to: start + LONGEST_PART, cut: true };
}

function rangesOf(
  document: vscode.TextDocument,
  { from, to }: DrawnPart,
  result: TextSurpriseResult,
): SurpriseRanges {
  const ranges: Record<SurpriseStep, vscode.Range[]> = { slight: [], clear: [], strong: [], extreme: [] };
  let left = MAX_DRAWN;
  result.utf16Ends.forEach((end, i) => {
    const start = i === 0 ? result.firstUtf16 : (result.utf16Ends[i - 1] ?? 0);
    const step = surpriseStep(result.logProbs[i] ?? NaN);
    // A token that ends inside a character has no width of its own.
    if (step === undefined || end <= start || end <= from || start >= to || left-- <= 0) return;
    ranges[step].push(new vscode.Range(document.positionAt(start), document.positionAt(end)));
  });
  return ranges;
}
