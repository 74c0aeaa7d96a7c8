// Hover on a token while the heat map is shown: what it says about the mark and why it was counted or not.
import * as vscode from 'vscode';
import { schemeFromText } from '../core/watermark/schemeCatalogue';
import type { WatermarkChecks } from './watermarkChecks';
import type { WatermarkHeat } from './watermarkHeat';
import type { SavedScheme } from './watermarkSchemeStore';
import type { Scheme } from '../core/watermark/scheme';
import { tokenEvidenceText, type TokenEvidenceText } from './watermarkTokenText';
import { tokenAt, tokenSpan } from './watermarkTokenSpans';
import type { SchemeFinding } from './watermarkCombination';

const shapes = new WeakMap<SavedScheme, Scheme>();

/** The scheme's shape without its key: widths and depths are the same under every key. */
function shapeOf(saved: SavedScheme, depth: number): Scheme | undefined {
  const known = shapes.get(saved);
  if (known !== undefined) return known;
  const { settings, vocabularySize } = saved;
  const keys = Array.from({ length: Math.max(1, depth) }, () => '1').join(',');
  const built = schemeFromText(settings, { key: keys, vocabularySize });
  if (!built.ok) return undefined;
  shapes.set(saved, built.value);
  return built.value;
}

/** Evidence of one token in words; undefined when the saved scheme cannot be read any more. */
export function describeToken(
  finding: SchemeFinding,
  text: string,
  index: number,
): TokenEvidenceText | undefined {
  const several = finding.result.schemeId.startsWith('synthid');
  const scheme = shapeOf(finding.saved, several ? finding.result.tokens.most : 1);
  if (scheme === undefined) return undefined;
  const numbers = new Intl.NumberFormat(vscode.env.language);
  return tokenEvidenceText(finding, scheme, text, index, numbers, vscode.l10n.t);
}

export function registerWatermarkHover(checks: WatermarkChecks, heat: WatermarkHeat): vscode.Disposable {
  return vscode.languages.registerHoverProvider(
    { pattern: '**' },
    {
      provideHover: (document, position) => {
        const finding = checks.finding(document);
        if (!heat.visible || finding === undefined || finding.stale || finding.version !== document.version)
          return undefined;
        const shown = heat.shown(finding);
        const offset = document.offsetAt(position) - finding.start;
        if (shown === undefined || offset < 0 || offset >= finding.length) return undefined;
        const index = tokenAt(shown.utf16Ends, offset);
        if (index >= shown.utf16Ends.length) return undefined;
        const [start, end] = tokenSpan(shown.utf16Ends, index);
        const from = document.positionAt(finding.start);
        const text = document.getText(
          new vscode.Range(from, document.positionAt(finding.start + finding.length)),
        );
        const described = describeToken(shown, text, index);
        if (described === undefined) return undefined;
        const markdown = new vscode.MarkdownString();
        markdown.appendCodeblock(described.heading, 'plaintext');
        for (const line of described.lines) markdown.appendText(line).appendMarkdown('  \n');
        const range = new vscode.Range(
          document.positionAt(finding.start + start),
          document.positionAt(finding.start + end),
        );
        return new vscode.Hover(markdown, range);
      },
    },
  );
}
