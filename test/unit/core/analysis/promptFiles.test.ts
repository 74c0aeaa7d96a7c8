import { describe, expect, it } from 'vitest';
import { chatFormatOf, OPENAI_CHAT_FORMAT } from '../../../../src/core/analysis/chatFormats';
import { chatTokens, parseChatPrompt } from '../../../../src/core/analysis/chatPrompt';
import { documentSections } from '../../../../src/core/analysis/documentSections';
import { markdownSections, templateSections } from '../../../../src/core/analysis/promptSections';

function messagesOf(name: string, text: string): (readonly [string, string])[] {
  const result = parseChatPrompt(name, text);
  if (!result.ok) throw new Error(result.reason);
  return result.prompt.messages.map((message) => [message.role, message.content] as const);
}

describe('chat prompts', () => {
  it('reads a JSON array with ranges that cover each object', () => {
    const text =
      '[\n  {"role": "system", "content": "Be {brief} \\"now\\""},\n  {"role":"user","name":"ann","content":[{"type":"text","text":"Hi"},{"type":"image_url","image_url":{}}]}\n]';
    const result = parseChatPrompt('chat.json', text);
    if (!result.ok) throw new Error(result.reason);
    expect(result.prompt.messages.map((m) => m.content)).toEqual(['Be {brief} "now"', 'Hi']);
    expect(result.prompt.uncountedParts).toBe(1);
    const second = result.prompt.messages[1]!;
    expect(JSON.parse(text.slice(second.start, second.end))).toMatchObject({ name: 'ann' });
  });

  it('reads an object with "messages"', () => {
    const text = '{"model":"m","messages":[{"role":"user","content":"x"}]}';
    expect(messagesOf('request.json', text)).toEqual([['user', 'x']]);
  });

  it.each(['{"a":1}', '[1,2]', '[]', '{', '[{"content":"no role"}]'])('says why %s is no chat', (text) => {
    const result = parseChatPrompt('a.json', text);
    expect(result.ok).toBe(false);
  });

  it('reads Prompty sections after the front matter', () => {
    const text = '---\nname: demo\n---\nsystem:\nYou are terse.\n\nuser:\n{{question}}\n';
    expect(messagesOf('demo.prompty', text)).toEqual([
      ['system', 'You are terse.'],
      ['user', '{{question}}'],
    ]);
  });

  it('reads a .prompt.md as one user message', () => {
    expect(messagesOf('a.prompt.md', '---\nmode: agent\n---\nDo it.\n')).toEqual([['user', 'Do it.']]);
    expect(messagesOf('a.prompt.md', 'No front matter')).toEqual([['user', 'No front matter']]);
  });

  it('adds the documented overhead: 3 a message, 1 a name, 3 for the reply', () => {
    const result = parseChatPrompt(
      'c.json',
      '[{"role":"system","content":"a b"},{"role":"user","name":"n","content":"c"}]',
    );
    if (!result.ok) throw new Error(result.reason);
    const words = (text: string): number => text.split(' ').length;
    const tokens = chatTokens(result.prompt, OPENAI_CHAT_FORMAT, words);
    // 2 × (3 + role) + (1 + name) + 3
    expect(tokens).toMatchObject({ contentTokens: 3, overheadTokens: 13, total: 16 });
  });
});

describe('sections of a prompt', () => {
  it('gives a heading everything down to the next of its level', () => {
    const text = '# A\ntext\n## B\nmore\n# C\n';
    const sections = markdownSections(text).map((s) => [s.title, text.slice(s.start, s.end)]);
    expect(sections).toEqual([
      ['A', '# A\ntext\n## B\nmore\n'],
      ['B', '## B\nmore\n'],
      ['C', '# C\n'],
    ]);
  });

  it('does not take a comment in a fenced block for a heading', () => {
    const text = '# A\n```sh\n# not a heading\n```\n';
    expect(markdownSections(text).map((s) => [s.kind, s.title])).toEqual([
      ['heading', 'A'],
      ['fence', 'sh'],
    ]);
  });

  it('finds long templates and skips short and unfinished ones', () => {
    const long = 'You are a helpful assistant. '.repeat(6);
    const text = `const a = \`short\`;\nconst p = \`${long}\`;\nconst broken = \`${long}`;
    const found = templateSections(text);
    expect(found).toHaveLength(1);
    expect(text.slice(found[0]!.start, found[0]!.end)).toBe(long);
  });
});

