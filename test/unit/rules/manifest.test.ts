// package.json, package.nls.json and ids.ts say the same things.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENCODING_NAMES } from '../../../src/core/tokenizers/encodings';
import { ENCODING_CHOICES } from '../../../src/editor/encodingChoices';
import * as ids from '../../../src/ids';
import { repositoryRoot, sourceFiles } from './sourceFiles';

interface Manifest {
  readonly main: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly activationEvents: readonly string[];
  readonly capabilities: Readonly<
    Record<'untrustedWorkspaces' | 'virtualWorkspaces', { readonly supported: string }>
  >;
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category?: string;
    }[];
    readonly keybindings?: readonly {
      readonly command: string;
      readonly key: string;
      readonly when?: string;
    }[];
    readonly menus?: Readonly<Record<string, readonly { readonly command?: string }[]>>;
    readonly configuration: readonly {
      readonly properties: Readonly<Record<string, Record<string, unknown>>>;
    }[];
    readonly colors: readonly { readonly id: string; readonly defaults: Readonly<Record<string, string>> }[];
  };
}
const read = (name: string): string => readFileSync(join(repositoryRoot, name), 'utf8');
const manifestText = read('package.json');
const manifest = JSON.parse(manifestText) as Manifest;
const nls = JSON.parse(read('package.nls.json')) as Record<string, string>;
const { commands, keybindings = [], menus = {}, configuration, colors } = manifest.contributes;
const properties = Object.assign({}, ...configuration.map((group) => group.properties)) as Record<
  string,
  Record<string, unknown>
>;
const sorted = (values: Iterable<string>): string[] => [...values].sort();

describe('ids.ts and the manifest', () => {
  it('have the same commands', () => {
    expect(sorted(commands.map(({ command }) => command))).toEqual(sorted(Object.values(ids.COMMANDS)));
  });

  it('have the same settings', () => {
    expect(sorted(Object.keys(properties))).toEqual(sorted(Object.values(ids.SETTINGS)));
  });

  it('have the same colours', () => {
    expect(sorted(colors.map(({ id }) => id))).toEqual(sorted(Object.values(ids.COLORS)));
  });

  it('use each id once', () => {
    const all = [ids.COMMANDS, ids.SETTINGS, ids.COLORS, ids.CONTEXT_KEYS].flatMap(
      (group) => Object.values(group) as string[],
    );
    expect(all.filter((id, i) => all.indexOf(id) !== i)).toEqual([]);
  });

  it('ids are written out nowhere else in src', () => {
    const known = [ids.COMMANDS, ids.SETTINGS, ids.COLORS].flatMap(
      (group) => Object.values(group) as string[],
    );
    const repeated = sourceFiles(['src'])
      .filter(({ path }) => path !== 'src/ids.ts')
      .flatMap(({ path, text }) =>
        known.filter((id) => text.includes(`'${id}'`)).map((id) => `${path}: ${id}`),
      );
    expect(repeated).toEqual([]);
  });
});

describe('the manifest', () => {
  it('puts every command into the category Tessera', () => {
    expect(commands.filter(({ category }) => category !== 'Tessera')).toEqual([]);
  });

  it('binds and lists only commands that exist', () => {
    const known = new Set(commands.map(({ command }) => command));
    const used = [...keybindings, ...Object.values(menus).flat()].flatMap(({ command }) => command ?? []);
    // VS Code's own commands need no entry here.
    expect(used.filter((command) => command.startsWith('tessera.') && !known.has(command))).toEqual([]);
  });

  it('binds no key everywhere', () => {
    expect(keybindings.filter(({ when }) => when === undefined || when === '')).toEqual([]);
  });

  it('gives every colour for all four kinds of theme', () => {
    for (const { id, defaults } of colors)
      expect(Object.keys(defaults).sort(), id).toEqual([
        'dark',
        'highContrast',
        'highContrastLight',
        'light',
      ]);
  });

  it('describes and scopes every setting', () => {
    for (const [name, property] of Object.entries(properties)) {
      expect(property['markdownDescription'] ?? property['description'], name).toBeTypeOf('string');
      expect(property['scope'], name).toBeTypeOf('string');
    }
  });

  it('offers exactly the encodings that the engine has, in settings and in the list of choices', () => {
    const [builtIn] = properties[ids.SETTINGS.encoding]?.['anyOf'] as { enum?: string[] }[];
    expect(builtIn?.enum).toEqual([...ENCODING_NAMES]);
    expect(ENCODING_CHOICES.map(({ id }) => id)).toEqual([...ENCODING_NAMES]);
  });

  it('says what works in untrusted and virtual workspaces', () => {
    expect(manifest.capabilities).toMatchObject({
      untrustedWorkspaces: { supported: 'limited' },
      virtualWorkspaces: { supported: 'limited' },
    });
  });

  it('never activates for everything at once', () => {
    expect(manifest.activationEvents).not.toContain('*');
  });

  it('points at files that the build makes', () => {
    const build = read('esbuild.mjs');
    for (const path of [manifest.main, ...Object.values(manifest.bin)])
      expect(build).toContain(path.replace('./', ''));
  });
});

describe('texts of the manifest', () => {
  const used = new Set(Array.from(manifestText.matchAll(/"%([^%"]+)%"/g), ([, key]) => key ?? ''));

  it('are all in package.nls.json', () => {
    expect([...used].filter((key) => nls[key] === undefined)).toEqual([]);
  });

  it('are all used', () => {
    expect(Object.keys(nls).filter((key) => !used.has(key))).toEqual([]);
  });

  it('are not written into the manifest itself', () => {
    const plain = commands.filter(({ title }) => !/^%.+%$/.test(title)).map(({ command }) => command);
    expect(plain).toEqual([]);
  });

  it('name files that exist', () => {
    for (const name of ['package.nls.json', 'LICENSE', 'esbuild.mjs'])
      expect(existsSync(join(repositoryRoot, name)), name).toBe(true);
  });
});
