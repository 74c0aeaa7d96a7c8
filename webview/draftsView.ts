// The Drafts view: several drafts for the cursor side by side, the method chosen live, and why they are these. It asks only
// when the user does: by its button, by a command, by a choice in its toolbar, or by a resting cursor while it follows it.
import { draftCount, tokenCount } from './countedNames';
import { DraftCards, visible } from './draftCards';
import { DraftsToolbar, methodName } from './draftsToolbar';
import { element } from './elements';
import { l10n } from './language';
import { stateMessage, type StateAction } from './stateMessage';
import { WhyTabs } from './whyTabs';
import { seededMethods } from '../src/shared/draftsProtocol';
import type { DraftsSetup, DraftWishes, PanelDrafts } from '../src/shared/draftsProtocol';
import type { HostEvent, PanelDocument } from '../src/shared/panelProtocol';
import type { MountedView, PanelView, ViewContext } from './viewRegistry';

export const draftsView: PanelView = {
  id: 'drafts',
  title: l10n.t('Drafts'),
  mount: (context) => new DraftsView(context),
};

/** A followed cursor must rest this long before the model is asked, in milliseconds. */
const rest = 450;

class DraftsView implements MountedView {
  readonly element: HTMLElement;
  private readonly toolbar: DraftsToolbar;
  private readonly cards: DraftCards;
  private readonly why: WhyTabs;
  private readonly place = element('p', { class: 'draft-place' });
  private readonly notice = element('p', { class: 'draft-notice', role: 'status' });
  private readonly notes = element('ul', { class: 'notes draft-notes' });
  private readonly results: HTMLElement;
  private readonly message = element('div', { class: 'message-host' });
  private setup: DraftsSetup | undefined;
  private document: PanelDocument = { state: 'none' };
  private answer: PanelDrafts | undefined;
  private running: AbortController | undefined;
  private follow = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private focusWhenDone = false;

  constructor(private readonly context: ViewContext) {
    const { state, link } = context;
    this.toolbar = new DraftsToolbar({
      changed: (wishes) => this.choose(wishes),
      asked: () => this.askAgain(),
      cancelled: () => this.cancel(),
      followChanged: (follow) => this.setFollow(follow),
    });
    this.cards = new DraftCards(
      {
        accepted: (draft) => void this.accept(draft),
        left: () => link.notify({ type: 'focusEditor' }),
      },
      context.format,
    );
    this.why = new WhyTabs(state.current.why, (why) => state.update({ why }), context.format);
    this.results = element(
      'div',
      { class: 'drafts-results' },
      this.place,
      this.notice,
      this.cards.element,
      this.notes,
      this.why.element,
    );
    this.element = element(
      'section',
      { class: 'drafts-view', 'aria-label': l10n.t('Drafts at the cursor') },
      this.toolbar.element,
      this.results,
      this.message,
    );
    this.showMessage(null);
    this.results.hidden = true;
  }

  show(document: PanelDocument): void {
    const before = this.document;
    this.document = document;
    if (this.setup === undefined) void this.readSetup();
    if (document.state === 'none') {
      this.showMessage(
        stateMessage(
          l10n.t('No file'),
          l10n.t('Open a file and place the cursor where drafts should start.'),
        ),
      );
      return;
    }
    const version = (of: PanelDocument): string =>
      of.state === 'ready' ? `${of.file.uri} ${of.generation}` : of.state === 'none' ? '' : of.file.uri;
    if (version(before) !== version(document)) {
      if (this.answer !== undefined && before.state !== 'none') this.setOutdated(true);
      this.rested();
    }
    if (this.answer === undefined && this.running === undefined) this.showInvitation();
  }

  handle(event: HostEvent): void {
    if (event.type === 'draftsChanged' || event.type === 'welcome') void this.readSetup();
    if (event.type === 'cursor') this.rested();
  }

  focus(): void {
    if (this.answer !== undefined && !this.results.hidden) this.cards.focus();
    else this.toolbar.focus();
  }

