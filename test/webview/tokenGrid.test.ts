import { describe, expect, it } from 'vitest';
import { BlockHeights } from '../../webview/blockHeights';
import { gridMove } from '../../webview/gridKeys';
import { parseFinderQuery } from '../../webview/tokenFinder';
import { TokenPages, pageSize } from '../../webview/tokenPages';
import { createNumberFormat, hexBytes } from '../../webview/numberFormat';
import { sampleDocument } from './page/sampleTokens';
import type { KeyPress } from '../../webview/gridKeys';
import type { LinkReply } from '../../webview/hostLink';
import type { TokenPage } from '../../src/shared/panelProtocol';

describe('heights of blocks', () => {
  it('agree with adding them up one by one, whatever is measured', () => {
    let state = 7;
    const next = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    const plain = new Array<number>(1000).fill(20);
    const heights = new BlockHeights(1000, 20);
    for (let round = 0; round < 3000; round++) {
      const block = next(1000);
      plain[block] = next(5) === 0 ? 0 : next(300) / 4;
      heights.measure(block, plain[block]);
      if (round % 100 !== 0) continue;
      const total = plain.reduce((sum, height) => sum + height, 0);
      expect(heights.total).toBeCloseTo(total, 6);
      const y = next(Math.floor(total));
      const { block: found, offset } = heights.at(y);
      expect(heights.before(found) + offset).toBeCloseTo(y, 6);
      expect(offset).toBeLessThan(plain[found]!);
    }
  });

  it('has an end and no block beyond it', () => {
    const heights = new BlockHeights(3, 10);
    expect(heights.at(29)).toEqual({ block: 2, offset: 9 });
    expect(heights.at(1000)).toEqual({ block: 2, offset: 10 });
    expect(new BlockHeights(0, 10).at(5)).toEqual({ block: 0, offset: 0 });
  });

  it('guesses the rest from what was measured', () => {
    const heights = new BlockHeights(100, 10);
    heights.measure(0, 50);
    heights.measure(1, 30);
    heights.improveGuess();
    expect(heights.total).toBeCloseTo(100 * 40, 6);
  });
});

describe('keys in the grid', () => {
  const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...more,
  });

  it.each([
    ['ArrowRight', { kind: 'token', by: 1 }],
    ['ArrowLeft', { kind: 'token', by: -1 }],
    ['ArrowDown', { kind: 'line', by: 1 }],
    ['ArrowUp', { kind: 'line', by: -1 }],
    ['PageDown', { kind: 'page', by: 1 }],
    ['PageUp', { kind: 'page', by: -1 }],
    ['Home', { kind: 'lineEdge', to: 'start' }],
    ['End', { kind: 'lineEdge', to: 'end' }],
    ['Enter', { kind: 'reveal', focus: false }],
    ['Escape', { kind: 'leave' }],
  ])('%s in the text', (key, move) => {
    expect(gridMove(press(key), 'text')).toEqual(move);
  });

  it('go by rows in the table', () => {
    expect(gridMove(press('ArrowDown'), 'table')).toEqual({ kind: 'token', by: 1 });
    expect(gridMove(press('End'), 'table')).toEqual({ kind: 'edge', to: 'last' });
  });

  it('jump to either end with Ctrl or Cmd', () => {
    expect(gridMove(press('End', { ctrlKey: true }), 'text')).toEqual({ kind: 'edge', to: 'last' });
    expect(gridMove(press('Home', { metaKey: true }), 'text')).toEqual({ kind: 'edge', to: 'first' });
    expect(gridMove(press('Enter', { ctrlKey: true }), 'text')).toEqual({ kind: 'reveal', focus: true });
  });

  it('leave every other key to VS Code', () => {
    for (const key of ['a', 'F1', 'Tab', 'ArrowDown'])
      expect(gridMove(press(key, { altKey: true }), 'text')).toBeUndefined();
    expect(gridMove(press('ArrowDown', { ctrlKey: true }), 'text')).toBeUndefined();
    expect(gridMove(press('p', { ctrlKey: true }), 'text')).toBeUndefined();
    expect(gridMove(press('Tab'), 'text')).toBeUndefined();
  });
});

