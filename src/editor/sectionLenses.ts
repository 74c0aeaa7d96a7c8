// Token counts above the parts of a document: Markdown headings and blocks, functions and classes, long templates and
// the messages of a chat prompt. Off by default. The parts are found by the token worker, which has the text already, so
// that the editor's thread never parses a document; counts are resolved for the lenses that come into view.
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import { chatFormatOf } from '../core/analysis/chatFormats';
import { modelTokenCount } from '../core/pricing/requestCost';
import { COMMANDS, SETTINGS } from '../ids';
import { isOn } from '../settings';
import { rememberSetting } from '../settingsMemory';
import { chatSummary, messageTitle } from './chatPromptText';
import type { DocumentTokens } from './documentTokens';

/** Symbols of these kinds get a lens. */
const SYMBOLS: ReadonlySet<vscode.SymbolKind> = new Set([
  vscode.SymbolKind.Class,
  vscode.SymbolKind.Interface,
  vscode.SymbolKind.Enum,
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Constructor,
  vscode.SymbolKind.Struct,
  vscode.SymbolKind.Module,
  vscode.SymbolKind.Namespace,
]);

/** A lens whose range is counted when it comes into view. */
class RangeLens extends vscode.CodeLens {
  constructor(
    readonly document: vscode.TextDocument,
    readonly counted: readonly [start: number, end: number],
    anchor: vscode.Position,
  ) {
    super(new vscode.Range(anchor, anchor));
  }
}

export function createSectionLenses(documents: DocumentTokens, models: ChosenModels): { dispose(): void } {
  const changed = new vscode.EventEmitter<void>();
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const lensesOn = rememberSetting((document) => isOn(SETTINGS.lens, document), [SETTINGS.lens]);
  const subscriptions = vscode.Disposable.from(
    changed,
    lensesOn,
    models.onDidChange(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTINGS.lens) || event.affectsConfiguration(SETTINGS.encoding))
        changed.fire();
    }),
    vscode.languages.registerCodeLensProvider([{ scheme: '*' }, { scheme: 'file' }, { scheme: 'untitled' }], {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses: async (document, token) => {
        if (!lensesOn.of(document) || !documents.accepts(document)) return [];
        return [...(await sectionLenses(document, token)), ...(await symbolLenses(document, token))];
      },
      resolveCodeLens: async (lens, token) => {
        if (!(lens instanceof RangeLens)) return lens;
        const { document, counted } = lens;
        const reply = await documents.query('countRanges', document, { ranges: [counted] }, token);
        lens.command = reply.ok
          ? inspecting(titleOf(document, reply.value.tokens))
          : { title: vscode.l10n.t('tokens not counted'), command: '' };
        return lens;
      },
    }),
  );
  return {
    dispose: () => {
      subscriptions.dispose();
    },
  };

  /** Lenses on headings, blocks, templates and messages; none when the text changed meanwhile. */
  async function sectionLenses(
    document: vscode.TextDocument,
    token: vscode.CancellationToken,
  ): Promise<vscode.CodeLens[]> {
    const model = models.forScope(document);
    const chatFormat = chatFormatOf(model?.family, models.encodingFor(document));
    const { fileName, languageId } = document;
    const reply = await documents.query('sections', document, { fileName, languageId, chatFormat }, token);
    if (!reply.ok || reply.value.version !== document.version) return [];
    const { sections, chat } = reply.value;
    const lenses = sections.map(({ start, end, anchor, title, message }) => {
      const at = document.positionAt(anchor);
      return message === undefined
        ? new RangeLens(document, [start, end], at)
        : new vscode.CodeLens(
            new vscode.Range(at, at),
            inspecting(messageTitle(title, message, model, numbers)),
          );
    });
    if (chat === undefined || chat.messages === 0) return lenses;
    const summary = chatSummary(chat, model, chatFormat, numbers);
    const top = new vscode.Range(0, 0, 0, 0);
    return [new vscode.CodeLens(top, inspecting(summary.title, summary.explanation)), ...lenses];
  }

  async function symbolLenses(
    document: vscode.TextDocument,
    token: vscode.CancellationToken,
  ): Promise<vscode.CodeLens[]> {
    if (document.languageId === 'markdown' || document.languageId === 'json') return [];
    const { version } = document;
    const symbols = await vscode.commands.executeCommand<
      (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined
    >('vscode.executeDocumentSymbolProvider', document.uri);
    if (token.isCancellationRequested || document.version !== version) return [];
    const lenses: RangeLens[] = [];
    const visit = (symbol: vscode.DocumentSymbol | vscode.SymbolInformation): void => {
      const { start, end } = 'location' in symbol ? symbol.location.range : symbol.range;
      if (SYMBOLS.has(symbol.kind))
        lenses.push(new RangeLens(document, [document.offsetAt(start), document.offsetAt(end)], start));
      if ('children' in symbol) symbol.children.forEach(visit);
    };
    symbols?.forEach(visit);
    return lenses;
  }

  function inspecting(title: string, tooltip = vscode.l10n.t('Open Token Inspector')): vscode.Command {
    return { title, tooltip, command: COMMANDS.openInspector };
  }

  function titleOf(document: vscode.TextDocument, tokens: number): string {
    const model = models.forScope(document);
    const count = model === undefined ? undefined : modelTokenCount(model.tokenizer, tokens);
    const shown = numbers.format(count?.tokens ?? tokens);
    return vscode.l10n.t('{0} tokens', count?.exact === false ? `≈ ${shown}` : shown);
  }
}
