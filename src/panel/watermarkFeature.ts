// The host's part of the Watermark view: answers with the state of the inspected document, runs checks that the page asks
// for, and gives tokens with their evidence while the checked text is still the document's.
import * as vscode from 'vscode';
import type { HiddenCharacterReports } from '../editor/hiddenCharacterReports';
import type { WatermarkAudit } from '../editor/watermarkAudit';
import type { CheckProgress, WatermarkChecks, WatermarkFinding } from '../editor/watermarkChecks';
import type { SchemeFinding } from '../editor/watermarkCombination';
import type { WatermarkHeat } from '../editor/watermarkHeat';
import { describeToken } from '../editor/watermarkHover';
import { costSentence, type WatermarkPlanting } from '../editor/watermarkPlanting';
import type { WatermarkSchemeStore } from '../editor/watermarkSchemeStore';
import { levelOf, tokenSpan } from '../editor/watermarkTokenSpans';
import type { HostEvent, PanelReply } from '../shared/panelProtocol';
import { evidenceLevels } from '../shared/watermarkProtocol';
import type {
  WatermarkAction,
  WatermarkRequests,
  WatermarkState,
  WatermarkTokenPage,
} from '../shared/watermarkProtocol';
import { sliceDocument } from './documentText';
import { refusedReply, staleReply, type PanelFeature } from './panelFeature';
import { auditView, hiddenView, reportView, schemeRow } from './watermarkState';

export interface WatermarkFeatureParts {
  readonly store: WatermarkSchemeStore;
  readonly checks: WatermarkChecks;
  readonly heat: WatermarkHeat;
  readonly hidden: HiddenCharacterReports;
  readonly planting: WatermarkPlanting;
  readonly audit: WatermarkAudit;
  /** Runs what a button of the page stands for; `scheme` is the id of a saved scheme or ''. */
  act(action: WatermarkAction, scheme: string, document: vscode.TextDocument | undefined): Promise<void>;
}

const done: PanelReply = { ok: true, result: null };
/** What a token's text is cut to in the page. */
const TEXT_UNITS = 200;

export class WatermarkFeature implements PanelFeature, vscode.Disposable {
  private readonly sent = new vscode.EventEmitter<HostEvent>();
  readonly onDidSend = this.sent.event;
  private readonly subscriptions: vscode.Disposable;

  constructor(private readonly parts: WatermarkFeatureParts) {
    const changed = (): void => this.sent.fire({ type: 'watermarkChanged' });
    this.subscriptions = vscode.Disposable.from(
      this.sent,
      parts.store.onDidChange(changed),
      parts.checks.onDidChange(changed),
      parts.hidden.onDidChange(changed),
      parts.heat.onDidChange(changed),
      parts.planting.onDidChange(changed),
      parts.audit.onDidChange(changed),
    );
  }

  readonly freeAnswers: NonNullable<PanelFeature['freeAnswers']> = {
    watermarkState: (_, document) => Promise.resolve({ ok: true, result: this.state(document) }),
    watermarkCheck: (params, document, cancellation) => this.check(params, document, cancellation),
    watermarkTokens: (params, document) => Promise.resolve(this.tokens(params, document)),
    watermarkToken: (params, document) => Promise.resolve(this.token(params, document)),
    watermarkReveal: ({ start, end }, document) => this.reveal(start, end, document),
    watermarkAction: async ({ action, scheme }, document) => {
      await this.parts.act(action, scheme, document);
      return done;
    },
  };

  dispose(): void {
    this.subscriptions.dispose();
  }

  private state(document: vscode.TextDocument | undefined): WatermarkState {
    const { store, checks, hidden, heat, planting, audit } = this.parts;
    const { scheme } = planting;
    const finding = document && checks.finding(document);
    const report = document && hidden.report(document);
    return {
      schemes: store.all.map(schemeRow),
      file: document === undefined ? null : vscode.workspace.asRelativePath(document.uri),
      hasSelection: document !== undefined && editorOf(document)?.selection.isEmpty === false,
      report: document && finding ? reportView(document, finding) : null,
      hidden: document && report?.version === document.version ? hiddenView(document, report) : null,
      planting:
        scheme === undefined
          ? null
          : {
              name: scheme.name,
              cost: costSentence(scheme, planting.lastCost),
              survival: planting.survival?.message ?? null,
            },
      audit: audit.run === undefined ? null : auditView(audit.run),
      heat: heat.visible,
    };
  }

