// The stealability audit as text: one block an attacker, a line a number of completions, the control beside it.
import type { AttackResult } from '../core/watermark/stealing/stealabilityAudit';

const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(1)} %`.padStart(8) : '       -';

const ATTACKERS: Readonly<Record<AttackResult['attacker'], string>> = {
  frequency: 'counting',
  lp: 'linear program, no detector',
  'lp-with-labels': "linear program, with the detector's labels",
  mip: 'mixed-integer program, no detector',
};

export interface AuditHead {
  readonly scheme: string;
  readonly gamma: number;
  readonly source: string;
  readonly seconds: number;
  readonly timeLimitSeconds: number;
}

export function auditAsText(head: AuditHead, results: readonly AttackResult[]): string {
  const lines = [
    `How stealable is ${head.scheme}? ${head.source}; ${head.seconds.toFixed(1)} s; solver limit ${head.timeLimitSeconds} s a program.`,
    `A list of ${percent(head.gamma).trim()} of the vocabulary guessed at random has that precision; the control must stay near it.`,
  ];
  for (const attacker of new Set(results.map((result) => result.attacker))) {
    lines.push('', ATTACKERS[attacker]);
    lines.push('completions   stolen precision coverage  hidden after changing 0 … 30 %, all   solver');
    for (const result of results.filter((one) => one.attacker === attacker)) {
      const removal = result.removal
        .map(({ detectedBefore, detectedAfter }) => detectedBefore - detectedAfter)
        .join('/');
      const detected = result.removal[0]?.detectedBefore ?? 0;
      lines.push(
        `${String(result.completions).padStart(11)} ${String(result.stolen).padStart(8)} ${percent(result.precision)} ${percent(result.coverage)}  ${`${removal} of ${detected}`.padEnd(35)} ${result.status}, ${result.seconds.toFixed(1)} s${result.control ? '   (control, no mark)' : ''}`,
      );
    }
  }
  const last = results.filter(({ control, attacker }) => !control && attacker !== 'lp-with-labels').at(-1);
  if (last !== undefined) {
    const all = last.removal.at(-1);
    lines.push(
      '',
      `After ${last.completions} completions an observer without your detector knows ${percent(last.coverage).trim()} of the green tokens that marked text uses, and ${percent(last.precision).trim()} of what they take for green is. Changing all of them hides ${all === undefined ? 0 : all.detectedBefore - all.detectedAfter} of ${all?.detectedBefore ?? 0} texts.`,
      'Rotate keys, or use a scheme without a fixed list (SynthID, EXP, KGW with a context), where this attack does not apply.',
    );
  }
  return `${lines.join('\n')}\n`;
}

export function auditAsJson(head: AuditHead, results: readonly AttackResult[]): unknown {
  return {
    ...head,
    results: results.map((result) => ({
      ...result,
      precision: Number.isFinite(result.precision) ? result.precision : null,
    })),
  };
}
