// The requests of one page that are still being answered, so that the page can take them back.
import * as vscode from 'vscode';
import type { PanelReply } from '../shared/panelProtocol';

export class OpenRequests {
  private readonly open = new Map<number, vscode.CancellationTokenSource>();

  /** Runs `answer` with a token that `cancel(id)` cancels; a failure becomes a reply. */
  async run(
    id: number,
    answer: (cancellation: vscode.CancellationToken) => Promise<PanelReply>,
  ): Promise<PanelReply> {
    const source = new vscode.CancellationTokenSource();
    this.open.set(id, source);
    try {
      return await answer(source.token);
    } catch (error) {
      return { ok: false, code: 'failed', message: error instanceof Error ? error.message : String(error) };
    } finally {
      if (this.open.get(id) === source) this.open.delete(id);
      source.dispose();
    }
  }

  cancel(id: number): void {
    this.open.get(id)?.cancel();
  }

  /** Cancels everything: the page is gone. */
  dispose(): void {
    for (const source of [...this.open.values()]) source.cancel();
  }
}
