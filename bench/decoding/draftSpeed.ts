// The measurements of draftSpeed.mjs. Ratios and CPU time hold on a busy machine; wall-clock times want a quiet one.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src/core/decoding/seededRandom';
import type { LmSession } from '../../src/core/model/languageModel';
import { answerDrafts, type DraftParts } from '../../src/engine/draftAnswers';
import { readShippedNgrams } from '../../src/engine/draftHandlers';
import type { DraftsAnswer, DraftsParams } from '../../src/engine/draftProtocol';
import { loadLanguageModel } from '../../src/engine/languageModelLoader';
import { createModelClient } from '../../src/engine/modelClient';
import { loadModelTokenizer } from '../../src/engine/modelTokenizer';
import { cpuMilliseconds, cursorPositions, quantile, type CursorPosition } from './cursorPositions';

const PROMPT_TOKENS = 512;
const SEED = 23;
const CANCELS = 40;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    positions: { type: 'string', default: '60' },
    model: { type: 'string', default: 'models/tessera-tiny' },
  },
});
const round = (value: number): number => Math.round(value * 1000) / 1000;
const spread = (times: readonly number[]): Record<string, number> => ({
  p50: round(quantile(times, 0.5)),
  p95: round(quantile(times, 0.95)),
  mean: round(times.reduce((a, b) => a + b, 0) / times.length),
});
const never = { cancelled: false };

/**
 * CPU time of the main thread, where the system tells it (Linux). With the model process on the same two cores the time
 * between two ticks of the host is also time in which it waits for a core; only what it runs itself can block an editor.
 */
function mainThreadMilliseconds(): number {
  try {
    const [ran] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
    return Number(ran) / 1e6;
  } catch {
    return performance.now();
  }
}

/** The session with the CPU time spent in the model. */
function clocked(session: LmSession): {
  readonly session: LmSession;
  /** Starts the clock; `take` stops it. Reading the time costs time, so requests are timed as a whole without it. */
  start(): void;
  take(): { cpu: number; rows: number; calls: number };
} {
  let [cpu, rows, calls, running] = [0, 0, 0, false];
  const timed = async <T>(count: number, work: () => Promise<T>): Promise<T> => {
    if (!running) return work();
    const before = cpuMilliseconds();
    try {
      return await work();
    } finally {
      cpu += cpuMilliseconds() - before;
      rows += count;
      calls++;
    }
  };
  return {
    session: {
      info: session.info,
      root: session.root,
      prefill: (ids, cancellation) => timed(1, () => session.prefill(ids, cancellation)),
      evaluate: (inputs, cancellation) => timed(inputs.length, () => session.evaluate(inputs, cancellation)),
      embeddingRows: (ids) => session.embeddingRows(ids),
      release: (nodes) => session.release(nodes),
      close: () => session.close(),
    },
    start: () => {
      [cpu, rows, calls, running] = [0, 0, 0, true];
    },
    take: () => {
      running = false;
      return { cpu, rows, calls };
    },
  };
}

const around = ({ text, at }: CursorPosition, typed = 0): Pick<DraftsParams, 'prefix' | 'suffix'> => ({
  prefix: text.slice(0, at + typed),
  suffix: text.slice(at + typed).replace(/^[^\r\n]*/, ''),
});

async function ask(parts: DraftParts, params: DraftsParams): Promise<DraftsAnswer> {
  const reply = await answerDrafts(parts, { promptTokens: PROMPT_TOKENS, ...params }, never);
  if (!reply.ok) throw new Error(reply.error.message);
  return reply.value;
}

