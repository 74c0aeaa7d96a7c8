// Drafts by the model in the box and a random model of another vocabulary, through the door of model process and command
// line: every byte is found again from the two models' own answers about the next byte, averaged here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LmSession } from '../../../src/core/model/languageModel';
import type { Tokenizer } from '../../../src/core/tokenizers/tokenizer';
import { answerDrafts, answerNextByte } from '../../../src/engine/draftAnswers';
import { openSecondModel } from '../../../src/engine/draftHandlers';
import { loadLanguageModel, type LoadedModel } from '../../../src/engine/languageModelLoader';
import { loadModelTokenizer } from '../../../src/engine/modelTokenizer';
import { writeWholeByteFolder } from '../core/model/wholeByteTokenizer';

interface Opened {
  readonly model: LoadedModel;
  readonly session: LmSession;
  readonly tokenizer: Tokenizer;
}

const never = { cancelled: false };
const prefix = 'for (const item of items) {\n  total += item.len';
const suffix = ';\n}\n';

describe('two models of different vocabularies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-two-models-'));
  const second = join(folder, 'second');
  let models: Opened[] = [];

  beforeAll(async () => {
    writeWholeByteFolder(second, 5);
    models = await Promise.all(
      ['models/tessera-tiny', second].map(async (path) => {
        const loading = await loadLanguageModel(path);
        if (!loading.ok) throw new Error(loading.reason);
        const { model } = loading;
        const read = await loadModelTokenizer(model);
        if (!read.ok) throw new Error(read.reason);
        return { model, session: model.openSession(), tokenizer: read.tokenizer };
      }),
    );
  }, 120_000);
  afterAll(async () => {
    for (const { model, session } of models) {
      session.close();
      await model.release();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** 257 numbers: the weighted mean of what each model says by itself. */
  async function mean(text: string, weight: number): Promise<Float64Array> {
    const sum = new Float64Array(257);
    for (const [m, { session, tokenizer }] of models.entries()) {
      const parts = { session, tokenizer, shippedNgrams: () => Promise.resolve(undefined) };
      const reply = await answerNextByte(parts, { prefix: text, suffix, allPathsRows: 0 }, never);
      if (!reply.ok) throw new Error(reply.error.message);
      const share = (m === 0 ? 1 : weight) / (1 + weight);
      for (const { byte, exact } of reply.value.rows) sum[byte]! += share * exact;
    }
    return sum;
  }

  it('write the byte that the average of both finds most probable, with its probability', async () => {
    const [first] = models;
    expect(first!.tokenizer.vocabularySize).not.toBe(models[1]!.tokenizer.vocabularySize);
    for (const weight of [1, 0.25]) {
      const reply = await answerDrafts(
        { ...first!, shippedNgrams: () => Promise.resolve(undefined), secondModel: openSecondModel },
        {
          prefix,
          suffix,
          count: 2,
          maxBytes: 5,
          ensemble: [{ kind: 'model', path: second, weight }],
        },
        never,
      );
      if (!reply.ok) throw new Error(reply.error.message);
      const { method, drafts, endShare } = reply.value;
      expect(method).toBe('ensemble');
      const begin = await mean(prefix, weight);
      expect(endShare).toBeCloseTo(begin[256]!, 5);
      for (const { tokens, text } of drafts) {
        let written = '';
        for (const [i, token] of tokens.entries()) {
          // Characters of one byte can be followed by asking about the text with them.
          if (!/^[\0-\x7f]$/.test(token.text)) break;
          const p = await mean(prefix + written, weight);
          const byte = token.text.charCodeAt(0);
          if (i > 0) expect(byte, `${text} at ${i}`).toBe(p.subarray(0, 256).indexOf(Math.max(...p)));
          expect(token.logProb, `${text} at ${i}`).toBeCloseTo(Math.log(p[byte]!), 4);
          written += token.text;
        }
        expect(written.length, text).toBeGreaterThan(0);
      }
      const firsts = drafts.map(({ text }) => text.charCodeAt(0));
      const best = Array.from(begin.subarray(0, 256).keys()).sort((a, b) => begin[b]! - begin[a]!);
      expect(new Set(best.slice(0, 2))).toEqual(new Set(firsts));
    }
  }, 120_000);

  it('are refused by name when the second is not there', async () => {
    const reply = await openSecondModel(join(folder, 'nowhere'));
    expect(reply.ok ? '' : reply.error.message).toContain(
      `The second model cannot be used (${join(folder, 'nowhere')}): `,
    );
  });
});
