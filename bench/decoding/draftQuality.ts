// The measurements behind "which method is the default" and "what the byte-level engine gains"; started by draftQuality.mjs,
// which fetches the held-out code. Every method runs at every cursor, on the same cached prompt, so times are ratios of one run.
import { readFile, writeFile } from 'node:fs/promises';
import { completeDrafts, type DraftRequest, type DraftsDone } from '../../src/core/decoding/completeDrafts';
import type { CursorEdge } from '../../src/core/decoding/coverStarts';
import { LiveNgrams } from '../../src/core/decoding/liveNgrams';
import { ngramMixture, type NgramModel } from '../../src/core/decoding/ngramMixture';
import { PackedNgrams } from '../../src/core/decoding/packedNgrams';
import { LINEAGE_SETTINGS, PAPER_SETTINGS } from '../../src/core/decoding/superposition';
import type { CacheNode, LmSession } from '../../src/core/model/languageModel';
import type { Tokenizer } from '../../src/core/tokenizers/tokenizer';
import { loadLanguageModel } from '../../src/engine/languageModelLoader';
import { loadModelTokenizer } from '../../src/engine/modelTokenizer';
import { cpuMilliseconds, quantile } from './cursorPositions';
import { firstWord } from './draftMeasures';
import {
  heldOutCursors,
  heldOutTexts,
  wordCursors,
  type HeldOutCursor,
  type WordCursor,
} from './heldOutCursors';
import { MethodRow, round } from './methodRow';

interface Bench {
  readonly name: string;
  readonly session: LmSession;
  readonly tokenizer: Tokenizer;
  readonly shipped: PackedNgrams | undefined;
}

interface Method {
  readonly name: string;
  readonly wishes: (ngrams: NgramModel) => Partial<DraftRequest>;
}

const MAX_TOKENS = 10;
const PROMPT_TOKENS = 512;
const SEED = 23;
/** Ten prompts of their own must fit the cache at once. */
const STEP_CONTEXT = 200;
/** Verification that reports exact probabilities and cuts nothing, so that methods are compared at the same length. */
const uncut = { minShare: 0 };

function methodsFor(k: number): Method[] {
  const plain =
    (method: DraftRequest['method'], more: Partial<DraftRequest> = {}) =>
    (): Partial<DraftRequest> => ({
      method: method!,
      count: k,
      seed: SEED,
      ...more,
    });
  const superposed =
    (settings: typeof PAPER_SETTINGS, verify: DraftRequest['verify'] & (object | boolean)) =>
    (ngrams: NgramModel): Partial<DraftRequest> => ({
      method: 'superposed',
      count: k,
      superposed: { ...settings, candidates: 3 * k },
      ngrams,
      verify,
    });
  const rivals: Method[] = [
    { name: 'forked', wishes: plain('forked') },
    { name: 'beam', wishes: plain('beam') },
    { name: 'nucleus', wishes: plain('nucleus', { temperature: 1 }) },
    { name: 'nucleus, T 0.2', wishes: plain('nucleus', { temperature: 0.2 }) },
    { name: 'gumbel', wishes: plain('gumbel') },
    { name: 'stochastic beam', wishes: plain('stochasticBeam') },
    { name: 'superposed, published', wishes: superposed(PAPER_SETTINGS, uncut) },
    { name: 'superposed, no n-grams', wishes: superposed({ ...PAPER_SETTINGS, alpha: 0 }, uncut) },
    { name: 'superposed, lineage', wishes: superposed(LINEAGE_SETTINGS, uncut) },
    { name: 'superposed, lineage, cut', wishes: superposed(LINEAGE_SETTINGS, true) },
  ];
  // Ten drafts are about time; three of the methods show it.
  const many = ['forked', 'nucleus', 'superposed, lineage'];
  return k <= 3 ? rivals : rivals.filter(({ name }) => many.includes(name));
}

async function openBench(folder: string): Promise<Bench> {
  const loading = await loadLanguageModel(folder);
  if (!loading.ok) throw new Error(loading.reason);
  const tokenizer = await loadModelTokenizer(loading.model);
  if (!tokenizer.ok) throw new Error(tokenizer.reason);
  const table = PackedNgrams.read(await readFile(`${folder}/ngrams.bin`));
  return {
    name: loading.model.info.name,
    session: loading.model.openSession(),
    tokenizer: tokenizer.tokenizer,
    shipped: table.ok ? table.table : undefined,
  };
}

