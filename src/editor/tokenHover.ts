// Hover on a token, while token boundaries are shown: what it is, where it is, how it was merged.
import * as vscode from 'vscode';
import type { DocumentTokens } from './documentTokens';
import type { TokenBoundaries } from './tokenBoundaries';
import { tokenHoverText } from './tokenHoverText';

export function registerTokenHover(
  documents: DocumentTokens,
  boundaries: TokenBoundaries,
): vscode.Disposable {
  return vscode.languages.registerHoverProvider(
    { pattern: '**' },
    {
      provideHover: async (document, position, cancellation) => {
        if (!boundaries.visible || !documents.accepts(document)) return undefined;
        const offset = document.offsetAt(position);
        const reply = await documents.query('tokensAt', document, { offset }, cancellation);
        const [first] = reply.ok ? reply.value : [];
        if (!reply.ok || first === undefined || first.version !== document.version) return undefined;
        const numbers = new Intl.NumberFormat(vscode.env.language);
        const markdown = new vscode.MarkdownString();
        if (reply.value.length > 1)
          markdown.appendText(vscode.l10n.t('This character is cut into {0} tokens.', reply.value.length));
        for (const token of reply.value) {
          const { heading, lines } = tokenHoverText(token, numbers, vscode.l10n.t);
          markdown.appendCodeblock(heading, 'plaintext');
          for (const line of lines) markdown.appendText(line).appendMarkdown('  \n');
        }
        const start = Math.min(...reply.value.map(({ utf16Start }) => utf16Start));
        const end = Math.max(offset + 1, ...reply.value.map(({ utf16End }) => utf16End));
        return new vscode.Hover(
          markdown,
          new vscode.Range(document.positionAt(start), document.positionAt(end)),
        );
      },
    },
  );
}