async function inOneProcess(positions: readonly CursorPosition[]): Promise<Record<string, unknown>> {
  const loading = await loadLanguageModel(values.model);
  if (!loading.ok) throw new Error(loading.reason);
  const { model } = loading;
  const read = await loadModelTokenizer(model);
  if (!read.ok) throw new Error(read.reason);
  const clock = clocked(model.openSession());
  // Read once, as the model process does it: it keeps the table as long as the model is loaded.
  const table = readShippedNgrams(model.files.folder, model.info.vocabularySize);
  const parts: DraftParts = {
    session: clock.session,
    tokenizer: read.tokenizer,
    shippedNgrams: () => table,
  };
  const variants: Readonly<Record<string, Partial<DraftsParams>>> = {
    'greedy, 1 × 12': { method: 'greedy', maxTokens: 12, singleLine: false },
    'forked, 3 × 12': { method: 'forked', count: 3, maxTokens: 12, singleLine: false },
    'forked, 10 × 12': { method: 'forked', count: 10, maxTokens: 12, singleLine: false },
    'superposed, 3 × 12': { method: 'superposed', count: 3, maxTokens: 12, singleLine: false },
    'superposed, 10 × 12': { method: 'superposed', count: 10, maxTokens: 12, singleLine: false },
    'superposed, not verified, 3 × 12': {
      method: 'superposed',
      count: 3,
      maxTokens: 12,
      singleLine: false,
      verify: false,
    },
    'superposed, not verified, 10 × 12': {
      method: 'superposed',
      count: 10,
      maxTokens: 12,
      singleLine: false,
      verify: false,
    },
    'as in the editor: forked, 3 × 24, one line': { method: 'forked', count: 3, maxTokens: 24 },
  };
  const rows = new Map(
    Object.keys(variants).map((name) => [
      name,
      { cpu: [] as number[], wall: [] as number[], inModel: [] as number[], calls: 0, tokens: 0 },
    ]),
  );
  const cold: number[] = [];
  const counting: number[] = [];
  // Code that runs for the first time is slow and would count against the first position.
  for (const wishes of Object.values(variants)) await ask(parts, { ...around(positions[0]!), ...wishes });
  const random = seededRandom(SEED);
  for (const position of positions) {
    const beforeCold = performance.now();
    await ask(parts, { ...around(position), method: 'greedy', maxTokens: 1 });
    cold.push(performance.now() - beforeCold);
    // Typing on in a line, the n-grams of the document are counted already, as the prompt is in the cache.
    const beforeCounting = cpuMilliseconds();
    await ask(parts, { ...around(position), method: 'superposed', maxTokens: 1 });
    counting.push(cpuMilliseconds() - beforeCounting);
    const names = Object.keys(variants)
      .map((name) => ({ name, key: random() }))
      .sort((a, b) => a.key - b.key);
    for (const { name } of names) {
      const wishes = variants[name]!;
      // Each request has one character more than the prompt in the cache, as when the user types. The first one pays for
      // what the variant before it left behind (garbage, cached drafts) and is not counted.
      await ask(parts, { ...around(position, 1), ...wishes });
      const row = rows.get(name)!;
      for (const typed of [2, 3]) {
        const [cpu, wall] = [cpuMilliseconds(), performance.now()];
        const { drafts } = await ask(parts, { ...around(position, typed), ...wishes });
        row.cpu.push(cpuMilliseconds() - cpu);
        row.wall.push(performance.now() - wall);
        row.tokens += drafts.reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
      }
      clock.start();
      await ask(parts, { ...around(position, 4), ...wishes });
      const taken = clock.take();
      row.inModel.push(taken.cpu);
      row.calls += taken.calls;
    }
  }
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const greedy = rows.get('greedy, 1 × 12')!;
  return {
    promptNotCachedMilliseconds: spread(cold),
    cpuOfFirstSuperposedTokenWithCounting: spread(counting),
    requests: Object.fromEntries(
      [...rows].map(([name, row]) => [
        name,
        {
          wallMilliseconds: spread(row.wall),
          cpuMilliseconds: spread(row.cpu),
          cpuInModel: spread(row.inModel),
          timesGreedy: round(sum(row.wall) / sum(greedy.wall)),
          timesGreedyInCpuTime: round(sum(row.cpu) / sum(greedy.cpu)),
          forwardsPerRequest: round(row.calls / positions.length),
          longestDraftTokens: round(row.tokens / row.cpu.length),
        },
      ]),
    ),
  };
}

