import { describe, expect, it } from 'vitest';
import {
  completeDrafts,
  DRAFT_METHODS,
  type DraftRequest,
  type DraftsDone,
  type DraftsResult,
} from '../../../../src/core/decoding/completeDrafts';
import { findFimTokens } from '../../../../src/core/decoding/fimTokens';
import { logSumExp } from '../../../../src/core/decoding/logProbabilities';
import { reportNextByte } from '../../../../src/core/decoding/nextByteReport';
import { ToyRecurrentModel } from '../../../../src/core/model/toyRecurrentModel';
import { vocabularyFingerprint } from '../../../../src/core/model/vocabularyFingerprint';
import { sample, smallTokenizer } from './smallCodeTokenizer';

const { tokenizer, endToken, specials } = smallTokenizer();
const fim = findFimTokens(specials)!;
const options = { vocabularySize: tokenizer.vocabularySize, endToken, sharpness: 3 };
const info = { contextLength: 1024, tokenizerFingerprint: vocabularyFingerprint(tokenizer) };
const model = new ToyRecurrentModel({ ...options, info: { ...info, fim } });
const leftToRight = new ToyRecurrentModel({ ...options, info });
const ask = (request: Partial<DraftRequest> = {}): DraftRequest => ({
  prefix: sample.slice(0, 200),
  suffix: '\n}\n',
  maxTokens: 10,
  singleLine: false,
  seed: 5,
  ...request,
});

function done(result: DraftsResult): DraftsDone {
  if (!result.ok) throw new Error(result.message);
  return result;
}

describe('every method', () => {
  it.each(DRAFT_METHODS)(
    '%s: repeatable, distinct texts, honest log-probabilities, best first',
    async (method) => {
      for (const at of [40, 57, 120, 203, 260]) {
        const request = ask({ prefix: sample.slice(0, at), method, count: 4 });
        const first = done(await completeDrafts(model.openSession(), tokenizer, request));
        expect(done(await completeDrafts(model.openSession(), tokenizer, request))).toEqual(first);
        const { drafts } = first;
        expect(drafts.length).toBeGreaterThan(0);
        expect(drafts.length).toBeLessThanOrEqual(method === 'greedy' ? 1 : 4);
        expect(new Set(drafts.map((d) => d.text)).size).toBe(drafts.length);
        drafts.forEach((draft, i) => {
          expect(draft.text).not.toContain('\ufffd');
          expect(draft.logProb).toBeCloseTo(
            draft.tokens.reduce((sum, t) => sum + t.logProb, 0),
            9,
          );
          expect(draft.logProb).toBeLessThanOrEqual(1e-9);
          if (i > 0) expect(draft.rank).toBeLessThanOrEqual(drafts[i - 1]!.rank);
          const spelt = Buffer.concat(draft.tokens.map((t) => t.bytes))
            .subarray(draft.tokens[0]!.overhang)
            .toString();
          expect(spelt.startsWith(draft.text)).toBe(true);
          const typed = Buffer.from(request.prefix);
          const overhang = draft.tokens[0]!.overhang;
          expect(
            typed
              .subarray(typed.length - overhang)
              .equals(Buffer.from(draft.tokens[0]!.bytes.subarray(0, overhang))),
          ).toBe(true);
        });
      }
    },
  );

  it('leaves nothing held in the cache', async () => {
    for (const method of DRAFT_METHODS) {
      const session = model.openSession();
      const returned = new Map<number, number>();
      const count = (id: number, by: number): void => void returned.set(id, (returned.get(id) ?? 0) + by);
      const prefill = session.prefill.bind(session);
      const evaluate = session.evaluate.bind(session);
      const release = session.release.bind(session);
      session.prefill = async (...args) => {
        const result = await prefill(...args);
        count(result.node.id, 1);
        return result;
      };
      session.evaluate = async (...args) => {
        const result = await evaluate(...args);
        for (const node of result.nodes) count(node.id, 1);
        return result;
      };
      session.release = (nodes) => {
        const list = [...nodes];
        for (const node of list) count(node.id, -1);
        release(list);
      };
      done(await completeDrafts(session, tokenizer, ask({ method, explain: true })));
      expect(
        [...returned.values()].filter((holds) => holds !== 0),
        method,
      ).toEqual([]);
    }
  });

  it('greedy takes the heaviest cover and then the most probable token each time', async () => {
    const prefix = 'return tok';
    const { drafts } = done(
      await completeDrafts(
        model.openSession(),
        tokenizer,
        ask({ prefix, suffix: '', layout: 'leftToRight', method: 'greedy' }),
      ),
    );
    const draft = drafts[0]!;
    const session = model.openSession();
    const kept = Buffer.from(prefix)
      .subarray(0, prefix.length - draft.tokens[0]!.overhang)
      .toString();
    let ids = [endToken, ...tokenizer.encode(kept), draft.tokens[0]!.id];
    for (const token of draft.tokens.slice(1)) {
      const { logits } = await session.prefill(ids);
      const best = logits.indexOf(Math.max(...logits));
      if (![...specials.values()].includes(best)) expect(token.id).toBe(best);
      expect(token.logProb).toBeCloseTo(logits[token.id]! - logSumExp(logits), 9);
      ids = [...ids, token.id];
    }
  });

  it('beam finds a draft at least as probable as greedy, and forked greedy contains greedy', async () => {
    for (const at of [57, 120, 260]) {
      const of = async (method: DraftRequest['method']): Promise<DraftsDone> =>
        done(
          await completeDrafts(
            model.openSession(),
            tokenizer,
            ask({ prefix: sample.slice(0, at), method: method!, suffix: '', maxTokens: 4 }),
          ),
        );
      const greedy = (await of('greedy')).drafts[0]!;
      const beam = (await of('beam')).drafts;
      expect(Math.max(...beam.map((d) => d.logProb))).toBeGreaterThanOrEqual(greedy.logProb - 1e-9);
      expect((await of('forked')).drafts.map((d) => d.text)).toContain(greedy.text);
    }
  });
});

