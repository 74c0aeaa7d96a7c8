// SentencePiece .model files against what SentencePiece itself says (test/fixtures/tokenizers).
import { describe, expect, test } from 'vitest';
import { PipelineTokenizer } from '../../../../../src/core/tokenizers/formats/pipelineTokenizer';
import { readSentencePieceModel } from '../../../../../src/core/tokenizers/formats/sentencePieceReader';
import { endsAreOrdered, expected, fixtureBytes, fixtureNames } from './tokenizerFixtures';

function load(name: string): PipelineTokenizer {
  const result = readSentencePieceModel(fixtureBytes(name), { name });
  if (!result.ok) throw new Error(result.reason.message);
  if (!(result.tokenizer instanceof PipelineTokenizer)) throw new Error('not a pipeline');
  return result.tokenizer;
}

describe.each(fixtureNames('.model'))('%s', (name) => {
  const cases = expected.files[name]!;
  const tokenizer = load(name);

  test('gives the library’s ids and decodes to the library’s text', () => {
    expected.strings.forEach((text, i) => {
      expect({ text, ids: [...tokenizer.encode(text)] }).toEqual({ text, ids: cases[i]!.ids });
      expect(tokenizer.decodeText(cases[i]!.ids)).toBe(cases[i]!.decoded);
    });
  });

  test('gives ends in the original text, in order', () => {
    for (const text of expected.strings) {
      const spans = tokenizer.encodeSpans(text);
      expect(endsAreOrdered(text, spans.byteEnds, spans.utf16Ends), JSON.stringify(text)).toBe(true);
      expect(tokenizer.count(text)).toBe(spans.ids.length);
    }
  });
});

test('identity normalization with byte fallback gives back every text', () => {
  const tokenizer = load('spm-bpe.model');
  for (const text of expected.strings) {
    // '▁' itself is SentencePiece's space and comes back as one.
    const back = new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      tokenizer.decodeBytes(tokenizer.encode(text)),
    );
    expect(back).toBe(text.replaceAll('▁', ' '));
  }
});
