// Tokens of notebook cells, in each cell's own status bar: the source as the editor has it, without outputs. Off by
// default. Cells are counted as plain texts and remembered by version, so that a notebook of hundreds of cells does not
// fill the worker with open documents.
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import { modelTokenCount } from '../core/pricing/requestCost';
import type { EngineClient } from '../engine/engineClient';
import { COMMANDS, SETTINGS } from '../ids';
import { isOn } from '../settings';

interface CellCount {
  readonly version: number;
  readonly encoding: string;
  readonly tokens: number;
}

export interface NotebookCells {
  /** The item of a cell's status bar; undefined while the counts are off. Exported for tests. */
  itemOf(
    cell: vscode.NotebookCell,
    token?: vscode.CancellationToken,
  ): Promise<vscode.NotebookCellStatusBarItem | undefined>;
  dispose(): void;
}

export function createNotebookCells(engine: EngineClient, models: ChosenModels): NotebookCells {
  const changed = new vscode.EventEmitter<void>();
  const counts = new WeakMap<vscode.TextDocument, CellCount>();
  const numbers = new Intl.NumberFormat(vscode.env.language);

  async function countOf(
    { document }: vscode.NotebookCell,
    token: vscode.CancellationToken | undefined,
  ): Promise<number | undefined> {
    const { version } = document;
    const encoding = models.encodingFor(document);
    const known = counts.get(document);
    if (known?.version === version && known.encoding === encoding) return known.tokens;
    const params = { tokenizer: encoding, text: document.getText() };
    const reply = await engine.request(
      'countText',
      params,
      token === undefined ? {} : { cancellation: token },
    );
    if (!reply.ok) return undefined;
    const { tokens } = reply.value;
    counts.set(document, { version, encoding, tokens });
    return tokens;
  }

  function shown(document: vscode.TextDocument, tokens: number): string {
    const model = models.forScope(document);
    if (model === undefined) return numbers.format(tokens);
    const own = modelTokenCount(model.tokenizer, tokens);
    return `${own.exact ? '' : '≈ '}${numbers.format(own.tokens)}`;
  }

  const itemOf: NotebookCells['itemOf'] = async (cell, token) => {
    const { document, notebook } = cell;
    if (!isOn(SETTINGS.notebookCells, document)) return undefined;
    const tokens = await countOf(cell, token);
    if (tokens === undefined) return undefined;
    let total = 0;
    for (const each of notebook.getCells()) total += (await countOf(each, token)) ?? 0;
    const item = new vscode.NotebookCellStatusBarItem(
      vscode.l10n.t('{0} tokens', shown(document, tokens)),
      vscode.NotebookCellStatusBarAlignment.Right,
    );
    item.command = COMMANDS.openInspector;
    item.tooltip = vscode.l10n.t(
      '{0} of {1} tokens in the cells of this notebook; outputs are not counted',
      shown(document, tokens),
      shown(document, total),
    );
    return item;
  };

  const subscriptions = vscode.Disposable.from(
    changed,
    models.onDidChange(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTINGS.notebookCells) || event.affectsConfiguration(SETTINGS.encoding))
        changed.fire();
    }),
    vscode.notebooks.registerNotebookCellStatusBarItemProvider('*', {
      onDidChangeCellStatusBarItems: changed.event,
      provideCellStatusBarItems: (cell, token) => itemOf(cell, token),
    }),
  );
  return {
    itemOf,
    dispose: () => {
      subscriptions.dispose();
    },
  };
}
