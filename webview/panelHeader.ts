// Top of the inspector: which file, which encoding (and whether its count is exact), the figures, and the pin. It is
// the same above every view.
import { element, setText } from './elements';
import { icon } from './icons';
import { l10n } from './language';
import { MetricCards } from './metricCards';
import type { EncodingChoice, PanelDocument, TextTotals } from '../src/shared/panelProtocol';
import type { ButtonElement, DropdownElement } from './toolkit';
import type { Metric } from './metricCards';
import type { NumberFormat } from './numberFormat';

export interface HeaderEvents {
  encodingChosen(id: string): void;
  pinChanged(pinned: boolean): void;
  wholeFileAsked(): void;
}

function estimatedMetrics(tokens: number, length: number, format: NumberFormat): readonly Metric[] {
  return [
    { name: l10n.t('Tokens'), value: `≈ ${format.whole(tokens)}`, weight: 'main' },
    { name: l10n.t('UTF-16 units'), value: format.whole(length) },
    { name: l10n.t('UTF-16 units per token'), value: `≈ ${format.ratio(length, tokens)}` },
  ];
}

function metricsOf(totals: TextTotals, approximate: boolean, format: NumberFormat): readonly Metric[] {
  const about = approximate ? '≈ ' : '';
  return [
    { name: l10n.t('Tokens'), value: about + format.whole(totals.tokens), weight: 'main' },
    {
      name: l10n.t('Characters'),
      value: format.whole(totals.characters),
      hint: l10n.t('Unicode code points'),
    },
    { name: l10n.t('Bytes'), value: format.whole(totals.bytes), hint: l10n.t('Bytes of the text as UTF-8') },
    { name: l10n.t('Characters per token'), value: about + format.ratio(totals.characters, totals.tokens) },
    { name: l10n.t('Bytes per token'), value: about + format.ratio(totals.bytes, totals.tokens) },
  ];
}

const noMetrics: readonly Metric[] = [
  { name: l10n.t('Tokens'), value: '–', weight: 'main' },
  { name: l10n.t('Characters'), value: '–' },
  { name: l10n.t('Bytes'), value: '–' },
  { name: l10n.t('Characters per token'), value: '–' },
  { name: l10n.t('Bytes per token'), value: '–' },
];

export class PanelHeader {
  readonly element: HTMLElement;
  private readonly title = element('h1', { class: 'file-name' });
  private readonly folder = element('span', { class: 'file-folder' });
  private readonly exactness = element('p', { class: 'provenance' });
  private readonly notes = element('ul', { class: 'notes' });
  private readonly scope: HTMLElement;
  private readonly scopeText = element('span', { class: 'scope-text' });
  private readonly metrics = new MetricCards();
  private readonly pin: ButtonElement;
  private readonly picker: DropdownElement;
  private pinned = false;
  private encodings: readonly EncodingChoice[] = [];

  constructor(events: HeaderEvents) {
    this.pin = element('vscode-button', {
      appearance: 'icon',
      class: 'pin',
      'aria-label': l10n.t('Keep showing this file'),
      title: l10n.t('Keep showing this file instead of following the active editor'),
    });
    this.pin.append(icon('pin'));
    this.pin.addEventListener('click', () => {
      this.setPinned(!this.pinned);
      events.pinChanged(this.pinned);
    });
    this.picker = element('vscode-dropdown', {
      class: 'encoding',
      'aria-label': l10n.t('Encoding of this file'),
    });
    this.picker.addEventListener('change', () => events.encodingChosen(this.picker.value));
    const wholeFile = element('vscode-button', { appearance: 'secondary' }, l10n.t('Show whole file'));
    wholeFile.addEventListener('click', () => events.wholeFileAsked());
    this.scope = element('div', { class: 'scope', hidden: true }, this.scopeText, wholeFile);
    this.element = element(
      'header',
      { class: 'panel-header' },
      element(
        'div',
        { class: 'file-row' },
        element('div', { class: 'file' }, this.title, this.folder),
        element('div', { class: 'file-tools' }, this.picker, this.pin),
      ),
      this.metrics.element,
      this.exactness,
      this.scope,
      this.notes,
    );
    this.setPinned(false);
  }

  setPinned(pinned: boolean): void {
    this.pinned = pinned;
    this.pin.classList.toggle('on', pinned);
    this.pin.ariaPressed = String(pinned);
  }

  setEncodings(encodings: readonly EncodingChoice[], current: string): void {
    this.encodings = encodings;
    this.picker.replaceChildren(
      ...encodings.map(({ id, label, family }) =>
        element('vscode-option', { value: id, title: family, selected: id === current }, label),
      ),
    );
  }

  /** An encoding for the reader. */
  labelOf(encoding: string): string {
    const known = this.encodings.find(({ id }) => id === encoding)?.label;
    return known ?? (encoding.startsWith('file:') ? l10n.t('tokenizer file') : encoding);
  }

  show(document: PanelDocument, format: NumberFormat): void {
    const none = document.state === 'none';
    this.element.classList.toggle('empty', none);
    setText(this.title, none ? l10n.t('No file') : document.file.name);
    setText(this.folder, none ? '' : document.file.folder);
    this.element.dataset['state'] = document.state;
    this.picker.disabled = none;
    this.pin.disabled = none;
    if (!none && this.picker.value !== document.encoding) this.picker.value = document.encoding;
    this.showTotals(document, format);
    this.showProvenance(document);
    const scope = document.state === 'ready' ? document.scope : null;
    this.scope.hidden = scope === null;
    setText(this.scopeText, scope ? l10n.t('Only {0}, as tokenized in the whole file', scope.label) : '');
    const notes = document.state === 'ready' ? document.notes : [];
    this.notes.replaceChildren(...notes.map((note) => element('li', {}, note)));
    this.notes.hidden = notes.length === 0;
  }

  private showTotals(document: PanelDocument, format: NumberFormat): void {
    if (document.state === 'ready')
      this.metrics.show(metricsOf(document.scope ?? document, document.exactness === 'estimate', format));
    else if (document.state === 'estimated')
      this.metrics.show(estimatedMetrics(document.tokens, document.length, format));
    else this.metrics.show(noMetrics);
  }

  private showProvenance(document: PanelDocument): void {
    const label = (kind: 'exact' | 'estimate' | 'counting', text: string, rest: string): void => {
      this.exactness.replaceChildren(element('strong', { class: `exactness ${kind}` }, text), ` ${rest}`);
    };
    const encoding = document.state === 'none' ? '' : document.encoding;
    const family = this.encodings.find(({ id }) => id === encoding)?.family;
    const usedBy = family === undefined ? '' : ` · ${family}`;
    switch (document.state) {
      case 'ready':
        if (document.exactness === 'exact')
          label('exact', l10n.t('✓ Exact'), `· ${document.source}${usedBy}`);
        else label('estimate', l10n.t('≈ Estimate'), `· ${document.source}${usedBy}`);
        return;
      case 'estimated':
        label('estimate', l10n.t('≈ Estimate'), `· ${document.reason}`);
        return;
      case 'counting':
        label('counting', l10n.t('Counting …'), `· ${this.labelOf(document.encoding)}`);
        return;
      case 'failed':
      case 'none':
        this.exactness.replaceChildren();
    }
  }
}
