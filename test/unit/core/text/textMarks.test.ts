import { describe, expect, it } from 'vitest';
import { createTextMarks } from '../../../../src/core/text/textMarks';
import { seededRandom } from './seededRandom';

const SPECIALS = ['<|endoftext|>', '<|fim_prefix|>', '<s>', '</s>', '[CLS]'];

describe('text marks', () => {
  it('name the special-token strings of a text', () => {
    const marks = createTextMarks('a<|endoftext|>b<s>c<|endoftext|>', SPECIALS);
    expect(marks.specialTexts().toSorted()).toEqual(['<s>', '<|endoftext|>']);
  });

  it('count U+FFFD and lone surrogates, but not pairs', () => {
    expect(createTextMarks('\ufffd🙂\ud83d x \ude42', SPECIALS).replacementCharacters()).toBe(3);
  });

  it('ignore an empty special string', () => {
    expect(createTextMarks('abc', ['']).specialTexts()).toEqual([]);
  });

  it('follow 20 000 random edits as if counted anew each time', () => {
    const seed = 99;
    const random = seededRandom(seed);
    const parts = [
      '<|endoftext|>',
      '<|endof',
      'text|>',
      '<s>',
      '</',
      's>',
      '\ufffd',
      '\ud83d',
      '\ude42',
      '🙂',
      'a',
      '<',
      '|',
    ];
    const pick = (limit: number): number => Math.floor(random() * limit);
    let text = '';
    const marks = createTextMarks(text, SPECIALS);
    for (let i = 0; i < 20_000; i++) {
      const offset = pick(text.length + 1);
      const removed = Math.min(pick(text.length > 200 ? 40 : 6), text.length - offset);
      const inserted = Array.from({ length: pick(4) }, () => parts[pick(parts.length)]!).join('');
      const slice = (start: number, end: number): string => text.slice(start, end);
      marks.beforeEdit(slice, offset, removed);
      text = text.slice(0, offset) + inserted + text.slice(offset + removed);
      marks.afterEdit(slice, offset, inserted.length);
      const anew = createTextMarks(text, SPECIALS);
      const where = `seed ${seed}, edit ${i}, text ${JSON.stringify(text)}`;
      expect(marks.specialTexts().toSorted(), where).toEqual(anew.specialTexts().toSorted());
      expect(marks.replacementCharacters(), where).toBe(anew.replacementCharacters());
    }
  });
});
