// "Show Model Details": a read-only text with everything known about the chosen model, its speed measured now on this
// machine. Plain text, so that a screen reader reads it and a bug report can quote it.
import * as vscode from 'vscode';
import type { StepCost } from '../core/model/languageModel';
import type { ModelDescription } from '../engine/languageModelLoader';
import type { ModelStatus } from '../engine/modelProtocol';
import { unavailableOnServer } from '../engine/remoteEngine';
import { RUNTIME_IDS } from '../ids';
import type { LocalModel } from '../localModel';
import { fileSize } from './localModelText';

const MEASURE_MS = 1500;

export interface ModelDetails {
  /** Measures the model and opens the text; rejects with the reason when the model cannot be loaded. */
  show(): Promise<void>;
  dispose(): void;
}

export function createModelDetails(model: LocalModel): ModelDetails {
  const uri = vscode.Uri.from({ scheme: RUNTIME_IDS.modelScheme, path: '/Local Model.txt' });
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let text = '';
  const provider = vscode.workspace.registerTextDocumentContentProvider(RUNTIME_IDS.modelScheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: () => text,
  });
  return {
    show: async () => {
      text = await vscode.window.withProgress(
        {
          location: vscode.ProgressLocation.Notification,
          title: vscode.l10n.t('Measuring the model'),
          cancellable: true,
        },
        (_, cancellation) => describe(model, cancellation),
      );
      if (text === '') return;
      changed.fire(uri);
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
    },
    dispose: () => {
      provider.dispose();
      changed.dispose();
    },
  };
}

/** The text; '' when the user cancelled. */
async function describe(model: LocalModel, cancellation: vscode.CancellationToken): Promise<string> {
  const { choice } = model;
  if (choice.kind === 'server') return serverText(choice.url, choice.model);
  const cost = await model.request('measure', { milliseconds: MEASURE_MS }, { cancellation });
  if (!cost.ok) {
    if (cost.error.code === 'cancelled') return '';
    throw new Error(cost.error.message);
  }
  await model.refreshStatus();
  const { status } = model;
  if (status?.description === undefined)
    throw new Error(vscode.l10n.t('The model was changed meanwhile. Run the command again.'));
  return modelText(status.description, status, cost.value);
}

function serverText(url: string, model: string): string {
  const missing = unavailableOnServer('superposed') ?? '';
  return `${vscode.l10n.t('Server')}\n  ${url}\n${vscode.l10n.t('Model')}\n  ${model}\n\n${missing}\n`;
}

function modelText(description: ModelDescription, status: ModelStatus, cost: StepCost): string {
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const translate = vscode.l10n.t;
  const size = (bytes: number): string => fileSize(bytes, numbers, translate);
  const milliseconds = (value: number): string =>
    translate('{0} ms', numbers.format(Number(value.toPrecision(3))));
  const one = cost.milliseconds[0] ?? NaN;
  const rows: readonly (readonly [string, string])[] = [
    [translate('Model'), description.name],
    [translate('Folder'), description.folder],
    [translate('Graph'), `${description.graphFile}, ${size(description.graphBytes)}`],
    [translate('Runtime'), description.runtimeVersion],
    [translate('Layers'), numbers.format(description.layers)],
    [translate('Vocabulary'), numbers.format(description.vocabularySize)],
    [translate('Context'), translate('{0} tokens', numbers.format(description.contextLength))],
    [translate('Cache'), translate('{0} a token', size(description.bytesPerCachedToken))],
    [translate('Fill-in-the-middle'), description.fimFamily ?? translate('none')],
    [translate('Superposed drafts'), description.embeddingSize > 0 ? translate('yes') : translate('no')],
    [
      translate('Tree steps'),
      description.treeSteps ? translate('yes') : translate('no, branches run one after the other'),
    ],
    [translate('Load'), milliseconds(description.loadMilliseconds)],
    [translate('Memory'), translate('{0} in the model process', size(status.residentBytes))],
    [
      translate('One token'),
      translate('{0} after {1} tokens', milliseconds(one), numbers.format(cost.contextTokens)),
    ],
    [translate('Prompt'), translate('{0} a token', milliseconds(cost.prefillMillisecondsPerToken))],
    ...cost.nodes.slice(1).map((count, i): readonly [string, string] => {
      const ratio = (cost.milliseconds[i + 1] ?? NaN) / one;
      return [
        translate('Tree of {0}', count),
        translate('{0} × one token', numbers.format(Number(ratio.toFixed(2)))),
      ];
    }),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const limits = description.limits.map((limit) => `- ${limit}`);
  return [...lines, ...(limits.length > 0 ? ['', ...limits] : []), ''].join('\n');
}