/** Through the model process: time from a cancel to the answer of the next request, and how long the host is busy. */
async function betweenProcesses(
  processPath: string,
  positions: readonly CursorPosition[],
): Promise<Record<string, unknown>> {
  const client = createModelClient({ processPath });
  // The client does not keep a host alive; a bench has nothing else to live for.
  const alive = setInterval(() => undefined, 1000);
  const loaded = await client.request('load', { path: values.model });
  if (!loaded.ok) throw new Error(loaded.error.message);
  const free: number[] = [];
  const busy: number[] = [];
  const ghost: number[] = [];
  let [longestBlock, longestGap] = [0, 0];
  for (let i = 0; i < positions.length; i++) {
    const params = {
      ...around(positions[i]!),
      method: 'forked' as const,
      count: 3,
      maxTokens: 24,
      promptTokens: PROMPT_TOKENS,
    };
    await client.request('drafts', { ...params, maxTokens: 1 });
    const [wall, cpu] = [performance.now(), cpuMilliseconds()];
    let [lastTick, lastRan] = [performance.now(), mainThreadMilliseconds()];
    const ticking = setInterval(() => {
      const [now, ran] = [performance.now(), mainThreadMilliseconds()];
      longestGap = Math.max(longestGap, now - lastTick - 1);
      longestBlock = Math.max(longestBlock, ran - lastRan);
      [lastTick, lastRan] = [now, ran];
    }, 1);
    await client.request('drafts', { ...params, ...around(positions[i]!, 1) });
    clearInterval(ticking);
    ghost.push(performance.now() - wall);
    busy.push(cpuMilliseconds() - cpu);
    if (i >= CANCELS) continue;
    const listeners = new Set<() => void>();
    const cancellation = {
      isCancellationRequested: false,
      onCancellationRequested: (listener: () => void) => {
        listeners.add(listener);
        return { dispose: () => listeners.delete(listener) };
      },
    };
    const running = client.request(
      'drafts',
      { ...params, maxTokens: 200, singleLine: false, method: 'nucleus', seed: i },
      { cancellation },
    );
    await new Promise((resolve) => setTimeout(resolve, 5 + (i % 10) * 5));
    const began = performance.now();
    for (const listener of [...listeners]) listener();
    await client.request('status', null);
    free.push(performance.now() - began);
    await running;
  }
  await client.dispose();
  clearInterval(alive);
  return {
    firstGhostTextMilliseconds: spread(ghost),
    cancelToFreeMilliseconds: spread(free),
    hostCpuMillisecondsPerRequest: spread(busy),
    longestHostBlockMilliseconds: round(longestBlock),
    longestGapBetweenHostTicksMilliseconds: round(longestGap),
  };
}

async function main(): Promise<void> {
  const [processPath = ''] = positionals;
  const positions = cursorPositions(Number(values.positions), SEED);
  const report = {
    what: 'drafts with the prompt in the cache, one character typed since; 512-token prompt; milliseconds',
    date: new Date().toISOString().slice(0, 10),
    model: values.model.split('/').at(-1),
    node: process.version,
    processors: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    positions: positions.length,
    seed: SEED,
    goals:
      'first ghost text p50 ≤ 80 and p95 ≤ 200; 3 × 12 ≤ 1.35 and 10 × 12 ≤ 2 times greedy; cancel to free p95 ≤ 25; host never blocked above 8',
    // First, while this process holds as little as an extension host: collecting a large heap would block it too.
    ...(await betweenProcesses(processPath, positions)),
    ...(await inOneProcess(positions)),
  };
  writeFileSync(
    `bench/results/${report.date}-draft-speed-${report.model}.json`,
    `${JSON.stringify(report, null, 1)}\n`,
  );
  await new Promise((written) => process.stdout.write(`${JSON.stringify(report, null, 1)}\n`, written));
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
