// The tokens that the model expected least: what stands there, what it would have written, and a jump to the editor.
import { tokenCount } from './countedNames';
import { dataTable } from './dataTable';
import { element } from './elements';
import { l10n } from './language';
import { tokenPieces } from './tokenText';
import type { NumberFormat } from './numberFormat';
import type { SurprisePeak } from '../src/shared/surpriseProtocol';

const encoder = new TextEncoder();
/** A token may be a long run of spaces; its start says enough. */
const longestShown = 24;

export function surprisePeaks(
  peaks: readonly SurprisePeak[],
  vocabularySize: number,
  format: NumberFormat,
  reveal: (peak: SurprisePeak) => void,
): HTMLElement {
  const rows = peaks.map((peak) => {
    const jump = element(
      'button',
      { class: 'line-jump', title: l10n.t('Select this token in the editor') },
      l10n.t('Line {0}', format.whole(peak.line + 1)),
    );
    jump.addEventListener('click', () => reveal(peak));
    return element(
      'tr',
      {},
      element('td', {}, jump),
      element('th', { scope: 'row' }, visible(peak.text)),
      element('td', { class: 'number' }, format.ratio(peak.bits, 1)),
      element(
        'td',
        { class: 'number', title: l10n.t('of {0}', tokenCount(vocabularySize, format)) },
        format.whole(peak.rank),
      ),
      element('td', { class: 'number' }, format.ratio(peak.entropy, 1)),
      element(
        'td',
        { class: 'surprise-choice' },
        visible(peak.choice),
        element('span', { class: 'surprise-share' }, format.percent(peak.choiceProbability)),
      ),
    );
  });
  return dataTable({
    caption: l10n.t('Most surprising tokens'),
    columns: [
      { title: l10n.t('Where') },
      { title: l10n.t('Token') },
      { title: l10n.t('Bits'), number: true },
      { title: l10n.t('Rank'), number: true },
      { title: l10n.t('Entropy'), number: true },
      { title: l10n.t('Model’s choice') },
    ],
    rows,
    look: 'surprise-peaks',
  });
}

/** The text with marks for what prints nothing. */
function visible(text: string): HTMLElement {
  const shown = text.slice(0, longestShown);
  return element(
    'code',
    { class: 'surprise-token' },
    ...tokenPieces(encoder.encode(shown)).map(({ kind, text: piece }) =>
      kind === 'text' ? piece : element('span', { class: kind }, piece),
    ),
    shown.length < text.length ? '…' : null,
  );
}
