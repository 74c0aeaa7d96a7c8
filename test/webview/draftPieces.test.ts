import { describe, expect, it } from 'vitest';
import { byteName, byteZones, END_OUTCOME } from '../../webview/byteNames';
import { commonTokens, draftPieces } from '../../webview/draftText';
import { treeRuns } from '../../webview/draftTree';
import { gammaBranches } from '../../webview/gammaChart';
import type { PanelDraftToken, PanelTreeNode } from '../../src/shared/draftsProtocol';

const token = (text: string, logProb = -1, id = 1): PanelDraftToken => ({
  text,
  whole: text,
  id,
  overhang: 0,
  logProb,
});
const texts = (draft: Parameters<typeof draftPieces>[0]): string[] =>
  draftPieces(draft).map(({ text }) => text);

describe('the pieces of a draft', () => {
  it('joined are the text that is inserted, whatever the tokens cut', () => {
    const drafts = [
      { text: 'ab c', tokens: [token('a'), token('b'), token(' c')] },
      { text: 'name', tokens: [token('name'), token(')')] },
      { text: 'na', tokens: [token('name')] },
      { text: 'café;', tokens: [token('caf'), token('\ufffd'), token('\ufffd'), token(';')] },
      { text: 'é', tokens: [token('\ufffd'), token('\ufffd')] },
      { text: '日本', tokens: [token('\ufffd'), token('\ufffd\ufffd'), token('本')] },
      { text: 'x', tokens: [] },
      { text: '', tokens: [token('')] },
      { text: 'ab', tokens: [token('ab'), token('')] },
    ];
    for (const draft of drafts) expect(texts(draft).join('')).toBe(draft.text);
  });

  it('join the tokens that make one character, with their probabilities', () => {
    const pieces = draftPieces({
      text: 'café;',
      tokens: [token('caf', -1), token('\ufffd', -2), token('\ufffd', -0.5), token(';', -3)],
    });
    expect(pieces.map(({ text, logProb }) => [text, logProb])).toEqual([
      ['caf', -1],
      ['é', -2.5],
      [';', -3],
    ]);
  });

  it('count the tokens that two drafts share', () => {
    const draft = (...ids: number[]) => ({
      text: '',
      tokens: ids.map((id) => token('t', -1, id)),
      logProb: 0,
      exact: true,
      stop: 'length' as const,
    });
    expect(commonTokens(draft(1, 2, 3), draft(1, 2, 4))).toBe(2);
    expect(commonTokens(draft(1, 2), draft(1, 2, 4))).toBe(2);
    expect(commonTokens(draft(), draft(1))).toBe(0);
  });
});

describe('names of bytes', () => {
  it('have a mark for each of the 257 outcomes', () => {
    for (let byte = 0; byte <= END_OUTCOME; byte++) expect(byteName(byte).mark.trim()).not.toBe('');
    expect(byteName(0x41)).toEqual({ mark: 'A', name: 'capital letter', hex: '0x41' });
    expect(byteName(10).name).toBe('line break');
    expect(byteName(0xc3).mark).toBe('À–ÿ');
    expect(byteName(0xe6).mark).toBe('U+6000–U+6FFF');
    expect(byteName(0x85).name).toBe('next byte of a character');
  });

  it('have zones in order that do not overlap', () => {
    byteZones.forEach(({ first, last }, i) => {
      expect(last).toBeGreaterThanOrEqual(first);
      expect(first).toBeGreaterThan(byteZones[i - 1]?.last ?? -1);
    });
  });
});

describe('weights by branch', () => {
  it('follow the descendants of each first token, also when a branch dies', () => {
    const t = (text: string) => ({ id: 1, text });
    const branches = gammaBranches([
      { tokens: [t('a'), t('b'), t('c')], gamma: [0.5, 0.3, 0.2], parents: [0, 0, 2] },
      { tokens: [t('x'), t('y'), t('z')], gamma: [0.6, 0.3, 0.1], parents: [1] },
      { tokens: [t('q')], gamma: [1], parents: [] },
    ]);
    expect(branches.map(({ first }) => first)).toEqual(['a', 'b', 'c']);
    expect(branches.map(({ shares }) => shares)).toEqual([
      [0.5, expect.closeTo(0.9, 12), 1],
      [0.3, 0, 0],
      [0.2, 0.1, 0],
    ]);
    expect(branches[0]?.tokens).toEqual(['a', 'x', 'q']);
    expect(gammaBranches([])).toEqual([]);
  });
});

describe('the tree of drafts', () => {
  const node = (text: string, drafts: number[], ...children: PanelTreeNode[]): PanelTreeNode => ({
    text,
    logProb: -1,
    drafts,
    children,
  });

  it('joins chains, and keeps a draft that ends in the middle of another apart', () => {
    const runs = treeRuns([
      node('a', [0, 1, 2], node('b', [0, 1], node('c', [0]), node('d', [1], node('e', [1])))),
    ]);
    expect(runs).toHaveLength(1);
    expect(runs[0]?.tokens.map(({ text }) => text)).toEqual(['a']);
    const [second] = runs[0]?.children ?? [];
    expect(second?.tokens.map(({ text }) => text)).toEqual(['b']);
    expect(second?.children.map(({ tokens }) => tokens.map(({ text }) => text).join(''))).toEqual([
      'c',
      'de',
    ]);
  });
});
