// Entry of the inspector's page: toolkit, link to the host, header, tabs and views.
import { compareView } from './compareView';
import { tokenCount } from './countedNames';
import { draftsView } from './draftsView';
import { element, setText } from './elements';
import { acceptFileDrops } from './fileDrop';
import { HostLink } from './hostLink';
import { l10n } from './language';
import { createNumberFormat } from './numberFormat';
import { PanelHeader } from './panelHeader';
import { PanelState } from './panelState';
import { surpriseView } from './surpriseView';
import { registerToolkit } from './toolkit';
import { tokensView } from './tokensView';
import { ViewTabs } from './viewTabs';
import { watermarkView } from './watermarkView';
import type { CompareChoice, HostEvent } from '../src/shared/panelProtocol';
import type { VsCodeApi } from './hostLink';
import type { NumberFormat } from './numberFormat';
import type { PanelView, ViewContext } from './viewRegistry';

declare function acquireVsCodeApi(): VsCodeApi;

/** Every view, in tab order. */
const views: readonly PanelView[] = [tokensView, compareView, draftsView, surpriseView, watermarkView];

/** Time between writes of the remembered state, in milliseconds. */
const writePause = 250;

function start(): void {
  registerToolkit();
  const api = acquireVsCodeApi();
  const link = new HostLink(api);
  const state = new PanelState(api, (write) => setTimeout(write, writePause));
  const live = element('div', { class: 'live', role: 'status', 'aria-live': 'polite' });
  let format = createNumberFormat('en');
  let announced = '';
  const announce = (text: string): void => {
    // The same sentence again is no news.
    if (text === announced) return;
    announced = text;
    setText(live, text);
  };
  let compareChoices: readonly CompareChoice[] = [];
  const context: ViewContext = {
    link,
    state,
    format: () => format,
    compareChoices: () => compareChoices,
    announce,
  };
  const header = new PanelHeader({
    encodingChosen: (encoding) => link.notify({ type: 'setEncoding', encoding }),
    pinChanged: (pinned) => {
      state.update({ pinned });
      link.notify({ type: 'setPinned', pinned });
    },
    wholeFileAsked: () => link.notify({ type: 'showWholeFile' }),
  });
  const tabs = new ViewTabs(views, context);
  document.body.append(header.element, tabs.element, live, acceptFileDrops(link, announce));

  let latest: Extract<HostEvent, { type: 'document' }>['document'] = { state: 'none' };
  link.listen((event) => {
    switch (event.type) {
      case 'welcome':
        format = createNumberFormat(event.locale);
        header.setEncodings(event.encodings, latest.state === 'none' ? '' : latest.encoding);
        header.setPinned(event.pinned);
        state.update({ pinned: event.pinned });
        header.show(latest, format);
        compareChoices = event.compareChoices;
        tabs.handle(event);
        return;
      case 'choices':
        header.setEncodings(event.encodings, latest.state === 'none' ? '' : latest.encoding);
        compareChoices = event.compareChoices;
        header.show(latest, format);
        tabs.handle(event);
        return;
      case 'pinned':
        header.setPinned(event.pinned);
        state.update({ pinned: event.pinned });
        return;
      case 'document':
        latest = event.document;
        if (latest.state !== 'none' && latest.file.uri !== state.current.uri)
          state.update({ uri: latest.file.uri, anchor: 0, active: 0 });
        header.show(latest, format);
        tabs.show(latest);
        announce(summaryOf(latest, format, (id) => header.labelOf(id)));
        return;
      case 'showView':
        tabs.select(event.view, true);
        return;
      default:
        tabs.handle(event);
    }
  });
  window.addEventListener('message', (message: MessageEvent<HostEvent>) => link.receive(message.data));
  window.addEventListener('pagehide', () => state.flush());
  document.addEventListener('visibilitychange', () => state.flush());
  link.notify({ type: 'ready' });
}

/** The document in one sentence, for the live region. */
function summaryOf(
  document: Extract<HostEvent, { type: 'document' }>['document'],
  format: NumberFormat,
  label: (encoding: string) => string,
): string {
  switch (document.state) {
    case 'none':
      return l10n.t('No file to inspect.');
    case 'counting':
      return l10n.t('Counting tokens of {0}.', document.file.name);
    case 'ready':
      return document.scope
        ? l10n.t('{0}: {1}.', document.scope.label, tokenCount(document.scope.tokens, format))
        : l10n.t(
            '{0}: {1}, {2}, {3}.',
            document.file.name,
            tokenCount(document.tokens, format),
            document.exactness === 'exact' ? l10n.t('exact') : l10n.t('estimate'),
            label(document.encoding),
          );
    case 'estimated':
      return l10n.t(
        '{0}: about {1}. {2}',
        document.file.name,
        tokenCount(document.tokens, format),
        document.reason,
      );
    case 'failed':
      return `${document.file.name}: ${document.message}`;
  }
}

start();
