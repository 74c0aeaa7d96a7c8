// Hidden characters of a document as diagnostics with fixes. A document is watched from the first look at it until it is
// closed; looking is done in the token worker. A fix is one edit, so one undo brings everything back.
import * as vscode from 'vscode';
import type { HiddenKind } from '../core/watermark/hiddenCharacters';
import type { EngineClient } from '../engine/engineClient';
import { RUNTIME_IDS } from '../ids';
import { fixText, hiddenRuns, runText, type HiddenRun } from './hiddenRuns';

/** What was found in one version of a document. */
export interface HiddenReport {
  readonly version: number;
  readonly runs: readonly HiddenRun[];
  /** Characters in all, those beyond the limit included. */
  readonly total: number;
}

const LIMIT = 5000;
const MAX_UNITS = 20_000_000;
const QUIET_MS = 400;
/** These can change what code does or carry a message; the others mostly come from copying. */
const WARNINGS: ReadonlySet<HiddenKind> = new Set(['zero-width', 'bidirectional', 'tag', 'variation']);

export class HiddenCharacterReports implements vscode.Disposable {
  private readonly diagnostics = vscode.languages.createDiagnosticCollection(RUNTIME_IDS.hiddenCharacters);
  private readonly reports = new Map<string, HiddenReport>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly changed = new vscode.EventEmitter<string>();
  readonly onDidChange = this.changed.event;
  private readonly subscriptions: vscode.Disposable;

  constructor(private readonly engine: EngineClient) {
    this.subscriptions = vscode.Disposable.from(
      this.diagnostics,
      this.changed,
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const key = document.uri.toString();
        if (contentChanges.length === 0 || !this.reports.has(key)) return;
        clearTimeout(this.timers.get(key));
        this.timers.set(
          key,
          setTimeout(() => void this.look(document), QUIET_MS),
        );
      }),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document)),
      vscode.languages.registerCodeActionsProvider(
        { pattern: '**' },
        { provideCodeActions: (document, _, { diagnostics }) => this.actions(document, diagnostics) },
        { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
      ),
    );
  }

  report(document: vscode.TextDocument): HiddenReport | undefined {
    return this.reports.get(document.uri.toString());
  }

  /** Looks through the document now and again after every change. */
  async look(document: vscode.TextDocument): Promise<HiddenReport | undefined> {
    const { version } = document;
    const text = document.getText();
    if (text.length > MAX_UNITS)
      throw new Error(vscode.l10n.t('This file is too long to look for hidden characters in it.'));
    const reply = await this.engine.request('hiddenCharacters', { text, limit: LIMIT });
    if (!reply.ok) throw new Error(reply.error.message);
    // A newer version is looked at by its own change.
    if (document.isClosed || document.version !== version) return undefined;
    const report = { version, runs: hiddenRuns(text, reply.value.characters), total: reply.value.total };
    this.reports.set(document.uri.toString(), report);
    this.diagnostics.set(
      document.uri,
      report.runs.map((run) => diagnosticOf(document, run)),
    );
    this.changed.fire(document.uri.toString());
    return report;
  }

  /** Removes or replaces everything that the latest look found, in one edit. Returns the number of characters. */
  async removeAll(document: vscode.TextDocument): Promise<number> {
    const known = this.report(document);
    const report = known?.version === document.version ? known : await this.look(document);
    if (report === undefined || report.runs.length === 0) return 0;
    const applied = await vscode.workspace.applyEdit(editOf(document, report.runs));
    if (!applied) throw new Error(vscode.l10n.t('The editor refused the edit; is the file read-only?'));
    return report.runs.reduce((sum, { characters }) => sum + characters.length, 0);
  }

  forget(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    this.diagnostics.delete(document.uri);
    if (this.reports.delete(key)) this.changed.fire(key);
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.subscriptions.dispose();
  }

  private actions(
    document: vscode.TextDocument,
    diagnostics: readonly vscode.Diagnostic[],
  ): vscode.CodeAction[] {
    const report = this.report(document);
    const ours = diagnostics.filter(({ source }) => source === SOURCE);
    if (report?.version !== document.version || ours.length === 0) return [];
    const actions = ours.flatMap((diagnostic) => {
      const run = report.runs.find(({ start }) => start === document.offsetAt(diagnostic.range.start));
      if (run === undefined) return [];
      const action = new vscode.CodeAction(fixText(run, vscode.l10n.t), vscode.CodeActionKind.QuickFix);
      action.diagnostics = [diagnostic];
      action.edit = editOf(document, [run]);
      action.isPreferred = true;
      return [action];
    });
    if (report.runs.length > 1) {
      const all = new vscode.CodeAction(
        vscode.l10n.t('Remove all hidden characters in this file'),
        vscode.CodeActionKind.QuickFix,
      );
      all.diagnostics = [...ours];
      all.edit = editOf(document, report.runs);
      actions.push(all);
    }
    return actions;
  }
}

const SOURCE = 'Tessera';

function rangeOf(document: vscode.TextDocument, start: number, end: number): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

function diagnosticOf(document: vscode.TextDocument, run: HiddenRun): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(
    rangeOf(document, run.start, run.end),
    runText(run, vscode.l10n.t),
    WARNINGS.has(run.kind) ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Information,
  );
  diagnostic.source = SOURCE;
  diagnostic.code = run.kind;
  return diagnostic;
}

function editOf(document: vscode.TextDocument, runs: readonly HiddenRun[]): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  for (const run of runs) {
    const replacement = run.characters.map((character) => character.replacement).join('');
    edit.replace(document.uri, rangeOf(document, run.start, run.end), replacement);
  }
  return edit;
}
