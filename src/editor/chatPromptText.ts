// What a chat prompt costs, in words: each message's content, and apart from it what the model's chat format adds. The
// two are never added up silently: the format's part is documented by the vendor, not measured.
import * as vscode from 'vscode';
import type { ChatFormat } from '../core/analysis/chatFormats';
import type { ChatTotals, DocumentSection } from '../core/analysis/documentSections';
import type { Model } from '../core/pricing/modelCatalogue';
import { modelTokenCount } from '../core/pricing/requestCost';

/** 'system: 24 tokens + 4 of the chat format'. */
export function messageTitle(
  role: string,
  message: NonNullable<DocumentSection['message']>,
  model: Model | undefined,
  numbers: Intl.NumberFormat,
): string {
  const tokens = tokensOf(message.tokens, model, numbers);
  return message.overhead === null
    ? vscode.l10n.t('{0}: {1} tokens', role, tokens)
    : vscode.l10n.t(
        '{0}: {1} tokens + {2} of the chat format',
        role,
        tokens,
        numbers.format(message.overhead),
      );
}

/** One line for the whole prompt, and where its numbers come from. */
export function chatSummary(
  chat: ChatTotals,
  model: Model | undefined,
  format: ChatFormat | undefined,
  numbers: Intl.NumberFormat,
): { readonly title: string; readonly explanation: string } {
  const tokens = tokensOf(chat.contentTokens, model, numbers);
  const messages = numbers.format(chat.messages);
  const title =
    chat.overheadTokens === null
      ? vscode.l10n.t('Chat prompt, {0} messages: {1} tokens', messages, tokens)
      : vscode.l10n.t(
          'Chat prompt, {0} messages: {1} tokens + {2} of the chat format',
          messages,
          tokens,
          numbers.format(chat.overheadTokens),
        );
  const lines = [
    format === undefined
      ? vscode.l10n.t('What the chat format of this model adds is not documented, so it is left out.')
      : vscode.l10n.t('Chat format: {0}', format.source),
  ];
  if (chat.uncountedParts > 0)
    lines.push(
      vscode.l10n.t('Parts without text (images, tool calls), not counted: {0}', chat.uncountedParts),
    );
  return { title, explanation: lines.join('\n') };
}

function tokensOf(counted: number, model: Model | undefined, numbers: Intl.NumberFormat): string {
  if (model === undefined) return numbers.format(counted);
  const { tokens, exact } = modelTokenCount(model.tokenizer, counted);
  return exact ? numbers.format(tokens) : `≈ ${numbers.format(tokens)}`;
}
