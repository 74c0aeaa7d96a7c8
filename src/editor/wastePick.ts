// The waste report of the active document as a list to jump through: shares first, then the places behind them.
import * as vscode from 'vscode';
import type { WasteReport } from '../core/analysis/wasteReport';
import { visibleText } from '../core/text/visibleText';
import type { EngineClient } from '../engine/engineClient';
import type { ChosenModels } from '../chosenModel';
import { pickPlace, type Place } from './placePick';

/** What the list needs of the document that the report is about. Offsets are UTF-16 units. */
export interface ReportedText {
  lineStart(line: number): number;
  lineOf(offset: number): number;
  slice(start: number, end: number): string;
}

/** The report as list items; those with offsets can be jumped to. */
export function wasteItems(report: WasteReport, text: ReportedText): Place[] {
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const percent = new Intl.NumberFormat(vscode.env.language, { style: 'percent', maximumFractionDigits: 1 });
  const share = (tokens: number): string =>
    report.tokens === 0 ? '' : percent.format(tokens / report.tokens);
  const heading = (label: string): Place => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const lineText = (offset: number): string =>
    vscode.l10n.t('line {0}', numbers.format(text.lineOf(offset) + 1));
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
  for (const { text: first, height, lines, repeatedTokens } of report.repeatedLines) {
    const start = text.lineStart(lines[1] ?? 0);
    const times = vscode.l10n.t(
      '{0} times, {1} tokens repeated',
      lines.length,
      numbers.format(repeatedTokens),
    );
    const block = height === 1 ? '' : ` · ${vscode.l10n.t('block of {0} lines', height)}`;
    const description = `${times}${block} · ${lineText(start)}`;
    items.push({
      label: first.slice(0, 80),
      description,
      start,
      end: text.lineStart((lines[1] ?? 0) + height),
    });
  }
  if (report.shreddedWords.length > 0) items.push(heading(vscode.l10n.t('Words in three or more tokens')));
  for (const { text: word, pieces, start, end } of report.shreddedWords) {
    const description = `${vscode.l10n.t('{0} tokens', pieces)} · ${lineText(start)}`;
    items.push({ label: word, description, start, end });
  }
  if (report.rareTokens.length > 0) items.push(heading(vscode.l10n.t('Rare tokens and parts of characters')));
  for (const { id, kind, start, end } of report.rareTokens) {
    // A token that is a part of a character begins and ends inside it: show the character it belongs to.
    const whole = kind === 'rare' ? text.slice(start, end) : text.slice(start, Math.max(end, start + 2));
    const what =
      kind === 'rare'
        ? vscode.l10n.t('rare token {0}', id)
        : vscode.l10n.t('part of a character: token {0}', id);
    items.push({ label: visibleText(whole), description: `${what} · ${lineText(start)}`, start, end });
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
  const items = wasteItems(reply.value, {
    lineStart: (line) => document.offsetAt(new vscode.Position(line, 0)),
    lineOf: (offset) => document.positionAt(offset).line,
    slice: (start, end) =>
      document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end))),
  });
  const title = vscode.l10n.t('Where {0} spends tokens', vscode.workspace.asRelativePath(document.uri));
  await pickPlace(document, title, items);
}
