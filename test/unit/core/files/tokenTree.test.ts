import { describe, expect, it } from 'vitest';
import { contextBundle } from '../../../../src/core/files/contextBundle';
import { IgnoreRules } from '../../../../src/core/files/ignoreRules';
import { decodeFile } from '../../../../src/core/files/textDetection';
import type { FileOutcome } from '../../../../src/core/files/tokenTreeModel';
import { badgeText, TokenTreeModel } from '../../../../src/core/files/tokenTreeModel';

const counted = (tokens: number): FileOutcome => ({
  kind: 'counted',
  tokens,
  bytes: tokens * 4,
  characters: tokens * 4,
});

describe('the token tree', () => {
  function sample(): TokenTreeModel {
    const tree = new TokenTreeModel('ws');
    tree.set('readme.md', counted(10));
    tree.set('src/a.ts', counted(100));
    tree.set('src/deep/b.ts', counted(300));
    tree.set('src/logo.png', { kind: 'skipped', reason: 'binary' });
    return tree;
  }

  it('totals folders and sorts by tokens, skipped files last', () => {
    const tree = sample();
    expect(tree.total).toMatchObject({ tokens: 410, files: 3, skipped: 1 });
    expect(tree.children('').map((entry) => entry.name)).toEqual(['src', 'readme.md']);
    expect(tree.children('src').map((entry) => entry.name)).toEqual(['deep', 'a.ts', 'logo.png']);
    expect(tree.file('src/deep/b.ts')?.outcome).toMatchObject({ tokens: 300 });
  });

  it('replaces a file without counting it twice', () => {
    const tree = sample();
    tree.set('src/a.ts', counted(7));
    expect(tree.total.tokens).toBe(317);
    tree.set('src/a.ts', { kind: 'skipped', reason: 'unreadable' });
    expect(tree.total).toMatchObject({ tokens: 310, files: 2, skipped: 2 });
  });

  it('removes a folder with all it holds, and empty folders with it', () => {
    const tree = sample();
    expect(tree.remove('src/deep/b.ts')).toBe(true);
    expect(tree.children('src').map((entry) => entry.name)).toEqual(['a.ts', 'logo.png']);
    expect(tree.remove('src')).toBe(true);
    expect(tree.total).toMatchObject({ tokens: 10, files: 1, skipped: 0 });
    expect(tree.remove('src')).toBe(false);
  });

  it('equals a recount after many seeded changes', () => {
    let seed = 20261124;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % below;
    };
    const tree = new TokenTreeModel('ws');
    const truth = new Map<string, number>();
    for (let step = 0; step < 3000; step++) {
      const path = `d${random(4)}/e${random(4)}/f${random(6)}`;
      if (random(3) === 0) {
        tree.remove(path);
        truth.delete(path);
      } else {
        const tokens = random(1000);
        tree.set(path, counted(tokens));
        truth.set(path, tokens);
      }
    }
    const sum = [...truth.values()].reduce((a, b) => a + b, 0);
    expect(tree.total, 'seed 20261124').toMatchObject({ tokens: sum, files: truth.size });
    expect([...tree.files()].map((file) => file.path).sort()).toEqual([...truth.keys()].sort());
  });

  it.each([
    [0, '0'],
    [99, '99'],
    [420, '<k'],
    [9999, '9k'],
    [12_000, 'k+'],
    [2_500_000, '2M'],
  ])('has a badge for %d', (tokens, text) => expect(badgeText(tokens)).toBe(text));
});

describe('ignore rules', () => {
  it('honours files.exclude globs and skips entries that are off', () => {
    const rules = IgnoreRules.forFolder({
      '**/*.js.map': true,
      '**/out': true,
      '**/*.ts': false,
      '**/*.js': { when: '$(basename).ts' },
    });
    expect(rules.leavesOut('a/b.js.map', false)).toBe(true);
    expect(rules.leavesOut('a/out', true)).toBe(true);
    expect(rules.leavesOut('a/b.ts', false)).toBe(false);
    expect(rules.leavesOut('a/b.js', false)).toBe(false);
  });
  it('lets inner rule files take outer rules back, as git does', () => {
    const outer = IgnoreRules.forFolder({}).withFile('', '*.log\nnode_modules/\n/build\n');
    expect(outer.leavesOut('a/x.log', false)).toBe(true);
    expect(outer.leavesOut('a/node_modules', true)).toBe(true);
    expect(outer.leavesOut('build', true)).toBe(true);
    expect(outer.leavesOut('a/build', true)).toBe(false);
    const inner = outer.withFile('a', '!keep.log\n/local\n');
    expect(inner.leavesOut('a/keep.log', false)).toBe(false);
    expect(inner.leavesOut('a/other.log', false)).toBe(true);
    expect(inner.leavesOut('a/local', true)).toBe(true);
  });
  it('never enters a version control folder', () => {
    expect(IgnoreRules.forFolder({}).leavesOut('sub/.git', true)).toBe(true);
  });
});

describe('decoding a file', () => {
  it('tells text from binary', () => {
    expect(decodeFile(new Uint8Array([1, 0, 2]))).toEqual({ kind: 'binary' });
    expect(decodeFile(new Uint8Array([]))).toEqual({ kind: 'text', text: '' });
    expect(decodeFile(new TextEncoder().encode('\uFEFFhé'))).toEqual({ kind: 'text', text: 'hé' });
  });
  it('reads UTF-16 of both orders by its mark', () => {
    expect(decodeFile(new Uint8Array([0xff, 0xfe, 0x68, 0, 0x69, 0]))).toEqual({ kind: 'text', text: 'hi' });
    expect(decodeFile(new Uint8Array([0xfe, 0xff, 0, 0x68, 0, 0x69]))).toEqual({ kind: 'text', text: 'hi' });
  });
});

describe('a context bundle', () => {
  it('keeps each file in its own block whatever it holds', () => {
    const text = contextBundle([
      { path: 'a.md', content: '```js\nx\n```' },
      { path: 'src/b.ts', content: 'let b;\n' },
    ]);
    expect(text).toBe('a.md\n````md\n```js\nx\n```\n````\n\nsrc/b.ts\n```ts\nlet b;\n```\n');
  });
});
