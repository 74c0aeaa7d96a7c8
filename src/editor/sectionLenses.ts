// Token counts above the parts of a document: Markdown headings and blocks, functions and classes, long templates and
// the messages of a chat prompt. Off by default. Counts are resolved lazily, only for lenses that come into view.
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import { isChatPromptName, parseChatPrompt } from '../core/analysis/chatPrompt';
import { markdownSections, templateSections } from '../core/analysis/promptSections';
import { modelTokenCount } from '../core/pricing/requestCost';
import { COMMANDS, SETTINGS } from '../ids';
import { isOn } from '../settings';
import type { DocumentTokens } from './documentTokens';

/** Longer documents get no lenses: their symbols and sections would have to be found on the editor's thread. */
const MAX_UNITS = 2_000_000;
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

interface Part {
  readonly range: vscode.Range;
  readonly anchor: vscode.Position;
  readonly kind: 'section' | 'message';
}

class PartLens extends vscode.CodeLens {
  constructor(
    readonly document: vscode.TextDocument,
    readonly part: Part,
  ) {
    super(new vscode.Range(part.anchor, part.anchor));
  }
}

export function createSectionLenses(documents: DocumentTokens, models: ChosenModels): { dispose(): void } {
  const changed = new vscode.EventEmitter<void>();
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const subscriptions = vscode.Disposable.from(
    changed,
    models.onDidChange(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTINGS.lens) || event.affectsConfiguration(SETTINGS.encoding))
        changed.fire();
    }),
    vscode.languages.registerCodeLensProvider([{ scheme: '*' }, { scheme: 'file' }, { scheme: 'untitled' }], {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses: async (document, token) => {
        if (!isOn(SETTINGS.lens, document) || !documents.accepts(document)) return [];
        const parts = await partsOf(document, token);
        return parts.map((part) => new PartLens(document, part));
      },
      resolveCodeLens: async (lens, token) => {
        if (!(lens instanceof PartLens)) return lens;
        const { document, part } = lens;
        const range = [document.offsetAt(part.range.start), document.offsetAt(part.range.end)] as const;
        const reply = await documents.query('countRanges', document, { ranges: [range] }, token);
        lens.command = { title: titleOf(document, reply.ok ? reply.value.tokens : undefined), command: '' };
        if (reply.ok) {
          lens.command = {
            ...lens.command,
            command: COMMANDS.openInspector,
            tooltip: vscode.l10n.t('Open Token Inspector'),
          };
        }
        return lens;
      },
    }),
  );
  return {
    dispose: () => {
      subscriptions.dispose();
    },
  };

  function titleOf(document: vscode.TextDocument, tokens: number | undefined): string {
    if (tokens === undefined) return vscode.l10n.t('tokens not counted');
    const model = models.forScope(document);
    const count = model === undefined ? undefined : modelTokenCount(model.tokenizer, tokens);
    const shown = numbers.format(count?.tokens ?? tokens);
    return vscode.l10n.t('{0} tokens', count?.exact === false ? `≈ ${shown}` : shown);
  }
}

/** The parts of a document that get a count, in the order of the text. */
export async function partsOf(
  document: vscode.TextDocument,
  token: vscode.CancellationToken,
): Promise<Part[]> {
  const last = document.lineAt(document.lineCount - 1).range.end;
  if (document.offsetAt(last) > MAX_UNITS) return [];
  const text = document.getText();
  const at = (offset: number): vscode.Position => document.positionAt(offset);
  if (isChatPromptName(document.fileName)) {
    const chat = parseChatPrompt(document.fileName, text);
    if (chat.ok) {
      return chat.prompt.messages.map(({ start, end }) => ({
        range: new vscode.Range(at(start), at(end)),
        anchor: at(start),
        kind: 'message',
      }));
    }
  }
  const sections = document.languageId === 'markdown' ? markdownSections(text) : templateSections(text);
  const parts: Part[] = sections.map(({ start, end, anchor }) => ({
    range: new vscode.Range(at(start), at(end)),
    anchor: at(anchor),
    kind: 'section',
  }));
  if (document.languageId !== 'markdown') parts.push(...(await symbolParts(document)));
  return token.isCancellationRequested ? [] : parts;
}

async function symbolParts(document: vscode.TextDocument): Promise<Part[]> {
  const symbols = await vscode.commands.executeCommand<
    (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined
  >('vscode.executeDocumentSymbolProvider', document.uri);
  const parts: Part[] = [];
  const visit = (symbol: vscode.DocumentSymbol | vscode.SymbolInformation): void => {
    const range = 'location' in symbol ? symbol.location.range : symbol.range;
    if (SYMBOLS.has(symbol.kind)) parts.push({ range, anchor: range.start, kind: 'section' });
    if ('children' in symbol) symbol.children.forEach(visit);
  };
  symbols?.forEach(visit);
  return parts;
}
