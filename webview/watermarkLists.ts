// The saved schemes, with a box for each to say whether to look for it, and the hidden characters of the file.
import { element } from './elements';
import { icon } from './icons';
import { l10n } from './language';
import type { HiddenRunView, WatermarkSchemeRow, WatermarkState } from '../src/shared/watermarkProtocol';
import type { NumberFormat } from './numberFormat';

export interface SchemeEvents {
  add(): void;
  rename(id: string): void;
  remove(id: string): void;
}

export interface HiddenEvents {
  find(): void;
  remove(): void;
  reveal(start: number, end: number): void;
}

/** @param left ids that are not looked for; the boxes change it. */
export function schemeSection(
  { schemes }: WatermarkState,
  left: Set<string>,
  format: NumberFormat,
  events: SchemeEvents,
): HTMLElement {
  const add = element(
    'vscode-button',
    { appearance: schemes.length === 0 ? 'primary' : 'secondary' },
    l10n.t('Add scheme…'),
  );
  add.addEventListener('click', () => events.add());
  return element(
    'section',
    { 'aria-label': l10n.t('Saved schemes') },
    element('div', { class: 'part-head' }, element('h3', {}, l10n.t('Schemes to look for')), add),
    schemes.length === 0
      ? element(
          'p',
          { class: 'note' },
          l10n.t('None saved. Keys you add are kept in the secret storage and never shown.'),
        )
      : element(
          'ul',
          { class: 'scheme-list' },
          ...schemes.map((row) => schemeItem(row, left, format, events)),
        ),
  );
}

function schemeItem(
  row: WatermarkSchemeRow,
  left: Set<string>,
  format: NumberFormat,
  events: SchemeEvents,
): HTMLElement {
  const box = element('input', { type: 'checkbox', id: `scheme-${row.id}`, checked: !left.has(row.id) });
  box.addEventListener('change', () => {
    if (box.checked) left.delete(row.id);
    else left.add(row.id);
  });
  const action = (label: string, text: string, run: () => void): HTMLElement => {
    const button = element('button', { type: 'button', class: 'line-jump', 'aria-label': label }, text);
    button.addEventListener('click', run);
    return button;
  };
  return element(
    'li',
    { class: 'scheme-item' },
    box,
    element(
      'label',
      { for: `scheme-${row.id}` },
      element('span', { class: 'scheme-name' }, row.name),
      element(
        'span',
        { class: 'scheme-facts' },
        l10n.t(
          '{0} · key {1} · {2} · vocabulary {3}',
          row.scheme,
          row.fingerprint,
          row.tokenizer,
          format.whole(row.vocabularySize),
        ),
      ),
    ),
    action(l10n.t('Rename {0}', row.name), l10n.t('Rename'), () => events.rename(row.id)),
    action(l10n.t('Remove {0}', row.name), l10n.t('Remove'), () => events.remove(row.id)),
  );
}

export function plantingSection({ planting }: WatermarkState, choose: () => void): HTMLElement {
  const button = element(
    'vscode-button',
    { appearance: 'secondary' },
    planting === null ? l10n.t('Plant a mark…') : l10n.t('Change or stop…'),
  );
  button.addEventListener('click', choose);
  return element(
    'section',
    { 'aria-label': l10n.t('Planting in drafts') },
    element('div', { class: 'part-head' }, element('h3', {}, l10n.t('Planting in drafts')), button),
    planting === null
      ? element(
          'p',
          { class: 'note' },
          l10n.t('Off. Drafts of the local model can carry a mark of one of your schemes.'),
        )
      : element(
          'div',
          {},
          element('p', {}, l10n.t('On: {0}', planting.name)),
          element('p', { class: 'note' }, planting.cost),
          planting.survival === null ? null : element('p', { class: 'survival' }, planting.survival),
        ),
  );
}

export function hiddenSection(
  { hidden, file }: WatermarkState,
  format: NumberFormat,
  events: HiddenEvents,
): HTMLElement {
  const find = element(
    'vscode-button',
    { appearance: 'secondary', disabled: file === null },
    l10n.t('Look for them'),
  );
  find.addEventListener('click', () => events.find());
  const remove = element('vscode-button', { appearance: 'secondary' }, l10n.t('Remove all'));
  remove.addEventListener('click', () => events.remove());
  const some = hidden !== null && hidden.total > 0;
  return element(
    'section',
    { 'aria-label': l10n.t('Hidden characters') },
    element(
      'div',
      { class: 'part-head' },
      element('h3', {}, l10n.t('Hidden characters')),
      some ? remove : find,
    ),
    element('p', { class: 'note' }, noteOf(hidden, format)),
    some
      ? element('ul', { class: 'hidden-list' }, ...hidden.runs.map((run) => hiddenItem(run, format, events)))
      : null,
  );
}

function noteOf(hidden: WatermarkState['hidden'], format: NumberFormat): string {
  if (hidden === null)
    return l10n.t(
      'Zero-width, bidirectional and tag characters, odd spaces and lookalike letters can carry marks and messages.',
    );
  if (hidden.total === 0) return l10n.t('None in this file.');
  return l10n.t(
    '{0} in this file. Removing them is one edit that undo takes back.',
    format.whole(hidden.total),
  );
}

function hiddenItem(run: HiddenRunView, format: NumberFormat, events: HiddenEvents): HTMLElement {
  const jump = element(
    'button',
    { type: 'button', class: 'line-jump' },
    l10n.t('Line {0}', format.whole(run.line + 1)),
  );
  jump.addEventListener('click', () => events.reveal(run.start, run.end));
  return element(
    'li',
    { class: run.grave ? 'grave' : '' },
    run.grave ? icon('warning') : icon('info'),
    jump,
    element('span', {}, run.text),
  );
}
