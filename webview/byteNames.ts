// What a byte stands for when it is the next one: a character of ASCII, the first byte of a range of characters, or the
// continuation of one. 0x41 → 'A'; 0x20 → '· space'; 0xC3 → 'À–ÿ'; 256 → 'end'.
import { l10n } from './language';

const controls: ReadonlyMap<number, readonly [mark: string, name: string]> = new Map([
  [9, ['→', l10n.t('tab')]],
  [10, ['↵', l10n.t('line break')]],
  [13, ['␍', l10n.t('carriage return')]],
  [32, ['·', l10n.t('space')]],
  [127, ['^?', l10n.t('delete')]],
]);

/** Number of the outcome "the text ends here". */
export const END_OUTCOME = 256;

export interface ByteName {
  /** A character or a mark, for the eye. */
  readonly mark: string;
  /** In words. */
  readonly name: string;
  /** 0x41 and so on; '' for the end. */
  readonly hex: string;
}

export function byteName(byte: number): ByteName {
  if (byte === END_OUTCOME) return { mark: '■', name: l10n.t('end of text'), hex: '' };
  const hex = `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  const control = controls.get(byte);
  if (control !== undefined) return { mark: control[0], name: control[1], hex };
  if (byte < 32)
    return { mark: `^${String.fromCharCode(64 + byte)}`, name: l10n.t('control character'), hex };
  if (byte < 0x80) return { mark: String.fromCharCode(byte), name: kindOf(String.fromCharCode(byte)), hex };
  if (byte < 0xc0) return { mark: '…', name: l10n.t('next byte of a character'), hex };
  return { mark: rangeOf(byte), name: l10n.t('first of {0} bytes', sequenceLength(byte)), hex };
}

function kindOf(character: string): string {
  if (/[a-z]/.test(character)) return l10n.t('lower-case letter');
  if (/[A-Z]/.test(character)) return l10n.t('capital letter');
  return /[0-9]/.test(character) ? l10n.t('digit') : l10n.t('sign');
}

/** Bytes of the character that a first byte announces. */
const sequenceLength = (byte: number): 2 | 3 | 4 => (byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4);

/** First and last character that begin with this byte: 0xC3 → 'À–ÿ'; code points where they print nothing. */
function rangeOf(byte: number): string {
  const length = sequenceLength(byte);
  const bits = byte & (0xff >> (length + 1));
  const first = bits << (6 * (length - 1));
  const last = first + (1 << (6 * (length - 1))) - 1;
  if (length === 2 && first >= 0xa0)
    return `${String.fromCodePoint(first === 0xa0 ? 0xa1 : first)}–${String.fromCodePoint(last)}`;
  const point = (value: number): string => `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
  return `${point(first)}–${point(last)}`;
}

/** Stretches of the byte axis that a reader knows. */
export const byteZones: readonly { readonly first: number; readonly last: number; readonly name: string }[] =
  [
    { first: 0, last: 31, name: l10n.t('control') },
    { first: 32, last: 47, name: l10n.t('signs') },
    { first: 48, last: 57, name: '0–9' },
    { first: 65, last: 90, name: 'A–Z' },
    { first: 97, last: 122, name: 'a–z' },
    { first: 128, last: 191, name: l10n.t('continuation') },
    { first: 192, last: 255, name: l10n.t('first bytes') },
  ];
