// The Tokens view: every token of the file as text or table, with search, the active token's details, and jumps
// between token and editor both ways.
import { element, setText } from './elements';
import { icon } from './icons';
import { l10n } from './language';
import { stateMessage } from './stateMessage';
import { TokenDetail } from './tokenDetail';
import { parseFinderQuery } from './tokenFinder';
import { tokenFlow } from './tokenFlow';
import { TokenList } from './tokenList';
import { TokenPages } from './tokenPages';
import { tokenTable } from './tokenTable';
import type { IconName } from './icons';
import type { HostEvent, PanelDocument } from '../src/shared/panelProtocol';
import type { MountedView, PanelView, ViewContext } from './viewRegistry';
import type { TokenLayout } from '../src/shared/panelMemory';
import type { ButtonElement, TextFieldElement } from './toolkit';

type ReadyDocument = Extract<PanelDocument, { state: 'ready' }>;

export const tokensView: PanelView = {
  id: 'tokens',
  title: l10n.t('Tokens'),
  mount: (context) => new TokensView(context),
};

class TokensView implements MountedView {
  readonly element: HTMLElement;
  private readonly list: TokenList;
  private readonly pages: TokenPages;
  private readonly detail = new TokenDetail();
  private readonly body: HTMLElement;
  private readonly message = element('div', { class: 'message-host' });
  private readonly finder: TextFieldElement;
  private readonly finderNote = element('span', { class: 'finder-note', role: 'status' });
  private readonly layoutButtons = new Map<TokenLayout, ButtonElement>();
  private readonly whitespaceButton: ButtonElement;
  private ready: ReadyDocument | undefined;
  /** Whose tokens are in the list. */
  private shown: ReadyDocument | undefined;
  private factsFor = -1;

