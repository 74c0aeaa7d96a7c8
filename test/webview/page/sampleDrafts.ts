// Drafts as a host would send them, without a model: texts with markup, line breaks, white space and a cut character, and the
// data of every "why" part.
import type { DraftWishes, PanelDraft, PanelDrafts, PanelWhy } from '../../../src/shared/draftsProtocol';

const texts = [
  ['.length', ' >', ' 0', ' &&', ' tokens', '[0]'],
  ['.length', ' ===', ' budget'],
  ['.map((t', ')', ' =>', ' t', '.text', ')'],
  [' as', ' <b>markup</b>', ' & "quotes"'],
  [' {\n', '    return', ' caf', '\ufffd', '\ufffd', ';\n', '}'],
];

/** The text of the sample with a cut character is whole, as in the product. */
const joined = (tokens: readonly string[]): string => tokens.join('').replace('\ufffd\ufffd', 'é');

export function sampleDraft(index: number): PanelDraft {
  const tokens = texts[index % texts.length] ?? [];
  const probabilities = tokens.map((_, i) =>
    i === tokens.length - 2 ? 0.031 : 0.9 - 0.17 * ((i + index) % 5),
  );
  return {
    text: index < texts.length ? joined(tokens) : `${joined(tokens)}${index}`,
    tokens: tokens.map((text, i) => ({
      text,
      whole: i === 0 ? `tok${text}` : text,
      id: 100 + 7 * i + text.length,
      overhang: i === 0 ? 3 : 0,
      logProb: Math.log(probabilities[i] ?? 1),
    })),
    logProb: probabilities.reduce((sum, p) => sum + Math.log(p), 0),
    exact: true,
    stop: index % 2 === 0 ? 'newline' : 'length',
  };
}

function outcomes(weights: Readonly<Record<string, number>>, end: number): Float64Array {
  const p = new Float64Array(257);
  for (const [character, weight] of Object.entries(weights)) p[character.charCodeAt(0)] = weight;
  p[0xc3] = 0.002;
  p[256] = end;
  const total = p.reduce((sum, value) => sum + value, 0);
  return p.map((value) => value / total);
}

export function sampleWhy(wishes: DraftWishes): PanelWhy {
  const k = Math.min(3, wishes.count);
  const names = ['.length', '.map', ' as'];
  return {
    tail: ' tok',
    covers: [
      {
        left: [],
        overhang: ' tok',
        share: 0.914,
        tokens: [
          { text: ' tokens', share: 0.71 },
          { text: ' token', share: 0.18 },
          { text: ' tokenizer', share: 0.02 },
        ],
      },
      {
        left: [' to'],
        overhang: 'k',
        share: 0.061,
        tokens: [
          { text: 'ken', share: 0.05 },
          { text: 'k', share: 0.01 },
        ],
      },
      { left: [' tok'], overhang: '', share: 0.025, tokens: [{ text: '\n', share: 0.012 }] },
    ],
    nextByte: {
      exact: outcomes({ e: 0.91, ' ': 0.03, '.': 0.02, ')': 0.02, '\n': 0.01 }, 0.008),
      allPaths: outcomes({ e: 0.9, ' ': 0.04, '.': 0.02, ')': 0.02, '\n': 0.01 }, 0.008),
      tokenLevel: outcomes({ ' ': 0.41, '.': 0.22, ')': 0.16, '\n': 0.09, e: 0.05 }, 0.07),
      healing: outcomes({ e: 0.84, ' ': 0.07, '.': 0.04, ')': 0.03 }, 0.02),
    },
    steps:
      wishes.method !== 'superposed'
        ? []
        : [0, 1, 2, 3, 4, 5].map((step) => ({
            tokens: names.slice(0, k).map((text, i) => ({ id: i, text: step === 0 ? text : ` t${step}` })),
            gamma: [0.5 + 0.05 * step, 0.3 - 0.02 * step, 0.2 - 0.03 * step].slice(0, k),
            parents: [0, 1, 2].slice(0, k),
          })),
    tree: [
      {
        text: '.length',
        logProb: Math.log(0.62),
        drafts: [0, 1],
        children: [
          {
            text: ' >',
            logProb: Math.log(0.55),
            drafts: [0],
            children: [
              {
                text: ' 0',
                logProb: Math.log(0.9),
                drafts: [0],
                children: [{ text: ' &&', logProb: Math.log(0.4), drafts: [0], children: [] }],
              },
            ],
          },
          {
            text: ' ===',
            logProb: Math.log(0.21),
            drafts: [1],
            children: [{ text: ' budget', logProb: Math.log(0.03), drafts: [1], children: [] }],
          },
        ],
      },
      {
        text: '.map((t',
        logProb: Math.log(0.11),
        drafts: [2],
        children: [{ text: ')', logProb: Math.log(0.8), drafts: [2], children: [] }],
      },
    ],
  };
}

export function sampleDrafts(run: number, wishes: DraftWishes): PanelDrafts {
  const count = wishes.method === 'greedy' ? 1 : wishes.count;
  return {
    run,
    version: 1,
    file: 'sample.ts',
    line: 11,
    column: 14,
    before: '  return tok',
    after: '',
    drafts: Array.from({ length: count }, (_, i) => sampleDraft(i)),
    method: wishes.method,
    seed: wishes.seed,
    model: 'tessera-tiny',
    layout: 'spm',
    notes: ['The model saw the last 512 tokens before the cursor.'],
    promptTokens: 512,
    milliseconds: 48.3,
    endShare: 0.008,
    why: sampleWhy(wishes),
  };
}
