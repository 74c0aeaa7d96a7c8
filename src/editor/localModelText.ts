// What the status tooltip and the list of models say about the local model, as plain data. Pure, so that every state can be
// tested without an editor.
import type * as vscode from 'vscode';
import type { ModelStatus } from '../engine/modelProtocol';
import type { ModelSummary } from '../engine/modelSummary';
import type { LocalModelState } from '../localModel';
import type { ModelChoice } from '../modelSettings';
import type { Translate } from './statusText';

export interface LocalModelFacts {
  readonly choice: ModelChoice;
  readonly state: LocalModelState;
  readonly problem: string | undefined;
  readonly status: ModelStatus | undefined;
}

export interface LocalModelLines {
  /** Paragraphs for the tooltip. */
  readonly lines: readonly string[];
  /** True when only a restart by the user brings the model back. */
  readonly restart: boolean;
}

/** What the status tooltip says about the local model, and when to ask again. */
export interface LocalModelSection {
  lines(): LocalModelLines;
  readonly onDidChange: vscode.Event<void>;
}

/** @param embedded name of the model in the box */
export function localModelLines(
  { choice, state, problem, status }: LocalModelFacts,
  embedded: string,
  numbers: Intl.NumberFormat,
  translate: Translate,
): LocalModelLines {
  if (choice.kind === 'server') {
    const model = choice.model === '' ? translate('its only model') : choice.model;
    return { lines: [translate('Model server: {0} at {1}', model, choice.url)], restart: false };
  }
  const name = status?.description?.name ?? (choice.kind === 'folder' ? lastName(choice.path) : embedded);
  switch (state) {
    case 'failed':
      return {
        lines: [translate('Local model: {0} cannot be used', name), problem ?? ''].filter(
          (line) => line !== '',
        ),
        restart: true,
      };
    case 'stopped':
      return {
        lines: [translate('Local model: {0} stopped after three crashes in five minutes', name)],
        restart: true,
      };
    case 'loading':
      return { lines: [translate('Local model: {0}, loading', name)], restart: false };
    case 'unloaded':
    case 'server':
      return { lines: [translate('Local model: {0}, loaded when first used', name)], restart: false };
    case 'asleep':
    case 'ready':
      return { lines: [runningLine(name, state, status, numbers, translate)], restart: false };
  }
}

function runningLine(
  name: string,
  state: 'asleep' | 'ready',
  status: ModelStatus | undefined,
  numbers: Intl.NumberFormat,
  translate: Translate,
): string {
  const parts = [name];
  const description = status?.description;
  if (description !== undefined) parts.push(fileSize(description.graphBytes, numbers, translate));
  if (state === 'asleep') parts.push(translate('asleep'));
  else if (status !== undefined && status.residentBytes > 0)
    parts.push(translate('{0} of memory', fileSize(status.residentBytes, numbers, translate)));
  if (status?.tokensPerSecond !== undefined)
    parts.push(translate('{0} tokens/s', numbers.format(Math.round(status.tokensPerSecond))));
  if (description?.runtime === 'wasm') parts.push(translate('WebAssembly'));
  return translate('Local model: {0}', parts.join(' · '));
}

/** One line about a model of the list: size, context, what it can do, licence. */
export function summaryLine(summary: ModelSummary, numbers: Intl.NumberFormat, translate: Translate): string {
  const parts = [
    fileSize(summary.graphBytes, numbers, translate),
    translate('{0} tokens of context', numbers.format(summary.contextLength)),
    summary.fimFamily === undefined
      ? translate('no fill-in-the-middle')
      : translate('fill-in-the-middle ({0})', summary.fimFamily),
    summary.embeddings === true
      ? translate('superposed drafts')
      : translate('superposed drafts: known when loaded'),
    summary.licence ?? translate('licence not stated'),
  ];
  return parts.join(' · ');
}

/** 4480390 → '4.5 MB'. */
export function fileSize(bytes: number, numbers: Intl.NumberFormat, translate: Translate): string {
  const digits = (value: number): string =>
    numbers.format(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
  if (bytes >= 1e9) return translate('{0} GB', numbers.format(Math.round(bytes / 1e8) / 10));
  if (bytes >= 1e6) return translate('{0} MB', digits(bytes / 1e6));
  return translate('{0} kB', digits(bytes / 1e3));
}

/** Last part of a path of either kind of separator. */
export function lastName(path: string): string {
  return (
    path
      .split(/[\\/]/)
      .filter((part) => part !== '')
      .at(-1) ?? path
  );
}
