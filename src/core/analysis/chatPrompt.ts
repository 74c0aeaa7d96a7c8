// Chat-style prompt files: which messages they hold, and what the model's chat format adds around each.
// Read: a JSON array of { role, content } (or an object with "messages"), Prompty (.prompty: YAML front matter, then
// "system:", "user:" sections) and VS Code prompt files (.prompt.md: front matter, then one user message).
import type { ChatFormat } from './chatFormats';

export interface ChatMessage {
  readonly role: string;
  readonly name?: string;
  readonly content: string;
  /** UTF-16 range of the message in the file; for JSON the range of the whole object. */
  readonly start: number;
  readonly end: number;
}

export interface ChatPrompt {
  readonly kind: 'json' | 'prompty' | 'prompt-md';
  readonly messages: readonly ChatMessage[];
  /** Parts (images, tool calls) that have no text and are not counted. */
  readonly uncountedParts: number;
}

export type ChatPromptResult =
  { readonly ok: true; readonly prompt: ChatPrompt } | { readonly ok: false; readonly reason: string };

export interface ChatTokens {
  readonly messages: readonly { readonly role: string; readonly tokens: number; readonly overhead: number }[];
  readonly contentTokens: number;
  readonly overheadTokens: number;
  readonly total: number;
}

/**
 * Content and overhead of each message. The role's own text is a token of the format and counted as overhead.
 * @param count number of tokens of a text under the model's tokenizer
 */
export function chatTokens(
  prompt: ChatPrompt,
  format: ChatFormat,
  count: (text: string) => number,
): ChatTokens {
  const messages = prompt.messages.map((message) => ({
    role: message.role,
    tokens: count(message.content),
    overhead:
      format.perMessage +
      (format.roleIsToken === true ? 0 : count(message.role)) +
      (message.name === undefined ? 0 : format.perName + count(message.name)),
  }));
  const contentTokens = messages.reduce((sum, message) => sum + message.tokens, 0);
  const overheadTokens =
    messages.reduce((sum, message) => sum + message.overhead, 0) +
    (messages.length > 0 ? format.perRequest : 0);
  return { messages, contentTokens, overheadTokens, total: contentTokens + overheadTokens };
}

/** True for file names that are read as chat prompts; JSON files only when their content is one. */
export function isChatPromptName(fileName: string): boolean {
  return /\.(prompty|prompt\.md|json)$/i.test(fileName);
}

/** Reads a chat prompt by the file's name. A JSON file that is no list of messages is `ok: false`, not an error. */
export function parseChatPrompt(fileName: string, text: string): ChatPromptResult {
  if (/\.prompty$/i.test(fileName)) return { ok: true, prompt: parsePrompty(text) };
  if (/\.prompt\.md$/i.test(fileName)) {
    const start = frontMatterEnd(text);
    const content = text.slice(start).trim();
    const messages = content === '' ? [] : [{ role: 'user', content, start, end: text.length }];
    return { ok: true, prompt: { kind: 'prompt-md', messages, uncountedParts: 0 } };
  }
  return parseJsonMessages(text);
}

function frontMatterEnd(text: string): number {
  return /^\uFEFF?---[ \t]*\r?\n(?:[\s\S]*?\r?\n)?---[ \t]*(?:\r?\n|$)/.exec(text)?.[0].length ?? 0;
}

const ROLE_LINE = /^[ \t]*#?[ \t]*(system|user|assistant|developer|tool|function)[ \t]*:[ \t]*$/gim;

function parsePrompty(text: string): ChatPrompt {
  const bodyStart = frontMatterEnd(text);
  const marks = [...text.slice(bodyStart).matchAll(ROLE_LINE)].map((match) => ({
    role: match[1]!.toLowerCase(),
    start: bodyStart + match.index,
    contentStart: bodyStart + match.index + match[0].length,
  }));
  const messages: ChatMessage[] = [];
  const preamble = text.slice(bodyStart, marks[0]?.start ?? text.length);
  // Prompty reads text before the first role as the system message.
  if (preamble.trim() !== '') {
    messages.push({
      role: 'system',
      content: preamble.trim(),
      start: bodyStart,
      end: bodyStart + preamble.length,
    });
  }
  marks.forEach((mark, i) => {
    const end = marks[i + 1]?.start ?? text.length;
    messages.push({
      role: mark.role,
      content: text.slice(mark.contentStart, end).trim(),
      start: mark.start,
      end,
    });
  });
  return { kind: 'prompty', messages, uncountedParts: 0 };
}

function parseJsonMessages(text: string): ChatPromptResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, reason: `Not valid JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const list: unknown = Array.isArray(value) ? value : (value as { messages?: unknown } | null)?.messages;
  if (!Array.isArray(list) || list.length === 0)
    return { ok: false, reason: 'No list of messages with "role" and "content".' };
  const ranges = objectRanges(text);
  let uncountedParts = 0;
  const messages: ChatMessage[] = [];
  for (const [index, item] of (list as unknown[]).entries()) {
    const message = item as { role?: unknown; content?: unknown; name?: unknown } | null;
    if (typeof message !== 'object' || message === null || typeof message.role !== 'string') {
      return { ok: false, reason: `Message ${index + 1} has no "role".` };
    }
    const parts = Array.isArray(message.content) ? (message.content as unknown[]) : [message.content];
    const texts: string[] = [];
    for (const part of parts) {
      const value = typeof part === 'string' ? part : (part as { text?: unknown } | null | undefined)?.text;
      if (typeof value === 'string') texts.push(value);
      else uncountedParts++;
    }
    const range = ranges[index] ?? { start: 0, end: text.length };
    messages.push({
      role: message.role,
      ...(typeof message.name === 'string' ? { name: message.name } : {}),
      content: texts.join(''),
      ...range,
    });
  }
  return { ok: true, prompt: { kind: 'json', messages, uncountedParts } };
}

/** Ranges of the objects directly inside the first array of a valid JSON text. */
function objectRanges(text: string): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  const named = /"messages"\s*:\s*\[/.exec(text);
  let i = text.trimStart().startsWith('[')
    ? text.indexOf('[') + 1
    : named === null
      ? text.length
      : named.index + named[0].length;
  let depth = 0;
  let start = 0;
  for (; i < text.length; i++) {
    const char = text[i];
    if (char === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (char === '{' || char === '[') {
      if (depth++ === 0) start = i;
    } else if (char === '}' || char === ']') {
      if (depth === 0) break;
      if (--depth === 0) ranges.push({ start, end: i + 1 });
    }
  }
  return ranges;
}
