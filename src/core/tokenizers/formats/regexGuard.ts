// Refuses a regular expression that can take for ever. JavaScript cannot interrupt a match, so the pattern is tried
// before it is used, on growing runs that make ambiguous repeats backtrack; cost that explodes shows at a
// length where it still takes milliseconds. Worked example: (a|a)*b doubles with every 'a' and is out at about 20.
import { FormatError } from './formatResult';

/** Milliseconds one probe may take; an honest pattern needs microseconds. */
const PROBE_BUDGET = 150;
const TOTAL_BUDGET = 6000;
const LONGEST = 2048;
const MAX_SEEDS = 40;
const USUAL = ['a', 'A', '0', ' ', '\n', '.', '!', 'é', '中', '\t', "'", '_'];

/** Throws FormatError 'regex-may-hang' when the expression is too slow on a short probe. */
export function checkRegexSpeed(expression: RegExp, where: string): void {
  const started = Date.now();
  const seeds = new Set(USUAL);
  // Literal characters of the pattern make the probes that its own repeats like best.
  for (const character of expression.source.replace(
    /\\[pPk][{<][^}>]*[}>]|\\u\{[0-9a-f]+\}|\\./g,
    decodeEscape,
  )) {
    if (seeds.size < MAX_SEEDS) seeds.add(character);
  }
  const probes = [...seeds].flatMap((seed) => [
    [seed, ''],
    [seed, '\u0001'],
    [seed, '!'],
  ]);
  const letters = [...seeds].slice(USUAL.length);
  for (let i = 0; i + 1 < letters.length; i++) probes.push([letters[i]! + letters[i + 1]!, '\u0001']);
  const slow = new FormatError(
    'regex-may-hang',
    `The regular expression in ${where} takes exponential time on some texts; the file is refused so that the editor cannot hang.`,
  );
  // One character longer each time up to 40: doubling cost is seen long before it hurts. Then double.
  for (let length = 4; length <= LONGEST; length = length < 40 ? length + 1 : length * 2) {
    for (const [seed, end] of probes) {
      const text = seed!.repeat(length) + end!;
      // A busy machine can stall one try; a slow pattern is slow every time.
      let tries = 0;
      while (matchAll(expression, text) > PROBE_BUDGET) if (++tries === 3) throw slow;
    }
    if (Date.now() - started > TOTAL_BUDGET) throw slow;
  }
  expression.lastIndex = 0;
}

function decodeEscape(text: string): string {
  return text.startsWith('\\u{') ? String.fromCodePoint(parseInt(text.slice(3, -1), 16)) : '';
}

/** Milliseconds it takes to find all matches; stops when the budget is over. */
function matchAll(expression: RegExp, text: string): number {
  const before = Date.now();
  expression.lastIndex = 0;
  for (let match = expression.exec(text); match; match = expression.exec(text)) {
    // An empty match does not advance by itself.
    if (match[0] === '') expression.lastIndex++;
    if (Date.now() - before > PROBE_BUDGET) break;
  }
  return Date.now() - before;
}
