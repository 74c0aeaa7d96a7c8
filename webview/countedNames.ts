// Numbers with their nouns, one and many, in the reader's language.
import { l10n } from './language';
import type { NumberFormat } from './numberFormat';

/** '1 token', '1,234 tokens'. */
export const tokenCount = (count: number, format: NumberFormat): string =>
  count === 1 ? l10n.t('1 token') : l10n.t('{0} tokens', format.whole(count));

/** '1 draft', '3 drafts'. */
export const draftCount = (count: number, format: NumberFormat): string =>
  count === 1 ? l10n.t('1 draft') : l10n.t('{0} drafts', format.whole(count));

/** '1 byte', '4 bytes'; `written` is the number as the reader writes it. */
export const byteCount = (count: number, written = String(count)): string =>
  count === 1 ? l10n.t('1 byte') : l10n.t('{0} bytes', written);
