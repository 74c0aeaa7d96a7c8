// The words of a watermark check: chances never overstated and never 0, nothing about who wrote a text.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TokenEvidence } from '../../../src/core/watermark/watermarkReport';
import { combineChecks } from '../../../src/editor/watermarkCombination';
import { toolComparison, toolCounting } from '../../../src/editor/watermarkToolComparison';
import {
  caveats,
  chanceSentence,
  evidenceLevel,
  oneIn,
  powerSentence,
  scientific,
  verdictTitle,
} from '../../../src/editor/watermarkWording';
import { checkWatermark } from '../../../src/core/watermark/watermarkCheck';
import { schemeFromSettings } from '../../../src/core/watermark/schemeCatalogue';
import { parseSettingsText } from '../../../src/core/watermark/settings';
import { fillIn } from './translation';

const numbers = new Intl.NumberFormat('en');
const probability = (log10P: number) => ({ p: Math.max(10 ** log10P, Number.MIN_VALUE), log10P });

describe('chances in words', () => {
  it.each([
    [-6.62, '4 million'],
    [-2, '100'],
    [-2.5, '300'],
    [-9, '1 billion'],
    [-12.9, '7 trillion'],
    [-40.2, '10^40'],
    [-320.5, '10^320'],
  ])('log10 p %d is once in %s', (log10P, words) => {
    expect(oneIn(log10P, numbers, fillIn)).toBe(words);
  });

  it('never claim more than the number', () => {
    for (let log10P = -1.4; log10P > -14.9; log10P -= 0.137) {
      const words = oneIn(log10P, numbers, fillIn);
      const scale = { million: 1e6, billion: 1e9, trillion: 1e12 }[words.split(' ')[1] ?? ''] ?? 1;
      const value = Number(words.split(' ')[0]?.replaceAll(',', '')) * scale;
      expect(value, `${log10P}`).toBeLessThanOrEqual(10 ** -log10P * (1 + 1e-9));
      expect(value, `${log10P}`).toBeGreaterThan(10 ** -log10P / 2.0001);
    }
  });

  it('say plainly when nothing is unusual', () => {
    expect(chanceSentence(probability(0), numbers, fillIn)).toBe('Most unmarked texts look like this.');
    expect(chanceSentence(probability(-0.8), numbers, fillIn)).toBe('Many unmarked texts look like this.');
    expect(chanceSentence(probability(-6.62), numbers, fillIn)).toBe(
      'Would happen by chance about once in 4 million unmarked texts.',
    );
  });

  it('write a p-value that is never 0, however small', () => {
    expect(scientific(probability(-6.62))).toBe('2.4e-7');
    expect(scientific(probability(-412.9))).toBe('1.3e-413');
    expect(scientific(probability(-4.0000000001))).toBe('1.0e-4');
    expect(scientific(probability(0))).toBe('1.0');
    for (let log10P = 0; log10P > -2000; log10P -= 7.3)
      expect(scientific(probability(log10P))).toMatch(/[1-9]/);
  });

  it('state power as a share of texts', () => {
    const power = { probability: 0.93, assumedMean: 0, detectableMean: 0 };
    expect(powerSentence(power, 188, numbers, fillIn)).toContain('93 of 100 texts of 188 scored tokens');
    expect(powerSentence({ ...power, probability: 1 }, 5, numbers, fillIn)).toContain('> 99 of 100');
  });
});

describe('what the feature must never say', () => {
  const sources = [
    'src/editor/watermarkWording.ts',
    'src/editor/watermarkTokenText.ts',
    'src/editor/watermarkCommands.ts',
    'src/editor/watermarkSchemeInput.ts',
    'src/panel/watermarkState.ts',
    'src/agent/watermarkTool.ts',
    'webview/watermarkView.ts',
    'webview/watermarkReport.ts',
    'webview/watermarkLists.ts',
    'webview/evidenceMap.ts',
  ].map((path) => [path, readFileSync(join(__dirname, '..', '..', '..', path), 'utf8')] as const);

  it.each(sources)('%s claims nothing about who or what wrote a text', (_, text) => {
    expect(text).not.toMatch(
      /AI[- ](written|generated)|\bAI\b|written by (a|an) (machine|model|human)|human[- ]written/i,
    );
  });

  it('has exactly three verdicts, and both caveats for each', () => {
    expect(
      (['found', 'not-found', 'too-little-text'] as const).map((verdict) => verdictTitle(verdict, fillIn)),
    ).toEqual(['Watermark found', 'No watermark found', 'Too little text to tell']);
    expect(caveats(fillIn).join(' ')).toMatch(/does not show who wrote the text.*Absence proves nothing/);
  });
});

