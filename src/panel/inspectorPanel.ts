// The inspector: a webview beside the editor that shows the tokens of one document. It follows the active editor unless
// pinned, survives hiding (the page is rebuilt and asks again) and window restarts (the serializer opens the file that
// the page remembered). It posts nothing before the page says 'ready'.
import * as vscode from 'vscode';
import { COMMANDS, CONTEXT_KEYS, VIEWS } from '../ids';
import { parseWebviewMessage } from '../shared/panelGuards';
import { parsePanelMemory } from '../shared/panelMemory';
import { linesOf, reopen } from './inspectedPlaces';
import { panelDocument } from './panelDocument';
import { panelHtml, panelOptions } from './panelHtml';
import { OpenRequests } from './openRequests';
import { answerRequest } from './panelFeature';
import { TokenQueries } from './tokenQueries';
import type { PanelServices } from './panelData';
import type { PanelFeature } from './panelFeature';
import type { HostEvent, TokenScope, ViewId, WebviewMessage } from '../shared/panelProtocol';

/** What a caller may ask of the inspector. */
export interface Inspector {
  /** Opens it beside the editor, or brings it to the front. */
  open(view?: ViewId): void;
  /** Opens it on the selection of the active editor only. */
  showSelection(): Promise<void>;
  /** Takes a message as if its page had sent it. For tests. */
  receive(message: unknown): void;
  /** Every message to and from the page, as it passes. For tests. */
  readonly onDidExchange: vscode.Event<PanelExchange>;
}

/** A message that the host posted to the page, or received from it. */
export type PanelExchange =
  | { readonly direction: 'posted'; readonly message: HostEvent }
  | { readonly direction: 'received'; readonly message: WebviewMessage };

/** Registers the inspector, its commands and its serializer. */
export function registerInspectorPanel(context: vscode.ExtensionContext, services: PanelServices): Inspector {
  let current: InspectorPanel | undefined;
  const exchanges = new vscode.EventEmitter<PanelExchange>();
  const adopt = (panel: vscode.WebviewPanel, document: vscode.TextDocument | undefined, pinned: boolean) => {
    current?.dispose();
    const inspector = new InspectorPanel(
      panel,
      context.extensionUri,
      services,
      document,
      pinned,
      (exchange) => exchanges.fire(exchange),
    );
    current = inspector;
    panel.onDidDispose(() => {
      if (current === inspector) current = undefined;
    });
    return inspector;
  };
  const open = (): InspectorPanel => {
    if (current) {
      current.bringToFront();
      return current;
    }
    const panel = vscode.window.createWebviewPanel(
      VIEWS.inspector,
      vscode.l10n.t('Tessera Inspector'),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      panelOptions(context.extensionUri),
    );
    return adopt(panel, vscode.window.activeTextEditor?.document, false);
  };
  const inspector: Inspector = {
    open: (view) => open().showView(view),
    onDidExchange: exchanges.event,
    showSelection: async () => {
      const editor = vscode.window.activeTextEditor;
      await open().showSelection(editor);
    },
    receive: (message) => current?.receive(message),
  };
  context.subscriptions.push(
    exchanges,
    new vscode.Disposable(() => current?.dispose()),
    vscode.window.registerWebviewPanelSerializer(VIEWS.inspector, {
      deserializeWebviewPanel: async (panel, state: unknown) => {
        const { uri, pinned } = parsePanelMemory(state);
        adopt(panel, await reopen(uri), pinned);
      },
    }),
  );
  return inspector;
}

