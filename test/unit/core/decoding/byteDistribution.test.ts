import { describe, expect, it } from 'vitest';
import { nextByteAll } from '../../../../src/core/decoding/allPathsDistribution';
import {
  nextByteHealing,
  nextByteTokenLevel,
  type ComparedNextByte,
} from '../../../../src/core/decoding/byteComparisons';
import { ByteLevelState } from '../../../../src/core/decoding/byteDistribution';
import { seededRandom } from '../../../../src/core/decoding/seededRandom';
import { ToyHashModel } from '../../../../src/core/model/toyHashModel';
import { hashModelRow, normalised, PathOracle, type OracleModel } from './pathEnumeration';
import { alphabet, fixtureTokenizer, readFixture, ToyByteTokenizer } from './toyByteTokenizer';

const fixture = readFixture();
const tokenizer = fixtureTokenizer(fixture);
const vocabulary = tokenizer.byteVocabulary();
const model = new ToyHashModel({
  vocabularySize: fixture.eos + 1,
  endToken: fixture.eos,
  maxTokens: fixture.lmax,
});
const fixtureModel: OracleModel = {
  vocabularySize: fixture.eos + 1,
  endToken: fixture.eos,
  maxTokens: fixture.lmax,
};
const named = (text: string): string => JSON.stringify(text);
const latin1 = (bytes: ArrayLike<number>): string => String.fromCharCode(...Array.from(bytes));
const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

function expectSame(actual: ComparedNextByte, expected: Record<string, number>): void {
  for (let b = 0; b < 256; b++)
    expect(Math.abs(actual.bytes[b]! - (expected[String(b)] ?? 0))).toBeLessThan(1e-9);
  expect(Math.abs(actual.end - (expected['EOS'] ?? 0))).toBeLessThan(1e-9);
}

/** log P of the tokens before the last safe boundary, which the state's masses leave out. */
function trunkLogProbability(ids: readonly number[], oracle: OracleModel = fixtureModel): number {
  return ids.reduce((sum, id, i) => sum + Math.log(hashModelRow(oracle, ids.slice(0, i))[id]!), 0);
}

describe('O1: the 17 fixtures of enumerated probabilities', () => {
  it.each(fixture.cases.map((c) => [named(latin1(c.prefix)), c] as const))(
    'P_canon and P_all of %s',
    async (_, c) => {
      const text = Uint8Array.from(c.prefix);
      const state = new ByteLevelState(model.openSession(), vocabulary, [], text);
      const canon = await state.nextByteCanon();
      expectSame(canon, c.canonical);
      const trunk = tokenizer.encodeUpTo(latin1(text), state.covers().safe);
      expect(canon.logMass + trunkLogProbability(trunk)).toBeCloseTo(c.logZ_canonical, 9);
      const all = await nextByteAll(model.openSession(), vocabulary, [], text);
      expectSame(all, c.all);
      expect(all.exact).toBe(true);
      expect(all.logMass).toBeCloseTo(c.logZ_all, 9);
    },
  );

  it.each(fixture.cases.map((c) => [named(latin1(c.prefix)), c] as const))(
    'token-level and healed prompting of %s',
    async (_, c) => {
      const session = model.openSession();
      expectSame(await nextByteTokenLevel(session, vocabulary, c.tokens), c.token_level);
      expectSame((await nextByteHealing(session, vocabulary, c.tokens))!, c.healing1);
    },
  );

  it('asks for no more left contexts than the reference algorithm, and one forward', async () => {
    for (const c of fixture.cases) {
      const session = model.openSession();
      const state = new ByteLevelState(session, vocabulary, [], Uint8Array.from(c.prefix));
      await state.score();
      expect(state.covers().lefts.length).toBeLessThanOrEqual(c.model_calls);
      expect(session.work.forwards).toBeLessThanOrEqual(1);
    }
  });
});

