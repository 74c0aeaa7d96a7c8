// "How stealable is my mark?": the local model writes texts with and without the user's own mark (or they come from a JSON
// file), attackers in the solver worker see more and more of them, and the no-watermark control runs beside each.
import * as vscode from 'vscode';
import type { AttackResult, AuditRequest } from '../core/watermark/stealing/stealabilityAudit';
import { runAudit } from '../engine/auditClient';
import type { LocalModel } from '../localModel';
import type { SavedScheme, WatermarkSchemeStore } from './watermarkSchemeStore';

export type AuditMaterial = Pick<AuditRequest, 'marked' | 'plain' | 'heldOut' | 'control'>;

/** An audit under way or done. */
export interface AuditRun {
  readonly scheme: SavedScheme;
  /** Where the texts came from, for the reader. */
  readonly source: string;
  readonly timeLimitSeconds: number;
  readonly results: readonly AttackResult[];
  readonly done: boolean;
}

export interface AuditPlan {
  readonly scheme: SavedScheme;
  /** Completions a class for the largest point of the curves. */
  readonly completions: number;
  /** Texts from a file instead of the local model. */
  readonly file?: { readonly name: string; readonly text: string };
}

/** Tokens of a written text. */
const LENGTH = 80;
const TIME_LIMIT_SECONDS = 20;
const BUDGET_MS = 30 * 60_000;
/** Up to this size the mixed-integer form is tried too. */
export const MIXED_INTEGER_LIMIT = 150;
const SMALLEST = 10;
const SEED = 1;

export class WatermarkAudit implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private current: AuditRun | undefined;

  /** @param dist folder with solverWorker.js and highs.wasm. */
  constructor(
    private readonly dist: vscode.Uri,
    private readonly store: WatermarkSchemeStore,
    private readonly localModel: Pick<LocalModel, 'request'>,
  ) {}

  get run(): AuditRun | undefined {
    return this.current;
  }

  /** Runs the audit to its end; false when it was cancelled. Throws what the user must change. */
  async start(
    { scheme, completions, file }: AuditPlan,
    cancellation: vscode.CancellationToken,
    report: (message: string) => void,
  ): Promise<boolean> {
    const params = await this.store.paramsOf(scheme);
    if (!params.ok) throw new Error(params.reason);
    const written =
      file === undefined
        ? await this.write(params.value, completions, cancellation, report)
        : { material: materialOf(file.text, scheme.vocabularySize), source: file.name };
    if (written === undefined) return false;
    const { material, source } = written;
    const most = Math.min(material.marked.length, material.plain.length, material.control.length);
    const sizes = sizesUpTo(file === undefined ? completions : most);
    this.put({ scheme, source, timeLimitSeconds: TIME_LIMIT_SECONDS, results: [], done: false });
    const abort = new AbortController();
    const listening = cancellation.onCancellationRequested(() => abort.abort());
    try {
      const outcome = await runAudit(
        vscode.Uri.joinPath(this.dist, 'solverWorker.js').fsPath,
        {
          wasmFolder: this.dist.fsPath,
          audit: {
            ...material,
            scheme: params.value,
            sizes,
            attackers: ['frequency', 'lp', 'lp-with-labels', 'mip'],
            timeLimitSeconds: TIME_LIMIT_SECONDS,
            seed: SEED,
          },
        },
        {
          signal: abort.signal,
          onResult: (result) => {
            report(vscode.l10n.t('Attackers: {0} completions', result.completions));
            if (this.current !== undefined)
              this.put({ ...this.current, results: [...this.current.results, result] });
          },
        },
      );
      if (outcome === undefined) return false;
      if (!outcome.ok) throw new Error(outcome.reason);
      if (this.current !== undefined) this.put({ ...this.current, done: true });
      return true;
    } finally {
      listening.dispose();
    }
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async write(
    watermark: { readonly settings: string; readonly key?: string; readonly vocabularySize?: number },
    count: number,
    cancellation: vscode.CancellationToken,
    report: (message: string) => void,
  ): Promise<{ readonly material: AuditMaterial; readonly source: string } | undefined> {
    const held = Math.max(20, Math.round(count / 3));
    const parts = [
      { name: 'marked', amount: count, marked: true },
      { name: 'plain', amount: count, marked: false },
      { name: 'control', amount: count, marked: false },
      { name: 'heldOut', amount: held, marked: true },
    ] as const;
    const total = parts.reduce((sum, { amount }) => sum + amount, 0);
    const texts: Record<(typeof parts)[number]['name'], readonly (readonly number[])[]> = {
      marked: [],
      plain: [],
      control: [],
      heldOut: [],
    };
    let before = 0;
    let model = '';
    for (const [i, { name, amount, marked }] of parts.entries()) {
      const reply = await this.localModel.request(
        'writeCompletions',
        { count: amount, length: LENGTH, seed: SEED * 8 + i, ...(marked ? { watermark } : {}) },
        {
          cancellation,
          budgetMs: BUDGET_MS,
          onProgress: ({ done }) =>
            report(vscode.l10n.t('The local model writes: {0} of {1} texts', before + done, total)),
        },
      );
      if (!reply.ok) {
        if (reply.error.code === 'cancelled') return undefined;
        throw new Error(reply.error.message);
      }
      texts[name] = reply.value.texts;
      ({ model } = reply.value);
      before += amount;
    }
    const source = vscode.l10n.t('{0} texts of {1} tokens by {2}, seed {3}', total, LENGTH, model, SEED);
    return { material: texts, source };
  }

  private put(run: AuditRun): void {
    this.current = run;
    this.changed.fire();
  }
}

/** Points of the curves: a quarter, half and all of the completions. */
export function sizesUpTo(all: number): number[] {
  const sizes = [all / 4, all / 2, all].map(Math.round);
  return [...new Set(sizes)].filter((size) => size >= SMALLEST);
}

/** Texts as ids from a JSON file { "marked": [[…]…], "plain": …, "heldOut"?, "control"? }. Throws what is wrong with it. */
export function materialOf(text: string, vocabularySize: number): AuditMaterial {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    given = undefined;
  }
  const shape = 'It must look like { "marked": [[464, 3290, …], …], "plain": [[…], …] }.';
  if (typeof given !== 'object' || given === null)
    throw new Error(vscode.l10n.t('The file of completions is not a JSON object. {0}', shape));
  const fields = given as Readonly<Record<string, unknown>>;
  const isText = (value: unknown): value is readonly number[] =>
    Array.isArray(value) &&
    value.every((id) => Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < vocabularySize);
  const list = (name: string): readonly (readonly number[])[] | undefined => {
    const value = fields[name];
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || !value.every(isText)) {
      throw new Error(
        vscode.l10n.t(
          '"{0}" must be a list of texts, each a list of token ids below {1}.',
          name,
          vocabularySize,
        ),
      );
    }
    return value;
  };
  const [marked, plain] = [list('marked'), list('plain')];
  if (marked === undefined || plain === undefined)
    throw new Error(vscode.l10n.t('The file of completions lacks marked or plain texts. {0}', shape));
  const [heldOut, control] = [list('heldOut'), list('control')];
  // Without texts set aside in the file, a quarter of the marked and half of the plain ones are.
  const cutMarked = heldOut === undefined ? Math.ceil(0.75 * marked.length) : marked.length;
  const cutPlain = control === undefined ? Math.ceil(plain.length / 2) : plain.length;
  return {
    marked: marked.slice(0, cutMarked),
    heldOut: heldOut ?? marked.slice(cutMarked),
    plain: plain.slice(0, cutPlain),
    control: control ?? plain.slice(cutPlain),
  };
}
