// The model in the box as it ships: files match the manifest, the tokenizer fits, drafts come out, trees agree with steps.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeDrafts } from '../../../../src/core/decoding/completeDrafts';
import { PackedNgrams } from '../../../../src/core/decoding/packedNgrams';
import type { Logits, NodeInput } from '../../../../src/core/model/languageModel';
import { bitsPerByte, textSurprise } from '../../../../src/core/model/textSurprise';
import type { Tokenizer } from '../../../../src/core/tokenizers/tokenizer';
import {
  DEFAULT_LOAD_OPTIONS,
  loadLanguageModel,
  type LoadedModel,
} from '../../../../src/engine/languageModelLoader';
import { loadModelTokenizer } from '../../../../src/engine/modelTokenizer';

const FOLDER = 'models/tessera-tiny';
const SOURCE = readFileSync('src/core/model/cacheTree.ts', 'utf8');

const argMax = (logits: Logits): number => logits.indexOf(Math.max(...logits));

describe('embedded model', () => {
  let model: LoadedModel;
  let tokenizer: Tokenizer;

  beforeAll(async () => {
    const loading = await loadLanguageModel(FOLDER, DEFAULT_LOAD_OPTIONS);
    if (!loading.ok) throw new Error(loading.reason);
    model = loading.model;
    const reading = await loadModelTokenizer(model);
    if (!reading.ok) throw new Error(reading.reason);
    tokenizer = reading.tokenizer;
  });
  afterAll(() => model.release());

  it('knows its context, its end and its fill-in-the-middle tokens', () => {
    expect(model.info.contextLength).toBeGreaterThanOrEqual(1024);
    expect(model.info.fim?.family).toBe('starcoder');
    expect(model.info.endTokens[0]).toBe(tokenizer.specialTokens.get('<|endoftext|>'));
    expect(model.description.graphBytes).toBeLessThan(6e6);
  });

  it('has a token for each of the 256 bytes', () => {
    const single = new Set<number>();
    for (let id = 0; id < tokenizer.vocabularySize; id++) {
      const bytes = tokenizer.tokenBytes(id);
      if (bytes.length === 1) single.add(bytes[0]!);
    }
    expect(single.size).toBe(256);
  });

  it('gives the tokens of single steps when a tree with other branches is evaluated', async () => {
    const ids = Array.from(tokenizer.encode(SOURCE));
    const steps = model.openSession();
    const trees = model.openSession();
    for (let start = 0; start < 400; start += 20) {
      const prompt = ids.slice(start, start + 10 + (start % 60));
      let a = await steps.prefill(prompt);
      let b = await trees.prefill(prompt);
      for (let i = 0; i < 6; i++) {
        const best = argMax(a.logits);
        expect(argMax(b.logits)).toBe(best);
        const one = await steps.evaluate([{ parent: a.node, input: best }]);
        const inputs: NodeInput[] = [
          { parent: b.node, input: (best + 1) % 4000 },
          { parent: b.node, input: best },
          { parent: 0, input: 5 },
        ];
        const many = await trees.evaluate(inputs);
        a = { ...a, node: one.nodes[0]!, logits: one.logits[0]! };
        b = { ...b, node: many.nodes[1]!, logits: many.logits[1]! };
      }
    }
  });

  it('finds TypeScript far less surprising than its bytes', async () => {
    const spans = tokenizer.encodeSpans(SOURCE.slice(0, 3000));
    const lengths = spans.byteEnds.map((end, i) => end - (i === 0 ? 0 : spans.byteEnds[i - 1]!));
    const scored = await textSurprise(model.openSession(), spans.ids, { window: 1024 });
    // Gzip needs about 3 bits a byte for so short a file.
    expect(bitsPerByte(scored, lengths)).toBeLessThan(2.8);
  });

  it('fills in the middle through the draft engine, inside a word too', async () => {
    const session = model.openSession();
    for (const cursor of ['export function leng', 'export function length(text: string): ']) {
      const result = await completeDrafts(session, tokenizer, {
        prefix: `// Counts.\n${cursor}`,
        suffix: '\n}\n',
        method: 'greedy',
        singleLine: true,
        maxTokens: 12,
      });
      expect(result.ok).toBe(true);
    }
  });

  it('ships n-gram tables for the same vocabulary', () => {
    const read = PackedNgrams.read(readFileSync(`${FOLDER}/ngrams.bin`));
    if (!read.ok) throw new Error(read.reason);
    expect(read.table.vocabularySize).toBe(tokenizer.vocabularySize);
  });
});
