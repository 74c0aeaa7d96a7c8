// Language-model tool: an agent can ask whether a text carries a mark of one of the user's saved schemes. It names
// schemes by their saved names, never sees a key, and gets the same three verdicts and the same caveats as a person.
import * as vscode from 'vscode';
import type { WatermarkChecks } from '../editor/watermarkChecks';
import type { SchemeFinding } from '../editor/watermarkCombination';
import type { SavedScheme, WatermarkSchemeStore } from '../editor/watermarkSchemeStore';
import { tokenSpan } from '../editor/watermarkTokenSpans';
import { caveats, chanceSentence, powerSentence, scientific, verdictTitle } from '../editor/watermarkWording';
import { TOOLS } from '../ids';
import { json, subject, textOf, type TextInput } from './toolText';

export interface CheckWatermarkInput extends TextInput {
  readonly schemes?: readonly string[];
}

export function registerWatermarkTool(
  checks: WatermarkChecks,
  store: WatermarkSchemeStore,
): vscode.Disposable {
  const tool: vscode.LanguageModelTool<CheckWatermarkInput> = {
    prepareInvocation: ({ input }) => {
      const names = namesOf(input, store);
      return {
        invocationMessage: vscode.l10n.t('Looking for watermarks in {0}', subject(input)),
        confirmationMessages: {
          title: vscode.l10n.t('Check for watermarks'),
          message: vscode.l10n.t(
            'Look in {0} for marks of your saved schemes: {1}. The keys stay on this machine; only verdicts, p-values and key fingerprints are returned.',
            subject(input),
            names.length === 0 ? vscode.l10n.t('none saved') : names.join(', '),
          ),
        },
      };
    },
    invoke: async ({ input }, cancellation) => {
      const schemes = schemesOf(input, store);
      const { text } = await textOf(input);
      const outcome = await checks.checkText(text, schemes, { cancellation });
      if (!outcome.ok) {
        if (outcome.cancelled) throw new vscode.CancellationError();
        throw new Error(outcome.reason);
      }
      const { verdict, level, findings, strongest } = outcome.value;
      const numbers = new Intl.NumberFormat('en');
      const plain = vscode.l10n.t;
      const best = findings[strongest];
      return json({
        verdict,
        summary:
          best === undefined || verdict === 'too-little-text'
            ? verdictTitle(verdict, plain)
            : `${verdictTitle(verdict, plain)}. ${chanceSentence(best.result.correctedP, numbers, plain)}`,
        foundMeansCorrectedPAtMost: level,
        schemesTried: findings.length,
        results: findings.map((finding) => resultOf(finding, numbers)),
        caveats: caveats(plain),
      });
    },
  };
  return vscode.lm.registerTool(TOOLS.checkWatermark, tool);
}

function resultOf(finding: SchemeFinding, numbers: Intl.NumberFormat): unknown {
  const { saved, result, tokenizer, utf16Ends } = finding;
  const { range } = result;
  return {
    name: saved.name,
    scheme: result.scheme,
    keyFingerprint: result.keyFingerprint,
    tokenizer,
    vocabularySize: result.vocabularySize,
    verdict: result.verdict,
    scoredTokens: result.scored,
    ignoredTokens: result.ignored,
    statistic: `${Number(result.statistic.toFixed(4))} ${result.statisticName}`,
    p: scientific(result.p),
    pKind: result.pKind,
    correctedP: scientific(result.correctedP),
    correctedFor: `${result.tests} tests of this scheme, and all schemes tried`,
    power: powerSentence(result.power, result.scored, numbers, vscode.l10n.t),
    ...(range === null
      ? {}
      : {
          flaggedCharacters: [
            tokenSpan(utf16Ends, range.start)[0],
            tokenSpan(utf16Ends, Math.max(range.start, range.end - 1))[1],
          ],
        }),
  };
}

function namesOf({ schemes }: CheckWatermarkInput, store: WatermarkSchemeStore): readonly string[] {
  return Array.isArray(schemes) ? schemes.map(String) : store.all.map(({ name }) => name);
}

/** The schemes that the input names; all saved ones when it names none. */
function schemesOf(input: CheckWatermarkInput, store: WatermarkSchemeStore): readonly SavedScheme[] {
  if (store.all.length === 0) {
    throw new Error(
      'No watermark scheme is saved. The user must add one first with the command "Tessera: Add Watermark Scheme"; keys cannot be passed to this tool.',
    );
  }
  const known = store.all.map(({ name }) => `"${name}"`).join(', ');
  if (input.schemes === undefined) return store.all;
  if (!Array.isArray(input.schemes) || input.schemes.length === 0)
    throw new Error(`"schemes" must be a list of saved names. Saved: ${known}. Leave it out to try all.`);
  return [...new Set(input.schemes.map(String))].map((name) => {
    const found = store.byName(name);
    if (found === undefined)
      throw new Error(
        `There is no saved watermark scheme "${name}". Saved: ${known}. Leave "schemes" out to try all.`,
      );
    return found;
  });
}
