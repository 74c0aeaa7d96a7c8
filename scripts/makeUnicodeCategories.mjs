// Makes src/core/tokenizers/unicodeCategories.ts: the general category and White_Space of every code point, as the
// regular-expression tables inside npm tiktoken see them. Run: node scripts/makeUnicodeCategories.mjs
// Each category is probed by a tiktoken instance whose split pattern is that category and whose vocabulary is the
// 256 bytes: it drops whatever does not match, so decoding what is left gives the members. Host ICU is not used.
import { readFileSync, writeFileSync } from 'node:fs';
import { Tiktoken } from 'tiktoken';

const CATEGORIES = [
  'Cn',
  'Lu',
  'Ll',
  'Lt',
  'Lm',
  'Lo',
  'Mn',
  'Mc',
  'Me',
  'Nd',
  'Nl',
  'No',
  'Pc',
  'Pd',
  'Ps',
  'Pe',
  'Pi',
  'Pf',
  'Po',
  'Sm',
  'Sc',
  'Sk',
  'So',
  'Zs',
  'Zl',
  'Zp',
  'Cc',
  'Cf',
  'Co',
];
const bytes = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]).toString('base64'));
const ranks = `! 0 ${bytes.join(' ')}`;

/** Code points the reference's pattern matches. */
function members(pattern) {
  const probe = new Tiktoken(ranks, {}, pattern);
  const found = [];
  for (let block = 0; block < 0x110000; block += 0x1000) {
    let text = '';
    for (let point = block; point < block + 0x1000; point++) {
      if (point < 0xd800 || point > 0xdfff) text += String.fromCodePoint(point);
    }
    const matched = Buffer.from(Uint8Array.from(probe.encode_ordinary(text))).toString('utf8');
    for (const character of matched) found.push(character.codePointAt(0));
  }
  probe.free();
  return found;
}

const category = new Uint8Array(0x110000);
CATEGORIES.forEach((name, index) => {
  if (index > 0) for (const point of members(`\\p{${name}}`)) category[point] = index;
});
for (let point = 0xd800; point <= 0xdfff; point++) category[point] = 0;
const whiteSpace = members('\\s');

// Runs: base-36 length, then the category as one letter (upper case, A + index, '[' onward moved past).
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ!?=';
const runs = [];
for (let start = 0; start < category.length;) {
  let end = start + 1;
  while (end < category.length && category[end] === category[start]) end++;
  runs.push((end - start === 1 ? '' : (end - start).toString(36)) + LETTERS[category[start]]);
  start = end;
}
const packed = runs.join('');
const lines = packed.match(/.{1,100}/g).map((line) => `  '${line}'`);
const version = JSON.parse(
  readFileSync(new URL('../node_modules/tiktoken/package.json', import.meta.url), 'utf8'),
).version;
const file = `// General categories and White_Space of all code points, as tiktoken ${version}'s patterns see them.
// Made by scripts/makeUnicodeCategories.mjs from npm tiktoken ${version}; do not edit. Shipped, not taken from the
// host's regular expressions, because a newer or older ICU would split text differently from the reference.
// Format: runs over 0..10FFFF, a base-36 length (1 when left out) and one letter of CATEGORY_LETTERS.

export const CATEGORY_LETTERS = '${LETTERS}';

export const CATEGORIES = ${JSON.stringify(CATEGORIES).replaceAll('"', "'").replaceAll(',', ', ')} as const;

export const WHITE_SPACE: readonly number[] = ${JSON.stringify(whiteSpace).replaceAll(',', ', ')};

// prettier-ignore
export const CATEGORY_RUNS =
${lines.join(' +\n')};
`;
writeFileSync(new URL('../src/core/tokenizers/unicodeCategories.ts', import.meta.url), file);
let differs = 0;
for (let point = 0; point < 0x110000; point++) {
  if (
    new RegExp(`\\p{${CATEGORIES[category[point]]}}`, 'u').test(String.fromCodePoint(point)) === false &&
    !(point >= 0xd800 && point <= 0xdfff)
  )
    differs++;
}
console.log(
  `${runs.length} runs, ${packed.length} characters; ${differs} code points differ from this Node's ICU`,
);
