// Tokens per line: inlay hints at line ends, and heat in the overview ruler for the lines that cost most. Both off by
// default, both computed for what is asked: hints for the requested range, heat for the whole document when it pauses.
import * as vscode from 'vscode';
import { COLORS, SETTINGS } from '../ids';
import { isOn } from '../settings';
import { rememberSetting } from '../settingsMemory';
import type { DocumentTokens } from './documentTokens';

const QUIET_MS = 300;

export function createLineCosts(documents: DocumentTokens): { dispose(): void } {
  const hintsChanged = new vscode.EventEmitter<void>();
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const heatOn = rememberSetting((document) => isOn(SETTINGS.lineHeat, document), [SETTINGS.lineHeat]);
  const hintsOn = rememberSetting((document) => isOn(SETTINGS.lineHints, document), [SETTINGS.lineHints]);
  const heat = vscode.window.createTextEditorDecorationType({
    overviewRulerColor: new vscode.ThemeColor(COLORS.lineHeat),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    isWholeLine: true,
  });
  let timer: NodeJS.Timeout | undefined;
  const heatSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const editor of vscode.window.visibleTextEditors) void showHeat(editor);
    }, QUIET_MS);
  };

  async function showHeat(editor: vscode.TextEditor): Promise<void> {
    const { document } = editor;
    if (!heatOn.of(document) || !documents.accepts(document)) {
      editor.setDecorations(heat, []);
      return;
    }
    const reply = await documents.query('hottestLines', document, {});
    if (!reply.ok || reply.value.version !== document.version) return;
    editor.setDecorations(
      heat,
      reply.value.lines.map((line) => new vscode.Range(line, 0, line, 0)),
    );
  }

  const subscriptions = vscode.Disposable.from(
    hintsChanged,
    hintsOn,
    heatOn,
    heat,
    // While they are off, typing must not pay for them: no event to the window, no timer.
    documents.onDidChange((document) => {
      if (hintsOn.of(document)) hintsChanged.fire();
      if (heatOn.of(document)) heatSoon();
    }),
    vscode.window.onDidChangeVisibleTextEditors((editors) => {
      if (editors.some(({ document }) => heatOn.of(document))) heatSoon();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTINGS.lineHints)) hintsChanged.fire();
      if (event.affectsConfiguration(SETTINGS.lineHeat)) heatSoon();
    }),
    vscode.languages.registerInlayHintsProvider(
      [{ scheme: '*' }, { scheme: 'file' }, { scheme: 'untitled' }],
      {
        onDidChangeInlayHints: hintsChanged.event,
        provideInlayHints: async (document, range, token) => {
          if (!hintsOn.of(document) || !documents.accepts(document)) return [];
          const [first, last] = [range.start.line, range.end.line];
          const reply = await documents.query('lineCounts', document, { first, last }, token);
          if (!reply.ok || reply.value.version !== document.version) return [];
          const hints: vscode.InlayHint[] = [];
          reply.value.counts.forEach((tokens, i) => {
            const line = document.lineAt(first + i);
            if (line.isEmptyOrWhitespace) return;
            const hint = new vscode.InlayHint(line.range.end, numbers.format(tokens));
            hint.paddingLeft = true;
            hint.tooltip = vscode.l10n.t('{0} tokens end on this line', numbers.format(tokens));
            hints.push(hint);
          });
          return hints;
        },
      },
    ),
  );
  return {
    dispose: () => {
      clearTimeout(timer);
      subscriptions.dispose();
    },
  };
}
