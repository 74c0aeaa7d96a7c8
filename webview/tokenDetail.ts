// The line under the grid: everything about the active token. What the page already has is shown at once; position and
// merge steps come from the host a moment later.
import { byteCount } from './countedNames';
import { element } from './elements';
import { l10n } from './language';
import { hexBytes } from './numberFormat';
import { appendPieces } from './tokenFlow';
import type { NumberFormat } from './numberFormat';
import type { TokenAtIndex } from './tokenPages';
import type { TokenFacts } from '../src/shared/panelProtocol';

const longestHex = 16;
/** Merge steps shown; the last ones say how the token came to be. */
const mergesShown = 6;

export class TokenDetail {
  readonly element = element('section', {
    class: 'token-detail',
    'aria-label': l10n.t('Active token'),
    // It scrolls when the panel is low, and then the keyboard must reach it.
    tabindex: 0,
  });

  clear(): void {
    this.element.replaceChildren(
      element('p', { class: 'hint' }, l10n.t('Choose a token to see its bytes, offsets and merges.')),
    );
  }

  show(token: TokenAtIndex, facts: TokenFacts | null, format: NumberFormat): void {
    const { bytes, byteStart, utf16Start, utf16End } = token;
    const shown = element('span', { class: 'detail-token' });
    appendPieces(shown, bytes);
    const hex = bytes.length <= longestHex ? hexBytes(bytes) : `${hexBytes(bytes.subarray(0, longestHex))} …`;
    const fact = (name: string, value: string | Node): HTMLElement =>
      element('div', { class: 'fact' }, element('dt', {}, name), element('dd', {}, value));
    const facts1 = [
      fact(l10n.t('Token'), format.whole(token.index)),
      fact(l10n.t('ID'), String(token.id)),
      fact(byteCount(bytes.length, format.whole(bytes.length)), hex),
      fact(l10n.t('Byte offsets'), `${format.whole(byteStart)}–${format.whole(byteStart + bytes.length)}`),
      fact(l10n.t('UTF-16 offsets'), `${format.whole(utf16Start)}–${format.whole(utf16End)}`),
    ];
    if (facts) {
      facts1.push(
        fact(
          l10n.t('Position'),
          l10n.t('Ln {0}, Col {1}', format.whole(facts.line + 1), format.whole(facts.column + 1)),
        ),
      );
      if (facts.rank !== null) facts1.push(fact(l10n.t('Merge rank'), format.whole(facts.rank)));
    }
    this.element.replaceChildren(shown, element('dl', { class: 'facts' }, ...facts1));
    if (facts && facts.merges.length > 0) this.element.append(mergesOf(facts, format));
  }
}

/** How the token is built: 't·h → th → th·e', the last merges. */
function mergesOf({ merges }: TokenFacts, format: NumberFormat): HTMLElement {
  const shown = merges.slice(-mergesShown);
  const list = element('ol', { class: 'merges', 'aria-label': l10n.t('Merge steps, earliest first') });
  const earlier = merges.length - shown.length;
  if (earlier > 0) {
    const text =
      earlier === 1 ? l10n.t('1 earlier merge') : l10n.t('{0} earlier merges', format.whole(earlier));
    list.append(element('li', { class: 'more' }, text));
  }
  for (const { left, right, rank } of shown) {
    const step = element('li', { title: l10n.t('merge rank {0}', format.whole(rank)) });
    const a = element('span', { class: 'merge-part' });
    const b = element('span', { class: 'merge-part' });
    appendPieces(a, left);
    appendPieces(b, right);
    step.append(a, element('span', { class: 'merge-plus', 'aria-hidden': 'true' }, '+'), b);
    list.append(step);
  }
  return list;
}
