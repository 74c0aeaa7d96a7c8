// tokenizer.json against what Hugging Face's own library says about the same file (test/fixtures/tokenizers).
import { describe, expect, test } from 'vitest';
import type { PipelineTokenizer } from '../../../../../src/core/tokenizers/formats/pipelineTokenizer';
import { readTokenizerJson } from '../../../../../src/core/tokenizers/formats/tokenizerJsonReader';
import { endsAreOrdered, expected, fixtureNames, fixtureText } from './tokenizerFixtures';

function load(name: string): PipelineTokenizer {
  return readTokenizerJson(JSON.parse(fixtureText(name)), { name }).pipeline;
}

describe.each(fixtureNames('.json'))('%s', (name) => {
  const cases = expected.files[name]!;

  test('gives the library’s ids and decodes to the library’s text', () => {
    const library = load(name).inLibraryMode();
    expected.strings.forEach((text, i) => {
      expect({ text, ids: [...library.encode(text)] }).toEqual({ text, ids: cases[i]!.ids });
      expect({ text, decoded: library.decodeText(cases[i]!.ids) }).toEqual({
        text,
        decoded: cases[i]!.decoded,
      });
    });
  });

  test('takes special tokens in a document as text, as the library does when told so', () => {
    const tokenizer = load(name);
    // Byte tokens stand for text even where the file calls them special.
    const specials = new Set(
      [...tokenizer.specialTokens].filter(([text]) => !text.startsWith('<0x')).map(([, id]) => id),
    );
    const unigram = tokenizer.kind === 'unigram';
    expected.strings.forEach((text, i) => {
      const ids = [...tokenizer.encode(text)];
      // The library's Unigram model writes '<s>' as the special token even then; documents never do.
      const spelled =
        unigram && [...tokenizer.specialTokens.keys()].some((special) => text.includes(special));
      if (!spelled) expect({ text, ids }).toEqual({ text, ids: cases[i]!.documentIds ?? cases[i]!.ids });
      const unknown = tokenizer.specialTokens.get('<unk>') ?? tokenizer.specialTokens.get('[UNK]');
      expect({ text, ids: ids.filter((id) => specials.has(id) && id !== unknown) }).toEqual({
        text,
        ids: [],
      });
    });
  });

  test('gives the same ids by the tokenizer that counts use', () => {
    const { pipeline, tokenizer } = readTokenizerJson(JSON.parse(fixtureText(name)), { name });
    for (const text of expected.strings) {
      expect({ text, ids: [...tokenizer.encode(text)] }).toEqual({ text, ids: [...pipeline.encode(text)] });
      expect(tokenizer.encodeSpans(text)).toEqual(pipeline.encodeSpans(text));
    }
  });

  test('gives ends in the original text, in order, and the same ids and count in every method', () => {
    const tokenizer = load(name);
    for (const text of expected.strings) {
      const spans = tokenizer.encodeSpans(text);
      expect(endsAreOrdered(text, spans.byteEnds, spans.utf16Ends), JSON.stringify(text)).toBe(true);
      expect([...spans.ids]).toEqual([...tokenizer.encode(text)]);
      expect(tokenizer.count(text)).toBe(spans.ids.length);
    }
  });
});
