// The dialogue before an audit: which of the user's own schemes, texts from the local model or a file, how many.
import * as vscode from 'vscode';
import { MIXED_INTEGER_LIMIT, type AuditPlan, type WatermarkAudit } from './watermarkAudit';
import { newPlantingScheme, plantingModel, type PlantingParts } from './watermarkPlantingPick';
import { SCHEME_TEMPLATES } from './watermarkTemplates';

const SIZES = [40, 100, 200] as const;
const MAX_FILE_BYTES = 100_000_000;

/** Asks, runs with progress, and says when it is over; `showView` opens the result. */
export async function auditWatermark(
  parts: PlantingParts,
  audit: WatermarkAudit,
  showView: () => void,
): Promise<void> {
  const plan = await choosePlan(parts);
  if (plan === undefined) return;
  showView();
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('How stealable is “{0}”?', plan.scheme.name),
      cancellable: true,
    },
    (progress, cancellation) => audit.start(plan, cancellation, (message) => progress.report({ message })),
  );
}

async function choosePlan(parts: PlantingParts): Promise<AuditPlan | undefined> {
  const { store } = parts;
  const fixed = store.all.filter(({ schemeId }) => schemeId === 'unigram');
  const make = {
    label: `$(add) ${vscode.l10n.t('New Unigram scheme for the local model')}`,
    saved: undefined,
  };
  const picked = await vscode.window.showQuickPick(
    [
      ...fixed.map((saved) => ({
        label: saved.name,
        description: vscode.l10n.t('key {0}', saved.fingerprint),
        saved,
      })),
      make,
    ],
    {
      title: vscode.l10n.t('Your own mark to audit'),
      placeHolder: vscode.l10n.t('Schemes with one list for the whole text; others have no list to steal'),
    },
  );
  if (picked === undefined) return undefined;
  const source = await vscode.window.showQuickPick(
    [
      ...SIZES.map((completions) => ({
        label: vscode.l10n.t('Texts by the local model, {0} a class', completions),
        description:
          completions <= MIXED_INTEGER_LIMIT
            ? vscode.l10n.t('with the mixed-integer attacker')
            : vscode.l10n.t('mixed-integer attacker up to {0}', MIXED_INTEGER_LIMIT),
        completions,
      })),
      { label: vscode.l10n.t('Texts from a JSON file…'), description: 'marked, plain', completions: 0 },
    ],
    { title: vscode.l10n.t('What the attackers see') },
  );
  if (source === undefined) return undefined;
  const scheme = picked.saved ?? (await newUnigram(parts));
  if (source.completions > 0) return { scheme, completions: source.completions };
  const [uri] = (await vscode.window.showOpenDialog({ filters: { JSON: ['json'] } })) ?? [];
  if (uri === undefined) return undefined;
  if ((await vscode.workspace.fs.stat(uri)).size > MAX_FILE_BYTES)
    throw new Error(vscode.l10n.t('This file of completions is too large.'));
  const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  return { scheme, completions: 0, file: { name: vscode.workspace.asRelativePath(uri), text } };
}

async function newUnigram(parts: PlantingParts): Promise<AuditPlan['scheme']> {
  const template = SCHEME_TEMPLATES.find(({ settings }) => settings['scheme'] === 'unigram');
  if (template === undefined) throw new Error('Unigram has no template.');
  return newPlantingScheme(parts.store, template, await plantingModel(parts));
}
