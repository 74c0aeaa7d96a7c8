// The Watermark view: what was found and how sure it is, the evidence token by token, the saved schemes, and hidden
// characters. It shows the state that the host gives; every button is a request.
import { auditSection } from './auditSection';
import { element, setText } from './elements';
import { EvidenceMap } from './evidenceMap';
import { l10n } from './language';
import { hiddenSection, plantingSection, schemeSection } from './watermarkLists';
import { reportSection } from './watermarkReport';
import type { HostEvent } from '../src/shared/panelProtocol';
import type { WatermarkAction, WatermarkState } from '../src/shared/watermarkProtocol';
import type { ButtonElement } from './toolkit';
import type { MountedView, PanelView, ViewContext } from './viewRegistry';

export const watermarkView: PanelView = {
  id: 'watermark',
  title: l10n.t('Watermark'),
  mount: (context) => new WatermarkView(context),
};

class WatermarkView implements MountedView {
  readonly element: HTMLElement;
  private readonly checkFile = this.button(l10n.t('Check file'), 'primary', () => void this.check(false));
  private readonly checkSelection = this.button(
    l10n.t('Check selection'),
    'secondary',
    () => void this.check(true),
  );
  private readonly stop = this.button(l10n.t('Stop'), 'secondary', () => this.running?.abort());
  private readonly heat = this.button(l10n.t('Heat map in editor'), 'secondary', () =>
    this.act('toggleHeat'),
  );
  private readonly status = element('p', { class: 'watermark-status', role: 'status' });
  private readonly problem = element('p', { class: 'watermark-problem', role: 'alert', hidden: true });
  private readonly result = element('div', { class: 'watermark-result' });
  private readonly schemes = element('div', { class: 'watermark-part' });
  private readonly planting = element('div', { class: 'watermark-part' });
  private readonly hidden = element('div', { class: 'watermark-part' });
  private readonly audit = element('div', { class: 'watermark-part' });
  private readonly map: EvidenceMap;
  private state: WatermarkState | undefined;
  private running: AbortController | undefined;
  /** Ids of schemes that the reader does not want to look for. */
  private readonly left = new Set<string>();
  private shownResult = '';
  private asked = 0;

  constructor(private readonly context: ViewContext) {
    this.map = new EvidenceMap(context);
    this.heat.classList.add('toggle');
    this.element = element(
      'section',
      { class: 'watermark-view', 'aria-label': l10n.t('Watermarks') },
      element(
        'div',
        { class: 'view-toolbar' },
        this.checkFile,
        this.checkSelection,
        this.stop,
        this.heat,
        this.status,
      ),
      element(
        'div',
        {
          class: 'watermark-body',
          tabindex: 0,
          role: 'region',
          'aria-label': l10n.t('Result, schemes and hidden characters'),
        },
        this.problem,
        this.result,
        this.schemes,
        this.planting,
        this.hidden,
        this.audit,
      ),
    );
    this.showRunning();
  }

  show(): void {
    void this.refresh();
  }

  handle(event: HostEvent): void {
    if (event.type === 'watermarkChanged') void this.refresh();
    if (event.type === 'watermarkProgress' && this.running !== undefined) {
      const looking = l10n.t('Looking for {0}', event.text);
      const share = event.share === null ? '' : ` ${this.context.format().percent(event.share)}`;
      setText(this.status, `${looking}${share}`);
    }
  }

  focus(): void {
    this.checkFile.focus();
  }

  private button(label: string, appearance: string, run: () => void): ButtonElement {
    const button = element('vscode-button', { appearance }, label);
    button.addEventListener('click', run);
    return button;
  }

  private async refresh(): Promise<void> {
    const asked = ++this.asked;
    const reply = await this.context.link.ask('watermarkState', {});
    if (asked !== this.asked || !reply.ok) return;
    this.state = reply.result;
    this.render(reply.result);
  }

  private render(state: WatermarkState): void {
    const { report } = state;
    const none = state.file === null || state.schemes.length === 0;
    this.checkFile.disabled = none || this.running !== undefined;
    this.checkSelection.disabled = none || this.running !== undefined;
    this.heat.classList.toggle('on', state.heat);
    this.heat.ariaPressed = String(state.heat);
    this.heat.disabled = report === null || report.stale;
    this.schemes.replaceChildren(
      schemeSection(state, this.left, this.context.format(), {
        add: () => this.act('addScheme'),
        rename: (id) => this.act('renameScheme', id),
        remove: (id) => this.act('removeScheme', id),
      }),
    );
    this.audit.replaceChildren(auditSection(state.audit, this.context.format(), () => this.act('audit')));
    this.planting.replaceChildren(plantingSection(state, () => this.act('plant')));
    this.hidden.replaceChildren(
      hiddenSection(state, this.context.format(), {
        find: () => this.act('findHidden'),
        remove: () => this.act('removeHidden'),
        reveal: (start, end) => this.reveal(start, end),
      }),
    );
    if (report === null) {
      this.map.clear();
      this.shownResult = '';
      this.result.replaceChildren(this.emptyResult(state));
      return;
    }
    const chosen =
      report.results.find(({ id }) => id === this.shownResult) ?? report.results[report.strongest];
    this.result.replaceChildren(
      reportSection(report, chosen, this.map.element, this.context.format(), {
        choose: (id) => {
          this.shownResult = id;
          if (state.heat) this.act('toggleHeat', id);
          this.render(state);
        },
        reveal: (start, end) => this.reveal(start, end),
        again: () => void this.check(false),
        clear: () => this.act('clear'),
      }),
    );
    if (chosen === undefined || report.stale) this.map.clear();
    else void this.map.show(chosen.id, chosen.firstFlagged);
    this.context.announce(`${report.title}. ${report.chance}`);
  }

  private emptyResult(state: WatermarkState): HTMLElement {
    const text =
      state.file === null
        ? l10n.t('Open a file to check it for watermarks.')
        : state.schemes.length === 0
          ? l10n.t(
              'A watermark can only be seen with the scheme and key it was made with. Add yours to begin.',
            )
          : l10n.t('Not checked yet. The check looks only for marks made with the schemes and keys below.');
    return element('p', { class: 'watermark-empty' }, text);
  }

  private async check(selection: boolean): Promise<void> {
    const { state } = this;
    if (state === undefined || this.running !== undefined) return;
    const schemes = state.schemes.map(({ id }) => id).filter((id) => !this.left.has(id));
    if (schemes.length === 0) {
      this.showProblem(l10n.t('Choose at least one scheme to look for.'));
      return;
    }
    this.showProblem('');
    const running = new AbortController();
    this.running = running;
    this.showRunning();
    const reply = await this.context.link.ask('watermarkCheck', { schemes, selection }, running.signal);
    this.running = undefined;
    setText(this.status, '');
    this.showRunning();
    if (!reply.ok && reply.code !== 'stale') this.showProblem(reply.message);
    await this.refresh();
  }

  private showRunning(): void {
    const running = this.running !== undefined;
    this.stop.hidden = !running;
    this.checkFile.disabled = running;
    this.checkSelection.disabled = running;
    if (running) setText(this.status, l10n.t('Looking for watermarks'));
  }

  private showProblem(text: string): void {
    this.problem.hidden = text === '';
    setText(this.problem, text);
  }

  private act(action: WatermarkAction, scheme = ''): void {
    void this.context.link.ask('watermarkAction', { action, scheme }).then((reply) => {
      this.showProblem(reply.ok || reply.code === 'stale' ? '' : reply.message);
      return this.refresh();
    });
  }

  private reveal(start: number, end: number): void {
    void this.context.link.ask('watermarkReveal', { start, end });
  }
}