async function draftsAt(
  { session, tokenizer }: Bench,
  { prefix, suffix }: WordCursor,
  request: Partial<DraftRequest>,
): Promise<DraftsDone> {
  const result = await completeDrafts(session, tokenizer, {
    prefix,
    suffix,
    maxTokens: MAX_TOKENS,
    promptTokens: PROMPT_TOKENS,
    ...request,
  });
  if (!result.ok) throw new Error(result.message);
  return result;
}

async function compareMethods(
  bench: Bench,
  cursors: readonly HeldOutCursor[],
): Promise<Record<string, unknown>[]> {
  const greedy = new MethodRow('greedy', 1);
  const rows = [3, 10].flatMap((k) =>
    methodsFor(k).map((method) => ({ method, row: new MethodRow(method.name, k) })),
  );
  for (const cursor of cursors) {
    const ngrams = ngramMixture(
      new LiveNgrams([bench.tokenizer.encode(cursor.prefix.slice(-40_000))]),
      bench.shipped,
    );
    // The prompt is in the cache, as it is when a user asks again.
    await draftsAt(bench, cursor, { method: 'greedy', maxTokens: 1 });
    const timed = async (row: MethodRow, wishes: Partial<DraftRequest>): Promise<void> => {
      const before = cpuMilliseconds();
      const done = await draftsAt(bench, cursor, wishes);
      row.add(cursor, done, cpuMilliseconds() - before);
    };
    await timed(greedy, { method: 'greedy' });
    for (const { method, row } of rows) await timed(row, method.wishes(ngrams));
  }
  return [greedy, ...rows.map(({ row }) => row)].map((row) => row.report(greedy));
}

/** One row of k contexts that share the prompt (a tree) against k prompts of their own (a batch), in one forward each. */
async function treeAgainstBatch(bench: Bench): Promise<Record<string, unknown>[]> {
  const { session } = bench;
  const body = Array.from({ length: STEP_CONTEXT - 1 }, (_, i) => 300 + ((i * 7919) % 2000));
  const prompts: CacheNode[] = [];
  for (let i = 0; i < 10; i++) prompts.push((await session.prefill([400 + i, ...body])).node);
  const time = async (parents: readonly CacheNode[]): Promise<number> => {
    const times: number[] = [];
    for (let trial = 0; trial < 30; trial++) {
      const before = cpuMilliseconds();
      const inputs = parents.map((parent, i) => ({ parent, input: 1000 + 40 * trial + i }));
      const { nodes } = await session.evaluate(inputs);
      times.push(cpuMilliseconds() - before);
      session.release(nodes);
    }
    return quantile(times, 0.25);
  };
  const one = await time(prompts.slice(0, 1));
  const rows: Record<string, unknown>[] = [];
  for (const k of [3, 10]) {
    const tree = await time(Array.from({ length: k }, () => prompts[0]!));
    const batch = await time(prompts.slice(0, k));
    rows.push({
      k,
      contextTokens: STEP_CONTEXT,
      treeTimesOne: round(tree / one),
      batchTimesOne: round(batch / one),
      sequentialTimesOne: k,
    });
  }
  session.release(prompts);
  return rows;
}

async function compareEdges(
  bench: Bench,
  cursors: readonly HeldOutCursor[],
): Promise<Record<string, unknown>> {
  const edges = ['exact', 'tokenLevel', 'healing'] as const;
  const matches: Record<CursorEdge, { inside: number; aligned: number; spaced: number }> = {
    exact: { inside: 0, aligned: 0, spaced: 0 },
    tokenLevel: { inside: 0, aligned: 0, spaced: 0 },
    healing: { inside: 0, aligned: 0, spaced: 0 },
  };
  const same = { tokenLevel: 0, healing: 0 };
  let words = 0;
  for (const cursor of cursors) {
    const inWord = /\w$/.test(cursor.prefix) && /^\w/.test(cursor.truth);
    if (inWord) words++;
    const texts: string[] = [];
    for (const edge of edges) {
      const { drafts } = await draftsAt(bench, cursor, {
        method: 'greedy',
        edge,
        maxTokens: 8,
        promptTokens: 256,
      });
      const text = drafts[0]?.text ?? '';
      texts.push(text);
      if (firstWord(text) === firstWord(cursor.truth))
        matches[edge][cursor.insideToken ? 'inside' : 'aligned']++;
      if (inWord && /^\s/.test(text)) matches[edge].spaced++;
    }
    if (!cursor.insideToken) {
      if (texts[0] === texts[1]) same.tokenLevel++;
      if (texts[0] === texts[2]) same.healing++;
    }
  }
  const inside = cursors.filter(({ insideToken }) => insideToken).length;
  const aligned = cursors.length - inside;
  return {
    cursors: cursors.length,
    insideToken: inside,
    insideWord: words,
    firstWordMatch: Object.fromEntries(
      edges.map((edge) => [
        edge,
        {
          insideToken: round(matches[edge].inside / inside),
          atTokenBoundary: round(matches[edge].aligned / aligned),
          all: round((matches[edge].inside + matches[edge].aligned) / cursors.length),
          whiteSpaceInsideWord: round(matches[edge].spaced / words),
        },
      ]),
    ),
    sameDraftAtTokenBoundary: {
      tokenLevel: round(same.tokenLevel / aligned),
      healing: round(same.healing / aligned),
    },
  };
}

