// The heat map of the latest check in the visible editors: evidence by colour and by the kind of underline, the flagged
// range by a bar at its lines and in the overview ruler. Drawn for what is in sight only, gone when the text changes.
import * as vscode from 'vscode';
import { COLORS, CONTEXT_KEYS } from '../ids';
import { MAX_DRAWN_TOKENS } from './boundaryRanges';
import { createFrameThrottle } from './latestOnly';
import type { WatermarkChecks, WatermarkFinding } from './watermarkChecks';
import type { SchemeFinding } from './watermarkCombination';
import { evidenceSpans, flaggedSpan } from './watermarkTokenSpans';
import type { EvidenceLevel } from './watermarkWording';

export interface WatermarkHeat {
  readonly visible: boolean;
  readonly onDidChange: vscode.Event<boolean>;
  show(visible: boolean): void;
  /** Which scheme's evidence is drawn, by its id; the strongest one otherwise. */
  choose(schemeId: string | undefined): void;
  /** The scheme whose evidence is drawn for a finding. */
  shown(finding: WatermarkFinding): SchemeFinding | undefined;
  /** Ranges drawn now in an editor. For tests. */
  drawn(editor: vscode.TextEditor): DrawnHeat | undefined;
  dispose(): void;
}

export type DrawnHeat = Readonly<Record<EvidenceLevel | 'flagged', readonly vscode.Range[]>>;

const KINDS = ['strong', 'weak', 'against', 'ignored', 'flagged'] as const;
const THROTTLE_MS = 50;

function createTypes(): Readonly<Record<(typeof KINDS)[number], vscode.TextEditorDecorationType>> {
  const rangeBehavior = vscode.DecorationRangeBehavior.ClosedClosed;
  // A border below the text only: its style tells the kinds apart where colours do not.
  const below = (style: string, width: string, color: string): vscode.DecorationRenderOptions => ({
    rangeBehavior,
    border: `${width} none`,
    borderStyle: `none none ${style} none`,
    borderColor: new vscode.ThemeColor(color),
  });
  const { createTextEditorDecorationType: create } = vscode.window;
  return {
    strong: create({
      ...below('solid', '2px', COLORS.watermarkFor),
      backgroundColor: new vscode.ThemeColor(COLORS.watermarkForBackground),
    }),
    weak: create(below('dashed', '1px', COLORS.watermarkFor)),
    against: create({
      ...below('dotted', '1px', COLORS.watermarkAgainst),
      backgroundColor: new vscode.ThemeColor(COLORS.watermarkAgainstBackground),
    }),
    ignored: create({ rangeBehavior, opacity: '0.6' }),
    flagged: create({
      rangeBehavior,
      isWholeLine: true,
      border: '3px none',
      borderStyle: 'none none none solid',
      borderColor: new vscode.ThemeColor(COLORS.watermarkRange),
      overviewRulerColor: new vscode.ThemeColor(COLORS.watermarkRange),
      overviewRulerLane: vscode.OverviewRulerLane.Right,
    }),
  };
}

export function createWatermarkHeat(checks: WatermarkChecks): WatermarkHeat {
  const types = createTypes();
  const changed = new vscode.EventEmitter<boolean>();
  const drawn = new Map<vscode.TextEditor, DrawnHeat>();
  let visible = false;
  let chosen: string | undefined;

  function clear(editor: vscode.TextEditor): void {
    if (!drawn.delete(editor)) return;
    for (const kind of KINDS) editor.setDecorations(types[kind], []);
  }

  function draw(editor: vscode.TextEditor): void {
    const { document } = editor;
    const finding = checks.finding(document);
    if (!visible || finding === undefined || finding.stale || finding.version !== document.version) {
      clear(editor);
      return;
    }
    const ranges = rangesOf(editor, finding);
    for (const kind of KINDS) editor.setDecorations(types[kind], [...ranges[kind]]);
    drawn.set(editor, ranges);
  }

  const shownOf = ({ findings, strongest }: WatermarkFinding): SchemeFinding | undefined =>
    findings.find(({ saved }) => saved.id === chosen) ?? findings[strongest];

  function rangesOf({ document, visibleRanges }: vscode.TextEditor, finding: WatermarkFinding): DrawnHeat {
    const ranges: Record<(typeof KINDS)[number], vscode.Range[]> = {
      strong: [],
      weak: [],
      against: [],
      ignored: [],
      flagged: [],
    };
    const shown = shownOf(finding);
    if (shown === undefined) return ranges;
    const rangeOf = ({ start, end }: { readonly start: number; readonly end: number }): vscode.Range =>
      new vscode.Range(document.positionAt(finding.start + start), document.positionAt(finding.start + end));
    let left = MAX_DRAWN_TOKENS;
    for (const screen of visibleRanges) {
      const from = document.offsetAt(screen.start) - finding.start;
      const to = document.offsetAt(document.lineAt(screen.end.line).range.end) - finding.start;
      const spans = evidenceSpans(shown, Math.max(0, from), to, left);
      left -= spans.length;
      for (const span of spans) ranges[span.level].push(rangeOf(span));
    }
    const flagged = flaggedSpan(shown);
    if (flagged !== undefined) ranges.flagged.push(rangeOf(flagged));
    return ranges;
  }

  function drawAll(): void {
    const editors = vscode.window.visibleTextEditors;
    for (const editor of [...drawn.keys()]) if (!editors.includes(editor)) drawn.delete(editor);
    for (const editor of editors) draw(editor);
  }
  const soon = createFrameThrottle(drawAll, THROTTLE_MS);
  const subscriptions = vscode.Disposable.from(
    ...Object.values(types),
    changed,
    soon,
    checks.onDidChange((uri) => {
      // At once: a heat map of another text would mislead.
      for (const editor of vscode.window.visibleTextEditors)
        if (editor.document.uri.toString() === uri) draw(editor);
    }),
    vscode.window.onDidChangeVisibleTextEditors(() => soon.schedule()),
    vscode.window.onDidChangeTextEditorVisibleRanges(() => soon.schedule()),
  );
  return {
    get visible() {
      return visible;
    },
    onDidChange: changed.event,
    show: (next) => {
      if (next === visible) return;
      visible = next;
      void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.watermarkHeatVisible, visible);
      changed.fire(visible);
      drawAll();
    },
    choose: (schemeId) => {
      chosen = schemeId;
      drawAll();
    },
    shown: shownOf,
    drawn: (editor) => drawn.get(editor),
    dispose: () => {
      subscriptions.dispose();
    },
  };
}