/** A random merge table: each merge stays inside one pre-token, as merges learnt from text do. */
function randomTokenizer(random: () => number, merges: number): ToyByteTokenizer {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const tokens = Array.from(alphabet);
  const table: [string, string][] = [];
  for (let tries = 0; table.length < merges && tries < 4000; tries++) {
    const [left, right] = [pick(tokens), pick(tokens)];
    const joined = left + right;
    const kinds = joined.replace(/\s/g, 's').replace(/[^s]/g, 'l');
    const onePiece = /^(?:l+|s+)$/.test(kinds) || (joined.startsWith(' ') && /^sl+$/.test(kinds));
    if (joined.length > 5 || tokens.includes(joined) || !onePiece) continue;
    tokens.push(joined);
    table.push([left, right]);
  }
  return new ToyByteTokenizer(table);
}

describe('O1: random merge tables against enumeration', () => {
  // 2 000 tables in four parts, so that a failure is found fast and the parts can be told apart.
  it.each([1, 2, 3, 4])(
    'part %i: 500 tables, three texts each',
    async (part) => {
      for (let table = 0; table < 500; table++) {
        const seed = part * 10_000 + table;
        const random = seededRandom(seed);
        const toy = randomTokenizer(random, [4, 8, 12][Math.floor(random() * 3)]!);
        const maxTokens = 5;
        const oracle = new PathOracle(toy, maxTokens);
        const size = toy.vocabulary.length;
        const lm = new ToyHashModel({ vocabularySize: size + 1, endToken: size, maxTokens });
        const view = toy.byteVocabulary();
        for (let n = 0; n < 3; n++) {
          const length = 1 + Math.floor(random() * 4);
          const text = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]!).join(
            '',
          );
          const expected = normalised(oracle.mass(text, true));
          const state = new ByteLevelState(lm.openSession(), view, [], bytes(text));
          const actual = await state.nextByteCanon();
          const worst = Math.max(
            ...expected.p.map((p, b) => Math.abs(p - (b === 256 ? actual.end : actual.bytes[b]!))),
          );
          expect(worst, `seed ${seed}, text ${named(text)}`).toBeLessThan(1e-9);
          const trunk = toy.encodeUpTo(text, state.covers().safe);
          const before = trunkLogProbability(trunk, { vocabularySize: size + 1, endToken: size, maxTokens });
          expect(actual.logMass + before, `seed ${seed}, text ${named(text)}`).toBeCloseTo(
            expected.logMass,
            9,
          );
        }
        // All paths are many more: one short text for each table.
        const text = Array.from({ length: 2 }, () => alphabet[Math.floor(random() * alphabet.length)]!).join(
          '',
        );
        const every = normalised(oracle.mass(text, false));
        const all = await nextByteAll(lm.openSession(), view, [], bytes(text));
        const worst = Math.max(
          ...every.p.map((p, b) => Math.abs(p - (b === 256 ? all.end : all.bytes[b]!))),
          Math.abs(all.logMass - every.logMass),
        );
        expect(worst, `P_all, seed ${seed}, text ${named(text)}`).toBeLessThan(1e-9);
      }
    },
    240_000,
  );
});

describe('a token that nothing can follow', () => {
  it('is no cover: one space before a word, when a space always joins the word', async () => {
    const letters = Array.from(alphabet).filter((c) => c.trim() !== '');
    const toy = new ToyByteTokenizer([...letters.map((c) => [' ', c] as const), [' ', ' ']]);
    const size = toy.vocabulary.length;
    const oracle = new PathOracle(toy, 5);
    const space = toy.vocabulary.indexOf(' ');
    expect(oracle.isViable([space, space])).toBe(false);
    const lm = new ToyHashModel({ vocabularySize: size + 1, endToken: size, maxTokens: 5 });
    for (const text of [' ', '  ', 'a ', 'a  ']) {
      const state = new ByteLevelState(lm.openSession(), toy.byteVocabulary(), [], bytes(text));
      const actual = await state.nextByteCanon();
      const expected = normalised(oracle.mass(text, true));
      expected.p.forEach((p, b) => expect(b === 256 ? actual.end : actual.bytes[b], text).toBeCloseTo(p, 9));
      for (const left of state.covers().lefts) {
        if (left.tokens.at(-1) === space && left.overhang === 0) expect(left.isViable(space)).toBe(false);
      }
    }
  });
});
