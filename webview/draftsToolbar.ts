// The row above the drafts: method, number, seed, the button that asks, and whether drafts follow the cursor.
import { element } from './elements';
import { l10n } from './language';
import { draftLimit, draftMethods, seededMethods } from '../src/shared/draftsProtocol';
import type { DraftWishes } from '../src/shared/draftsProtocol';
import type { ButtonElement, DropdownElement, TextFieldElement } from './toolkit';

export interface ToolbarEvents {
  /** A choice was changed by the user. */
  changed(wishes: DraftWishes): void;
  asked(): void;
  cancelled(): void;
  followChanged(follow: boolean): void;
}

const methodNames: Readonly<Record<(typeof draftMethods)[number], string>> = {
  forked: l10n.t('Forked greedy'),
  greedy: l10n.t('Greedy'),
  beam: l10n.t('Beam search'),
  nucleus: l10n.t('Nucleus sampling'),
  gumbel: l10n.t('Gumbel-top-k'),
  stochasticBeam: l10n.t('Stochastic beam'),
  superposed: l10n.t('Superposed'),
};
const counts = [1, 2, 3, 4, 5, 6, 8, 10, 12, draftLimit];

export const methodName = (method: string): string =>
  method === 'ensemble' ? l10n.t('Ensemble') : methodNames[method as keyof typeof methodNames];

export class DraftsToolbar {
  readonly element: HTMLElement;
  private readonly method: DropdownElement;
  private readonly count: DropdownElement;
  private readonly seed: TextFieldElement;
  private readonly ask: ButtonElement;
  private readonly cancel: ButtonElement;
  private readonly followBox: HTMLInputElement;
  private current: DraftWishes = { method: 'forked', count: 3, seed: 0 };

  constructor(private readonly events: ToolbarEvents) {
    const option = (value: string, label: string): HTMLElement => element('vscode-option', { value }, label);
    this.method = element(
      'vscode-dropdown',
      { class: 'draft-method', 'aria-label': l10n.t('Method') },
      ...draftMethods.map((method) => option(method, methodNames[method])),
    );
    this.count = element(
      'vscode-dropdown',
      { class: 'draft-count', 'aria-label': l10n.t('Number of drafts') },
      ...counts.map((count) =>
        option(String(count), count === 1 ? l10n.t('1 draft') : l10n.t('{0} drafts', count)),
      ),
    );
    this.seed = element(
      'vscode-text-field',
      { class: 'draft-seed', placeholder: l10n.t('Seed') },
      l10n.t('Seed'),
    );
    this.ask = element('vscode-button', { class: 'draft-ask' }, l10n.t('Draft Here'));
    this.cancel = element(
      'vscode-button',
      { class: 'draft-cancel', appearance: 'secondary' },
      l10n.t('Cancel'),
    );
    this.followBox = element('input', { type: 'checkbox', id: 'follow-cursor' });
    for (const choice of [this.method, this.count, this.seed])
      choice.addEventListener('change', () => this.chosen());
    this.ask.addEventListener('click', () => events.asked());
    this.cancel.addEventListener('click', () => events.cancelled());
    this.followBox.addEventListener('change', () => events.followChanged(this.followBox.checked));
    this.element = element(
      'div',
      { class: 'view-toolbar drafts-toolbar' },
      this.method,
      this.count,
      this.seed,
      this.ask,
      this.cancel,
      element(
        'label',
        {
          class: 'follow',
          for: 'follow-cursor',
          title: l10n.t('Draft again whenever the cursor rests at another place'),
        },
        this.followBox,
        l10n.t('Follow cursor'),
      ),
    );
    this.setRunning(false);
  }

  get wishes(): DraftWishes {
    return this.current;
  }

  show(wishes: DraftWishes): void {
    this.current = wishes;
    this.method.value = wishes.method;
    // A number that the settings name and the list has not.
    if (!counts.includes(wishes.count) && this.count.querySelector(`[value="${wishes.count}"]`) === null)
      this.count.append(
        element('vscode-option', { value: String(wishes.count) }, l10n.t('{0} drafts', wishes.count)),
      );
    this.count.value = String(wishes.count);
    this.seed.value = String(wishes.seed);
    const seeded = seededMethods.includes(wishes.method);
    this.seed.hidden = !seeded;
    this.count.disabled = wishes.method === 'greedy';
  }

  setRunning(running: boolean): void {
    // The keyboard must not fall out of the view when its button goes.
    const held = running
      ? this.ask.contains(document.activeElement)
      : this.cancel.contains(document.activeElement);
    this.ask.hidden = running;
    this.cancel.hidden = !running;
    if (held) (running ? this.cancel : this.ask).focus();
  }

  setAgain(again: boolean): void {
    this.ask.textContent = again ? l10n.t('Draft Again') : l10n.t('Draft Here');
  }

  setFollow(follow: boolean): void {
    this.followBox.checked = follow;
  }

  focus(): void {
    (this.ask.hidden ? this.cancel : this.ask).focus();
  }

  private chosen(): void {
    const method = draftMethods.find((known) => known === this.method.value) ?? this.current.method;
    const seed = Math.min(0xffff_ffff, Math.max(0, Math.floor(Number(this.seed.value)) || 0));
    const wishes = { method, count: Number(this.count.value) || this.current.count, seed };
    this.show(wishes);
    this.events.changed(wishes);
  }
}
