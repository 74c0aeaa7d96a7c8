// The README is what users decide by: every command, setting and colour is in it, and it names none that is gone.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(__dirname, '..', '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const strings = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Record<string, string>;
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Record<string, string>;
  readonly contributes: {
    readonly commands: readonly { readonly title: string }[];
    readonly configuration: readonly {
      readonly properties: Record<string, { readonly default?: unknown }>;
    }[];
    readonly colors: readonly { readonly id: string }[];
  };
};
const settings = manifest.contributes.configuration.flatMap(({ properties }) => Object.entries(properties));
const colors = manifest.contributes.colors.map(({ id }) => id);

describe('the README', () => {
  it('lists every command by its title', () => {
    const titles = manifest.contributes.commands.map(({ title }) => strings[title.slice(1, -1)] ?? title);
    expect(titles.filter((title) => !readme.includes(`| ${title} `))).toEqual([]);
  });

  it('lists every setting with its default', () => {
    const missing = settings.filter(([id, { default: value }]) => {
      const row = readme.split('\n').find((line) => line.startsWith(`| \`${id}\` `));
      return row?.includes(`\`${JSON.stringify(value)}\``) !== true;
    });
    expect(missing.map(([id]) => id)).toEqual([]);
  });

  it('names no setting or colour that does not exist', () => {
    const known = new Set([...settings.map(([id]) => id), ...colors]);
    const named = [...readme.matchAll(/`(tessera\.[\w.]+)`/g)].map(([, id]) => id ?? '');
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name ?? '');
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  it('shows pictures that exist and are quick to load, each described in words', () => {
    const pictures = [...readme.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)];
    expect(pictures.length).toBeGreaterThan(0);
    for (const [, words, path] of pictures) {
      expect((words ?? '').length).toBeGreaterThan(20);
      expect(existsSync(join(root, path ?? ''))).toBe(true);
      expect(statSync(join(root, path ?? '')).size).toBeLessThan(300_000);
    }
  });
});
