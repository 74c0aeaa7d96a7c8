// tessera watermark and watermark-audit as a user runs them: reports, fixtures, and what is said about bad input.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readArguments, UsageError, type CliCommand } from '../../../src/cli/cliCommand';
import { watermarkAuditCommand } from '../../../src/cli/watermarkAuditCommand';
import { auditAsText } from '../../../src/cli/watermarkAuditPrinting';
import { watermarkCommand } from '../../../src/cli/watermarkCommand';

const folder = mkdtempSync(join(tmpdir(), 'tessera-watermark-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const FIXTURES = new URL('../../fixtures/watermark/', import.meta.url).pathname;

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

interface Run {
  readonly code: number;
  readonly out: string;
  readonly notes: string;
}

async function run(command: CliCommand, ...argv: string[]): Promise<Run> {
  let out = '';
  let notes = '';
  try {
    const code = await command.run(readArguments(command, argv), {
      out: (part) => {
        out += part;
        return Promise.resolve();
      },
      note: (part) => {
        notes += `${part}\n`;
      },
      standardInput: () => Promise.resolve(new Uint8Array()),
    });
    return { code, out, notes };
  } catch (error) {
    // What main.ts does with it: the message to stderr and exit code 2.
    if (error instanceof UsageError) return { code: 2, out, notes: error.message };
    throw error;
  }
}

interface FixtureFile {
  readonly config: Record<string, unknown>;
  readonly scheme: string;
  readonly cases: readonly { readonly label: string; readonly ids: readonly number[] }[];
}
const fixture = JSON.parse(readFileSync(join(FIXTURES, 'hf-kgw-lefthash-r50k.json'), 'utf8')) as FixtureFile;
const scheme = file('scheme.json', { ...fixture.config, scheme: fixture.scheme });
const idsOf = (label: string): readonly number[] =>
  fixture.cases.find((item) => item.label === label)?.ids ?? [];
const marked = file('marked.json', { ids: idsOf('wm-200') });

describe('tessera watermark', () => {
  it('prints the fields that scripts read, and none of the key', async () => {
    const { code, out } = await run(watermarkCommand, '--scheme', scheme, '--tokens', marked, '--json');
    expect(code).toBe(0);
    const report = JSON.parse(out) as Record<string, unknown> & { tokens: Record<string, unknown>[] };
    expect(report).toMatchObject({ scheme: 'hf-kgw', verdict: 'found', pKind: 'exact binomial' });
    for (const field of ['scored', 'ignored', 'statistic', 'z', 'p', 'correctedP'])
      expect(typeof report[field], field).toBe('number');
    expect(report['range']).toMatchObject({ start: expect.any(Number) as number });
    expect(report.tokens.length).toBe(199);
    expect(report.tokens[0]).toMatchObject({ index: 1, id: idsOf('wm-200')[1] });
    expect(out).not.toContain('15485863');
  });
  it('reads a key from the command line: another key finds nothing', async () => {
    const { code, out } = await run(watermarkCommand, '-s', scheme, '-k', '77', '-t', marked, '--json');
    expect(code).toBe(0);
    expect((JSON.parse(out) as { verdict: string }).verdict).toBe('not-found');
  });
  it('replays every kind of fixture', async () => {
    const names = [
      'prng.json',
      'plant.json',
      'lmw-normalizer.json',
      'unigram-r50k-key0.json',
      'markllm-unigram.json',
    ];
    expect(readdirSync(FIXTURES)).toEqual(expect.arrayContaining(names));
    for (const name of names) {
      const { code, out } = await run(watermarkCommand, '--fixture', join(FIXTURES, name));
      expect(out, name).toMatch(/^pass: \d+ cases, \d+ values\n$/);
      expect(code).toBe(0);
    }
    const broken = file('broken.json', {
      format: 1,
      scheme: 'lm-watermarking unicode normalizer',
      cases: [{ in: 'a\tb', out: 'a b' }],
    });
    expect(await run(watermarkCommand, '--fixture', broken)).toMatchObject({
      code: 1,
      out: expect.stringContaining('text 0') as string,
    });
  });

  const kgw = { greenlist_ratio: 0.25, hashing_key: 15485863, vocab_size: 50257 };
  const bad: readonly (readonly [string, readonly string[], string])[] = [
    ['no scheme', [marked], '--scheme'],
    ['a missing file', ['-s', join(folder, 'none.json'), '-t', marked], 'Cannot read'],
    ['malformed settings', ['-s', file('bad1.json', '{"hashing_key": '), '-t', marked], 'not valid JSON'],
    ['an unknown scheme', ['-s', file('bad2.json', { scheme: 'stegano' }), '-t', marked], 'Known schemes'],
    [
      'settings made on a GPU',
      ['-s', file('bad3.json', { ...kgw, device: 'cuda' }), '-t', marked],
      'set "device" to "cpu"',
    ],
    ['a vocabulary too small', ['-s', scheme, '--vocab-size', '1000', '-t', marked], 'config.vocab_size'],
    ['no vocabulary', ['-s', file('bad4.json', { greenlist_ratio: 0.25 }), '-t', marked], 'vocab_size'],
    [
      'a key above 2^32 where it cannot be',
      [
        '-s',
        file('bad5.json', { scheme: 'kuditipudi-demo-exp', key: 4294967296, vocab_size: 50257 }),
        '-t',
        marked,
      ],
      'below 2^32',
    ],
    ['a key that is none', ['-s', scheme, '-k', 'secret', '-t', marked], 'whole number'],
    ['ids that are none', ['-s', scheme, '-t', file('ids.json', { ids: [1.5] })], '"ids"'],
    ['a text and ids', ['-s', scheme, '-t', marked, marked], 'not both'],
    ['a fixture that is none', ['--fixture', scheme], 'not a fixture'],
    ['a model for ids', ['-s', scheme, '-t', marked, '--model', 'tiny'], '--model reads a text'],
    ['an odd level', ['-s', scheme, '-t', marked, '--level', '2'], 'between 0 and 1'],
  ];
  for (const [what, argv, says] of bad) {
    it(`${what}: says what to do, exit code 2`, async () => {
      const { code, notes } = await run(watermarkCommand, ...argv);
      expect(notes).toContain(says);
      expect(code).toBe(2);
    });
  }
  it('three tokens are too little, with advice', async () => {
    const three = file('three.json', { ids: [5, 6, 7] });
    const { code, out } = await run(watermarkCommand, '-s', scheme, '-t', three);
    expect(code).toBe(0);
    expect(out).toContain('Too little text');
    expect(out).toContain('select a longer passage');
  });
});

describe('tessera watermark-audit', () => {
  it('refuses what has no fixed list, and too little material, in words', async () => {
    const from = file('from.json', { marked: [[1, 2]], plain: [[1, 2]] });
    const kgwRun = await run(watermarkAuditCommand, '-s', scheme, '--from', from);
    expect(kgwRun.notes).toContain('covers Unigram');
    expect(kgwRun.code).toBe(2);
    const unigram = file('unigram.json', { scheme: 'unigram', vocab_size: 100 });
    const wrong = file('wrong.json', { marked: [[1, 200]], plain: [[1]] });
    expect((await run(watermarkAuditCommand, '-s', unigram, '--from', wrong)).notes).toContain('below 100');
    expect((await run(watermarkAuditCommand, '-s', unigram, '--from', scheme)).notes).toContain('"marked"');
  });
  it('prints the curve of each attacker with its control and the solver limit', () => {
    const removal = [{ budget: 1, detectedBefore: 20, detectedAfter: 4 }];
    const result = {
      completions: 30,
      stolen: 40,
      precision: 0.9,
      coverage: 0.8,
      removal,
      status: 'Optimal',
      seconds: 1,
    };
    const head = {
      scheme: 'Unigram',
      gamma: 0.25,
      source: '30 completions',
      seconds: 2,
      timeLimitSeconds: 60,
    };
    const text = auditAsText(head, [
      { ...result, attacker: 'lp', control: false },
      { ...result, attacker: 'lp', control: true, precision: NaN },
    ]);
    expect(text).toContain('limit 60 s');
    expect(text).toContain('16 of 20');
    expect(text).toContain('(control, no mark)');
    expect(text).not.toContain('NaN');
    expect(text).toContain('hides 16 of 20 texts');
  });
});
