// Hover on a token while the surprise heat map is on: probability, rank, entropy and what the model would have written.
import * as vscode from 'vscode';
import { escapedMarkdown } from './markdownText';
import type { SurpriseMap } from './surpriseMap';
import type { SurpriseScores } from './surpriseScores';
import { describeSurprise, scoredTokenAt } from './surpriseText';

export function registerSurpriseHover(scores: SurpriseScores, map: SurpriseMap): vscode.Disposable {
  return vscode.languages.registerHoverProvider(
    { pattern: '**' },
    {
      provideHover: async (document, position, cancellation) => {
        if (!map.visible) return undefined;
        const { version } = document;
        const offset = document.offsetAt(position);
        const part = { unit: 'utf16', from: offset, to: offset + 1 } as const;
        const reply = await scores.score(document, part, { cancellation });
        if (!reply.ok || document.version !== version) return undefined;
        const index = scoredTokenAt(reply.value, offset);
        if (index === undefined) return undefined;
        const { firstUtf16, utf16Ends } = reply.value;
        const range = new vscode.Range(
          document.positionAt(index === 0 ? firstUtf16 : (utf16Ends[index - 1] ?? 0)),
          document.positionAt(utf16Ends[index] ?? 0),
        );
        const text = document.getText(range);
        const { token, lines } = describeSurprise(
          reply.value,
          index,
          text,
          vscode.env.language,
          vscode.l10n.t,
        );
        const markdown = new vscode.MarkdownString();
        markdown.appendCodeblock(token, 'plaintext');
        for (const line of lines) markdown.appendMarkdown(`${escapedMarkdown(line)}  \n`);
        return new vscode.Hover(markdown, range);
      },
    },
  );
}