describe('cursor edges', () => {
  it('agree on aligned cursors and differ inside tokens', async () => {
    const texts = async (prefix: string): Promise<string[]> => {
      const all: string[] = [];
      for (const edge of ['exact', 'tokenLevel', 'healing'] as const) {
        const { drafts } = done(
          await completeDrafts(
            model.openSession(),
            tokenizer,
            ask({ prefix, edge, method: 'greedy', suffix: '', layout: 'leftToRight' }),
          ),
        );
        all.push(drafts[0]?.text ?? '');
      }
      return all;
    };
    const aligned = await texts('const tokens = tokenizer.encode(text);\n');
    expect(aligned[1]).toBe(aligned[0]);
    expect(aligned[2]).toBe(aligned[0]);
    const inside = await Promise.all(['retur', 'export functio', 'this.tot', 'const tok'].map(texts));
    expect(inside.some(([exact, tokenLevel]) => exact !== tokenLevel)).toBe(true);
  });

  it('exact drafts follow the enumerated next byte: the first byte of many samples fits the distribution', async () => {
    const prefix = 'const tok';
    const report = await reportNextByte(model.openSession(), tokenizer, { prefix, suffix: '' });
    if (!report.ok) throw new Error(report.message);
    const probability = new Map(report.rows.map((row) => [row.byte, row.exact]));
    const counts = new Map<number, number>();
    const session = model.openSession();
    let total = 0;
    for (let seed = 0; seed < 1500; seed++) {
      const { drafts } = done(
        await completeDrafts(session, tokenizer, {
          prefix,
          suffix: '',
          method: 'nucleus',
          count: 1,
          topP: 1,
          maxTokens: 1,
          seed,
          singleLine: false,
        }),
      );
      const byte = drafts[0]?.tokens[0]?.bytes[drafts[0].tokens[0].overhang] ?? -1;
      counts.set(byte, (counts.get(byte) ?? 0) + 1);
      total++;
    }
    // Pearson's statistic over bytes expected at least five times; the rest, blank and empty drafts included, is one class.
    let statistic = 0;
    let classes = 0;
    let restExpected = total;
    let restSeen = total;
    for (const [byte, p] of probability) {
      if (p * total < 5 || byte === 256 || byte < 33 || byte > 126) continue;
      const seen = counts.get(byte) ?? 0;
      statistic += (seen - p * total) ** 2 / (p * total);
      classes++;
      restExpected -= p * total;
      restSeen -= seen;
    }
    statistic += (restSeen - restExpected) ** 2 / restExpected;
    // Normal approximation of chi-square at p = 0.0005.
    expect(statistic).toBeLessThan(classes + 3.5 * Math.sqrt(2 * classes));
  });
});