describe('evidence of a token', () => {
  const evidence = (values: number[], nullMean: number, most: number): TokenEvidence => ({
    first: 0,
    values: Float64Array.from(values),
    counted: Uint8Array.from(values, (value) => (value < 0 ? 0 : 1)),
    nullMean,
    most,
  });
  const levels = (given: TokenEvidence) => Array.from(given.values, (_, i) => evidenceLevel(given, i));

  it('is green or red for lists', () => {
    expect(levels(evidence([1, 0, -1], 0.25, 1))).toEqual(['strong', 'against', 'ignored']);
    expect(levels(evidence([1, 0], 0.5, 1))).toEqual(['strong', 'against']);
  });

  it('is graded for g-values and exponentials', () => {
    expect(levels(evidence([15, 16, 18, 9], 15, 30))).toEqual(['against', 'weak', 'strong', 'against']);
    expect(levels(evidence([0.2, 1.4, 3.1], 1, 6))).toEqual(['against', 'weak', 'strong']);
  });
});

describe('several schemes', () => {
  const fixture = JSON.parse(
    readFileSync(join(__dirname, '..', '..', 'fixtures', 'watermark', 'hf-kgw-lefthash-r50k.json'), 'utf8'),
  ) as {
    config: object;
    cases: { label: string; ids: number[]; all: { z: number; p_hf?: number } }[];
  };
  const answerUnder = (label: string, key: string | undefined, counting: 'pairs' | 'all' = 'pairs') => {
    const parsed = parseSettingsText(JSON.stringify(fixture.config));
    const scheme = parsed.ok ? schemeFromSettings(parsed.value, { key }) : parsed;
    if (!scheme.ok) throw new Error(scheme.reason);
    const { ids } = fixture.cases.find((item) => item.label === label)!;
    const outcome = checkWatermark({
      ids,
      schemes: [scheme.value],
      tokenizer: 'r50k_base',
      options: { counting, scan: counting === 'pairs' },
    });
    if (outcome?.ok !== true) throw new Error('stopped');
    const saved = {
      id: key ?? '',
      name: key ?? 'default',
      schemeId: scheme.value.id,
      scheme: scheme.value.name,
      settings: '{}',
      fingerprint: '',
      tokenizer: 'r50k_base',
      vocabularySize: 50257,
      distortionFree: false,
    };
    const answer = {
      report: outcome.value,
      ids: Uint32Array.from(ids),
      utf16Ends: new Uint32Array(ids.length),
    };
    return { saved, answer, comparison: undefined };
  };

  it('are corrected by Holm: the smallest p is multiplied by their number', () => {
    const right = answerUnder('wm-200', undefined);
    const alone = right.answer.report.results[0]!.correctedP.log10P;
    const combined = combineChecks([answerUnder('wm-200', '5'), right, answerUnder('wm-200', '7')], 0.01);
    expect(combined.strongest).toBe(1);
    expect(combined.verdict).toBe('found');
    expect(combined.findings[1]!.result.correctedP.log10P).toBeCloseTo(alone + Math.log10(3), 9);
    expect(combined.findings[0]!.result.range).toBeNull();
  });

  it('show the tool’s own z and p as its reference implementation printed them', () => {
    for (const item of fixture.cases) {
      const result = answerUnder(item.label, undefined, 'all').answer.report.results[0]!;
      const { z, p, label } = toolComparison(result, fillIn);
      expect(label).toContain('transformers');
      expect(z, item.label).toBeCloseTo(item.all.z, 9);
      if (item.all.p_hf !== undefined && item.all.p_hf > 1e-10)
        expect(p!.p / item.all.p_hf).toBeCloseTo(1, 6);
      expect(p!.p).toBeGreaterThan(0);
    }
    expect(toolCounting('hf-kgw')).toBe('all');
    expect(toolCounting('kuditipudi-exp')).toBeUndefined();
  });
});
