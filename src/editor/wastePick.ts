// The waste report of the active document as a list to jump through: shares first, then the places behind them.
import * as vscode from 'vscode';
import type { WasteReport } from '../core/analysis/wasteReport';
import type { EngineClient } from '../engine/engineClient';
import type { ChosenModels } from '../chosenModel';
import { pickPlace, type Place } from './placePick';

/** The report as list items; those with offsets can be jumped to. */
export function wasteItems(report: WasteReport, lineStart: (line: number) => number): Place[] {
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const percent = new Intl.NumberFormat(vscode.env.language, { style: 'percent', maximumFractionDigits: 1 });
  const share = (tokens: number): string =>
    report.tokens === 0 ? '' : percent.format(tokens / report.tokens);
  const heading = (label: string): Place => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items: Place[] = [
    heading(vscode.l10n.t('Shares of {0} tokens', numbers.format(report.tokens))),
    {
      label: vscode.l10n.t('White space'),
      description: `${numbers.format(report.whitespaceTokens)} · ${share(report.whitespaceTokens)}`,
    },
    {
      label: vscode.l10n.t('of it indentation'),
      description: `${numbers.format(report.indentationTokens)} · ${share(report.indentationTokens)}`,
    },
    {
      label: vscode.l10n.t('Repeated lines'),
      description: `${numbers.format(report.repeatedTokens)} · ${share(report.repeatedTokens)}`,
    },
  ];
  if (report.repeatedLines.length > 0) items.push(heading(vscode.l10n.t('Lines that repeat')));
  for (const { text, lines, repeatedTokens } of report.repeatedLines) {
    const start = lineStart(lines[1] ?? 0);
    const description = vscode.l10n.t(
      '{0} times, {1} tokens repeated',
      lines.length,
      numbers.format(repeatedTokens),
    );
    items.push({ label: text.slice(0, 80), description, start, end: start });
  }
  if (report.shreddedWords.length > 0) items.push(heading(vscode.l10n.t('Words in three or more tokens')));
  for (const { text, pieces, start, end } of report.shreddedWords) {
    items.push({ label: text, description: vscode.l10n.t('{0} tokens', pieces), start, end });
  }
  if (report.rareTokens.length > 0) items.push(heading(vscode.l10n.t('Rare tokens and parts of characters')));
  for (const { id, kind, start, end } of report.rareTokens) {
    const label =
      kind === 'rare'
        ? vscode.l10n.t('rare token {0}', id)
        : vscode.l10n.t('part of a character: token {0}', id);
    items.push({ label, start, end });
  }
  return items;
}

export async function showWasteReport(engine: EngineClient, models: ChosenModels): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Open a file first: the report is about the active editor.'),
    );
    return;
  }
  const { document } = editor;
  const tokenizer = models.encodingFor(document);
  const reply = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Looking for waste') },
    () => engine.request('wasteReport', { tokenizer, text: document.getText() }),
  );
  if (!reply.ok) throw new Error(reply.error.message);
  const items = wasteItems(reply.value, (line) => document.offsetAt(new vscode.Position(line, 0)));
  const title = vscode.l10n.t('Where {0} spends tokens', vscode.workspace.asRelativePath(document.uri));
  await pickPlace(document, title, items);
}
