// Scores for the page test: words are tokens, and the longer a word the more surprising it is, at two bits a character.
import { surprisePieceTokens, type SurprisePiece } from '../../../src/shared/surpriseProtocol';

/** Start offsets of the sample's tokens: words with the white space before them. */
export function sampleWords(text: string): readonly { readonly from: number; readonly to: number }[] {
  return Array.from(text.matchAll(/\s*\S+|\s+$/gu), (match) => ({
    from: match.index,
    to: match.index + match[0].length,
  }));
}

export function sampleSurprise(text: string, first: number): SurprisePiece {
  const words = sampleWords(text);
  const start = Math.floor(first / surprisePieceTokens) * surprisePieceTokens;
  const part = words.slice(start, start + surprisePieceTokens);
  const bits = Float64Array.from(part, ({ from, to }, i) =>
    start + i === 0 ? NaN : 2 * text.slice(from, to).trim().length,
  );
  const bytes = (from: number, to: number): number => new TextEncoder().encode(text.slice(from, to)).length;
  const peaks = part
    .map(({ from, to }, i) => ({
      index: start + i,
      from,
      to,
      line: text.slice(0, from).split('\n').length - 1,
      text: text.slice(from, to),
      bits: bits[i] ?? 0,
      rank: 2 + i,
      entropy: 3.5,
      choice: ' the',
      choiceProbability: 0.25,
    }))
    .filter((peak) => peak.bits > 0)
    .sort((a, b) => b.bits - a.bits)
    .slice(0, 40);
  return {
    model: 'sample-model',
    window: 1024,
    vocabularySize: 4096,
    totalTokens: words.length,
    totalBytes: bytes(0, text.length),
    first: start,
    last: start + part.length,
    scoredBytes: part.reduce(
      (sum, { from, to }, i) => sum + (Number.isNaN(bits[i]) ? 0 : bytes(from, to)),
      0,
    ),
    bits,
    firstChoices: Math.floor(part.length / 4),
    peaks,
  };
}
