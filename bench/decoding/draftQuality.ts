// Which draft method is best at equal time: for every method NLL, coverage of the true text, distinct drafts, self-BLEU-2 and
// CPU time against one greedy draft, on real cursor positions; and what the byte-level engine gains inside words.
// Run: npx esbuild bench/decoding/draftQuality.ts --bundle --platform=node --packages=external
//        --outfile=.cache/bench/draftQuality.js && node .cache/bench/draftQuality.js MODEL_FOLDER [POSITIONS]
// MODEL_FOLDER 'toy' runs the script without a model: its times are the decoders' own, its quality means nothing.
import { readFile, writeFile } from 'node:fs/promises';
import { completeDrafts, DRAFT_METHODS, type DraftRequest } from '../../src/core/decoding/completeDrafts';
import { findFimTokens } from '../../src/core/decoding/fimTokens';
import { LiveNgrams } from '../../src/core/decoding/liveNgrams';
import { ngramMixture } from '../../src/core/decoding/ngramMixture';
import { LINEAGE_SETTINGS, PAPER_SETTINGS } from '../../src/core/decoding/superposition';
import type { Draft } from '../../src/core/decoding/draftRanking';
import type { LmSession } from '../../src/core/model/languageModel';
import { ToyRecurrentModel } from '../../src/core/model/toyRecurrentModel';
import { readTokenizerJsonText } from '../../src/core/tokenizers/formats/tokenizerJsonReader';
import type { Tokenizer } from '../../src/core/tokenizers/tokenizer';
import { loadLanguageModel } from '../../src/engine/languageModelLoader';
import { loadModelTokenizer } from '../../src/engine/modelTokenizer';
import { cpuMilliseconds, cursorPositions, quantile, type CursorPosition } from './cursorPositions';

interface Bench {
  readonly name: string;
  readonly session: LmSession;
  readonly tokenizer: Tokenizer;
}

const MAX_TOKENS = 10;
const COUNT = 3;
const PROMPT_TOKENS = 512;

async function openBench(folder: string): Promise<Bench> {
  if (folder === 'toy') {
    const text = await readFile('models/tessera-tiny/tokenizer.json', 'utf8');
    const read = readTokenizerJsonText(text, { name: 'tessera-tiny' });
    if (!read.ok) throw new Error(read.reason.message);
    const { tokenizer } = read;
    const fim = findFimTokens(tokenizer.specialTokens);
    const endToken = tokenizer.specialTokens.get('<|endoftext|>');
    const model = new ToyRecurrentModel({
      vocabularySize: tokenizer.vocabularySize,
      ...(endToken === undefined ? {} : { endToken }),
      info: { contextLength: 1024, ...(fim === undefined ? {} : { fim }) },
    });
    return { name: 'toy', session: model.openSession(), tokenizer };
  }
  const loading = await loadLanguageModel(folder);
  if (!loading.ok) throw new Error(loading.reason);
  const tokenizer = await loadModelTokenizer(loading.model);
  if (!tokenizer.ok) throw new Error(tokenizer.reason);
  return {
    name: loading.model.info.name,
    session: loading.model.openSession(),
    tokenizer: tokenizer.tokenizer,
  };
}

async function draftsAt(
  { session, tokenizer }: Bench,
  { text, at }: CursorPosition,
  request: Partial<DraftRequest>,
): Promise<readonly Draft[]> {
  const result = await completeDrafts(session, tokenizer, {
    prefix: text.slice(0, at),
    suffix: text.slice(at),
    count: COUNT,
    maxTokens: MAX_TOKENS,
    promptTokens: PROMPT_TOKENS,
    singleLine: false,
    ...request,
  });
  if (!result.ok) throw new Error(result.message);
  return result.drafts;
}

const firstWord = (text: string): string =>
  /^\s*(?:[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]+)/u.exec(text)?.[0] ?? '';
const lineOf = (text: string): string => (/^[^\r\n]*/.exec(text)?.[0] ?? '').trimEnd();
const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);

/** Mean share of a draft's token pairs that some other draft has too. */
function selfBleu2(drafts: readonly Draft[]): number {
  const pairs = drafts.map(
    ({ tokens }) => new Set(tokens.slice(1).map((t, i) => `${tokens[i]!.id},${t.id}`)),
  );
  return mean(
    pairs.map((own, d) => {
      const others = new Set(pairs.flatMap((set, o) => (o === d ? [] : [...set])));
      return own.size === 0 ? 0 : [...own].filter((pair) => others.has(pair)).length / own.size;
    }),
  );
}

