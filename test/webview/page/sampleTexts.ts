// Texts of the page tests.

/** Prose, code, scripts, an emoji that tokens cut, tabs, hidden characters, markup that must stay text. */
export const mixedText = [
  '# Tokenizer notes',
  '',
  'The quick brown fox 🦊 jumps over 1234567 lazy dogs — naïve café, 東京タワー, Привет мир.',
  '',
  '```ts',
  'export function encode(text: string): Uint32Array {',
  '\tconst pieces = split(text);   // pre-tokenizer',
  '  return merge(pieces, ranks);',
  '}',
  '```',
  '',
  'Internationalization is unbelievably straightforward\u200b once <|endoftext|> is ordinary text.',
  '<img src=x onerror="document.title = \'broken\'"> stays text.',
  '',
  ...Array.from(
    { length: 60 },
    (_, i) => `Line ${i + 16}: the model reads tokens, not letters, and each one has a price.`,
  ),
  'The end.',
].join('\n');

/** A text of about `tokens` tokens in lines of a few words. */
export function longText(tokens: number): string {
  const lines: string[] = [];
  for (let made = 0; made < tokens; made += 9) lines.push(`row ${made % 1000} has seven plain words in it`);
  return lines.join('\n');
}
