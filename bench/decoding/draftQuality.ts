// The measurements behind "which method is the default" and "what the byte-level engine gains"; started by draftQuality.mjs,
// which fetches the held-out code. Every method runs at every cursor, on the same cached prompt, so times are ratios of one run.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { completeDrafts, type DraftRequest, type DraftsDone } from '../../src/core/decoding/completeDrafts';
import { LiveNgrams } from '../../src/core/decoding/liveNgrams';
import { ngramMixture } from '../../src/core/decoding/ngramMixture';
import { PackedNgrams } from '../../src/core/decoding/packedNgrams';
import type { CacheNode, LmSession } from '../../src/core/model/languageModel';
import type { Tokenizer } from '../../src/core/tokenizers/tokenizer';
import { loadLanguageModel } from '../../src/engine/languageModelLoader';
import { loadModelTokenizer } from '../../src/engine/modelTokenizer';
import { cpuMilliseconds, quantile } from './cursorPositions';
import { firstWord } from './draftMeasures';
import { comparedMethods, type Method } from './draftMethods';
import {
  heldOutCursors,
  heldOutTexts,
  wordCursors,
  type HeldOutCursor,
  type WordCursor,
} from './heldOutCursors';
import { measuresOf, methodRow, round, type DraftMeasures } from './methodRow';
import { ParseCheck } from './parseCheck';
import { PartialRun } from './partialRun';

interface Bench {
  readonly name: string;
  readonly session: LmSession;
  readonly tokenizer: Tokenizer;
  readonly shipped: PackedNgrams | undefined;
}

const MAX_TOKENS = 10;
const PROMPT_TOKENS = 512;
/** Characters before the cursor that superposed drafts count n-grams in. */
const NGRAM_CHARACTERS = 40_000;
const SEED = 23;
/** Ten prompts of their own must fit the cache at once. */
const STEP_CONTEXT = 200;
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

/** Every method at one cursor, on one cached prompt. */
async function methodsAt(
  bench: Bench,
  cursor: HeldOutCursor,
  methods: readonly Method[],
  first: number,
): Promise<DraftMeasures[]> {
  const ngrams = ngramMixture(
    new LiveNgrams([bench.tokenizer.encode(cursor.prefix.slice(-NGRAM_CHARACTERS))]),
    bench.shipped,
  );
  const parses = new ParseCheck(cursor.prefix, cursor.suffix);
  // The prompt is in the cache, as it is when a user asks again.
  await draftsAt(bench, cursor, { method: 'greedy', maxTokens: 1 });
  const measures: DraftMeasures[] = [];
  // Each cursor begins with another method: the first one after a prompt finds colder caches.
  for (let turn = 0; turn < methods.length; turn++) {
    const m = (first + turn) % methods.length;
    const method = methods[m]!;
    const before = cpuMilliseconds();
    const done = await draftsAt(bench, cursor, method.wishes(ngrams));
    const spent = cpuMilliseconds() - before;
    measures[m] = measuresOf(cursor, done, spent, parses.count(done.drafts));
  }
  return measures;
}

