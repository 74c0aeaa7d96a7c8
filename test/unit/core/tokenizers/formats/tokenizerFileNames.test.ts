import { expect, test } from 'vitest';
import { cleanName, suggestedName } from '../../../../../src/core/tokenizers/formats/tokenizerFileNames';

test.each([
  ['/models/Qwen3-8B/tokenizer.json', 'Qwen3-8B'],
  ['C:\\models\\phi\\tokenizer.json', 'phi'],
  ['/cache/hub/models--Qwen--Qwen3-8B/snapshots/0123abc/tokenizer.json', 'Qwen/Qwen3-8B'],
  ['/models/cl100k_base.tiktoken', 'cl100k_base.tiktoken'],
  ['/models/mistral/tokenizer.model.v3', 'mistral'],
  ['/t5/spiece.model', 't5'],
  ['tokenizer.json', 'tokenizer.json'],
  ['./tokenizer.json', 'tokenizer.json'],
  [`/x/${'long'.repeat(40)}.json`, `${'long'.repeat(40).slice(0, 79)}…`],
])('%s is called %s', (path, name) => {
  expect(suggestedName(path)).toBe(name);
});

test('a given name is one visible line', () => {
  expect(cleanName('  my\n\u202emodel\u0000 ')).toBe('my model');
  expect(cleanName(' \u200b\n')).toBeUndefined();
  expect(cleanName('👩'.repeat(100))).toBe(`${'👩'.repeat(79)}…`);
});
