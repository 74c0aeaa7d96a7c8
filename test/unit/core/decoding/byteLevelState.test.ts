import { describe, expect, it } from 'vitest';
import { ByteLevelState } from '../../../../src/core/decoding/byteDistribution';
import { bytePairView } from '../../../../src/core/decoding/bytePairView';
import { vocabularyIndex } from '../../../../src/core/decoding/byteVocabulary';
import { StartPool } from '../../../../src/core/decoding/coverStarts';
import { logSumExp } from '../../../../src/core/decoding/logProbabilities';
import { seededRandom } from '../../../../src/core/decoding/seededRandom';
import { ToyHashModel } from '../../../../src/core/model/toyHashModel';
import { PathOracle } from './pathEnumeration';
import { sample, smallTokenizer } from './smallCodeTokenizer';
import { fixtureTokenizer, readFixture } from './toyByteTokenizer';

const { tokenizer, endToken } = smallTokenizer();
const view = bytePairView(tokenizer);
const index = vocabularyIndex(view);
const model = new ToyHashModel({ vocabularySize: tokenizer.vocabularySize, endToken, scale: 8 });
const bytes = Buffer.from(sample);

describe('O2: the chain rule', () => {
  it('the mass of text + byte is the mass that the text gives to the byte', async () => {
    const start = 150;
    const state = new ByteLevelState(model.openSession(), view, [endToken], bytes.subarray(0, start));
    for (let n = start; n < start + 60; n++) {
      const before = await state.nextByteCanon();
      state.push(bytes[n]!);
      const { lefts } = await state.score();
      // Mass of all covers of the longer text: every left context, those that end at the cursor whole.
      let mass = 0;
      for (const { left, logWeight, logits, logTotal } of lefts) {
        if (left.overhang === 0) mass += Math.exp(logWeight - before.logMass);
        else {
          for (let i = left.low; i < left.high; i++) {
            const id = index.order[i]!;
            if (left.isViable(id)) mass += Math.exp(logWeight + logits[id]! - logTotal - before.logMass);
          }
        }
      }
      expect(mass, `byte ${n}`).toBeCloseTo(before.bytes[bytes[n]!]!, 9);
    }
  });
});

describe('O4: aligned prompts', () => {
  it('are plain token-level prompts where no token can reach over the boundary', async () => {
    const text = Buffer.from('return tokens.length;\n}\n\nx');
    const session = model.openSession();
    const state = new ByteLevelState(session, view, [endToken], text.subarray(0, text.length - 1));
    const { covers, lefts } = await state.score();
    const canonical = lefts.filter(({ left }) => left.overhang === 0);
    expect(canonical.length).toBeGreaterThan(0);
    const ids = [endToken, ...tokenizer.encode(text.subarray(0, text.length - 1).toString())];
    const { logits } = await model.openSession().prefill(ids);
    const whole = lefts.find(
      ({ left }) => left.tokens.join() === covers.canonical!.join() && left.overhang === 0,
    )!;
    expect(Array.from(whole.logits)).toEqual(Array.from(logits));
  });

  it('have one left context, no extra row and the token softmax when the boundary is certain', async () => {
    const session = model.openSession();
    const state = new ByteLevelState(session, view, [endToken], new Uint8Array(0));
    const next = await state.nextByteCanon();
    expect(session.work).toMatchObject({ forwards: 0, prefills: 1 });
    const { logits } = await model.openSession().prefill([endToken]);
    const total = logSumExp(logits);
    const expected = new Float64Array(256);
    let kept = Math.exp(logits[endToken]! - total);
    for (const id of index.order) {
      const first = index.byteAt(id, 0);
      // Bytes that no UTF-8 text starts with are never produced.
      if (first >= 0x80 && first < 0xc2) continue;
      const text = Buffer.from(index.bytesOf(id));
      if (
        text.length > 1 &&
        tokenizer.encode(text.toString()).length > 1 &&
        Buffer.from(text.toString()).equals(text)
      )
        continue;
      if (first >= 0xf5) continue;
      expected[first]! += Math.exp(logits[id]! - total);
      kept += Math.exp(logits[id]! - total);
    }
    for (let b = 0; b < 256; b++) expect(next.bytes[b], `byte ${b}`).toBeCloseTo(expected[b]! / kept, 6);
  });
});