  private async check(
    { schemes: ids, selection }: WatermarkRequests['watermarkCheck']['params'],
    document: vscode.TextDocument | undefined,
    cancellation: vscode.CancellationToken,
  ): Promise<PanelReply> {
    if (document === undefined) return refusedReply(vscode.l10n.t('Open a file to check it.'));
    const { store, checks, hidden, heat } = this.parts;
    const schemes = store.all.filter(({ id }) => ids.includes(id));
    const selected = editorOf(document)?.selection;
    if (selection && selected?.isEmpty !== false)
      return refusedReply(vscode.l10n.t('Select a passage in the editor first.'));
    const looked = hidden.look(document).catch(() => undefined);
    const onProgress = (progress: CheckProgress): void => this.sent.fire(progressEvent(progress));
    const outcome = await checks.check(document, selection ? selected : undefined, schemes, {
      cancellation,
      onProgress,
    });
    await looked;
    if (!outcome.ok) return outcome.cancelled ? staleReply : refusedReply(outcome.reason);
    heat.choose(undefined);
    heat.show(true);
    return done;
  }

  /** A scheme's finding while the text is still what was checked. */
  private fresh(
    document: vscode.TextDocument | undefined,
    scheme: string,
  ):
    | {
        readonly document: vscode.TextDocument;
        readonly finding: WatermarkFinding;
        readonly each: SchemeFinding;
      }
    | undefined {
    const finding = document && this.parts.checks.finding(document);
    const each = finding?.findings.find(({ saved }) => saved.id === scheme);
    if (document === undefined || finding === undefined || each === undefined) return undefined;
    return finding.stale || finding.version !== document.version ? undefined : { document, finding, each };
  }

  private tokens(
    { scheme, first, count }: WatermarkRequests['watermarkTokens']['params'],
    inspected: vscode.TextDocument | undefined,
  ): PanelReply {
    const known = this.fresh(inspected, scheme);
    if (known === undefined) return staleReply;
    const { document, finding, each } = known;
    const { utf16Ends, result } = each;
    const end = Math.min(utf16Ends.length, first + count);
    if (first >= end) return refusedReply(vscode.l10n.t('There are no such tokens.'));
    const from = tokenSpan(utf16Ends, first)[0];
    const text = sliceDocument(
      document,
      finding.start + from,
      finding.start + tokenSpan(utf16Ends, end - 1)[1],
    );
    const indexes = Array.from({ length: end - first }, (_, i) => first + i);
    const page: WatermarkTokenPage = {
      first,
      total: utf16Ends.length,
      texts: indexes.map((index) => {
        const [start, stop] = tokenSpan(utf16Ends, index);
        return text.slice(start - from, Math.min(stop, start + TEXT_UNITS) - from);
      }),
      starts: Uint32Array.from([...indexes, end], (index) => finding.start + tokenSpan(utf16Ends, index)[0]),
      levels: Uint8Array.from(indexes, (index) => evidenceLevels.indexOf(levelOf(each, index))),
      flagged: result.range,
    };
    return { ok: true, result: page };
  }

  private token(
    { scheme, index }: WatermarkRequests['watermarkToken']['params'],
    inspected: vscode.TextDocument | undefined,
  ): PanelReply {
    const known = this.fresh(inspected, scheme);
    if (known === undefined) return staleReply;
    const { document, finding, each } = known;
    if (index >= each.utf16Ends.length) return refusedReply(vscode.l10n.t('There is no such token.'));
    const text = sliceDocument(document, finding.start, finding.start + finding.length);
    const facts = describeToken(each, text, index);
    if (facts === undefined)
      return refusedReply(vscode.l10n.t('The settings of this scheme can no longer be read.'));
    return { ok: true, result: facts };
  }

  private async reveal(
    start: number,
    end: number,
    document: vscode.TextDocument | undefined,
  ): Promise<PanelReply> {
    if (document === undefined) return staleReply;
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    const column = editorOf(document)?.viewColumn ?? vscode.ViewColumn.One;
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: column,
      preserveFocus: true,
    });
    editor.selection = new vscode.Selection(range.start, range.end);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    return done;
  }
}

function editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  if (activeTextEditor?.document === document) return activeTextEditor;
  return visibleTextEditors.find((editor) => editor.document === document);
}

function progressEvent({ scheme, number, of, step }: CheckProgress): HostEvent {
  const total = step?.total ?? 0;
  return {
    type: 'watermarkProgress',
    text: of === 1 ? scheme : `${scheme} (${number}/${of})`,
    share: step === undefined || total === 0 ? null : Math.min(1, step.done / total),
  };
}