  /** Reads what the host would do, and carries out what the user asked for by a command. */
  private async readSetup(): Promise<void> {
    const reply = await this.context.link.ask('draftsSetup', {});
    if (!reply.ok) return;
    const first = this.setup === undefined;
    this.setup = reply.result;
    const { draftMethod, draftCount, draftSeed } = this.context.state.current;
    if (first || draftMethod === '')
      this.toolbar.show({
        method: draftMethod === '' ? reply.result.method : draftMethod,
        count: draftCount === 0 ? reply.result.count : draftCount,
        seed: draftSeed,
      });
    const { wanted } = reply.result;
    if (wanted !== null) {
      if (wanted !== 'drafts') this.why.select(wanted);
      this.focusWhenDone = true;
      await this.ask();
      return;
    }
    if (this.running !== undefined) this.showBusy();
    else if (this.answer === undefined) this.showInvitation();
  }

  private choose({ method, count, seed }: DraftWishes): void {
    this.context.state.update({ draftMethod: method, draftCount: count, draftSeed: seed });
    // The method is chosen live: a run that is shown is made again.
    if (this.answer !== undefined || this.running !== undefined) void this.ask();
  }

  /** The button: methods that draw get the next seed, so that "again" gives something else. */
  private askAgain(): void {
    const { method, count, seed } = this.toolbar.wishes;
    const again = this.answer !== undefined && !this.results.classList.contains('outdated');
    if (again && seededMethods.includes(method)) {
      const wishes = { method, count, seed: (seed + 1) % 0x1_0000_0000 };
      this.toolbar.show(wishes);
      this.context.state.update({ draftSeed: wishes.seed });
    }
    this.focusWhenDone = true;
    void this.ask();
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    this.toolbar.setRunning(true);
    this.showBusy();
    const reply = await this.context.link.ask('drafts', this.toolbar.wishes, running.signal);
    if (this.running !== running) return;
    this.running = undefined;
    this.toolbar.setRunning(false);
    this.results.removeAttribute('aria-busy');
    if (reply.ok) {
      this.render(reply.result);
      return;
    }
    this.focusWhenDone = false;
    if (reply.code === 'stale') {
      if (running.signal.aborted) this.context.announce(l10n.t('Drafting was cancelled.'));
      if (this.answer === undefined) this.showInvitation();
      else this.setOutdated(true);
      return;
    }
    this.answer = undefined;
    this.showFailure(reply.code === 'refused', reply.message);
  }

  private cancel(): void {
    this.running?.abort();
  }

  private render(answer: PanelDrafts): void {
    this.answer = answer;
    const format = this.context.format();
    this.showMessage(null);
    this.results.hidden = false;
    this.setOutdated(false);
    this.toolbar.setAgain(true);
    this.place.replaceChildren(
      element('span', { class: 'place-where' }, `${answer.file}:${answer.line + 1}:${answer.column + 1}`),
      element(
        'code',
        { class: 'place-text' },
        visible(answer.before.trimStart().slice(-48)),
        element('span', { class: 'place-caret', role: 'img', 'aria-label': l10n.t('cursor') }),
        visible(answer.after.slice(0, 24)),
      ),
    );
    this.cards.show(answer);
    const made = [
      l10n.t(
        '{0}, {1}, {2} ms',
        answer.model,
        methodName(answer.method),
        format.whole(Math.round(answer.milliseconds)),
      ),
      Number.isFinite(answer.promptTokens)
        ? l10n.t('{0} in the prompt', tokenCount(answer.promptTokens, format))
        : '',
      answer.layout === 'leftToRight'
        ? l10n.t('left to right')
        : l10n.t('fill in the middle ({0})', answer.layout.toUpperCase()),
      Number.isFinite(answer.endShare)
        ? l10n.t('nothing to insert: {0}', format.percent(answer.endShare))
        : '',
    ].filter((part) => part !== '');
    this.notes.replaceChildren(
      element('li', {}, made.join(' · ')),
      ...answer.notes.map((note) => element('li', {}, note)),
    );
    this.why.show(answer.why);
    const { drafts } = answer;
    if (drafts.length === 0)
      this.cards.element.replaceChildren(
        element(
          'p',
          { class: 'no-draft', role: 'listitem' },
          l10n.t('The model would insert nothing here. The next byte below says how sure it is.'),
        ),
      );
    this.context.announce(
      drafts.length === 0
        ? l10n.t('The model would insert nothing here.')
        : l10n.t('{0}. First: {1}', draftCount(drafts.length, format), visible(drafts[0]?.text ?? '')),
    );
    if (this.focusWhenDone && drafts.length > 0) this.cards.focus();
    this.focusWhenDone = false;
  }