  constructor(private readonly context: ViewContext) {
    const { link, state } = context;
    this.pages = new TokenPages(
      (first, count) => link.request('tokenPage', { first, count }),
      (first, last) => this.tokensArrived(first, last),
    );
    this.list = new TokenList(
      this.arrangement,
      this.pages,
      {
        activated: (index) => this.activated(index),
        revealed: (index, focus) => link.reveal(index, focus),
        anchored: (anchor) => state.update({ anchor }),
        left: () => link.notify({ type: 'focusEditor' }),
      },
      context.format(),
    );
    // The toolkit takes the field's text as its accessible name; the visible label is hidden by the style sheet.
    this.finder = element(
      'vscode-text-field',
      { class: 'finder', placeholder: l10n.t('Index, or id 1234') },
      l10n.t('Go to token by index or id'),
    );
    this.finder.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      void this.find(event.shiftKey ? 'previous' : 'next');
    });
    this.whitespaceButton = this.toggle('whitespace', l10n.t('Show whitespace'), () => {
      state.update({ whitespace: !state.current.whitespace });
      this.showToggles();
    });
    this.body = element('div', { class: 'tokens-body' }, this.list.grid, this.detail.element);
    this.element = element('div', { class: 'tokens-view' }, this.toolbar(), this.body, this.message);
    this.detail.clear();
    this.showToggles();
  }

  show(document: PanelDocument): void {
    const before = this.shown;
    this.ready = document.state === 'ready' ? document : undefined;
    const message = this.messageFor(document);
    // While an edit is counted, the tokens of a moment ago stay in sight.
    const keep = document.state === 'counting' && before?.file.uri === document.file.uri && !this.body.hidden;
    if (keep) {
      this.body.classList.add('outdated');
      return;
    }
    this.body.classList.remove('outdated');
    this.body.hidden = message !== null;
    this.message.replaceChildren(...(message ? [message] : []));
    this.message.hidden = message === null;
    this.element.classList.toggle('without-tokens', message !== null);
    if (!this.ready || message !== null) return;
    // The same version again, because only its notes changed or the editor became active: nothing to draw.
    if (before?.generation !== this.ready.generation) this.showTokens(this.ready, before);
  }

  handle(event: HostEvent): void {
    if (event.type !== 'cursor' || !this.ready) return;
    // A reader who works in the panel is not to be scrolled away by the echo of their own jump.
    const follow = !this.element.contains(document.activeElement);
    this.list.setCursor(event, follow);
  }

  focus(): void {
    if (this.ready && !this.body.hidden) this.list.activate(this.list.activeToken, true);
  }

  private get arrangement(): typeof tokenFlow {
    return this.context.state.current.layout === 'text' ? tokenFlow : tokenTable;
  }

  private showTokens(ready: ReadyDocument, before: ReadyDocument | undefined): void {
    const { anchor, active } = this.context.state.current;
    const sameText = before !== undefined && before.file.uri === ready.file.uri;
    this.pages.reset(ready.tokens, sameText && before.encoding === ready.encoding);
    this.factsFor = -1;
    this.shown = ready;
    const range = ready.scope ?? { first: 0, last: ready.tokens };
    this.list.show(this.arrangement, this.context.format(), range, anchor, active);
    this.showDetail();
  }

  private messageFor(document: PanelDocument): HTMLElement | null {
    const { link } = this.context;
    const retry = { label: l10n.t('Count again'), run: () => link.notify({ type: 'retry' }), primary: true };
    switch (document.state) {
      case 'none':
        return stateMessage(
          l10n.t('Nothing to inspect yet'),
          l10n.t('Open a text file, or click into an editor, and its tokens appear here.'),
        );
      case 'counting':
        return stateMessage(
          l10n.t('Counting tokens …'),
          l10n.t('{0} with {1}', document.file.name, document.encoding),
          [],
          true,
        );
      case 'estimated':
        return stateMessage(l10n.t('Too much to list exactly'), document.reason, [retry]);
      case 'failed':
        return stateMessage(l10n.t('The tokens could not be counted'), document.message, [
          retry,
          { label: l10n.t('Open Log'), run: () => link.notify({ type: 'openLog' }) },
        ]);
      case 'ready':
        return document.tokens === 0
          ? stateMessage(
              l10n.t('This file is empty'),
              l10n.t('No text, so no tokens. Type something and they appear here.'),
            )
          : null;
    }
  }

  private toolbar(): HTMLElement {
    const layout = (kind: TokenLayout, label: string): ButtonElement => {
      const button = this.toggle(kind, label, () => {
        this.context.state.update({ layout: kind });
        this.showToggles();
        if (this.ready) this.showTokens(this.ready, this.ready);
      });
      this.layoutButtons.set(kind, button);
      return button;
    };
    const step = (name: 'previous' | 'next', label: string): HTMLElement => {
      const button = element('vscode-button', { appearance: 'icon', 'aria-label': label, title: label });
      button.append(icon(name));
      button.addEventListener('click', () => void this.find(name));
      return button;
    };
    return element(
      'div',
      { class: 'view-toolbar', role: 'toolbar', 'aria-label': l10n.t('Token list') },
      element(
        'div',
        { class: 'tool-group' },
        layout('text', l10n.t('As text')),
        layout('table', l10n.t('As table')),
      ),
      this.whitespaceButton,
      element(
        'div',
        { class: 'tool-group find' },
        this.finder,
        step('previous', l10n.t('Previous token with this id')),
        step('next', l10n.t('Go to token, or next with this id')),
      ),
      this.finderNote,
    );
  }

  private toggle(name: IconName, label: string, run: () => void): ButtonElement {
    const button = element('vscode-button', {
      appearance: 'icon',
      class: 'toggle',
      'aria-label': label,
      title: label,
    });
    button.append(icon(name));
    button.addEventListener('click', run);
    return button;
  }

  private showToggles(): void {
    const { layout, whitespace } = this.context.state.current;
    for (const [kind, button] of this.layoutButtons) {
      button.classList.toggle('on', kind === layout);
      button.ariaPressed = String(kind === layout);
    }
    this.whitespaceButton.classList.toggle('on', whitespace);
    this.whitespaceButton.ariaPressed = String(whitespace);
    this.element.classList.toggle('hide-whitespace', !whitespace);
  }

  private tokensArrived(first: number, last: number): void {
    this.list.refresh(first, last);
    const active = this.list.activeToken;
    if (active >= first && active < last) this.showDetail();
  }

  private activated(index: number): void {
    this.context.state.update({ active: index });
    this.showDetail();
  }

  private showDetail(): void {
    const index = this.list.activeToken;
    const token = this.pages.token(index);
    if (!token) {
      this.pages.want(index, index + 1);
      return;
    }
    const format = this.context.format();
    if (this.factsFor === index) return;
    this.factsFor = index;
    this.detail.show(token, null, format);
    void this.context.link.request('tokenFacts', { index }).then((reply) => {
      if (reply.ok && reply.result && this.factsFor === index) this.detail.show(token, reply.result, format);
    });
  }

  private async find(direction: 'next' | 'previous'): Promise<void> {
    if (!this.ready) return;
    const query = parseFinderQuery(this.finder.value);
    const format = this.context.format();
    const say = (text: string): void => setText(this.finderNote, text);
    if (query.kind === 'unclear') {
      say(query.hint);
      return;
    }
    if (query.kind === 'index') {
      const range = this.ready.scope ?? { first: 0, last: this.ready.tokens };
      const inside = query.index >= range.first && query.index < range.last;
      say(
        inside
          ? ''
          : l10n.t('There are tokens {0} to {1}.', format.whole(range.first), format.whole(range.last - 1)),
      );
      if (inside) this.list.activate(query.index, true);
      return;
    }
    say(l10n.t('Searching …'));
    const from = this.list.activeToken;
    const reply = await this.context.link.request('findId', { id: query.id, from, direction });
    if (!reply.ok) say(reply.code === 'stale' ? l10n.t('The file changed; search again.') : reply.message);
    else if (reply.result === null) say(l10n.t('No token has id {0} here.', query.id));
    else {
      say(
        reply.result.wrapped ? l10n.t('Token {0}, search went round.', format.whole(reply.result.index)) : '',
      );
      this.list.activate(reply.result.index, false);
    }
  }
}
