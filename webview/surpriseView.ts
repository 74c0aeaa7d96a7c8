// The Surprise view: how well the local model predicts the file. Bits per byte (comparable between models and tokenizers),
// the distribution of bits over tokens, and the tokens that it expected least, each with a jump to the editor. The file is
// scored piece by piece: figures grow while it runs, and it can be stopped.
import { element, setText } from './elements';
import { l10n } from './language';
import { MetricCards } from './metricCards';
import { stateMessage } from './stateMessage';
import { SurpriseTally } from './surpriseTally';
import { surpriseHistogram } from './surpriseHistogram';
import { surprisePeaks } from './surprisePeaks';
import type { HostEvent, PanelDocument } from '../src/shared/panelProtocol';
import type { MountedView, PanelView, ViewContext } from './viewRegistry';

export const surpriseView: PanelView = {
  id: 'surprise',
  title: l10n.t('Surprise'),
  mount: (context) => new SurpriseView(context),
};

/** Tokens scored without asking; more needs a click, because a long file keeps the model busy for minutes. */
const tokensAtOnce = 16_384;
/** Time without edits after which the file is scored again, in milliseconds. */
const quiet = 900;

class SurpriseView implements MountedView {
  readonly element: HTMLElement;
  private readonly cards = new MetricCards();
  private readonly progress = element('p', { class: 'surprise-progress' });
  private readonly button = element('vscode-button', { appearance: 'secondary' });
  private readonly figures = element('div', { class: 'surprise-figures' });
  private readonly body: HTMLElement;
  private readonly message = element('div', { class: 'surprise-message' });
  private document: PanelDocument = { state: 'none' };
  private tally = new SurpriseTally();
  private run: AbortController | undefined;
  private shownFor = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly context: ViewContext) {
    this.button.addEventListener('click', () => (this.run === undefined ? this.goOn() : this.stop()));
    this.body = element(
      'div',
      { class: 'surprise-body' },
      this.cards.element,
      element('div', { class: 'surprise-run' }, this.progress, this.button),
      this.figures,
    );
    this.element = element(
      'section',
      { class: 'surprise-view', 'aria-label': l10n.t('Surprise of the local model') },
      this.message,
      this.body,
    );
  }

  show(document: PanelDocument): void {
    this.document = document;
    if (document.state !== 'ready') {
      this.halt();
      this.shownFor = 0;
      this.say(messageFor(document));
      return;
    }
    if (document.generation === this.shownFor) return;
    const first = this.shownFor === 0;
    this.halt();
    clearTimeout(this.timer);
    this.shownFor = document.generation;
    if (first) this.start();
    else this.timer = setTimeout(() => this.start(), quiet);
  }

  handle(event: HostEvent): void {
    // Another model answers from now on.
    if (event.type === 'surpriseModel' && this.document.state === 'ready') this.start();
  }

  focus(): void {
    this.button.focus();
  }

  private start(): void {
    this.halt();
    this.tally = new SurpriseTally();
    void this.score(tokensAtOnce);
  }

  private goOn(): void {
    void this.score(this.tally.scoredTo + tokensAtOnce);
  }

  private stop(): void {
    this.halt();
    this.render();
  }

  private halt(): void {
    this.run?.abort();
    this.run = undefined;
  }

  /** Scores until `limit` tokens are done; each piece is shown as it comes. */
  private async score(limit: number): Promise<void> {
    const run = new AbortController();
    this.run = run;
    this.render();
    while (!this.tally.complete && this.tally.scoredTo < limit) {
      const reply = await this.context.link.request('surprise', { first: this.tally.scoredTo }, run.signal);
      if (run !== this.run) return;
      if (!reply.ok) {
        this.run = undefined;
        // A newer document is on its way and asks by itself.
        if (reply.code !== 'stale')
          this.say(
            stateMessage(l10n.t('No surprise to show'), reply.message, [
              { label: l10n.t('Try Again'), run: () => this.start(), primary: true },
            ]),
          );
        return;
      }
      this.tally.add(reply.result);
      this.render();
    }
    this.run = undefined;
    this.render();
    this.context.announce(this.tally.sentence(this.context.format()));
  }

  private say(message: HTMLElement): void {
    this.message.replaceChildren(message);
    this.message.hidden = false;
    this.body.hidden = true;
  }

  private render(): void {
    const format = this.context.format();
    const { tally } = this;
    if (tally.pieces === 0) {
      if (this.run !== undefined)
        this.say(stateMessage(l10n.t('Scoring'), l10n.t('The local model reads the file.'), [], true));
      return;
    }
    if (tally.complete && tally.totalTokens === 0) {
      this.say(stateMessage(l10n.t('Nothing to score'), l10n.t('The file is empty.')));
      return;
    }
    this.message.hidden = true;
    this.body.hidden = false;
    this.cards.show(tally.metrics(format));
    setText(this.progress, tally.progress(format, this.run !== undefined));
    this.button.hidden = this.run === undefined && tally.complete;
    setText(this.button, this.run === undefined ? l10n.t('Score more') : l10n.t('Stop'));
    this.figures.replaceChildren(
      element('h2', { class: 'surprise-heading' }, l10n.t('Bits per token')),
      surpriseHistogram(tally.histogram, format),
      element('h2', { class: 'surprise-heading' }, l10n.t('Most surprising tokens')),
      surprisePeaks(tally.peaks, tally.vocabularySize, format, (peak) => {
        void this.context.link.request('revealText', { from: peak.from, to: peak.to });
      }),
    );
  }
}

function messageFor(document: PanelDocument): HTMLElement {
  switch (document.state) {
    case 'counting':
      return stateMessage(
        l10n.t('Counting'),
        l10n.t('The scores follow when the file is counted.'),
        [],
        true,
      );
    case 'estimated':
      return stateMessage(l10n.t('Too long to score'), document.reason);
    case 'failed':
      return stateMessage(l10n.t('No surprise to show'), document.message);
    default:
      return stateMessage(
        l10n.t('Nothing to score'),
        l10n.t('Open a file to see what the local model did not expect in it.'),
      );
  }
}
