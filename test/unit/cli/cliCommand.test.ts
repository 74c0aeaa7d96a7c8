import { describe, expect, it } from 'vitest';
import {
  commandHelp,
  nearest,
  readArguments,
  UsageError,
  type CliCommand,
} from '../../../src/cli/cliCommand';

const command: CliCommand = {
  name: 'sample',
  summary: 'Do something',
  usage: 'PATH [--size N]',
  options: [
    { name: 'size', short: 's', value: 'N', summary: 'How large' },
    { name: 'json', summary: 'As JSON' },
  ],
  run: () => Promise.resolve(0),
};

describe('arguments', () => {
  it('are options and positionals in any order', () => {
    const args = readArguments(command, ['a', '--size', '12', 'b', '--json', '--', '--c']);
    expect(args.positionals).toEqual(['a', 'b', '--c']);
    expect(args.count('size')).toBe(12);
    expect(args.flag('json')).toBe(true);
  });

  it('take values after "=" and after short names', () => {
    expect(readArguments(command, ['--size=3']).count('size')).toBe(3);
    expect(readArguments(command, ['-s', '4']).count('size')).toBe(4);
  });

  it('know "-" as a positional', () => {
    expect(readArguments(command, ['-']).positionals).toEqual(['-']);
  });

  it('are undefined and false where not given', () => {
    const args = readArguments(command, []);
    expect([args.text('size'), args.count('size'), args.flag('json')]).toEqual([undefined, undefined, false]);
  });

  it.each([
    [['--sise', '3'], 'Unknown option --sise. Did you mean --size?'],
    [['--zzzzzz'], 'Unknown option --zzzzzz.'],
    [['--json=yes'], '--json takes no value.'],
    [['--size'], '--size needs a value: --size N'],
    [['--size', '--json'], '--size needs a value: --size N'],
  ])('%j are refused with "%s"', (argv, message) => {
    expect(() => readArguments(command, argv)).toThrow(new UsageError(message));
  });

  it.each(['-1', '1.5', '1e3', 'x', '', '99999999999999999999'])('a count is not "%s"', (value) => {
    expect(() => readArguments(command, [`--size=${value}`]).count('size')).toThrow(UsageError);
  });
});

describe('suggestions', () => {
  it.each([
    ['conut', 'count'],
    ['tok', 'tokens'],
    ['cl100k', 'cl100k_base'],
    ['o200k-base', 'o200k_base'],
    ['xyz', undefined],
  ])('for "%s" is %s', (given, wanted) => {
    expect(nearest(given, ['count', 'tokens', 'cl100k_base', 'o200k_base'])).toBe(wanted);
  });
});

it('the help of a command lists each option once, with its value', () => {
  const help = commandHelp(command);
  expect(help).toContain('Usage: tessera sample PATH [--size N]');
  expect(help.match(/-s, --size N\s+How large/)).not.toBeNull();
  expect(help.match(/--help/g)).toHaveLength(1);
});
