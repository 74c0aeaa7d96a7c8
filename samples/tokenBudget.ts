// Keeps a prompt within a token budget by dropping the oldest messages first.

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** Tokens that every message costs besides its content: role, separators, end mark. */
const overheadPerMessage = 4;

export function fitToBudget(
  messages: readonly Message[],
  budget: number,
  countTokens: (text: string) => number,
): readonly Message[] {
  const system = messages.filter(({ role }) => role === 'system');
  const conversation = messages.filter(({ role }) => role !== 'system');
  const costOf = ({ content }: Message): number => countTokens(content) + overheadPerMessage;

  let remaining = budget - system.reduce((sum, message) => sum + costOf(message), 0);
  if (remaining < 0) throw new RangeError(`The system messages alone exceed ${budget} tokens.`);

  const kept: Message[] = [];
  for (const message of conversation.toReversed()) {
    const cost = costOf(message);
    if (cost > remaining) break;
    remaining -= cost;
    kept.unshift(message);
  }
  return [...system, ...kept];
}
