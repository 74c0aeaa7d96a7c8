// What a watermark check says, for the panel, diagnostics, the command line and agents alike. Three verdicts only; a
// p-value is never 0 and always comes with what was tested. Nothing here claims who or what wrote a text.
import { sha256 } from './random/sha256';
import type { Scheme, SchemeId } from './scheme';
import type { PValueKind } from './significance/nullModel';
import type { Power } from './significance/power';
import type { Probability } from './significance/tails';

export type Verdict = 'found' | 'not-found' | 'too-little-text';

/** Token numbers, end exclusive. */
export interface TokenRange {
  readonly start: number;
  readonly end: number;
}

/** Evidence token by token. Entry i is token `first + i` of the text. */
export interface TokenEvidence {
  readonly first: number;
  /** 1 or 0 for green lists, ones among the layers for SynthID, a unit exponential or alignment cost otherwise. */
  readonly values: Float64Array;
  /** 1 where the value was counted, 0 where it was ignored as repeated or masked. */
  readonly counted: Uint8Array;
  /** Mean of a value in unmarked text and its largest possible value, for a colour scale. */
  readonly nullMean: number;
  readonly most: number;
}

/** One scheme under one key. */
export interface SchemeResult {
  readonly schemeId: SchemeId;
  readonly scheme: string;
  readonly keyFingerprint: string;
  readonly vocabularySize: number;
  /** Tokens counted, and scored tokens left out as repeated or masked. */
  readonly scored: number;
  readonly ignored: number;
  readonly statisticName: string;
  readonly statistic: number;
  /** Standard deviations above unmarked text; null where the statistic has no fixed scale. */
  readonly z: number | null;
  /** Of the whole text. */
  readonly p: Probability;
  readonly pKind: PValueKind;
  /** After all windows, tests, keys and schemes tried. */
  readonly correctedP: Probability;
  /** Tests made for this scheme: whole text, windows or blocks, permutation. */
  readonly tests: number;
  /** Stretch with the strongest evidence; null unless found. */
  readonly range: TokenRange | null;
  readonly windows: number;
  readonly power: Power;
  readonly tokens: TokenEvidence;
  readonly verdict: Verdict;
  readonly notes: readonly string[];
}

export interface WatermarkReport {
  readonly verdict: Verdict;
  /** One sentence with the chance in plain words. */
  readonly summary: string;
  /** correctedP at or below which a mark counts as found. */
  readonly level: number;
  readonly tokenizer: string;
  readonly tokenCount: number;
  /** Keys and schemes tried, in the order asked for. */
  readonly results: readonly SchemeResult[];
  /** Index of the result with the smallest correctedP. */
  readonly strongest: number;
  readonly caveats: readonly string[];
}

export const CAVEATS: readonly string[] = [
  'This does not show who wrote the text: anyone with the key can plant or remove a mark.',
  'Absence proves nothing: short, edited or low-entropy text can carry a mark that cannot be seen.',
];

/** Fingerprints made so far: a check after every keystroke should not hash 2,000 times again. */
const fingerprints = new WeakMap<object, string>();

/** Eight hexadecimal digits that name a key without giving it away in passing; not a secret-keeping hash for small keys. */
export function keyFingerprint(scheme: Pick<Scheme, 'id' | 'key'>): string {
  const known = fingerprints.get(scheme);
  if (known !== undefined) return known;
  const bytes = Array.from(`tessera watermark key ${scheme.id} ${scheme.key}`, (c) => c.charCodeAt(0));
  let digest = sha256(Uint8Array.from(bytes));
  // A few thousand rounds make guessing a small key slower than reading it off a table.
  for (let round = 0; round < 2000; round += 1) digest = sha256(digest);
  const name = Array.from(digest.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('');
  fingerprints.set(scheme, name);
  return name;
}

/** "fewer than 1 in 20,000 unmarked texts look like this". */
export function chanceInWords({ log10P }: Probability): string {
  if (log10P > Math.log10(0.2)) return 'unmarked texts often look like this';
  if (log10P < -12) return `fewer than 1 in 10^${Math.floor(-log10P)} unmarked texts look like this`;
  const one = 10 ** -log10P;
  const digits = 10 ** Math.floor(Math.log10(one));
  const rounded = Math.floor(one / digits) * digits;
  return `about 1 in ${groupThousands(rounded)} unmarked texts or fewer look like this`;
}

function groupThousands(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function summaryOf(verdict: Verdict, strongest: SchemeResult, tried: number): string {
  const among = tried === 1 ? '' : `, corrected for ${tried} keys or schemes tried`;
  switch (verdict) {
    case 'found':
      return `Watermark found (${strongest.scheme}): ${chanceInWords(strongest.correctedP)}${among}.`;
    case 'not-found':
      return `No watermark found: ${chanceInWords(strongest.correctedP)}${among}.`;
    case 'too-little-text':
      return `Too little text to tell: ${strongest.scored} tokens could be scored.`;
  }
}
