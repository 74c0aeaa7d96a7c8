// A small seeded generator, so that a failing random test can be run again from the seed it prints.

export interface SeededRandom {
  /** Uniform in [0, 1). */
  readonly next: () => number;
  /** Uniform integer in [0, below). */
  readonly integer: (below: number) => number;
  readonly pick: <T>(values: readonly T[]) => T;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  return { next, integer, pick: (values) => values[integer(values.length)]! };
}

const AWKWARD = [
  '\u{1f469}\u200d\u{1f4bb}',
  '\u{1f1e9}\u{1f1ea}',
  '\u{1d400}',
  '\u{1e922}',
  '\u{1d7d8}',
  '\u{10d40}',
  'e\u0301',
  '\u0301',
  'ſ',
  'K',
  "'s",
  "'S",
  "'ſ",
  "'re",
  "'LL",
  "'Ve",
  "'D",
  "'",
  '<|endoftext|>',
  '<|fim_prefix|>',
  '<|endofprompt|>',
  '//',
  '\r\n',
  '\n\n',
  '    ',
  '日',
  'ABC',
  'DEF',
  'Dž',
  'ǅ',
  '123',
  '٣',
  '½',
  'toString',
  '__proto__',
  'constructor',
  ' the',
];

/** Text of up to about 40 parts from mixed scripts, white space, lone surrogates and special-token text. */
export function randomText(random: SeededRandom): string {
  const { integer, pick } = random;
  const sources: readonly (() => string)[] = [
    () => String.fromCharCode(32 + integer(95)),
    () => String.fromCharCode(97 + integer(26)),
    () => String.fromCharCode(65 + integer(26)),
    () => pick([' ', '\n', '\r', '\t', '\u00a0', '\u0085', '\ufeff', '\u2028', '\u3000', '\u200b']),
    () => String.fromCodePoint(integer(0x3000)),
    () => String.fromCodePoint(0x4e00 + integer(0x5000)),
    () => String.fromCharCode(0xd800 + integer(0x800)),
    () => String.fromCodePoint(integer(0x110000)),
    () => pick(AWKWARD),
  ];
  const change = integer(4);
  let source = pick(sources);
  let text = '';
  for (let parts = 1 + integer(40); parts > 0; parts--) {
    if (integer(4) <= change) source = pick(sources);
    text += source();
  }
  return text;
}
