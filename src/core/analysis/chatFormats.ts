// What chat formats add around each message, as their vendors document it: in words for APIs, in the chat template of
// the tokenizer configuration for open models. Vendors that document neither (Anthropic, Google) have no entry: a
// guessed overhead would be worse than none.

/** Tokens a chat format adds. The role's name is counted with the model's tokenizer unless `roleIsToken`. */
export interface ChatFormat {
  readonly id: string;
  readonly perMessage: number;
  readonly perName: number;
  /** Added once, for the start of the reply and of the text. */
  readonly perRequest: number;
  /** True where one special token stands for the role, so that its name costs nothing by itself. */
  readonly roleIsToken?: boolean;
  readonly source: string;
}

/** Overhead of OpenAI's chat format for GPT-3.5 Turbo, GPT-4, GPT-4o and later; OpenAI calls it subject to change. */
export const OPENAI_CHAT_FORMAT: ChatFormat = {
  id: 'openai-chat',
  perMessage: 3,
  perName: 1,
  perRequest: 3,
  source: 'OpenAI cookbook, "How to count tokens with tiktoken": 3 per message, 1 per name, 3 for the reply',
};

/** <|start|>role<|message|>text<|end|>, then <|start|>assistant. */
const HARMONY: ChatFormat = {
  id: 'harmony',
  perMessage: 3,
  perName: 0,
  perRequest: 2,
  source: 'OpenAI harmony response format of gpt-oss',
};

/** <|im_start|>role⏎text<|im_end|>⏎, then <|im_start|>assistant⏎. */
const CHATML: ChatFormat = {
  id: 'chatml',
  perMessage: 4,
  perName: 0,
  perRequest: 3,
  source: 'ChatML template of the Qwen tokenizer configuration',
};

/** A header of start mark, role, end mark and an empty line, the text, an end mark; then the header of the reply. */
const LLAMA: ChatFormat = {
  id: 'llama',
  perMessage: 4,
  perName: 0,
  perRequest: 5,
  source: 'template of the Llama 3 tokenizer configuration, without the date it adds to the system message',
};

/** <｜User｜>text<｜Assistant｜>text<｜end▁of▁sentence｜>; the end mark of replies in the prompt is left out of account. */
const DEEPSEEK: ChatFormat = {
  id: 'deepseek',
  perMessage: 1,
  perName: 0,
  perRequest: 2,
  roleIsToken: true,
  source: 'template of the DeepSeek V3 tokenizer configuration',
};

const BY_FAMILY: readonly (readonly [pattern: RegExp, format: ChatFormat])[] = [
  [/^(gpt|o-series)/i, OPENAI_CHAT_FORMAT],
  [/^qwen/i, CHATML],
  [/^llama/i, LLAMA],
  [/^deepseek/i, DEEPSEEK],
];

/**
 * The chat format of a model's family, or of an encoding where no model is chosen; undefined where none is documented.
 * @param family as in models.json, for example 'GPT-5'
 */
export function chatFormatOf(family: string | undefined, encoding: string): ChatFormat | undefined {
  if (family !== undefined) return BY_FAMILY.find(([pattern]) => pattern.test(family))?.[1];
  if (encoding === 'o200k_harmony') return HARMONY;
  return encoding === 'o200k_base' || encoding === 'cl100k_base' ? OPENAI_CHAT_FORMAT : undefined;
}
