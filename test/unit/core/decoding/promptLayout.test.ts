import { describe, expect, it } from 'vitest';
import { bytePairView } from '../../../../src/core/decoding/bytePairView';
import { findFimTokens } from '../../../../src/core/decoding/fimTokens';
import { layoutPrompt, type PromptRequest } from '../../../../src/core/decoding/promptLayout';
import type { ModelInfo } from '../../../../src/core/model/languageModel';
import { sample, smallTokenizer } from './smallCodeTokenizer';

const { tokenizer, endToken, specials } = smallTokenizer();
const view = bytePairView(tokenizer);
const fim = findFimTokens(specials)!;
const plain: ModelInfo = {
  name: 'toy',
  vocabularySize: tokenizer.vocabularySize,
  contextLength: 1024,
  embeddingSize: 0,
  endTokens: [endToken],
};
const info: ModelInfo = { ...plain, fim };
const request = (change: Partial<PromptRequest> = {}): PromptRequest => ({
  prefix: 'const a = 1;\nreturn tok',
  suffix: ';\n}\n',
  otherFiles: [],
  budget: 500,
  layout: undefined,
  ...change,
});
const ids = (text: string): number[] => Array.from(tokenizer.encode(text));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('prompt layouts', () => {
  it('SPM puts the suffix first and the whole prefix directly before the draft', () => {
    const layout = layoutPrompt(view, info, request({ layout: 'spm' }));
    expect(layout.context).toEqual([fim.prefix, fim.suffix, ...ids(';\n}\n'), fim.middle]);
    expect(text(layout.text)).toBe('const a = 1;\nreturn tok');
  });

  it('PSM stops at the safe boundary and spells the cut word again after the middle token', () => {
    const layout = layoutPrompt(view, info, request({ layout: 'psm' }));
    expect(layout.context).toEqual([
      fim.prefix,
      ...ids('const a = 1;\nreturn'),
      fim.suffix,
      ...ids(';\n}\n'),
      fim.middle,
    ]);
    expect(text(layout.text)).toBe(' tok');
  });

  it('left to right begins with something, so that the first token has a distribution', () => {
    const layout = layoutPrompt(view, plain, request());
    expect(layout).toMatchObject({ name: 'leftToRight', context: [endToken] });
    expect(layout.notes).toHaveLength(1);
    expect(layoutPrompt(view, plain, request({ suffix: '\n' })).notes).toEqual([]);
    expect(layoutPrompt(view, { ...plain, beginOfText: 5 }, request()).context).toEqual([5]);
  });

  it('Codestral gets suffix, then prefix, and no middle token', () => {
    const codestral = { ...info, fim: { ...fim, family: 'codestral', middle: fim.prefix } };
    expect(layoutPrompt(view, codestral, request()).context).toEqual([
      fim.suffix,
      ...ids(';\n}\n'),
      fim.prefix,
    ]);
  });

  it('CRLF becomes LF', () => {
    const layout = layoutPrompt(view, info, request({ prefix: 'a;\r\nb', suffix: '\r\nc' }));
    expect(text(layout.text)).toBe('a;\nb');
    expect(layout.context).toEqual([fim.prefix, fim.suffix, ...ids('\nc'), fim.middle]);
  });

  it('keeps the start of the prompt while the user types, so that the cache stays valid', () => {
    const document = sample.repeat(12);
    const heads = new Set<string>();
    for (let typed = 0; typed < 60; typed++) {
      const prefix = `${document}${'value = other + 1; '.repeat(4).slice(0, typed)}`;
      const { text: kept } = layoutPrompt(view, info, request({ prefix, budget: 300, layout: 'spm' }));
      heads.add(text(kept.subarray(0, 40)));
    }
    expect(heads.size).toBeLessThanOrEqual(2);
  });

  it('shares the budget: the end of the prefix from a line start, the start of the suffix, parts of other files', () => {
    const otherFiles = [
      { path: 'a.ts', text: sample },
      { path: 'b.ts', text: sample },
    ];
    for (const budget of [100, 200, 400, 800]) {
      for (const layout of ['spm', 'psm'] as const) {
        const long = request({
          prefix: sample.repeat(8),
          suffix: sample.repeat(4),
          otherFiles,
          budget,
          layout,
        });
        const { context, text: kept, notes } = layoutPrompt(view, info, long);
        expect(context.length + ids(text(kept)).length).toBeLessThanOrEqual(budget);
        expect(context.length + ids(text(kept)).length).toBeGreaterThan(budget * 0.5);
        expect(notes.some((note) => note.includes('before the cursor'))).toBe(true);
        if (budget === 800) expect(notes.some((note) => note.includes('2 other open files'))).toBe(true);
      }
    }
    const { text: kept } = layoutPrompt(
      view,
      info,
      request({ prefix: sample.repeat(8), budget: 300, layout: 'spm' }),
    );
    expect(sample.repeat(8).endsWith(text(kept))).toBe(true);
    expect(`\n${sample.repeat(8)}`).toContain(`\n${text(kept)}`);
  });
});

describe('fill-in-the-middle tokens', () => {
  const map = (...names: string[]): Map<string, number> => new Map(names.map((name, i) => [name, i]));

  it.each([
    ['qwen', ['<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>', '<|fim_pad|>', '<|file_sep|>']],
    ['starcoder', ['<fim_prefix>', '<fim_middle>', '<fim_suffix>', '<fim_pad>', '<file_sep>']],
    ['deepseek', ['<｜fim▁begin｜>', '<｜fim▁end｜>', '<｜fim▁hole｜>']],
    ['codellama', ['▁<PRE>', '▁<MID>', '▁<SUF>', '▁<EOT>']],
    ['codestral', ['[PREFIX]', '[MIDDLE]', '[SUFFIX]']],
  ])('of %s are found by name', (family, names) => {
    const found = findFimTokens(map(...names))!;
    expect(found).toMatchObject({ family, prefix: 0, middle: 1, suffix: 2 });
    expect(found.pad).toBe(names[3]?.includes('pad') === true ? 3 : undefined);
    expect(found.fileSeparator).toBe(names[4] === undefined ? undefined : 4);
  });

  it('of an incomplete set are not used', () => {
    expect(findFimTokens(map('<fim_prefix>', '<fim_suffix>'))).toBeUndefined();
    expect(findFimTokens(map('[SUFFIX]', '[PREFIX]'))).toMatchObject({
      family: 'codestral',
      prefix: 1,
      middle: 1,
    });
  });
});
