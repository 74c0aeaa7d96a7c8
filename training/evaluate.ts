// Evaluates a model folder on the held-out sample through the runtime that ships: node training/run.mjs evaluate.ts [folder] [samples.md]
//   bits per byte of the text (window 1 024); greedy completions of the rest of a line: the author's line, its first word, its
//   first three characters, with the cursor between words and inside a word; the share of completions after which the file has
//   no more syntax errors than before; samples.
// Completions come from completeDrafts, as in the editor. The seed is fixed: nothing is chosen by hand. TESSERA_CASES places of
// each kind (200): the first ones are the same whatever their number.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { completeDrafts } from '../src/core/decoding/completeDrafts';
import { bitsPerByte, textSurprise } from '../src/core/model/textSurprise';
import { DEFAULT_LOAD_OPTIONS, loadLanguageModel } from '../src/engine/languageModelLoader';
import { loadModelTokenizer } from '../src/engine/modelTokenizer';

interface Row {
  readonly package: string;
  readonly path: string;
  readonly kind: string;
  readonly text: string;
}

const folder = process.argv[2] ?? 'models/tessera-tiny';
const samplesFile = process.argv[3];
const cases = Number(process.env['TESSERA_CASES'] ?? 200);
// One part at a time lets two processes share the work; their reports are joined by key.
const parts = (process.env['TESSERA_PARTS'] ?? 'bits,completions').split(',');
const rows = readFileSync('training/corpus/evaluation.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

let state = 20261124;
const random = (): number => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const below = (n: number): number => Math.floor(random() * n);

/** What a reader sees first: an identifier, number or keyword, or a run of punctuation; blanks before it count. */
const firstWord = (text: string): string => /^\s*(?:[\w$]+|[^\w\s$]+)/.exec(text)?.[0] ?? '';

interface Score {
  cases: number;
  exact: number;
  firstWord: number;
  firstThree: number;
}

const noScore = (): Score => ({ cases: 0, exact: 0, firstWord: 0, firstThree: 0 });

function count(score: Score, text: string, wanted: string): void {
  score.cases++;
  if (text.trimEnd() === wanted.trimEnd()) score.exact++;
  if (text !== '' && firstWord(text) === firstWord(wanted)) score.firstWord++;
  if (text.length >= 3 && wanted.startsWith(text.slice(0, 3))) score.firstThree++;
}

const percent = (n: number, of: number): number => Math.round((1000 * n) / of) / 10;

const percentages = ({ cases: of, ...score }: Score) => ({
  cases: of,
  exactPercent: percent(score.exact, of),
  firstWordPercent: percent(score.firstWord, of),
  firstThreeCharactersPercent: percent(score.firstThree, of),
});

function syntaxErrors(row: Row, text: string): number {
  const file = ts.createSourceFile(row.path.replace(/.*\//, ''), text, ts.ScriptTarget.Latest, false);
  return (file as unknown as { parseDiagnostics: readonly unknown[] }).parseDiagnostics.length;
}

async function main(): Promise<void> {
  const loading = await loadLanguageModel(folder, DEFAULT_LOAD_OPTIONS);
  if (!loading.ok) throw new Error(loading.reason);
  const { model } = loading;
  const reading = await loadModelTokenizer(model);
  if (!reading.ok) throw new Error(reading.reason);
  const { tokenizer } = reading;
  const session = model.openSession();
  const byKind = new Map<string, { bits: number; bytes: number; tokens: number }>();
  for (const row of parts.includes('bits') ? rows : []) {
    const spans = tokenizer.encodeSpans(row.text);
    const lengths = spans.byteEnds.map((end, i) => end - (i === 0 ? 0 : spans.byteEnds[i - 1]!));
    // <|endoftext|> opens the text, so that its first token is scored too, as in training.
    const lead = tokenizer.specialTokens.get('<|endoftext|>');
    const ids = lead === undefined ? spans.ids : Uint32Array.from([lead, ...spans.ids]);
    const sizes = lead === undefined ? lengths : Uint32Array.from([0, ...lengths]);
    const scored = await textSurprise(session, ids, { window: Math.min(1024, model.info.contextLength) });
    const bytes = sizes.reduce((a, b) => a + b, 0);
    for (const kind of [row.kind, 'all']) {
      const sum = byKind.get(kind) ?? { bits: 0, bytes: 0, tokens: 0 };
      byKind.set(kind, {
        bits: sum.bits + bitsPerByte(scored, sizes) * bytes,
        bytes: sum.bytes + bytes,
        tokens: sum.tokens + spans.ids.length,
      });
    }
  }
  const bits = Object.fromEntries(
    [...byKind].map(([kind, { bits: total, bytes, tokens }]) => [
      kind,
      { bitsPerByte: total / bytes, bytes, bytesPerToken: bytes / tokens },
    ]),
  );

  const wantedPlaces = parts.includes('completions') ? 2 * cases : 0;
  const places: { row: Row; at: number; end: number; inside: boolean }[] = [];
  for (let tries = 0; places.length < wantedPlaces && tries < 100000; tries++) {
    const inside = places.length % 2 === 1;
    const row = rows[below(rows.length)]!;
    if (row.kind !== 'typescript' && row.kind !== 'javascript') continue;
    const at = 1 + below(row.text.length - 2);
    const end = row.text.indexOf('\n', at);
    if (end < 0 || end - at < 3 || end - at > 60 || row.text.slice(at, end).trim() === '') continue;
    const [before, after] = [row.text[at - 1]!, row.text[at]!];
    const word = /\w/;
    if (inside !== (word.test(before) && word.test(after))) continue;
    if (!inside && !/[\s(.,=:{[]/.test(before)) continue;
    places.push({ row, at, end, inside });
  }
  const score = { boundary: noScore(), insideWord: noScore() };
  const parse = { noNewErrors: 0, cases: 0, ofTheOriginal: 0 };
  const samples: string[] = [];
  let tokens = 0;
  let milliseconds = 0;
  for (const { row, at, end, inside } of places) {
    const began = process.cpuUsage();
    const result = await completeDrafts(session, tokenizer, {
      prefix: row.text.slice(0, at),
      suffix: row.text.slice(end),
      method: 'greedy',
      singleLine: true,
      maxTokens: 24,
      promptTokens: 700,
    });
    if (!result.ok) throw new Error(result.message);
    const spent = process.cpuUsage(began);
    milliseconds += (spent.user + spent.system) / 1000;
    const text = result.drafts[0]?.text ?? '';
    tokens += result.drafts[0]?.tokens.length ?? 0;
    const wanted = row.text.slice(at, end);
    count(inside ? score.insideWord : score.boundary, text, wanted);
    const original = syntaxErrors(row, row.text);
    parse.cases++;
    if (original === 0) parse.ofTheOriginal++;
    if (syntaxErrors(row, row.text.slice(0, at) + text + row.text.slice(end)) <= original) parse.noNewErrors++;
    if (samples.length < 30)
      samples.push(
        `### ${samples.length + 1}. ${row.package}, ${row.path}\n\n\`\`\`ts\n${row.text.slice(0, at).split('\n').slice(-4).join('\n')}⟦${text}⟧\n\`\`\`\n\nwritten by the author: \`${wanted.replaceAll('`', "'")}\`\n`,
      );
  }
  const report = {
    model: model.description.name,
    date: new Date().toISOString().slice(0, 10),
    ...(parts.includes('bits') ? { textBitsPerByte: bits } : {}),
    ...(parts.includes('completions')
      ? {
          fillInTheMiddle: {
            restOfLine: percentages(score.boundary),
            insideWord: percentages(score.insideWord),
          },
          completionsWithoutNewSyntaxErrors: {
            cases: parse.cases,
            percent: percent(parse.noNewErrors, parse.cases),
          },
          cpuMillisecondsPerCompletion: Math.round(milliseconds / places.length),
          tokensPerCompletion: Math.round((10 * tokens) / places.length) / 10,
        }
      : {}),
  };
  process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
  if (samplesFile !== undefined && samples.length > 0)
    writeFileSync(
      samplesFile,
      `# 30 completions, not chosen\n\nThe first 30 places of the evaluation (seed 20261124), greedy, one line; what stands between ⟦ and ⟧ is the model's.\nHalf of the cursors are inside a word.\n\n${samples.join('\n')}`,
    );
}

void main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
