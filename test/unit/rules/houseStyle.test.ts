// House rules that a machine can check.
import { describe, expect, it } from 'vitest';
import { sourceFiles } from './sourceFiles';

const product = sourceFiles(['src', 'webview']);
const tests = sourceFiles(['test'], /\.test\.ts$/);
const matching = (pattern: RegExp, files = product): string[] =>
  files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

describe('source files', () => {
  it('begin with a comment that says what they are for', () => {
    expect(product.filter(({ text }) => !/^(\/\/|\/\*\*)/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('are at most 400 lines long, tables apart', () => {
    const long = product.filter(
      ({ path, text }) => text.split('\n').length > 401 && !/unicode|Tables?\.ts$/i.test(path),
    );
    expect(long.map(({ path, text }) => `${path}: ${text.split('\n').length}`)).toEqual([]);
  });

  it('are named for what is inside', () => {
    expect(
      product.filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc|index)\.ts$/i.test(path)),
    ).toEqual([]);
  });

  it.each([
    ['default exports', /^export default /m],
    ['enums', /^(export )?(const )?enum /m],
    ['console', /\bconsole\.\w/],
    ['switched-off checks', /@ts-ignore|@ts-nocheck|eslint-disable/],
  ])('have no %s', (_, pattern) => {
    expect(matching(pattern)).toEqual([]);
  });

  it('of the webview put no data in as HTML', () => {
    expect(matching(/\.(inner|outer)HTML\s*=|insertAdjacentHTML|document\.write/)).toEqual([]);
  });

  it('have no colours of their own outside the manifest', () => {
    const colours = product.filter(
      ({ path, text }) => /^src\/(editor|panel|workspace)\//.test(path) && /['"`]#[0-9a-f]{6}/i.test(text),
    );
    expect(colours.map(({ path }) => path)).toEqual([]);
  });
});

describe('tests', () => {
  it('are all switched on', () => {
    expect(matching(/\b(it|test|describe)\.(skip|only|todo)\b/, tests)).toEqual([]);
  });
});
