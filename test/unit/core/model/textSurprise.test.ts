// A token's score depends on the text before it and on nothing else: not on which part of the text was asked for. Checked on
// the toy hash model, whose exact distributions need no runtime.
import { describe, expect, it } from 'vitest';
import { bitsPerByte, effectiveWindow, textSurprise } from '../../../../src/core/model/textSurprise';
import { ToyHashModel } from '../../../../src/core/model/toyHashModel';
import { mulberry } from './randomModel';

const SEED = 20261125;
const VOCABULARY = 24;

describe('surprise of a text', () => {
  const model = new ToyHashModel({ vocabularySize: VOCABULARY, seed: SEED });
  const random = mulberry(SEED);
  const ids = Array.from({ length: 150 }, () => Math.floor(random() * VOCABULARY));

  it('follows from the model’s own distribution, with the context that the window gives (by definition)', async () => {
    const window = 16;
    const scored = await textSurprise(model.openSession(), ids, { window });
    const half = window / 2;
    for (const i of [1, 5, 15, 16, 23, 24, 100, 149]) {
      // The earliest window that holds token i.
      const start = i < window ? 0 : Math.ceil((i + 1 - window) / half) * half;
      const { logits } = await model.openSession().prefill(ids.slice(start, i));
      const probabilities = Array.from(logits, Math.exp);
      const sum = probabilities.reduce((a, b) => a + b, 0);
      const own = probabilities[ids[i]!]! / sum;
      expect(scored.logProbs[i]).toBeCloseTo(Math.log(own), 10);
      expect(scored.ranks[i]).toBe(
        1 +
          probabilities.filter(
            (p, id) => p > probabilities[ids[i]!]! || (p === probabilities[ids[i]!]! && id < ids[i]!),
          ).length,
      );
      const entropy = -probabilities.reduce((h, p) => h + (p / sum) * Math.log(p / sum), 0);
      expect(scored.entropies[i]).toBeCloseTo(entropy, 10);
      expect(scored.bestLogProbs[i]).toBeCloseTo(Math.log(Math.max(...probabilities) / sum), 10);
      expect(probabilities[scored.best[i]!]).toBe(Math.max(...probabilities));
    }
  });

  it(`gives a part exactly what it has in the whole, 60 random parts and windows (seed ${SEED})`, async () => {
    for (let run = 0; run < 60; run++) {
      const window = 2 + Math.floor(random() * 40);
      const first = Math.floor(random() * ids.length);
      const last = first + Math.floor(random() * 60);
      const whole = await textSurprise(model.openSession(), ids, { window });
      const part = await textSurprise(model.openSession(), ids, { window, part: { first, last } });
      for (let i = 0; i < ids.length; i++) {
        const inside = i >= first && i < last;
        if (!inside) expect(part.logProbs[i]).toBeNaN();
        else if (i === 0) expect(part.logProbs[0]).toBeNaN();
        else expect(part.logProbs[i]).toBeCloseTo(whole.logProbs[i]!, 10);
      }
    }
  });

  it('never looks further than the model can and rounds odd windows down', () => {
    expect(effectiveWindow(model.info, 1e9)).toBeLessThanOrEqual(model.info.contextLength);
    expect(effectiveWindow(model.info, 7)).toBe(6);
    expect(effectiveWindow(model.info, 1)).toBe(2);
  });

  it('has nothing to say about an empty text, or one of a single token', async () => {
    const empty = await textSurprise(model.openSession(), [], { window: 8 });
    expect(empty.logProbs.length).toBe(0);
    const one = await textSurprise(model.openSession(), [3], { window: 8 });
    expect(one.logProbs[0]).toBeNaN();
    expect(bitsPerByte(one, [1])).toBeNaN();
  });
});