describe('O5: typing', () => {
  it('byte by byte is the same as at once, and deleting is the same as never having typed', async () => {
    const typed = new ByteLevelState(model.openSession(), view, [endToken], bytes.subarray(0, 100));
    const describeState = async (state: ByteLevelState): Promise<unknown> => {
      const { covers } = await state.score();
      const { bytes: p, end } = await state.nextByteCanon();
      const round = (value: number): string => value.toExponential(8);
      return {
        safe: covers.safe,
        tail: Array.from(covers.tail),
        canonical: covers.canonical,
        lefts: covers.lefts.map((left) => [left.tokens, left.overhang, left.low, left.high, left.mayEnd]),
        p: Array.from(p, round),
        end: round(end),
      };
    };
    for (let n = 100; n < 190; n++) {
      typed.push(bytes[n]!);
      const fresh = new ByteLevelState(model.openSession(), view, [endToken], bytes.subarray(0, n + 1));
      expect(await describeState(typed), `after byte ${n}`).toEqual(await describeState(fresh));
    }
    for (let n = 189; n >= 130; n--) typed.pop();
    const fresh = new ByteLevelState(model.openSession(), view, [endToken], bytes.subarray(0, 130));
    expect(await describeState(typed)).toEqual(await describeState(fresh));
  });

  it('computes only what is new: at most a few rows a keystroke and never the prompt again', async () => {
    const session = model.openSession();
    const state = new ByteLevelState(session, view, [endToken], bytes.subarray(0, 100));
    await state.score();
    const { prefillRows, rows } = session.work;
    for (let n = 100; n < 160; n++) {
      state.push(bytes[n]!);
      expect((await state.score()).newRows).toBeLessThanOrEqual(6);
    }
    expect(session.work.prefillRows).toBe(prefillRows);
    expect((session.work.rows - rows) / 60).toBeLessThan(2.5);
  });

  it('retyping a deleted byte costs nothing', async () => {
    const session = model.openSession();
    const state = new ByteLevelState(session, view, [endToken], bytes.subarray(0, 100));
    state.push(bytes[100]!);
    await state.score();
    const { rows } = session.work;
    state.pop();
    await state.score();
    state.push(bytes[100]!);
    await state.score();
    state.pop();
    await state.score();
    expect(session.work.rows - rows).toBeLessThanOrEqual(4);
    expect(() => {
      for (;;) state.pop();
    }).toThrow(RangeError);
  });
});

describe('O3: sampling covers', () => {
  it('20 000 draws have the enumerated first bytes (chi-square)', async () => {
    const fixture = readFixture();
    const toy = fixtureTokenizer(fixture);
    const lm = new ToyHashModel({
      vocabularySize: fixture.eos + 1,
      endToken: fixture.eos,
      maxTokens: fixture.lmax,
    });
    const oracle = new PathOracle(toy, fixture.lmax);
    const toyView = toy.byteVocabulary();
    for (const prefix of ['ab', 'ab ', 'abca']) {
      const text = Uint8Array.from(prefix, (c) => c.charCodeAt(0));
      const { lefts } = await new ByteLevelState(lm.openSession(), toyView, [], text).score();
      const pool = new StartPool(lefts, vocabularyIndex(toyView), [fixture.eos]);
      const mass = oracle.mass(prefix, true);
      const total = [...mass.values()].reduce((a, b) => a + b, 0);
      const random = seededRandom(prefix.length * 101);
      const seen = new Map<number | 'end', number>();
      const draws = 20_000;
      for (let n = 0; n < draws; n++) {
        const start = pool.sample(random, 1, 1);
        const bin = start.ends
          ? 'end'
          : vocabularyIndex(toyView).byteAt(start.token, start.scored.left.overhang);
        seen.set(bin, (seen.get(bin) ?? 0) + 1);
      }
      let statistic = 0;
      for (const [bin, m] of mass)
        statistic += ((seen.get(bin) ?? 0) - (draws * m) / total) ** 2 / ((draws * m) / total);
      // 7 degrees of freedom, p = 0.001.
      expect(mass.size).toBe(8);
      expect(statistic, prefix).toBeLessThan(24.32);
    }
  });
});
