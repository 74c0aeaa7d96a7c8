// "Go to token": a number is an index, `id 1234` (or `id:1234`) is the next token with that id.
import { l10n } from './language';

export type FinderQuery =
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'id'; readonly id: number }
  | { readonly kind: 'unclear'; readonly hint: string };

/** Reads what the user typed. Grouping marks in numbers are ignored: '12,345' is 12345. */
export function parseFinderQuery(text: string): FinderQuery {
  const trimmed = text.trim().toLowerCase();
  const match = /^(?:(id)\s*[:=]?\s*|#)?([\d.,_\s\u00a0\u202f']+)$/u.exec(trimmed);
  const digits = match?.[2]?.replaceAll(/\D/gu, '') ?? '';
  if (!match || digits === '' || digits.length > 10)
    return { kind: 'unclear', hint: l10n.t('Type a token index such as 120, or an id such as id 1234.') };
  const number = Number(digits);
  return match[1] === 'id' ? { kind: 'id', id: number } : { kind: 'index', index: number };
}
