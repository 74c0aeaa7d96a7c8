// The status bar item: the token count of the active editor and of what is selected in it.
import * as vscode from 'vscode';
import type { EngineClient } from '../engine/engineClient';
import { FILE_PREFIX } from '../engine/keptTokenizers';
import { COMMANDS, RUNTIME_IDS, SETTINGS } from '../ids';
import type { ChosenModels } from '../chosenModel';
import { fileBudget, statusBarShown } from '../settings';
import type { DocumentTokens } from './documentTokens';
import { createFrameThrottle, createLatestOnly } from './latestOnly';
import type { LocalModelSection } from './localModelText';
import { escapedMarkdown } from './markdownText';
import { modelStatus } from './modelStatus';
import { rememberSetting } from '../settingsMemory';
import { createUnsyncedFile } from './unsyncedFile';
import { statusText, type StatusSelection, type StatusText } from './statusText';

export interface TokenStatusItem {
  /** What is shown now; undefined while the item is hidden. For tests and for other views. */
  readonly shown: StatusText | undefined;
  /** The tooltip as markdown; undefined while the item is hidden. For tests. */
  readonly tooltip: string | undefined;
  dispose(): void;
}

const PRIORITY = 90;
/** Nobody reads the tooltip while typing, and it costs more to make than all the rest. */
const TOOLTIP_QUIET_MS = 250;

export function createTokenStatusItem(
  documents: DocumentTokens,
  engine: EngineClient,
  models: ChosenModels,
  localModel: LocalModelSection,
): TokenStatusItem {
  const item = vscode.window.createStatusBarItem(
    RUNTIME_IDS.statusItem,
    vscode.StatusBarAlignment.Right,
    PRIORITY,
  );
  item.name = vscode.l10n.t('Token Count');
  const selectionJob = createLatestOnly();
  const unsynced = createUnsyncedFile(engine, (uri) => models.encodingForFolder(uri));
  let selection: (StatusSelection & { readonly document: vscode.TextDocument }) | undefined;
  let shown: StatusText | undefined;
  let tooltipTimer: NodeJS.Timeout | undefined;
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const budgets = rememberSetting(fileBudget, [SETTINGS.fileBudget]);
  let barShown = statusBarShown();

  function show(status: StatusText): void {
    const first = shown === undefined;
    shown = status;
    item.text = status.text;
    clearTimeout(tooltipTimer);
    const describe = (): void => {
      item.tooltip = tooltipOf(status, localModel);
    };
    if (first) describe();
    else tooltipTimer = setTimeout(describe, TOOLTIP_QUIET_MS);
    item.accessibilityInformation = { label: status.spoken };
    item.backgroundColor =
      status.severity === 'error' ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
    item.command = status.action === 'restart' ? COMMANDS.restartEngine : COMMANDS.chooseEncoding;
    item.show();
  }

  function render(): void {
    const document = vscode.window.activeTextEditor?.document;
    const unsyncedStatus = document === undefined ? unsynced.status() : undefined;
    if (unsyncedStatus !== undefined && barShown) {
      show(unsyncedStatus);
      return;
    }
    if (document === undefined || !documents.accepts(document) || !barShown) {
      shown = undefined;
      item.hide();
      return;
    }
    const text = statusText(
      documents.state(document),
      selection?.document === document ? selection : undefined,
      {
        tokenizer: models.encodingLabel(models.encodingFor(document)),
        fromFile: models.encodingFor(document).startsWith(FILE_PREFIX),
        forModel: (tokens, characters) =>
          modelStatus({
            model: models.forScope(document),
            tokens,
            characters,
            fileBudget: budgets.of(document),
            now: Date.now(),
            locale: vscode.env.language,
            translate: vscode.l10n.t,
          }),
        problems: models.problemsFor(document),
        numbers,
        translate: vscode.l10n.t,
      },
    );
    show(text);
  }
  const renderSoon = createFrameThrottle(render);

  function countSelection(): void {
    const editor = vscode.window.activeTextEditor;
    const selected = editor?.selections.filter((each) => !each.isEmpty) ?? [];
    if (editor === undefined || selected.length === 0 || !documents.accepts(editor.document)) {
      selectionJob.cancel();
      selection = undefined;
      renderSoon.schedule();
      return;
    }
    const { document } = editor;
    const ranges = selected.map(
      ({ start, end }) => [document.offsetAt(start), document.offsetAt(end)] as const,
    );
    selectionJob.run(
      (cancellation) => documents.query('countRanges', document, { ranges }, cancellation),
      (reply) => {
        selection = reply.ok ? { document, count: reply.value, selections: ranges.length } : undefined;
        renderSoon.schedule();
      },
    );
  }
  const countSelectionSoon = createFrameThrottle(countSelection);

  function followActive(): void {
    const document = vscode.window.activeTextEditor?.document;
    if (document !== undefined && barShown) documents.follow(document);
    unsynced.refresh();
    countSelectionSoon.schedule();
    renderSoon.schedule();
  }
  followActive();

  const subscriptions = vscode.Disposable.from(
    item,
    budgets,
    renderSoon,
    countSelectionSoon,
    unsynced,
    unsynced.onDidChange(() => renderSoon.schedule()),
    vscode.window.tabGroups.onDidChangeTabs(followActive),
    vscode.window.onDidChangeActiveTextEditor(followActive),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (textEditor === vscode.window.activeTextEditor) countSelectionSoon.schedule();
    }),
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (document === vscode.window.activeTextEditor?.document) followActive();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      barShown = statusBarShown();
      if (event.affectsConfiguration(SETTINGS.statusBarShow) || event.affectsConfiguration(SETTINGS.encoding))
        followActive();
    }),
    documents.onDidChange((document) => {
      if (document === vscode.window.activeTextEditor?.document) renderSoon.schedule();
    }),
    engine.onDidChangeState(() => renderSoon.schedule()),
    models.onDidChange(() => renderSoon.schedule()),
    localModel.onDidChange(() => renderSoon.schedule()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTINGS.fileBudget)) renderSoon.schedule();
    }),
  );

  return {
    get shown() {
      return shown;
    },
    get tooltip() {
      return shown === undefined ? undefined : tooltipOf(shown, localModel).value;
    },
    dispose: () => {
      clearTimeout(tooltipTimer);
      selectionJob.cancel();
      subscriptions.dispose();
    },
  };
}

