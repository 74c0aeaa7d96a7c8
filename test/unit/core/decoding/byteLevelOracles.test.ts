// Oracles of the byte-level engine that need more than one prefix at a time: where dropped mass goes (O2), what two sampled
// bytes look like (O3), and the covers of many real files (O6, O7).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findCovers } from '../../../../src/core/decoding/byteCovers';
import { ByteLevelState } from '../../../../src/core/decoding/byteDistribution';
import { bytePairView } from '../../../../src/core/decoding/bytePairView';
import { vocabularyIndex } from '../../../../src/core/decoding/byteVocabulary';
import { StartPool } from '../../../../src/core/decoding/coverStarts';
import { seededRandom } from '../../../../src/core/decoding/seededRandom';
import { ToyHashModel } from '../../../../src/core/model/toyHashModel';
import { loadEncoding } from '../../../../src/engine/tiktokenLoader';
import { PathOracle } from './pathEnumeration';
import { fixtureTokenizer, readFixture } from './toyByteTokenizer';

const fixture = readFixture();
const toy = fixtureTokenizer(fixture);
const view = toy.byteVocabulary();
const index = vocabularyIndex(view);
const model = new ToyHashModel({
  vocabularySize: fixture.eos + 1,
  endToken: fixture.eos,
  maxTokens: fixture.lmax,
});
const oracle = new PathOracle(toy, fixture.lmax);
const latin1 = (bytes: ArrayLike<number>): string => String.fromCharCode(...Array.from(bytes));
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const total = (mass: ReadonlyMap<unknown, number>): number => [...mass.values()].reduce((a, b) => a + b, 0);

/** Mass that viable paths spelling exactly `text` lose at their next token: tokens that nothing follows, ends that are none. */
function droppedMass(text: string): number {
  let dropped = 0;
  const walk = (path: readonly number[], at: number, p: number): void => {
    const row = oracle.row(path);
    if (at === text.length) {
      if (!oracle.isCanonical(path)) dropped += p * row[fixture.eos]!;
      toy.vocabulary.forEach((_, id) => {
        if (!oracle.isViable([...path, id])) dropped += p * row[id]!;
      });
      return;
    }
    toy.vocabulary.forEach((token, id) => {
      if (text.startsWith(token, at) && oracle.isViable([...path, id])) {
        walk([...path, id], at + token.length, p * row[id]!);
      }
    });
  };
  walk([], 0, 1);
  return dropped;
}

describe('O2: nothing is lost unseen', () => {
  it('the bytes, the end and the mass of paths that the tokenizer never takes add up to the mass of the text', async () => {
    for (const { prefix } of fixture.cases) {
      const text = latin1(prefix);
      if (text.length < 2) continue;
      // Relative to one prompt: the tokens before the safe boundary of the shorter text are those of the longer one's.
      const before = new ByteLevelState(model.openSession(), view, [], bytesOf(text.slice(0, -1)));
      const earlier = await before.nextByteCanon();
      before.push(text.charCodeAt(text.length - 1));
      const now = await before.nextByteCanon();
      const massOfText = oracle.mass(text.slice(0, -1), true).get(text.charCodeAt(text.length - 1))!;
      const dropped = droppedMass(text);
      expect(dropped).toBeGreaterThanOrEqual(0);
      const goesOn =
        Math.exp(now.logMass - earlier.logMass) / earlier.bytes[text.charCodeAt(text.length - 1)]!;
      expect(goesOn + dropped / massOfText, JSON.stringify(text)).toBeCloseTo(1, 9);
    }
  });
});

/** Upper 0.1 % point of chi-square (Wilson and Hilferty). */
function criticalValue(degrees: number): number {
  const h = 2 / (9 * degrees);
  return degrees * (1 - h + 3.09 * Math.sqrt(h)) ** 3;
}

