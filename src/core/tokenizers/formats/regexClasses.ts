// Character classes as Oniguruma and Rust understand them, and the case variants of a character.
// Source: Oniguruma doc/RE (Ruby syntax, UTF-8), Unicode CaseFolding.txt (simple folding).

export const POSIX: Readonly<Record<string, string>> = {
  alpha: '\\p{Alphabetic}',
  digit: '\\p{Nd}',
  alnum: '\\p{Alphabetic}\\p{Nd}',
  upper: '\\p{Uppercase}',
  lower: '\\p{Lowercase}',
  space: '\\p{White_Space}',
  punct: '\\p{P}$+<=>\\^`\\|~',
  cntrl: '\\p{Cc}',
  xdigit: '0-9A-Fa-f',
  word: '\\p{L}\\p{M}\\p{Nd}\\p{Pc}',
  ascii: '\\x00-\\x7f',
  blank: '\\t\\p{Zs}',
};
/** Inside of a set for each shorthand. */
export const SHORTHAND: Readonly<Record<string, string>> = {
  s: '\\p{White_Space}',
  d: '\\p{Nd}',
  w: '\\p{L}\\p{M}\\p{Nd}\\p{Pc}',
  h: '0-9A-Fa-f',
};
export const CONTROL_POINTS: Readonly<Record<string, number>> = {
  t: 9,
  n: 10,
  r: 13,
  f: 12,
  v: 11,
  a: 7,
  e: 27,
};
/** Case variants that are not each other's toUpperCase or toLowerCase. */
const FOLD_TOGETHER = [
  'sSſ',
  'kK\u212a',
  'åÅ\u212b',
  'µμΜ',
  'βϐΒ',
  'εϵΕ',
  'θϑΘϴ',
  'κϰΚ',
  'πϖΠ',
  'ρϱΡ',
  'σςΣ',
  'φϕΦ',
  'ωΩ\u2126',
];

/** All single characters that match `character` when case is ignored. */
export function caseVariants(character: string): string {
  const set = new Set([character]);
  for (const group of FOLD_TOGETHER) if (group.includes(character)) for (const one of group) set.add(one);
  for (const one of [...set]) {
    for (const other of [one.toLowerCase(), one.toUpperCase(), one.toUpperCase().toLowerCase()]) {
      if (Array.from(other).length === 1) set.add(other);
    }
  }
  return [...set].join('');
}

/** Names JavaScript may know a property by: general category, script, binary property. */
export function propertyNames(name: string): string[] {
  const clean = name.replace(/\s/g, '');
  const title = clean
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join('_');
  return [clean, title].flatMap((one) => [one, `Script=${one}`, `General_Category=${one}`]);
}