describe('chat formats', () => {
  it('are those that vendors document, and none is guessed', () => {
    expect(chatFormatOf('GPT-5', 'o200k_base')).toBe(OPENAI_CHAT_FORMAT);
    expect(chatFormatOf('o-series', 'o200k_base')).toBe(OPENAI_CHAT_FORMAT);
    expect(chatFormatOf('Qwen 3', 'o200k_base')?.id).toBe('chatml');
    expect(chatFormatOf('Llama 4', 'o200k_base')?.id).toBe('llama');
    expect(chatFormatOf('Claude 5', 'o200k_base')).toBeUndefined();
    expect(chatFormatOf('Gemini 4', 'o200k_base')).toBeUndefined();
    expect(chatFormatOf('Your models', 'cl100k_base')).toBeUndefined();
    expect(chatFormatOf(undefined, 'cl100k_base')).toBe(OPENAI_CHAT_FORMAT);
    expect(chatFormatOf(undefined, 'o200k_harmony')?.id).toBe('harmony');
    expect(chatFormatOf(undefined, 'gpt2')).toBeUndefined();
  });

  it('of which a role is a token of its own count no name of the role', () => {
    const result = parseChatPrompt('c.json', '[{"role":"user","content":"a b"}]');
    if (!result.ok) throw new Error(result.reason);
    const format = chatFormatOf('DeepSeek V4', 'o200k_base')!;
    expect(chatTokens(result.prompt, format, (text) => text.split(' ').length)).toMatchObject({
      contentTokens: 2,
      overheadTokens: 3,
    });
  });
});

describe('the sections of a document', () => {
  const words = (text: string): number => (text === '' ? 0 : text.split(/\s+/).length);

  it('are the messages of a chat prompt, content and format apart', () => {
    const text = '[{"role":"system","content":"be kind"},{"role":"user","content":[{"image":1}]}]';
    const { sections, chat } = documentSections(text, 'a.json', 'json', OPENAI_CHAT_FORMAT, words);
    expect(sections.map(({ title, message }) => [title, message])).toEqual([
      ['system', { tokens: 2, overhead: 4 }],
      ['user', { tokens: 0, overhead: 4 }],
    ]);
    expect(chat).toEqual({ messages: 2, contentTokens: 2, overheadTokens: 11, uncountedParts: 1 });
  });

  it('say null where the format is not documented', () => {
    const { sections, chat } = documentSections(
      'user:\nhello you',
      'a.prompty',
      'plaintext',
      undefined,
      words,
    );
    expect(sections[0]?.message).toEqual({ tokens: 2, overhead: null });
    expect(chat?.overheadTokens).toBeNull();
  });

  it('of a .prompt.md are its message and its headings', () => {
    const text = '---\nmode: ask\n---\n# Goal\nDo it.\n';
    const { sections } = documentSections(text, 'a.prompt.md', 'prompt', OPENAI_CHAT_FORMAT, words);
    expect(sections.map(({ kind, title }) => `${kind} ${title}`)).toEqual(['message user', 'heading Goal']);
  });

  it('of JSON that is no chat, and of code, are long templates only', () => {
    expect(documentSections('{"a": 1}', 'a.json', 'json', undefined, words)).toEqual({ sections: [] });
    const code = `const prompt = \`${'word '.repeat(40)}\`;`;
    expect(documentSections(code, 'a.ts', 'typescript', undefined, words).sections[0]?.kind).toBe('template');
  });
});