class InspectorPanel implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable[] = [];
  private readonly queries: TokenQueries;
  private readonly features: readonly PanelFeature[];
  private readonly openRequests = new OpenRequests();
  private document: vscode.TextDocument | undefined;
  private ready = false;
  private generation = 0;
  /** What `generation` stands for. */
  private shown = '';
  private version = -1;
  private selection: { readonly start: number; readonly end: number; readonly label: string } | undefined;
  private scope: TokenScope | null = null;
  private cursorRun = 0;
  private pendingView: ViewId | undefined;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    extension: vscode.Uri,
    private readonly services: PanelServices,
    document: vscode.TextDocument | undefined,
    private pinned: boolean,
    private readonly exchanged: (exchange: PanelExchange) => void,
  ) {
    this.queries = new TokenQueries(services.tokens);
    this.features = [this.queries.feature, ...services.features];
    panel.iconPath = vscode.Uri.joinPath(extension, 'media', 'icon.png');
    panel.webview.options = panelOptions(extension);
    this.subscriptions.push(
      panel.webview.onDidReceiveMessage((message: unknown) => this.receive(message)),
      panel.onDidChangeViewState(() => this.visibilityChanged()),
      panel.onDidDispose(() => this.released()),
      services.tokens.onDidChange((changed) => {
        if (changed === this.document) void this.sendDocument();
      }),
      services.onDidChangeNotes(() => void this.sendDocument()),
      new vscode.Disposable(() => this.openRequests.dispose()),
      ...services.features.flatMap(({ onDidSend }) => onDidSend?.((event) => this.post(event)) ?? []),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor && !this.pinned) this.inspect(editor.document);
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor.document === this.document) void this.sendCursor(textEditor);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document: edited, contentChanges }) => {
        // Offsets of the selection no longer hold: show the whole file again.
        if (edited === this.document && contentChanges.length > 0) this.selection = undefined;
      }),
      vscode.workspace.onDidCloseTextDocument((closed) => {
        if (closed === this.document) this.documentClosed(closed);
      }),
    );
    panel.webview.html = panelHtml(panel.webview, extension);
    this.inspect(document ?? vscode.window.activeTextEditor?.document);
    this.visibilityChanged();
  }

  bringToFront(): void {
    this.panel.reveal(undefined, true);
  }

  /** Brings a view to the front of the page, now or when the page is there. */
  showView(view: ViewId | undefined): void {
    if (view === undefined) return;
    this.pendingView = view;
    this.sendPendingView();
  }

  private sendPendingView(): void {
    if (!this.ready || this.pendingView === undefined) return;
    this.post({ type: 'showView', view: this.pendingView });
    this.pendingView = undefined;
  }

  /** Shows the tokens of an editor's selection; all of them when nothing is selected. */
  async showSelection(editor: vscode.TextEditor | undefined): Promise<void> {
    if (!editor || !this.services.tokens.accepts(editor.document)) return;
    this.inspect(editor.document);
    const { document, selection } = editor;
    this.selection = selection.isEmpty
      ? undefined
      : {
          start: document.offsetAt(selection.start),
          end: document.offsetAt(selection.end),
          label: linesOf(selection),
        };
    this.shown = '';
    await this.sendDocument();
  }

  dispose(): void {
    this.panel.dispose();
  }

  private released(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.panelVisible, false);
  }

  private inspect(document: vscode.TextDocument | undefined): void {
    if (document && !this.services.tokens.accepts(document)) return;
    if (document !== this.document) {
      this.document = document;
      this.selection = undefined;
    }
    if (document) this.services.tokens.follow(document);
    void this.sendDocument();
  }

  private documentClosed(closed: vscode.TextDocument): void {
    // A change of language closes a document and opens it again under the same address.
    const again = vscode.workspace.textDocuments.find(
      (document) =>
        document !== closed && !document.isClosed && document.uri.toString() === closed.uri.toString(),
    );
    this.document = undefined;
    this.inspect(again ?? vscode.window.activeTextEditor?.document);
  }

  private visibilityChanged(): void {
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.panelVisible, this.panel.visible);
    // A hidden page is gone; it says 'ready' when it is back.
    if (!this.panel.visible) this.ready = false;
  }

  private post(event: HostEvent): void {
    if (!this.ready) return;
    this.exchanged({ direction: 'posted', message: event });
    void this.panel.webview.postMessage(event);
  }

  private async sendDocument(): Promise<void> {
    if (!this.ready) return;
    const { document } = this;
    if (!document) {
      this.post({ type: 'document', document: { state: 'none' } });
      return;
    }
    const { tokens } = this.services;
    const encoding = this.services.encodingOf(document);
    const state = tokens.state(document);
    if (state === undefined) tokens.follow(document);
    if (state?.kind === 'counted') {
      const { version, tokenizer } = state.totals;
      const shown = `${document.uri.toString()} ${version} ${tokenizer} ${this.selection ? 'part' : 'all'}`;
      if (shown !== this.shown) {
        this.shown = shown;
        this.version = version;
        this.generation++;
        const generation = this.generation;
        const scope = await this.findScope(document, version);
        // Something newer was sent while the scope was found.
        if (generation !== this.generation) return;
        this.scope = scope;
      }
    } else this.shown = '';
    this.post({
      type: 'document',
      document: panelDocument(document, state, encoding, this.generation, this.scope, (totals) =>
        this.services.notes(document, totals),
      ),
    });
    const editor = this.editorOf(document);
    if (editor) await this.sendCursor(editor);
  }

  private findScope(document: vscode.TextDocument, version: number): Promise<TokenScope | null> {
    if (!this.selection) return Promise.resolve(null);
    const { start, end, label } = this.selection;
    return this.queries.scopeOf({ document, version }, start, end, label);
  }

  /** Tells the page which tokens the editor's selection touches; only the latest of quick moves is answered. */
  private async sendCursor(editor: vscode.TextEditor): Promise<void> {
    if (!this.ready || this.shown === '') return;
    const run = ++this.cursorRun;
    const { document, selection } = editor;
    const { generation, version } = this;
    const start = document.offsetAt(selection.start);
    const end = document.offsetAt(selection.end);
    const found = await this.queries.tokensOf({ document, version }, start, end);
    if (run !== this.cursorRun || generation !== this.generation) return;
    const first = found?.first.firstIndex ?? 0;
    const last = found ? found.last.firstIndex + found.last.ids.length : 0;
    this.post({ type: 'cursor', generation, first, last });
  }

  receive(value: unknown): void {
    const message = parseWebviewMessage(value);
    if (!message) return;
    this.exchanged({ direction: 'received', message });
    void this.handle(message);
  }

  private async handle(message: WebviewMessage): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        this.post({
          type: 'welcome',
          locale: vscode.env.language,
          pinned: this.pinned,
          encodings: this.services.encodings(),
          compareChoices: this.services.compareChoices(),
        });
        for (const feature of this.features) feature.welcome?.().forEach((event) => this.post(event));
        this.sendPendingView();
        await this.sendDocument();
        return;
      case 'setEncoding': {
        const known = this.services.encodings().some(({ id }) => id === message.encoding);
        if (known && this.document) await this.services.chooseEncoding(this.document, message.encoding);
        return;
      }
      case 'setPinned':
        this.pinned = message.pinned;
        if (!this.pinned) this.inspect(vscode.window.activeTextEditor?.document ?? this.document);
        return;
      case 'reveal':
        if (message.generation === this.generation) await this.reveal(message.index, message.focus);
        return;
      case 'revealLine':
        if (message.generation === this.generation) await this.revealLine(message.line);
        return;
      case 'focusEditor':
        await this.focusEditor();
        return;
      case 'showWholeFile':
        this.selection = undefined;
        await this.sendDocument();
        return;
      case 'retry':
        this.services.retry();
        return;
      case 'openLog':
        await vscode.commands.executeCommand(COMMANDS.openLog);
        return;
      case 'cancel':
        this.openRequests.cancel(message.id);
        return;
      case 'request': {
        const { document, version, generation } = this;
        const current =
          document !== undefined && message.generation === generation ? { document, version } : undefined;
        const reply = await this.openRequests.run(message.id, (cancellation) =>
          answerRequest(this.features, message, current, document, cancellation),
        );
        this.post({ type: 'reply', id: message.id, reply });
      }
    }
  }

  private async revealLine(line: number): Promise<void> {
    const { document } = this;
    if (!document || line >= document.lineCount) return;
    const { range } = document.lineAt(line);
    const editor = await this.showDocument(document, true);
    editor.selection = new vscode.Selection(range.start, range.start);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  private editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    if (activeTextEditor?.document === document) return activeTextEditor;
    return visibleTextEditors.find((editor) => editor.document === document);
  }

  private async reveal(index: number, focus: boolean): Promise<void> {
    const { document, version } = this;
    if (!document) return;
    const range = await this.queries.rangeOf({ document, version }, index);
    if (!range) return;
    const editor = await this.showDocument(document, !focus);
    editor.selection = new vscode.Selection(range.start, range.end);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  private async focusEditor(): Promise<void> {
    if (this.document) await this.showDocument(this.document, false);
    else await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
  }

  private showDocument(document: vscode.TextDocument, preserveFocus: boolean): Thenable<vscode.TextEditor> {
    const visible = this.editorOf(document);
    if (visible && preserveFocus) return Promise.resolve(visible);
    // In its own column if it has one; never over the inspector.
    const column =
      visible?.viewColumn ??
      (this.panel.viewColumn === vscode.ViewColumn.One ? vscode.ViewColumn.Two : vscode.ViewColumn.One);
    // The selection goes along: showing a document anew would put its cursor at the start.
    const selection = visible?.selection;
    return vscode.window.showTextDocument(document, {
      viewColumn: column,
      preserveFocus,
      ...(selection && { selection }),
    });
  }
}
