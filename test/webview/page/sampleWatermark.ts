// A watermark finding for the fake host: words are tokens, every third one speaks against the mark and every seventh is not
// counted, so that every number can be checked by hand.
import type { PanelReply, WebviewMessage } from '../../../src/shared/panelProtocol';
import type {
  AuditView,
  WatermarkReportView,
  WatermarkSchemeRow,
  WatermarkState,
  WatermarkTokenPage,
} from '../../../src/shared/watermarkProtocol';

type Request = Extract<WebviewMessage, { type: 'request' }>;

export const sampleSchemes: readonly WatermarkSchemeRow[] = [
  {
    id: 'a',
    name: 'Blog drafts',
    scheme: 'KGW (transformers, lefthash)',
    fingerprint: '3fb1c09a',
    tokenizer: 'r50k_base',
    vocabularySize: 50257,
    distortionFree: false,
  },
  {
    id: 'b',
    name: 'House model',
    scheme: 'SynthID-Text (transformers, 30 keys)',
    fingerprint: 'a0e47712',
    tokenizer: 'o200k_base',
    vocabularySize: 200064,
    distortionFree: true,
  },
];

export function sampleReport(tokens: number): WatermarkReportView {
  const facts = [
    { label: 'Scheme', value: 'KGW (transformers, lefthash)' },
    { label: 'Key fingerprint', value: '3fb1c09a' },
    { label: 'Tokenizer', value: 'r50k_base' },
    { label: 'Vocabulary size', value: '50,257' },
    { label: 'Tokens scored', value: '188' },
    { label: 'Tokens ignored', value: '11' },
    { label: 'Statistic', value: '97 green tokens' },
    { label: 'p of the whole text', value: '1.9e-13 (exact binomial)' },
    { label: 'Tests made', value: '9, and 2 schemes' },
    { label: 'p after correction', value: '7.6e-13' },
  ];
  return {
    verdict: 'found',
    title: 'Watermark found',
    chance: 'Would happen by chance about once in 1 trillion unmarked texts.',
    scope: 'Whole file',
    stale: false,
    strongest: 0,
    caveats: [
      'This does not show who wrote the text: anyone with the key can plant a mark or copy it.',
      'Absence proves nothing: short, edited or predictable text can carry a mark that cannot be seen.',
    ],
    results: [
      {
        id: 'a',
        name: 'Blog drafts',
        verdict: 'found',
        title: 'Watermark found',
        chance: 'Would happen by chance about once in 1 trillion unmarked texts.',
        facts,
        power: 'A mark of this scheme’s usual strength would show in > 99 of 100 texts of 188 scored tokens.',
        comparison: [
          { label: 'Its own counting', value: 'transformers, every token counted (199)' },
          { label: 'Its z', value: '8.421' },
          { label: 'Its p', value: '1.2e-20' },
        ],
        notes: ['The key is the published default: a hit says "default settings", not who.'],
        range: { start: 20, end: 90, label: 'lines 2–4' },
        tokens,
        firstFlagged: 4,
      },
      {
        id: 'b',
        name: 'House model',
        verdict: 'not-found',
        title: 'No watermark found',
        chance: 'Most unmarked texts look like this.',
        facts: facts.slice(0, 4),
        power: 'A mark of this scheme’s usual strength would show in 93 of 100 texts of 201 scored tokens.',
        comparison: null,
        notes: [],
        range: null,
        tokens,
        firstFlagged: 0,
      },
    ],
  };
}

export function sampleAudit(): AuditView {
  const attackers = [
    'Frequency',
    'Linear program',
    'Linear program, with detector labels',
    'Mixed-integer program',
  ];
  const rows = [25, 50, 100].flatMap((completions, step) =>
    attackers.flatMap((attacker, i) =>
      [false, true].map((control) => ({
        attacker,
        control,
        completions,
        stolen: 40 * (step + 1) + i,
        precision: control ? 0.48 + 0.01 * i : 0.6 + 0.08 * step + 0.05 * i,
        coverage: control ? 0.1 : 0.2 + 0.2 * step + 0.04 * i,
        removal: control ? 0.02 : 0.25 * step + 0.05 * i,
        solver: i === 0 ? 'counting' : 'Optimal, 0.4 s',
      })),
    ),
  );
  return {
    title: 'Unigram · tessera-tiny, key 5ad0c1f3',
    source: '333 texts of 80 tokens by tessera-tiny, seed 1',
    limits: 'Solver HiGHS, at most 20 s a program; the mixed-integer attacker up to 150 completions.',
    share: 0.5,
    done: true,
    rows,
  };
}

export class SampleWatermark {
  state: WatermarkState = {
    schemes: sampleSchemes,
    file: 'docs/sample.md',
    hasSelection: false,
    report: null,
    hidden: null,
    audit: sampleAudit(),
    planting: {
      name: 'SynthID-Text · tessera-tiny',
      cost: 'It leaves the model’s distribution as it is, averaged over keys.',
      survival: 'Mark survives: p = 3.1e-4 (61 tokens scored)',
    },
    heat: false,
  };

  constructor(private readonly text: () => string) {}

  answer(message: Request, changed: () => void): PanelReply | undefined {
    switch (message.name) {
      case 'watermarkState':
        return { ok: true, result: this.state };
      case 'watermarkCheck':
        this.state = { ...this.state, report: sampleReport(this.words().length), heat: true };
        changed();
        return { ok: true, result: null };
      case 'watermarkTokens':
        return { ok: true, result: this.page(message.params.first, message.params.count) };
      case 'watermarkToken':
        return {
          ok: true,
          result: {
            heading: this.words()[message.params.index] ?? '',
            lines: ['Green: on the list that the key gives here (25 of 100 tokens are).', 'Counted.'],
          },
        };
      case 'watermarkAction':
        this.act(message.params.action);
        changed();
        return { ok: true, result: null };
      case 'watermarkReveal':
        return { ok: true, result: null };
      default:
        return undefined;
    }
  }

  private act(action: string): void {
    if (action === 'clear') this.state = { ...this.state, report: null };
    if (action === 'toggleHeat') this.state = { ...this.state, heat: !this.state.heat };
    if (action === 'removeHidden') this.state = { ...this.state, hidden: { total: 0, runs: [] } };
    if (action === 'findHidden') {
      this.state = {
        ...this.state,
        hidden: {
          total: 12,
          runs: [
            {
              start: 3,
              end: 14,
              line: 0,
              text: '11 hidden characters that spell “ignore this”',
              grave: true,
            },
            { start: 40, end: 41, line: 2, text: 'U+0430 looks like "a"', grave: false },
          ],
        },
      };
    }
  }

  private words(): string[] {
    return this.text().match(/\s*\S+|\s+/gu) ?? [];
  }

  private page(first: number, count: number): WatermarkTokenPage {
    const words = this.words();
    const starts: number[] = [0];
    for (const word of words) starts.push((starts.at(-1) ?? 0) + word.length);
    const texts = words.slice(first, first + count);
    return {
      first,
      total: words.length,
      texts,
      starts: Uint32Array.from(starts.slice(first, first + texts.length + 1)),
      levels: Uint8Array.from(texts, (_, i) =>
        (first + i) % 7 === 6 ? 3 : (first + i) % 3 === 2 ? 2 : (first + i) % 5 === 4 ? 1 : 0,
      ),
      flagged: { start: 4, end: 60 },
    };
  }
}