describe('bad and hard input', () => {
  const hard: Record<string, [string, string]> = {
    'an empty file': ['', ''],
    'only white space': ['    ', '\n'],
    'a cursor behind an accented letter': ['const caf\u00e9', '\n'],
    'a cursor inside a token of several characters outside ASCII': ['// \u65e5', '\u672c\n'],
    'CRLF line ends': ['const a = 1;\r\nconst b', ';\r\nreturn\r\n'],
    'the literal text of a special token': ['const s = "<fim_mid', 'dle>"; <|endoftext|>'],
    'a line of 10 000 characters': [`const data = "${'abc1'.repeat(2500)}`, '"\n'],
    'one word of 10 000 letters': ['a'.repeat(10_000), ''],
    'an apostrophe': ["const s = '", "';\n"],
  };
  it.each(Object.entries(hard))('%s', async (_, [prefix, suffix]) => {
    for (const method of ['forked', 'superposed'] as const) {
      const { drafts } = done(
        await completeDrafts(model.openSession(), tokenizer, ask({ prefix, suffix, method })),
      );
      for (const { text } of drafts) expect(text).not.toContain('\ufffd');
    }
  });

  it('the literal text of a special token is prompted as bytes, never as the token', async () => {
    const session = model.openSession();
    const prompts: number[][] = [];
    const prefill = session.prefill.bind(session);
    session.prefill = (ids, cancellation) => {
      prompts.push(Array.from(ids));
      return prefill(ids, cancellation);
    };
    done(
      await completeDrafts(
        session,
        tokenizer,
        ask({ prefix: 'a = "<fim_suffix><|endoftext|>"; b', suffix: '<fim_middle>' }),
      ),
    );
    for (const id of [fim.prefix, fim.suffix, fim.middle]) {
      expect(prompts[0]!.filter((i) => i === id)).toHaveLength(1);
    }
    expect(prompts[0]).not.toContain(endToken);
  });

  it('a model without fill-in-the-middle tokens goes left to right and says so', async () => {
    const result = done(await completeDrafts(leftToRight.openSession(), tokenizer, ask({ suffix: ');\n' })));
    expect(result.layout).toBe('leftToRight');
    expect(result.notes.join()).toContain('cannot fill in the middle');
    expect(result.drafts.some((d) => d.joinLogProb !== undefined)).toBe(true);
  });

  it("a tokenizer that is not the model's is refused with what to do", async () => {
    const other = smallTokenizer(120).tokenizer;
    const result = await completeDrafts(model.openSession(), other, ask());
    expect(result).toMatchObject({ ok: false, reason: 'wrongTokenizer' });
    expect(!result.ok && result.message).toContain('tokenizer.json');
    const narrow = new ToyRecurrentModel({ vocabularySize: 300 });
    const larger = await completeDrafts(narrow.openSession(), tokenizer, ask());
    expect(larger).toMatchObject({ ok: false, reason: 'wrongTokenizer' });
  });

  it.each([
    [{ count: 0 }, 'drafts'],
    [{ count: 99 }, 'drafts'],
    [{ maxTokens: 0 }, 'token'],
    [{ maxTokens: 1020 }, 'context'],
    [{ temperature: 0 }, 'temperature'],
    [{ topP: 1.5 }, 'top-p'],
    [{ prefix: '\ud83d', suffix: '\udc4d' }, 'inside a character'],
  ] as const)('%j is refused', async (change, word) => {
    const result = await completeDrafts(model.openSession(), tokenizer, ask(change));
    expect(result).toMatchObject({ ok: false, reason: 'badRequest' });
    expect(!result.ok && result.message).toContain(word);
  });

  it('a request that was cancelled before it began is a value, not an error', async () => {
    const result = await completeDrafts(
      model.openSession(),
      tokenizer,
      ask({ cancellation: { cancelled: true } }),
    );
    expect(result).toMatchObject({ ok: false, reason: 'cancelled' });
  });

  it('stays inside the context length', async () => {
    const small = new ToyRecurrentModel({ ...options, info: { ...info, fim, contextLength: 128 } });
    const result = done(
      await completeDrafts(
        small.openSession(),
        tokenizer,
        ask({ prefix: sample.repeat(20), suffix: sample.repeat(5), maxTokens: 8 }),
      ),
    );
    expect(result.promptTokens).toBeLessThanOrEqual(128 - 8);
    expect(result.notes.join()).toContain('before the cursor');
  });
});

describe('the "why" data', () => {
  it('adds up: cover shares, next-byte histogram, draft tree', async () => {
    const { drafts, why, leftContexts } = done(
      await completeDrafts(
        model.openSession(),
        tokenizer,
        ask({ prefix: 'return tok', explain: true, count: 3 }),
      ),
    );
    expect(why!.covers).toHaveLength(leftContexts);
    expect(why!.covers.reduce((sum, row) => sum + row.share, 0)).toBeCloseTo(1, 9);
    const { exact } = why!.nextByte;
    expect(exact.bytes.reduce((sum, p) => sum + p, exact.end)).toBeCloseTo(1, 9);
    const leaves = new Set<number>();
    const walk = (nodes: NonNullable<typeof why>['tree']): void => {
      for (const node of nodes) {
        node.drafts.forEach((d) => leaves.add(d));
        walk(node.children);
      }
    };
    walk(why!.tree);
    expect([...leaves].sort()).toEqual([...drafts.keys()]);
  });
});