async function methodRow(
  bench: Bench,
  positions: readonly CursorPosition[],
  name: string,
  request: (position: CursorPosition) => Partial<DraftRequest>,
): Promise<Record<string, unknown>> {
  const nll: number[][] = Array.from({ length: COUNT }, () => []);
  const times: number[] = [];
  const best: number[] = [];
  const distinct: number[] = [];
  const bleu: number[] = [];
  let word = 0;
  let line = 0;
  for (const position of positions) {
    const wishes = request(position);
    // The prompt is in the cache, as it is when a user asks again.
    await draftsAt(bench, position, { method: 'greedy', maxTokens: 1 });
    const before = cpuMilliseconds();
    const drafts = await draftsAt(bench, position, wishes);
    times.push(cpuMilliseconds() - before);
    drafts.forEach((draft, d) => nll[d]?.push(-draft.logProb / draft.tokens.length));
    if (drafts.length > 0) best.push(Math.min(...drafts.map((d) => -d.logProb / d.tokens.length)));
    distinct.push(drafts.length);
    if (drafts.length > 1) bleu.push(selfBleu2(drafts));
    const truth = position.text.slice(position.at);
    if (drafts.some((d) => firstWord(d.text) === firstWord(truth))) word++;
    if (drafts.some((d) => lineOf(d.text) === lineOf(truth))) line++;
  }
  return {
    method: name,
    nllByDraft: nll.map(mean),
    nllBest: mean(best),
    distinctDrafts: mean(distinct),
    selfBleu2: mean(bleu),
    firstWordCovered: word / positions.length,
    lineCovered: line / positions.length,
    milliseconds: { p50: quantile(times, 0.5), p95: quantile(times, 0.95) },
  };
}

/** First-word exact match of the greedy draft for the three ways to meet a cursor inside a token. */
async function edgeRows(
  bench: Bench,
  positions: readonly CursorPosition[],
): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  const isWord = (unit: string | undefined): boolean => unit !== undefined && /[\p{L}\p{N}_]/u.test(unit);
  const inside = positions.filter(({ text, at }) => isWord(text[at - 1]) && isWord(text[at]));
  const outside = positions.filter(({ text, at }) => !(isWord(text[at - 1]) && isWord(text[at])));
  for (const edge of ['exact', 'tokenLevel', 'healing'] as const) {
    const share = async (some: readonly CursorPosition[]): Promise<{ match: number; spaced: number }> => {
      let match = 0;
      let spaced = 0;
      for (const position of some) {
        const [draft] = await draftsAt(bench, position, { method: 'greedy', maxTokens: 8, edge });
        if (draft === undefined) continue;
        if (firstWord(draft.text) === firstWord(position.text.slice(position.at))) match++;
        if (/^\s/.test(draft.text)) spaced++;
      }
      return { match: match / Math.max(1, some.length), spaced: spaced / Math.max(1, some.length) };
    };
    const within = await share(inside);
    rows.push({
      edge,
      insideWords: inside.length,
      firstWordInsideWords: within.match,
      whiteSpaceInsideWords: within.spaced,
      firstWordElsewhere: (await share(outside)).match,
    });
  }
  return rows;
}

async function main(): Promise<void> {
  const [folder = 'toy', count = '200'] = process.argv.slice(2);
  const bench = await openBench(folder);
  const positions = cursorPositions(Number(count), 23);
  const ngrams = ({ text, at }: CursorPosition) =>
    ngramMixture(new LiveNgrams([bench.tokenizer.encode(text.slice(Math.max(0, at - 40_000), at))]));
  const methods = [];
  for (const method of DRAFT_METHODS) {
    if (method === 'superposed') continue;
    methods.push(await methodRow(bench, positions, method, () => ({ method, seed: 1, temperature: 1 })));
  }
  if (bench.session.info.embeddingSize > 0) {
    const superposed = { published: PAPER_SETTINGS, lineage: LINEAGE_SETTINGS };
    for (const [name, settings] of Object.entries(superposed)) {
      for (const verify of [false, true]) {
        methods.push(
          await methodRow(
            bench,
            positions,
            `superposed, ${name}${verify ? ', verified' : ', own scores'}`,
            (position) => ({
              method: 'superposed',
              superposed: settings,
              ngrams: ngrams(position),
              verify,
            }),
          ),
        );
      }
    }
  }
  const greedy = (methods[0]!['milliseconds'] as { p50: number }).p50;
  const report = {
    what: 'draft methods on real cursor positions of node_modules sources; CPU milliseconds, prompt cached',
    date: new Date().toISOString().slice(0, 10),
    model: bench.name,
    node: process.version,
    positions: positions.length,
    drafts: COUNT,
    tokens: MAX_TOKENS,
    methods: methods.map((row) => ({
      ...row,
      timesGreedy: (row['milliseconds'] as { p50: number }).p50 / greedy,
    })),
    edges: await edgeRows(bench, positions),
  };
  const path = `bench/results/${report.date}-draft-quality-${bench.name.replaceAll(/[^\w-]+/g, '-')}.json`;
  if (bench.name !== 'toy') await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exit(0);
}

void main();
