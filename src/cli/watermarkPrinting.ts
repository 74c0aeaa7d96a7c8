// A watermark report as text for people and as JSON for programs.
import type { HiddenCharacter } from '../core/watermark/hiddenCharacters';
import type { SchemeResult, WatermarkReport } from '../core/watermark/watermarkReport';

/** p-values as people write them; a value too small for a double keeps its exponent. */
export function formatP({ p, log10P }: { readonly p: number; readonly log10P: number }): string {
  if (p > 1e-300) return p >= 0.001 ? p.toFixed(4) : p.toExponential(2);
  const exponent = Math.floor(log10P);
  return `${(10 ** (log10P - exponent)).toFixed(2)}e${exponent}`;
}

function resultLines(result: SchemeResult): [string, string][] {
  const range = result.range;
  return [
    ['scheme', `${result.scheme}, key ${result.keyFingerprint}, vocabulary ${result.vocabularySize}`],
    ['scored', `${result.scored} tokens; ${result.ignored} ignored as repeated or masked`],
    ['statistic', `${Number(result.statistic.toFixed(6))} ${result.statisticName}`],
    ['z', result.z === null ? '-' : result.z.toFixed(6)],
    ['p', `${formatP(result.p)} (${result.pKind}, whole text)`],
    ['corrected p', `${formatP(result.correctedP)} (for ${result.tests} tests)`],
    ['range', range === null ? '-' : `tokens ${range.start} to ${range.end - 1}`],
    ['power', `${(100 * result.power.probability).toFixed(0)} % at this length for a mark of usual strength`],
    ...result.notes.map((note): [string, string] => ['note', note]),
  ];
}

export function reportAsText(report: WatermarkReport, hidden: readonly HiddenCharacter[]): string {
  const lines = [report.summary, `${'text'.padEnd(13)}${report.tokenCount} tokens (${report.tokenizer})`];
  for (const result of report.results) {
    for (const [name, value] of resultLines(result)) lines.push(`${name.padEnd(13)}${value}`);
  }
  if (hidden.length > 0) lines.push(`hidden       ${hidden.length} hidden or misleading characters:`);
  for (const { offset, name } of hidden.slice(0, 20)) lines.push(`             at ${offset}: ${name}`);
  lines.push(...report.caveats);
  return `${lines.join('\n')}\n`;
}

export function reportAsJson(
  report: WatermarkReport,
  ids: ArrayLike<number>,
  hidden: readonly HiddenCharacter[],
): unknown {
  const results = report.results.map((result) => ({
    scheme: result.schemeId,
    name: result.scheme,
    keyFingerprint: result.keyFingerprint,
    vocabularySize: result.vocabularySize,
    scored: result.scored,
    ignored: result.ignored,
    statisticName: result.statisticName,
    statistic: result.statistic,
    z: result.z,
    p: result.p.p,
    log10P: result.p.log10P,
    pKind: result.pKind,
    correctedP: result.correctedP.p,
    correctedLog10P: result.correctedP.log10P,
    tests: result.tests,
    range: result.range,
    power: result.power,
    verdict: result.verdict,
    notes: result.notes,
    tokens: Array.from(result.tokens.values, (value, i) => ({
      index: result.tokens.first + i,
      id: ids[result.tokens.first + i],
      value,
      counted: result.tokens.counted[i] === 1,
    })),
  }));
  const { verdict, summary, level, tokenizer, tokenCount, caveats } = report;
  // One scheme is the usual case on the command line: its fields are also at the top.
  return { ...results[0], verdict, summary, level, tokenizer, tokenCount, hidden, caveats };
}
