// A status bar item that is there while the surprise heat map is on: how well the model predicts what is in sight, what the
// four line styles mean, and why nothing is drawn when nothing can be.
import * as vscode from 'vscode';
import { COMMANDS, RUNTIME_IDS } from '../ids';
import { escapedMarkdown } from './markdownText';
import type { SurpriseMap, SurpriseMapState } from './surpriseMap';
import { STEP_BITS } from './surpriseText';

export interface SurpriseStatusItem {
  /** What is shown now; undefined while the heat map is off. For tests. */
  readonly shown: { readonly text: string; readonly tooltip: string } | undefined;
  dispose(): void;
}

const PRIORITY = 89;

export function createSurpriseStatusItem(map: SurpriseMap): SurpriseStatusItem {
  const item = vscode.window.createStatusBarItem(
    RUNTIME_IDS.surpriseItem,
    vscode.StatusBarAlignment.Right,
    PRIORITY,
  );
  item.name = vscode.l10n.t('Surprise');
  item.command = COMMANDS.showSurprise;
  let shown: SurpriseStatusItem['shown'];
  const render = (): void => {
    const { state } = map;
    if (state.kind === 'off' || vscode.window.visibleTextEditors.length === 0) {
      shown = undefined;
      item.hide();
      return;
    }
    const text = textOf(state);
    const tooltip = tooltipOf(state);
    shown = { text, tooltip: tooltip.value };
    item.text = text;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: spokenOf(state) };
    item.show();
  };
  const listener = map.onDidChange(render);
  render();
  return {
    get shown() {
      return shown;
    },
    dispose: () => {
      listener.dispose();
      item.dispose();
    },
  };
}

const twoDecimals = (value: number): string =>
  new Intl.NumberFormat(vscode.env.language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(
    value,
  );

function textOf(state: SurpriseMapState): string {
  if (state.kind === 'busy') return vscode.l10n.t('$(loading~spin) surprise');
  if (state.kind === 'failed') return vscode.l10n.t('$(warning) surprise');
  if (state.kind === 'off' || Number.isNaN(state.bitsPerByte)) return vscode.l10n.t('surprise');
  return vscode.l10n.t('{0} bits/byte', twoDecimals(state.bitsPerByte));
}

function spokenOf(state: SurpriseMapState): string {
  if (state.kind === 'busy') return vscode.l10n.t('Computing surprise');
  if (state.kind === 'failed') return vscode.l10n.t('Surprise cannot be shown: {0}', state.reason);
  if (state.kind === 'off' || Number.isNaN(state.bitsPerByte)) return vscode.l10n.t('Surprise');
  return vscode.l10n.t('Surprise: {0} bits per byte in the visible part', twoDecimals(state.bitsPerByte));
}

function tooltipOf(state: SurpriseMapState): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  markdown.isTrusted = {
    enabledCommands: [
      COMMANDS.toggleSurprise,
      COMMANDS.showSurprise,
      COMMANDS.chooseLocalModel,
      COMMANDS.restartLocalModel,
    ],
  };
  const paragraph = (text: string): unknown => markdown.appendMarkdown(`${escapedMarkdown(text)}\n\n`);
  markdown.appendMarkdown(`**${vscode.l10n.t('Surprise of the local model')}**\n\n`);
  if (state.kind === 'failed') paragraph(state.reason);
  if (state.kind === 'shown' && state.tokens > 0) {
    const tokens = new Intl.NumberFormat(vscode.env.language).format(state.tokens);
    paragraph(vscode.l10n.t('{0}: {1} tokens in and around the visible lines scored', state.model, tokens));
    if (state.cut)
      paragraph(vscode.l10n.t('This line is very long: only the part around the cursor is scored.'));
  }
  const [slight, clear, strong, extreme] = STEP_BITS.map(String);
  paragraph(
    vscode.l10n.t(
      'Dotted line: {0} bits or more. Dashed: {1}. Solid: {2}. Double: {3}.',
      slight ?? '',
      clear ?? '',
      strong ?? '',
      extreme ?? '',
    ),
  );
  const links: readonly (readonly [string, string])[] = [
    [vscode.l10n.t('Whole File'), COMMANDS.showSurprise],
    [vscode.l10n.t('Choose Local Model'), COMMANDS.chooseLocalModel],
    ...(state.kind === 'failed'
      ? [[vscode.l10n.t('Restart Model'), COMMANDS.restartLocalModel] as const]
      : []),
    [vscode.l10n.t('Turn Off'), COMMANDS.toggleSurprise],
  ];
  markdown.appendMarkdown(links.map(([label, command]) => `[${label}](command:${command})`).join(' · '));
  return markdown;
}