describe('going to a token', () => {
  it.each([
    ['120', { kind: 'index', index: 120 }],
    ['#7', { kind: 'index', index: 7 }],
    ['12,345', { kind: 'index', index: 12345 }],
    ['id 1234', { kind: 'id', id: 1234 }],
    ['ID:1234', { kind: 'id', id: 1234 }],
    ['id=9', { kind: 'id', id: 9 }],
  ])('%j', (text, query) => {
    expect(parseFinderQuery(text)).toEqual(query);
  });

  it.each(['', 'hello', 'id', '-', '12a', '12345678901'])('says how for %j', (text) => {
    expect(parseFinderQuery(text).kind).toBe('unclear');
  });
});

describe('numbers', () => {
  it('are grouped in the language of the reader', () => {
    expect(createNumberFormat('en').whole(1234567)).toBe('1,234,567');
    expect(createNumberFormat('de').whole(1234567)).toBe('1.234.567');
    expect(createNumberFormat('no such locale').whole(1234)).toBe('1,234');
  });

  it('have no ratio for nothing', () => {
    expect(createNumberFormat('en').ratio(10, 0)).toBe('–');
    expect(createNumberFormat('en').ratio(10, 3)).toBe('3.33');
    expect(hexBytes(new Uint8Array([0, 255]))).toBe('00 FF');
  });
});

describe('pages of tokens', () => {
  const text = Array.from({ length: 900 }, (_, i) => `line ${i} of the sample\n`).join('');
  const sample = sampleDocument(text);
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

  function held(reply?: (first: number, count: number) => LinkReply<TokenPage>) {
    const asked: number[] = [];
    const arrived: number[] = [];
    const pages = new TokenPages(
      (first, count) => {
        asked.push(first);
        return Promise.resolve(reply?.(first, count) ?? { ok: true, result: sample.page(first, count) });
      },
      (first) => void arrived.push(first),
    );
    pages.reset(sample.tokens, false);
    return { pages, asked, arrived };
  }

  it('are asked for once, and give each token its bytes and offsets', async () => {
    const { pages, asked } = held();
    pages.want(0, 600);
    pages.want(10, 600);
    await settled();
    expect(asked).toEqual([0, pageSize]);
    let joined = '';
    for (let index = 0; index < 600; index++) {
      const token = pages.token(index)!;
      expect([token.utf16Start, token.utf16End]).toEqual(sample.range(index));
      joined += new TextDecoder().decode(token.bytes);
    }
    expect(text.startsWith(joined)).toBe(true);
  });

  it('know the line of a token', async () => {
    const { pages } = held();
    pages.want(0, pageSize * 2);
    await settled();
    for (let index = 0; index < pageSize * 2; index++) {
      const [start] = sample.range(index);
      const before = text.slice(0, start);
      expect(pages.line(index)).toBe(before.split('\n').length - 1);
      expect(pages.startsLine(index)).toBe(before === '' || before.endsWith('\n'));
    }
  });

  it('stay while a new version is fetched, and are fetched again', async () => {
    const { pages, asked } = held();
    pages.want(0, 10);
    await settled();
    pages.reset(sample.tokens, true);
    expect(pages.token(3)).toBeDefined();
    pages.want(0, 10);
    expect(asked).toEqual([0, 0]);
    pages.reset(sample.tokens, false);
    expect(pages.token(3)).toBeUndefined();
  });

  it('drop what arrives for an older version', async () => {
    const { pages, arrived } = held();
    pages.want(0, 10);
    pages.reset(5, false);
    await settled();
    expect(arrived).toEqual([]);
    expect(pages.token(0)).toBeUndefined();
  });

  it('do not show an older version when the new one failed', async () => {
    let fails = false;
    const { pages } = held((first, count) =>
      fails
        ? { ok: false, code: 'failed', message: 'broken' }
        : { ok: true, result: sample.page(first, count) },
    );
    pages.want(0, 10);
    await settled();
    fails = true;
    pages.reset(sample.tokens, true);
    pages.want(0, 10);
    await settled();
    expect(pages.token(3)).toBeUndefined();
    expect(pages.failure(3)).toBe('broken');
  });

  it('keep a failure, do not ask again on their own, and ask after a retry', async () => {
    const { pages, asked } = held(() => ({ ok: false, code: 'failed', message: 'broken' }));
    pages.want(0, 10);
    await settled();
    pages.want(0, 10);
    expect(pages.failure(3)).toBe('broken');
    expect(asked).toHaveLength(1);
    pages.retry();
    pages.want(0, 10);
    expect(asked).toHaveLength(2);
  });
});
