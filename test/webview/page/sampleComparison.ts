// A comparison for the fake host: choice number i cuts every i + 2 UTF-16 units, so that every number can be checked by
// hand. Choices that start with "model:" are estimates with a price.
import type { Comparison } from '../../../src/shared/panelProtocol';

const LINES = 6;

function cutsEvery(length: number, step: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil(length / step) - 1) }, (_, i) => (i + 1) * step);
}

export function sampleComparison(text: string, choices: readonly string[]): Comparison {
  const lines = text.split('\n').filter((line) => line.length > 12);
  return {
    characters: text.length,
    bytes: text.length,
    rows: choices.map((choice, i) => {
      const isModel = choice.startsWith('model:');
      return {
        choice,
        label: isModel ? 'Sample Model' : choice,
        encoding: isModel ? 'o200k_base' : choice,
        exactness: isModel ? 'estimate' : 'exact',
        source: 'sample splitter',
        tokens: Math.ceil(text.length / (i + 2)),
        words: 100,
        splitWords: 10 * (i + 1),
        sharedBoundaries: 1 / (i + 1),
        cost: isModel ? '$0.0123' : null,
        priceNote: isModel ? 'price of 2026-11-01' : null,
      };
    }),
    lines: lines.slice(0, LINES).map((line, number) => ({
      line: number,
      text: line.slice(0, 240),
      tokens: choices.map((_, i) => Math.ceil(line.length / (i + 2))),
      cuts: choices.map((_, i) => cutsEvery(Math.min(240, line.length), i + 2)),
    })),
  };
}
