// Runs watermark checks in the token worker and keeps the latest finding of each document, marked stale once the text
// changes. Cancellable; the editor's thread only hands text over and combines the answers.
import * as vscode from 'vscode';
import type { EngineClient } from '../engine/engineClient';
import type { EngineProgress, WatermarkAnswer } from '../engine/engineProtocol';
import { combineChecks, type CheckedScheme, type CombinedFinding } from './watermarkCombination';
import type { SavedScheme, WatermarkSchemeStore } from './watermarkSchemeStore';
import { toolComparison, toolCounting } from './watermarkToolComparison';

/** UTF-16 units; a longer text would take many minutes and gains nothing over a passage of it. */
export const MAX_CHECKED_UNITS = 4_000_000;
/** Checks end when the user cancels them; this only ends one that hangs. */
const BUDGET_MS = 30 * 60_000;
const DOCUMENTS_KEPT = 20;

/** What a text was found to be. Offsets are UTF-16 units of the document. */
export interface WatermarkFinding extends CombinedFinding {
  readonly uri: string;
  readonly version: number;
  /** Where the checked text begins, and its length. */
  readonly start: number;
  readonly length: number;
  /** Part of the document that was checked, as the reader sees it. */
  readonly scope:
    { readonly kind: 'file' } | { readonly kind: 'lines'; readonly first: number; readonly last: number };
  readonly stale: boolean;
}

export interface CheckProgress {
  readonly scheme: string;
  readonly number: number;
  readonly of: number;
  readonly step: EngineProgress | undefined;
}

export type CheckOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly cancelled: boolean; readonly reason: string };

export interface CheckHooks {
  readonly cancellation?: vscode.CancellationToken | undefined;
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined;
}

/** Corrected p at or below which a mark counts as found. */
export const FOUND_LEVEL = 0.01;

export class WatermarkChecks implements vscode.Disposable {
  private readonly findings = new Map<string, WatermarkFinding>();
  private readonly changed = new vscode.EventEmitter<string>();
  /** Fires with the address of the document whose finding is new, stale or gone. */
  readonly onDidChange = this.changed.event;
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly engine: EngineClient,
    private readonly store: WatermarkSchemeStore,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.changed,
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const uri = document.uri.toString();
        const finding = this.findings.get(uri);
        if (contentChanges.length === 0 || finding === undefined || finding.stale) return;
        this.put({ ...finding, stale: true });
      }),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document.uri.toString())),
    );
  }

  finding(document: vscode.TextDocument): WatermarkFinding | undefined {
    return this.findings.get(document.uri.toString());
  }

  forget(uri: string): void {
    if (this.findings.delete(uri)) this.changed.fire(uri);
  }

  /** Checks a document, or the part of it in `range`, and keeps the finding. */
  async check(
    document: vscode.TextDocument,
    range: vscode.Range | undefined,
    schemes: readonly SavedScheme[],
    hooks: CheckHooks = {},
  ): Promise<CheckOutcome<WatermarkFinding>> {
    const { version } = document;
    const text = document.getText(range);
    const outcome = await this.checkText(text, schemes, hooks);
    if (!outcome.ok) return outcome;
    const finding: WatermarkFinding = {
      ...outcome.value,
      uri: document.uri.toString(),
      version,
      start: range === undefined ? 0 : document.offsetAt(range.start),
      length: text.length,
      scope:
        range === undefined
          ? { kind: 'file' }
          : { kind: 'lines', first: range.start.line + 1, last: range.end.line + 1 },
      stale: document.version !== version,
    };
    if (!document.isClosed) this.put(finding);
    return { ok: true, value: finding };
  }

  /** The same for a text that is no document. Nothing is kept. */
  async checkText(
    text: string,
    schemes: readonly SavedScheme[],
    { cancellation, onProgress }: CheckHooks = {},
  ): Promise<CheckOutcome<CombinedFinding>> {
    if (schemes.length === 0)
      return refused(vscode.l10n.t('Add a watermark scheme first: Tessera: Add Watermark Scheme.'));
    if (text.trim() === '') return refused(vscode.l10n.t('There is no text to check.'));
    if (text.length > MAX_CHECKED_UNITS)
      return refused(vscode.l10n.t('This text is too long to check at once; select a passage of it.'));
    const checked: CheckedScheme[] = [];
    for (const [i, saved] of schemes.entries()) {
      const report = (step?: EngineProgress): void =>
        onProgress?.({ scheme: saved.name, number: i + 1, of: schemes.length, step });
      report();
      const one = await this.checkOne(text, saved, cancellation, report);
      if (!one.ok) return one;
      checked.push(one.value);
    }
    return { ok: true, value: combineChecks(checked, FOUND_LEVEL) };
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private async checkOne(
    text: string,
    saved: SavedScheme,
    cancellation: vscode.CancellationToken | undefined,
    onProgress: (step: EngineProgress) => void,
  ): Promise<CheckOutcome<CheckedScheme>> {
    const params = await this.store.paramsOf(saved);
    if (!params.ok) return refused(params.reason);
    const ask = { tokenizer: saved.tokenizer, text, schemes: [params.value] };
    const options = { budgetMs: BUDGET_MS, onProgress, ...(cancellation && { cancellation }) };
    const reply = await this.engine.request('checkWatermark', ask, options);
    if (!reply.ok) {
      return {
        ok: false,
        cancelled: reply.error.code === 'cancelled',
        reason: vscode.l10n.t('{0}: {1}', saved.name, reply.error.message),
      };
    }
    const counting = toolCounting(saved.schemeId);
    if (counting === undefined) return accepted(saved, reply.value, undefined);
    // The flags are cached by now, so this second look costs next to nothing.
    const asTool = await this.engine.request(
      'checkWatermark',
      { ...ask, options: { counting, scan: false } },
      options,
    );
    const [result] = asTool.ok ? asTool.value.report.results : [];
    return accepted(saved, reply.value, result && toolComparison(result, vscode.l10n.t));
  }

  private put(finding: WatermarkFinding): void {
    this.findings.delete(finding.uri);
    this.findings.set(finding.uri, finding);
    const [oldest] = this.findings.keys();
    if (this.findings.size > DOCUMENTS_KEPT && oldest !== undefined) this.forget(oldest);
    this.changed.fire(finding.uri);
  }
}

const refused = (reason: string): CheckOutcome<never> => ({ ok: false, cancelled: false, reason });

const accepted = (
  saved: SavedScheme,
  answer: WatermarkAnswer,
  comparison: CheckedScheme['comparison'],
): CheckOutcome<CheckedScheme> => ({ ok: true, value: { saved, answer, comparison } });