  private async accept(draft: number): Promise<void> {
    const { answer } = this;
    if (answer === undefined || this.running !== undefined) return;
    const reply = await this.context.link.ask('acceptDraft', { run: answer.run, draft });
    if (reply.ok) {
      this.context.announce(l10n.t('Draft {0} inserted.', draft + 1));
      return;
    }
    this.setOutdated(true);
    this.notice.textContent = reply.message;
  }

  private setFollow(follow: boolean): void {
    this.follow = follow;
    clearTimeout(this.timer);
    if (follow) void this.ask();
  }

  /** The cursor or the document moved: while following, ask when they have come to rest. */
  private rested(): void {
    if (!this.follow || this.element.hidden) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), rest);
  }

  private setOutdated(outdated: boolean): void {
    this.results.classList.toggle('outdated', outdated);
    this.toolbar.setAgain(!outdated);
    this.notice.textContent = outdated
      ? l10n.t('The document has changed since. These drafts cannot be inserted any more: draft here again.')
      : '';
    this.notice.hidden = !outdated;
  }

  private showBusy(): void {
    if (this.answer !== undefined) {
      this.results.setAttribute('aria-busy', 'true');
      return;
    }
    const { setup } = this;
    const starting = setup !== undefined && setup.state !== 'ready' && setup.state !== 'server';
    this.showMessage(
      starting
        ? stateMessage(
            l10n.t('Starting the model'),
            l10n.t('{0} is being loaded on this machine.', setup.model),
            [],
            true,
          )
        : stateMessage(l10n.t('Drafting'), l10n.t('The model is writing.'), [], true),
    );
  }

  private showInvitation(): void {
    const { setup } = this;
    const { problem = null, state = 'unloaded' } = setup ?? {};
    if (problem !== null || state === 'failed' || state === 'stopped') {
      this.showFailure(
        false,
        problem ?? l10n.t('The model process has crashed several times and was stopped.'),
      );
      return;
    }
    const where =
      setup?.state === 'server'
        ? l10n.t(
            'The text around the cursor is sent to the server that you chose ({0}). It has no byte-exact methods and nothing to explain drafts with.',
            setup.model,
          )
        : l10n.t(
            'Several drafts from the model on this machine, with the probability of every token and why they are these.',
          );
    this.showMessage(
      stateMessage(l10n.t('Drafts at the cursor'), where, [
        { label: l10n.t('Draft Here'), run: () => this.askAgain(), primary: true },
      ]),
    );
  }

  private showFailure(refused: boolean, text: string): void {
    const { link } = this.context;
    const again: StateAction = { label: l10n.t('Try Again'), run: () => this.askAgain(), primary: true };
    const choose: StateAction = {
      label: l10n.t('Choose Model'),
      run: () => void link.ask('modelCommand', { command: 'choose' }),
    };
    const restart: StateAction = {
      label: l10n.t('Restart Model'),
      run: () => void link.ask('modelCommand', { command: 'restart' }),
    };
    const log: StateAction = { label: l10n.t('Open Log'), run: () => link.notify({ type: 'openLog' }) };
    this.showMessage(
      stateMessage(
        refused ? l10n.t('No drafts here') : l10n.t('No drafts'),
        text,
        refused ? [again] : [again, choose, restart, log],
      ),
    );
    this.context.announce(text);
  }

  /** Puts a message in the place of the drafts, or takes it away. */
  private showMessage(message: HTMLElement | null): void {
    this.message.replaceChildren(...(message === null ? [] : [message]));
    this.message.hidden = message === null;
    if (message !== null) this.results.hidden = true;
  }
}
