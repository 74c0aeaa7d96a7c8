// The parts of a document that get a count of their own, and what a chat prompt costs as messages: content, and apart
// from it what the chat format adds. Functions and classes come from the editor's symbols and are not found here.
import type { ChatFormat } from './chatFormats';
import { chatTokens, isChatPromptName, parseChatPrompt } from './chatPrompt';
import { markdownSections, templateSections } from './promptSections';

export interface DocumentSection {
  readonly kind: 'heading' | 'fence' | 'template' | 'message';
  /** Heading, info string, first words of a template, or role. */
  readonly title: string;
  /** UTF-16 range. */
  readonly start: number;
  readonly end: number;
  /** Offset of the line on which a count belongs. */
  readonly anchor: number;
  /** For messages: tokens of the content alone, and those of the format around it (null: not documented). */
  readonly message?: { readonly tokens: number; readonly overhead: number | null };
}

export interface ChatTotals {
  readonly messages: number;
  readonly contentTokens: number;
  /** Null where the model's chat format is not documented. */
  readonly overheadTokens: number | null;
  /** Images, tool calls and other parts without text: not counted. */
  readonly uncountedParts: number;
}

export interface DocumentSections {
  readonly sections: readonly DocumentSection[];
  /** Undefined for a document that is no chat prompt. */
  readonly chat?: ChatTotals;
}

const NO_FORMAT: ChatFormat = { id: 'none', perMessage: 0, perName: 0, perRequest: 0, source: '' };

/**
 * Sections of a text by the name and language of its file, in the order of the text.
 * @param count number of tokens of a text
 */
export function documentSections(
  text: string,
  fileName: string,
  languageId: string,
  format: ChatFormat | undefined,
  count: (text: string) => number,
): DocumentSections {
  const isMarkdown = languageId === 'markdown' || /\.md$/i.test(fileName);
  const chat = isChatPromptName(fileName) ? parseChatPrompt(fileName, text) : undefined;
  if (chat?.ok === true) {
    const { prompt } = chat;
    const counted = chatTokens(prompt, format ?? NO_FORMAT, count);
    const messages = prompt.messages.map(({ role, start, end }, i): DocumentSection => {
      const { tokens, overhead } = counted.messages[i]!;
      const message = { tokens, overhead: format === undefined ? null : overhead };
      return { kind: 'message', title: role, start, end, anchor: start, message };
    });
    const headings = isMarkdown ? markdownSections(text) : [];
    return {
      sections: [...messages, ...headings].sort((a, b) => a.start - b.start),
      chat: {
        messages: messages.length,
        contentTokens: counted.contentTokens,
        overheadTokens: format === undefined ? null : counted.overheadTokens,
        uncountedParts: prompt.uncountedParts,
      },
    };
  }
  return { sections: isMarkdown ? markdownSections(text) : templateSections(text) };
}
