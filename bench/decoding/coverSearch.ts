// How long the cover search takes and how much more the model must compute, on 10 000 real cursor positions, with o200k_base
// and with its first 16 384 tokens. Peer in the same run: testing each candidate by encoding its whole tail again, the
// method of the reference implementation of exact byte-level probabilities.
// Run: npx esbuild bench/decoding/coverSearch.ts --bundle --platform=node --packages=external
//        --outfile=.cache/bench/coverSearch.js && node .cache/bench/coverSearch.js
import { writeFileSync } from 'node:fs';
import { findCovers } from '../../src/core/decoding/byteCovers';
import { bytePairView } from '../../src/core/decoding/bytePairView';
import { vocabularyIndex } from '../../src/core/decoding/byteVocabulary';
import { BytePairTokenizer } from '../../src/core/tokenizers/bytePairTokenizer';
import { buildTables } from '../../src/core/tokenizers/bytePairTables';
import { vocabularyFromTokens } from '../../src/core/tokenizers/bytePairVocabulary';
import { loadEncoding } from '../../src/engine/tiktokenLoader';
import { cpuMilliseconds, cursorPositions, quantile, type CursorPosition } from './cursorPositions';

const POSITIONS = Number(process.argv[2] ?? 10_000);
const PEER_POSITIONS = 30;
const CONTEXT_CHARACTERS = 2000;

let positions: readonly CursorPosition[] = [];

async function main(): Promise<void> {
  const full = await loadEncoding('o200k_base');
  const size = 16_384;
  const small = new BytePairTokenizer(
    buildTables(vocabularyFromTokens(Array.from({ length: size }, (_, id) => full.tokenBytes(id)))),
    {
      name: 'o200k, first 16 384',
      pattern: full.pattern,
      provenance: full.provenance,
      specialTokens: new Map(),
    },
  );
  positions = cursorPositions(POSITIONS, 7);
  const results = [measure(small), measure(full)];
  const report = {
    what: 'cover search on real cursor positions; milliseconds of CPU',
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    positions: POSITIONS,
    results,
  };
  const path = `bench/results/${report.date}-cover-search.json`;
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(report, null, 2)}\nwritten to ${path}\n`);
}

function measure(tokenizer: BytePairTokenizer): Record<string, unknown> {
  const view = bytePairView(tokenizer);
  const index = vocabularyIndex(view);
  const search: number[] = [];
  const scan: number[] = [];
  const lefts: number[] = [];
  const extra: number[] = [];
  let inside = 0;
  let complete = 0;
  let ours = 0;
  let peer = 0;
  positions.forEach(({ text, at }, p) => {
    const line = text.lastIndexOf('\n', Math.max(0, at - CONTEXT_CHARACTERS)) + 1;
    const bytes = Buffer.from(text.slice(line, at));
    let before = cpuMilliseconds();
    const covers = findCovers(view, bytes);
    search.push(cpuMilliseconds() - before);
    lefts.push(covers.lefts.length);
    // Rows beside the canonical path, which token-level prompting computes too.
    const path = new Set<string>();
    covers.canonical?.forEach((_, i, all) => path.add(all.slice(0, i + 1).join()));
    const rows = new Set<string>();
    for (const left of covers.lefts) {
      left.tokens.forEach((_, i, all) => {
        const key = all.slice(0, i + 1).join();
        if (!path.has(key)) rows.add(key);
      });
    }
    extra.push(rows.size);
    const spans = tokenizer.encodeSpans(text.slice(line, at + 200));
    let reach = 0;
    while (reach < spans.ids.length && spans.byteEnds[reach]! <= bytes.length) reach++;
    const start = reach === 0 ? 0 : spans.byteEnds[reach - 1]!;
    if (start < bytes.length && reach < spans.ids.length) inside++;
    const own = covers.lefts.find(
      (left) =>
        bytes.length - left.overhang === start &&
        covers.safe <= start &&
        endsWith(spans.ids, reach, left.tokens),
    );
    if (reach === spans.ids.length || own?.isViable(spans.ids[reach]!) === true) complete++;
    if (p % 50 === 0) {
      before = cpuMilliseconds();
      for (const left of covers.lefts) {
        for (let i = left.low; i < left.high; i++) left.isViable(index.order[i]!);
      }
      const took = cpuMilliseconds() - before;
      scan.push(took);
      if (p / 50 < PEER_POSITIONS) {
        ours += took;
        before = cpuMilliseconds();
        for (const left of covers.lefts) {
          const leftText = Buffer.from(tokenizer.decodeBytes(left.tokens));
          for (let i = left.low; i < left.high; i++) {
            const whole = Buffer.concat([leftText, index.bytesOf(index.order[i]!)]).toString();
            tokenizer.encode(whole);
          }
        }
        peer += cpuMilliseconds() - before;
      }
    }
  });
  return {
    vocabulary: tokenizer.name,
    searchMilliseconds: {
      p50: quantile(search, 0.5),
      p95: quantile(search, 0.95),
      p99: quantile(search, 0.99),
    },
    everyContinuationMilliseconds: { p50: quantile(scan, 0.5), p95: quantile(scan, 0.95) },
    timesFasterThanReencoding: peer / ours,
    leftContexts: { mean: lefts.reduce((a, b) => a + b, 0) / lefts.length, most: Math.max(...lefts) },
    extraRows: {
      mean: extra.reduce((a, b) => a + b, 0) / extra.length,
      most: Math.max(...extra),
      shareAtMost4: extra.filter((n) => n <= 4).length / extra.length,
    },
    shareAtMost6Lefts: lefts.filter((n) => n <= 6).length / lefts.length,
    insideToken: inside / positions.length,
    ownTokensAmongCovers: complete / positions.length,
  };
}

function endsWith(ids: Uint32Array, end: number, tokens: readonly number[]): boolean {
  return tokens.every((token, i) => ids[end - tokens.length + i] === token);
}

void main();
