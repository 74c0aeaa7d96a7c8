// Planting in drafts: which saved scheme the drafts carry, what it costs, and whether the mark survives insertion. After a
// draft is accepted, what is in the document is tokenized anew and tested like any other text. Off until the user turns it
// on; the status bar shows that it is on.
import * as vscode from 'vscode';
import type { WatermarkCost } from '../engine/draftProtocol';
import type { WatermarkSchemeParams } from '../engine/engineProtocol';
import { COMMANDS, RUNTIME_IDS } from '../ids';
import type { WatermarkChecks } from './watermarkChecks';
import type { SavedScheme, WatermarkSchemeStore } from './watermarkSchemeStore';
import { scientific } from './watermarkWording';

/** What the drafts need to know about planting. */
export interface DraftPlanting {
  /** Settings and key for the model process; undefined while nothing is planted. Rejects when the key is gone. */
  params(): Promise<WatermarkSchemeParams | undefined>;
  /** Told after each answer. */
  wrote(cost: WatermarkCost | undefined): void;
  /** What an item runs once it is in the document. */
  accepted(document: vscode.TextDocument, start: vscode.Position, text: string): vscode.Command | undefined;
}

/** The mark in what was inserted last. */
export interface Survival {
  readonly uri: string;
  /** Planted text so far: drafts that follow one another count as one passage. */
  readonly text: string;
  readonly scored: number;
  readonly correctedP: string;
  readonly found: boolean;
  /** The sentence that is shown. */
  readonly message: string;
}

interface Passage {
  readonly uri: string;
  readonly start: number;
  readonly text: string;
}

const STATE_KEY = 'watermark.planting';

export class WatermarkPlanting implements DraftPlanting {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly schemeChanged = new vscode.EventEmitter<void>();
  /** Drafts that were written before carry another mark or none. */
  readonly onDidChangeScheme = this.schemeChanged.event;
  private readonly item: vscode.StatusBarItem;
  private readonly subscriptions: vscode.Disposable;
  private passage: Passage | undefined;
  private cost: WatermarkCost | undefined;
  private last: Survival | undefined;

  constructor(
    private readonly store: WatermarkSchemeStore,
    private readonly checks: WatermarkChecks,
    private readonly memory: vscode.Memento,
  ) {
    this.item = vscode.window.createStatusBarItem(
      RUNTIME_IDS.plantingItem,
      vscode.StatusBarAlignment.Right,
      98,
    );
    this.item.name = vscode.l10n.t('Tessera Watermark Planting');
    this.item.command = COMMANDS.plantWatermark;
    this.subscriptions = vscode.Disposable.from(
      this.changed,
      this.schemeChanged,
      this.item,
      store.onDidChange(() => this.show()),
      vscode.commands.registerCommand(
        RUNTIME_IDS.draftInserted,
        (uri: string, line: number, character: number, text: string) =>
          this.inserted(uri, new vscode.Position(line, character), text),
      ),
    );
    this.show();
  }

  /** The scheme that drafts carry now. */
  get scheme(): SavedScheme | undefined {
    return this.store.find(this.memory.get<string>(STATE_KEY, ''));
  }

  get lastCost(): WatermarkCost | undefined {
    return this.cost;
  }

  get survival(): Survival | undefined {
    return this.last;
  }

  async use(scheme: SavedScheme | undefined): Promise<void> {
    await this.memory.update(STATE_KEY, scheme?.id);
    this.cost = undefined;
    this.last = undefined;
    this.passage = undefined;
    this.show();
    this.schemeChanged.fire();
    this.changed.fire();
  }

  async params(): Promise<WatermarkSchemeParams | undefined> {
    const { scheme } = this;
    if (scheme === undefined) return undefined;
    const params = await this.store.paramsOf(scheme);
    if (!params.ok) throw new Error(params.reason);
    return params.value;
  }

  wrote(cost: WatermarkCost | undefined): void {
    if (cost === undefined) return;
    this.cost = cost;
    this.show();
    this.changed.fire();
  }

  accepted(document: vscode.TextDocument, start: vscode.Position, text: string): vscode.Command | undefined {
    if (this.scheme === undefined) return undefined;
    return {
      command: RUNTIME_IDS.draftInserted,
      title: '',
      arguments: [document.uri.toString(), start.line, start.character, text],
    };
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  /** Tests what is in the document where a draft was put. Nothing is said when it is no longer there. */
  private async inserted(uri: string, start: vscode.Position, given: string): Promise<void> {
    const { scheme } = this;
    const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri);
    if (scheme === undefined || document === undefined) return;
    const newline = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
    const text = given.replaceAll(/\r?\n/gu, newline);
    const at = document.offsetAt(start);
    const textAt = (from: number, length: number): string =>
      document.getText(new vscode.Range(document.positionAt(from), document.positionAt(from + length)));
    if (textAt(at, text.length) !== text) return;
    const before = this.passage;
    const joins =
      before?.uri === uri &&
      at >= before.start &&
      at <= before.start + before.text.length &&
      textAt(before.start, before.text.length).startsWith(before.text.slice(0, at - before.start));
    const from = joins ? before.start : at;
    this.passage = { uri, start: from, text: textAt(from, at + text.length - from) };
    const outcome = await this.checks.checkText(this.passage.text, [scheme]);
    const result = outcome.ok ? outcome.value.findings[0]?.result : undefined;
    if (result === undefined) return;
    const p = scientific(result.correctedP);
    const found = result.verdict === 'found';
    const message = found
      ? vscode.l10n.t('Mark survives: p = {0} ({1} tokens scored)', p, result.scored)
      : result.verdict === 'too-little-text'
        ? vscode.l10n.t('Mark: too little text to tell yet, p = {0} ({1} tokens scored)', p, result.scored)
        : vscode.l10n.t('Mark not visible: p = {0} ({1} tokens scored)', p, result.scored);
    this.last = { uri, text: this.passage.text, scored: result.scored, correctedP: p, found, message };
    void vscode.window.setStatusBarMessage(`$(shield) ${message}`, 10_000);
    this.show();
    this.changed.fire();
  }

  private show(): void {
    const { scheme, cost, last } = this;
    if (scheme === undefined) {
      this.item.hide();
      return;
    }
    this.item.text = `$(shield) ${vscode.l10n.t('Mark: {0}', scheme.name)}`;
    const lines = [
      vscode.l10n.t('Drafts carry a watermark: {0}, key {1}.', scheme.scheme, scheme.fingerprint),
      costSentence(scheme, cost),
      ...(last === undefined ? [] : [last.message]),
      vscode.l10n.t('Select to change or stop.'),
    ];
    this.item.tooltip = lines.join('\n');
    this.item.accessibilityInformation = { label: lines.join(' '), role: 'button' };
    this.item.show();
  }
}

/** What planting costs, as measured on the latest drafts. */
export function costSentence(scheme: SavedScheme, cost: WatermarkCost | undefined): string {
  const kind = scheme.distortionFree
    ? vscode.l10n.t('It leaves the model’s distribution as it is, averaged over keys.')
    : vscode.l10n.t('It biases the model.');
  if (cost === undefined || cost.tokens === 0) return kind;
  return `${kind} ${vscode.l10n.t(
    'Latest drafts: {0} of {1} tokens changed, cost {2} nats of log-probability a token.',
    cost.changed,
    cost.tokens,
    cost.costPerToken.toFixed(3),
  )}`;
}