describe('O3: two bytes from sampled covers', () => {
  it('20 000 draws, continued token by token, have the enumerated pairs of bytes', async () => {
    for (const prefix of ['ab', 'ab ', 'abca', ' ']) {
      const session = model.openSession();
      const { lefts } = await new ByteLevelState(session, view, [], bytesOf(prefix)).score();
      const pool = new StartPool(lefts, index, [fixture.eos]);
      const expected = new Map<string, number>();
      for (const [first, mass] of oracle.mass(prefix, true)) {
        if (first === 'end') expected.set('end', mass);
        else {
          for (const [second, pair] of oracle.mass(prefix + String.fromCharCode(first), true))
            expected.set(`${first} ${second}`, pair);
        }
      }
      const random = seededRandom(prefix.length * 7919);
      const rows = new Map<string, readonly number[]>();
      const seen = new Map<string, number>();
      let accepted = 0;
      while (accepted < 20_000) {
        const start = pool.sample(random, 1, 1);
        const { left } = start.scored;
        const trunk = toy.encodeUpTo(prefix, prefix.length - left.overhang - lengthOf(left.tokens));
        const path = [...trunk, ...left.tokens, start.token];
        let pair = 'end';
        if (!start.ends) {
          const fresh = Array.from(index.bytesOf(start.token)).slice(left.overhang);
          if (fresh.length > 1) pair = `${fresh[0]!} ${fresh[1]!}`;
          else {
            const key = path.join();
            const row = rows.get(key) ?? oracle.row(path);
            rows.set(key, row);
            let rest = random();
            let next = 0;
            while (next < row.length - 1 && (rest -= row[next]!) >= 0) next++;
            // A path that the tokenizer never takes is no text: drawn again, which is the division by the total.
            if (next === fixture.eos ? !oracle.isCanonical(path) : !oracle.isViable([...path, next]))
              continue;
            pair = `${fresh[0]!} ${next === fixture.eos ? 'end' : index.bytesOf(next)[0]!}`;
          }
        }
        accepted++;
        seen.set(pair, (seen.get(pair) ?? 0) + 1);
      }
      let statistic = 0;
      let classes = 0;
      const rest = { seen: accepted, expected: accepted };
      for (const [pair, mass] of expected) {
        const mean = (accepted * mass) / total(expected);
        if (mean < 8) continue;
        statistic += ((seen.get(pair) ?? 0) - mean) ** 2 / mean;
        rest.seen -= seen.get(pair) ?? 0;
        rest.expected -= mean;
        classes++;
      }
      if (rest.expected > 1) {
        statistic += (rest.seen - rest.expected) ** 2 / rest.expected;
        classes++;
      }
      expect(classes, JSON.stringify(prefix)).toBeGreaterThan(10);
      expect(statistic, JSON.stringify(prefix)).toBeLessThan(criticalValue(classes - 1));
    }
  });
});

const lengthOf = (tokens: readonly number[]): number =>
  tokens.reduce((sum, token) => sum + index.lengthOf(token), 0);

function repositoryFiles(limit: number): string[] {
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (/\.(?:ts|mjs|css|py|md)$/.test(entry.name)) found.push(path);
    }
  };
  for (const folder of ['src', 'webview', 'test', 'bench', 'scripts', 'docs']) walk(join(root, folder));
  return found.sort().slice(0, limit);
}

describe('covers of 200 real files', () => {
  it('O6 and O7: they hold the tokens of the whole text at every byte; 6 left contexts and 4 rows more are enough', async () => {
    const tokenizer = await loadEncoding('cl100k_base');
    const real = bytePairView(tokenizer);
    const vocabulary = vocabularyIndex(real);
    const files = repositoryFiles(200);
    expect(files).toHaveLength(200);
    const seed = 20_261_125;
    const random = seededRandom(seed);
    let positions = 0;
    let few = 0;
    for (const file of files) {
      const whole = readFileSync(file, 'utf8');
      // A stretch that starts at the start of a line, where the prompt before it cannot matter.
      const line = whole.lastIndexOf('\n', Math.floor(random() * whole.length)) + 1;
      const text = whole.slice(line, line + 120);
      const bytes = Buffer.from(/[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text);
      const { ids, byteEnds } = tokenizer.encodeSpans(bytes.toString());
      let reach = 0;
      for (let n = 1; n < Math.min(bytes.length, 60); n++) {
        while (byteEnds[reach]! <= n) reach++;
        const start = reach === 0 ? 0 : byteEnds[reach - 1]!;
        const { safe, lefts, canonical } = findCovers(real, bytes.subarray(0, n));
        const first = safe === 0 ? 0 : Array.from(byteEnds).indexOf(safe) + 1;
        const left = Array.from(ids.subarray(first, reach)).join();
        const own = lefts.find((l) => l.tokens.join() === left && n - l.overhang === start);
        expect(own?.isViable(ids[reach]!), `${file}, byte ${line} + ${n}, seed ${seed}`).toBe(true);
        const known = new Set(canonical?.map((_, i, all) => all.slice(0, i + 1).join()));
        const rows = new Set(
          lefts.flatMap(({ tokens }) => tokens.map((_, i, all) => all.slice(0, i + 1).join())),
        );
        const extra = [...rows].filter((row) => !known.has(row)).length;
        positions++;
        if (lefts.length <= 6 && extra <= 4) few++;
      }
    }
    expect(vocabulary.size).toBeGreaterThan(100_000);
    expect(positions).toBeGreaterThan(10_000);
    expect(few / positions).toBeGreaterThanOrEqual(0.995);
  }, 240_000);
});
