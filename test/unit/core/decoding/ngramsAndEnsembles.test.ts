import { describe, expect, it } from 'vitest';
import {
  averageSource,
  modelSource,
  ngramSource,
  writeBytes,
} from '../../../../src/core/decoding/byteEnsemble';
import { ByteLevelState } from '../../../../src/core/decoding/byteDistribution';
import { ByteNgrams } from '../../../../src/core/decoding/byteNgrams';
import { bytePairView } from '../../../../src/core/decoding/bytePairView';
import { LiveNgrams } from '../../../../src/core/decoding/liveNgrams';
import { ngramMixture } from '../../../../src/core/decoding/ngramMixture';
import { packNgrams, PackedNgrams } from '../../../../src/core/decoding/packedNgrams';
import { seededRandom } from '../../../../src/core/decoding/seededRandom';
import { ToyHashModel } from '../../../../src/core/model/toyHashModel';
import { sample, smallTokenizer } from './smallCodeTokenizer';

function randomDocuments(seed: number): number[][] {
  const random = seededRandom(seed);
  return [0, 1, 2].map(() => Array.from({ length: 300 }, () => Math.floor(random() * random() * 12)));
}

describe('packed n-grams', () => {
  it('give the share of each successor to within one step of the code', () => {
    const documents = randomDocuments(3);
    const read = PackedNgrams.read(packNgrams(documents, 4096, 1 << 20));
    if (!read.ok) throw new Error(read.reason);
    for (const order of [2, 3, 4] as const) {
      for (let i = 0; i + order <= 60; i++) {
        const window = documents[1]!.slice(i, i + order);
        const context = window.slice(0, -1);
        let total = 0;
        let count = 0;
        for (const document of documents) {
          for (let j = order - 1; j < document.length; j++) {
            if (document.slice(j - order + 1, j).join() !== context.join()) continue;
            total++;
            if (document[j] === window[order - 1]) count++;
          }
        }
        const [share, none] = read.table.shares(order, [99, ...context], [window[order - 1]!, 4000])!;
        expect(Math.abs(Math.log2(share!) - Math.log2(count / total))).toBeLessThanOrEqual(1 / 32 + 1e-9);
        expect(none).toBe(0);
      }
      expect(read.table.shares(order, [4001, 4002, 4003], [1])).toBeUndefined();
    }
  });

  it('keep to the size asked for and drop the rarest contexts first', () => {
    const documents = randomDocuments(4);
    const packed = packNgrams(documents, 4096, 6000);
    expect(packed.length).toBeLessThanOrEqual(6000);
    const read = PackedNgrams.read(packed);
    if (!read.ok) throw new Error(read.reason);
    expect(read.table.shares(2, [0], [0])![0]).toBeGreaterThan(0);
  });

  it('are refused when damaged or made for too large a vocabulary', () => {
    const packed = packNgrams(randomDocuments(5), 4096, 1 << 20);
    expect(PackedNgrams.read(packed.subarray(0, packed.length - 40))).toMatchObject({ ok: false });
    expect(PackedNgrams.read(Uint8Array.of(1, 2, 3))).toMatchObject({ ok: false });
    expect(() => packNgrams([], 200_000, 1000)).toThrow(RangeError);
  });

  it('stand behind the counts of the open document', () => {
    const read = PackedNgrams.read(packNgrams([[1, 2, 1, 3, 1, 3]], 10, 10_000));
    if (!read.ok) throw new Error(read.reason);
    const mixture = ngramMixture(new LiveNgrams([[5, 1, 2]]), read.table, [1, 0, 0, 0, 0]);
    expect(Array.from(mixture.shares([1], [2, 3]))).toEqual([1, 0]);
    const [, three] = mixture.shares([3], [2, 1]);
    expect(three).toBeCloseTo(1, 6);
  });
});

describe('the byte n-grams of a document', () => {
  it('are probabilities, and expect a name that the document has', () => {
    const ngrams = new ByteNgrams(Buffer.from(sample));
    for (const history of ['', 'z', 'countTok', 'this.tot', '\u65e5']) {
      const p = ngrams.next(Buffer.from(history));
      expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      expect(Math.min(...p)).toBeGreaterThan(0);
    }
    const p = ngrams.next(Buffer.from('countTok'));
    expect(p.indexOf(Math.max(...p))).toBe('e'.charCodeAt(0));
  });
});

describe('ensembles', () => {
  const two = [smallTokenizer(220), smallTokenizer(60)].map(({ tokenizer, endToken }, i) => {
    const model = new ToyHashModel({
      vocabularySize: tokenizer.vocabularySize,
      endToken,
      scale: 6,
      seed: 11 + i,
    });
    return { model, view: bytePairView(tokenizer), endToken };
  });
  const sources = (text: string) =>
    two.map(({ model, view, endToken }) =>
      modelSource(new ByteLevelState(model.openSession(), view, [endToken], Buffer.from(text))),
    );

  it('average models of different vocabularies byte by byte, and push goes to all', async () => {
    const members = sources('const tok');
    const both = averageSource(members, [3, 1]);
    for (const byte of Buffer.from('ens')) {
      const [a, b] = await Promise.all(members.map((member) => member.next()));
      const mean = await both.next();
      mean.forEach((p, i) => expect(p).toBeCloseTo(0.75 * a![i]! + 0.25 * b![i]!, 12));
      expect(mean.reduce((x, y) => x + y, 0)).toBeCloseTo(1, 9);
      both.push(byte);
    }
    const after = await both.next();
    const [a, b] = await Promise.all(sources('const tokens').map((member) => member.next()));
    after.forEach((p, i) => expect(p).toBeCloseTo(0.75 * a![i]! + 0.25 * b![i]!, 9));
  });

  it('write whole characters and leave the sources where they were', async () => {
    const document = ngramSource(new ByteNgrams(Buffer.from(sample)), Buffer.from('return tokens.le'));
    const both = averageSource([...sources('return tokens.le'), document], [0.2, 0.2, 0.6]);
    const before = await both.next();
    const draft = await writeBytes(both, {
      singleLine: true,
      maxTokens: 30,
      maxBytes: 30,
      indentation: 0,
      suffixLine: '',
    });
    expect(draft.text.startsWith('ngth')).toBe(true);
    expect(draft.logProb).toBeLessThan(0);
    const after = await both.next();
    after.forEach((p, i) => expect(p).toBeCloseTo(before[i]!, 9));
  });
});