/** Drafts that would put white space between two letters of a word. */
async function tornWords(bench: Bench, cursors: readonly WordCursor[]): Promise<Record<string, unknown>> {
  let drafted = 0;
  let torn = 0;
  for (const cursor of cursors) {
    const { drafts } = await draftsAt(bench, cursor, { method: 'greedy', maxTokens: 1, promptTokens: 32 });
    drafted += drafts.length;
    if (drafts.some(({ text }) => /^\s/.test(text))) torn++;
  }
  return { cursors: cursors.length, drafts: drafted, cursorsWithWhiteSpaceInsideAWord: torn };
}

function option(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
}

async function main(): Promise<void> {
  const [heldOut = ''] = process.argv.slice(2);
  const began = Date.now();
  const say = (what: string): void =>
    void process.stderr.write(`${((Date.now() - began) / 1000).toFixed(0)} s: ${what}\n`);
  const bench = await openBench(option('model', 'models/tessera-tiny'));
  const texts = heldOutTexts(heldOut);
  const count = Number(option('positions', '120'));
  const words = Number(option('words', '5000'));
  say(`${texts.length} files, ${texts.reduce((sum, text) => sum + text.length, 0)} characters`);
  const date = new Date().toISOString().slice(0, 10);
  const path = `bench/results/${date}-draft-quality-${bench.name.replaceAll(/[^\w-]+/g, '-')}.json`;
  const report: Record<string, unknown> = {
    what: 'draft methods at cursors of held-out code, rest of the line removed, 10 tokens, 512-token prompt in the cache; milliseconds of CPU; NLL in nats a token under the same model',
    date,
    model: bench.name,
    node: process.version,
    seed: SEED,
    positions: count,
  };
  /** Written after each part: a long run that is stopped keeps what it has. */
  const keep = async (part: string, result: unknown): Promise<void> => {
    report[part] = result;
    report['seconds'] = Math.round((Date.now() - began) / 1000);
    await writeFile(path, `${JSON.stringify(report, null, 1)}\n`);
    say(part);
  };
  await keep('oneStep', await treeAgainstBatch(bench));
  const methods = await compareMethods(bench, heldOutCursors(texts, bench.tokenizer, count, SEED));
  await keep('methods', methods);
  await keep('edges', await compareEdges(bench, heldOutCursors(texts, bench.tokenizer, 2 * count, SEED + 1)));
  await keep('torn', await tornWords(bench, wordCursors(texts, words, SEED + 2)));
  const { oneStep, edges, torn } = report;
  process.stdout.write(
    `${markdown(methods)}\n${JSON.stringify({ oneStep, edges, torn }, null, 1)}\nwritten to ${path}\n`,
  );
  process.exit(0);
}

function markdown(methods: readonly Record<string, unknown>[]): string {
  const head = [
    'method',
    'k',
    'NLL of draft 1 / 2 / 3',
    'best',
    'first token',
    '3 tokens',
    'first word',
    'line',
    'texts',
    'self-BLEU-2',
    '× greedy',
  ];
  const keys = [
    'method',
    'k',
    'nllByDraft',
    'nllBest',
    'firstTokenCovered',
    'threeTokensCovered',
    'firstWordCovered',
    'lineCovered',
    'distinctTexts',
    'selfBleu2',
    'timesGreedy',
  ];
  const cell = (value: unknown): string =>
    Array.isArray(value)
      ? value.map((v) => cell(v)).join(' / ')
      : typeof value === 'number'
        ? String(Number(value.toFixed(2)))
        : String(value);
  return [head, head.map(() => '---'), ...methods.map((row) => keys.map((key) => cell(row[key])))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

void main();