function tooltipOf({ tooltip, severity }: StatusText, localModel: LocalModelSection): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  markdown.isTrusted = {
    enabledCommands: [
      COMMANDS.chooseEncoding,
      COMMANDS.chooseModel,
      COMMANDS.askProvider,
      COMMANDS.toggleBoundaries,
      COMMANDS.openInspector,
      COMMANDS.restartEngine,
      COMMANDS.openLog,
      COMMANDS.chooseLocalModel,
      COMMANDS.restartLocalModel,
      COMMANDS.showModelDetails,
    ],
  };
  const [heading = '', ...lines] = tooltip;
  markdown.appendMarkdown(`**${escapedMarkdown(heading)}**`);
  for (const line of lines) markdown.appendMarkdown(`\n\n${escapedMarkdown(line)}`);
  const links: readonly (readonly [string, string])[] =
    severity === 'normal'
      ? [
          [vscode.l10n.t('Choose Encoding'), COMMANDS.chooseEncoding],
          [vscode.l10n.t('Choose Model'), COMMANDS.chooseModel],
          // Worth its place only where Tessera itself can but estimate.
          ...(heading.startsWith('≈')
            ? ([[vscode.l10n.t('Ask the Provider'), COMMANDS.askProvider]] as const)
            : []),
          [vscode.l10n.t('Token Boundaries'), COMMANDS.toggleBoundaries],
          [vscode.l10n.t('Inspector'), COMMANDS.openInspector],
        ]
      : [
          [vscode.l10n.t('Restart'), COMMANDS.restartEngine],
          [vscode.l10n.t('Open Log'), COMMANDS.openLog],
        ];
  markdown.appendMarkdown(`\n\n${linked(links)}`);
  markdown.appendMarkdown('\n\n---');
  const { lines: about, restart } = localModel.lines();
  for (const line of about) markdown.appendMarkdown(`\n\n${escapedMarkdown(line)}`);
  const modelLinks = [
    ...(restart ? [[vscode.l10n.t('Restart Model'), COMMANDS.restartLocalModel] as const] : []),
    [vscode.l10n.t('Choose Local Model'), COMMANDS.chooseLocalModel] as const,
    [vscode.l10n.t('Details'), COMMANDS.showModelDetails] as const,
  ];
  markdown.appendMarkdown(`\n\n${linked(modelLinks)}`);
  return markdown;
}

function linked(links: readonly (readonly [string, string])[]): string {
  return links.map(([label, command]) => `[${label}](command:${command})`).join(' · ');
}