function methodTable(
  methods: readonly Method[],
  places: readonly (readonly DraftMeasures[])[],
): Record<string, unknown>[] {
  const column = (m: number): DraftMeasures[] => places.map((place) => place[m]!);
  return methods.map(({ name, k }, m) => methodRow(name, k, column(m), column(0)));
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

const edges = ['exact', 'tokenLevel', 'healing'] as const;

interface EdgesAt {
  readonly inside: boolean;
  readonly inWord: boolean;
  /** By edge: the first word is the true one; the draft begins with white space; it is the text of the exact edge. */
  readonly right: readonly boolean[];
  readonly spaced: readonly boolean[];
  readonly same: readonly boolean[];
}

async function edgesAt(bench: Bench, cursor: HeldOutCursor): Promise<EdgesAt> {
  const texts: string[] = [];
  for (const edge of edges) {
    const wishes = { method: 'greedy', edge, maxTokens: 8, promptTokens: 256 } as const;
    const { drafts } = await draftsAt(bench, cursor, wishes);
    texts.push(drafts[0]?.text ?? '');
  }
  return {
    inside: cursor.insideToken,
    inWord: /\w$/.test(cursor.prefix) && /^\w/.test(cursor.truth),
    right: texts.map((text) => firstWord(text) === firstWord(cursor.truth)),
    spaced: texts.map((text) => /^\s/.test(text)),
    same: texts.map((text) => text === texts[0]),
  };
}

function edgeTable(places: readonly EdgesAt[]): Record<string, unknown> {
  const inside = places.filter((place) => place.inside);
  const aligned = places.filter((place) => !place.inside);
  const words = places.filter((place) => place.inWord);
  const share = (of: readonly EdgesAt[], what: 'right' | 'spaced' | 'same', edge: number): number =>
    round(of.filter((place) => place[what][edge]).length / Math.max(1, of.length));
  return {
    cursors: places.length,
    insideToken: inside.length,
    insideWord: words.length,
    firstWordMatch: Object.fromEntries(
      edges.map((edge, e) => [
        edge,
        {
          insideToken: share(inside, 'right', e),
          atTokenBoundary: share(aligned, 'right', e),
          all: share(places, 'right', e),
          whiteSpaceInsideWord: share(words, 'spaced', e),
        },
      ]),
    ),
    sameDraftAtTokenBoundary: { tokenLevel: share(aligned, 'same', 1), healing: share(aligned, 'same', 2) },
  };
}

/** Whether a draft would put white space between two letters of a word. */
async function tornAt(
  bench: Bench,
  cursor: WordCursor,
): Promise<{ readonly drafts: number; readonly torn: boolean }> {
  const { drafts } = await draftsAt(bench, cursor, { method: 'greedy', maxTokens: 1, promptTokens: 32 });
  return { drafts: drafts.length, torn: drafts.some(({ text }) => /^\s/.test(text)) };
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
  const folder = option('model', 'models/tessera-tiny');
  const bench = await openBench(folder);
  const texts = heldOutTexts(heldOut);
  const count = Number(option('positions', '120'));
  const edgeCount = Number(option('edges', String(count)));
  const words = Number(option('words', '5000'));
  const minutes = Number(option('minutes', 'Infinity'));
  say(`${texts.length} files, ${texts.reduce((sum, text) => sum + text.length, 0)} characters`);
  const date = new Date().toISOString().slice(0, 10);
  const name = bench.name.replaceAll(/[^\w-]+/g, '-');
  // Results of other weights or other cursors must not be mixed in.
  const weights = createHash('sha256')
    .update(readFileSync(`${folder}/model.onnx`))
    .digest('hex')
    .slice(0, 12);
  const run = new PartialRun(
    `.cache/draft-quality/${name}-${weights}-${count}-${edgeCount}-${words}.jsonl`,
    began + minutes * 60_000,
    say,
  );
  const methods = comparedMethods(SEED);
  const cursors = heldOutCursors(texts, bench.tokenizer, count, SEED);
  const edgeCursors = heldOutCursors(texts, bench.tokenizer, edgeCount, SEED + 1);
  const inWords = wordCursors(texts, words, SEED + 2);
  // Code that runs for the first time is slow and would count against the first places.
  for (let i = 0; i < Math.min(2, count); i++) await methodsAt(bench, cursors[i]!, methods, 0);
  const [oneStep] = await run.measure('oneStep', 1, () => treeAgainstBatch(bench));
  const places = await run.measure('methods', count, (i) => methodsAt(bench, cursors[i]!, methods, i));
  const edgePlaces = await run.measure('edges', edgeCount, (i) => edgesAt(bench, edgeCursors[i]!));
  const torn = await run.measure('torn', words, (i) => tornAt(bench, inWords[i]!));
  const table = places.length === 0 ? [] : methodTable(methods, places);
  const report = {
    what: 'draft methods at cursors of held-out code, half of them inside a token, rest of the line removed, 10 tokens, 512-token prompt in the cache; milliseconds of CPU; NLL in nats a token under the same model; a draft parses when TypeScript reports no more syntactic errors with it than without it (drafts that end by themselves only)',
    date,
    model: bench.name,
    weights,
    node: process.version,
    seed: SEED,
    positionsWanted: count,
    positions: places.length,
    finished: places.length === count && edgePlaces.length === edgeCount && torn.length === words,
    oneStep,
    methods: table,
    edges: edgeTable(edgePlaces),
    torn: {
      cursors: torn.length,
      drafts: torn.reduce((sum, { drafts }) => sum + drafts, 0),
      cursorsWithWhiteSpaceInsideAWord: torn.filter((place) => place.torn).length,
    },
  };
  const path = `bench/results/${date}-draft-quality-${name}.json`;
  await writeFile(path, `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(run.path.replace(/jsonl$/, 'md'), `${markdown(table)}\n`);
  say(`written to ${path}${report.finished ? '' : ' (not finished: run it again to go on)'}`);
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
    'parse',
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
    'wholeLineDraftsThatParse',
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
