// Saved schemes and marked texts for the watermark tests; the texts were made by the reference implementations
// (test/fixtures/watermark).
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/ids';
import type { SavedScheme } from '../../src/editor/watermarkSchemeStore';
import proseFixture from '../fixtures/watermark/text-kgw-o200k-prose.json';
import { tessera } from './editorSession';

interface Case {
  readonly label: string;
  readonly ids: readonly number[];
  readonly text?: string;
}

export const caseOf = (cases: readonly Case[], label: string): Case => {
  const found = cases.find((each) => each.label === label);
  assert.ok(found, label);
  return found;
};

export const marked = caseOf(proseFixture.cases, 'wm').text ?? '';

export const settings = JSON.stringify({ ...proseFixture.config, scheme: undefined });

export const secretKey = '982451653';

export async function withScheme(name: string, text = settings, key?: string): Promise<SavedScheme> {
  const { watermark } = await tessera();
  const added = await watermark.schemes.add({
    name,
    settings: text,
    tokenizer: 'o200k_base',
    ...(key === undefined ? {} : { key }),
  });
  assert.ok(added.ok, added.ok ? '' : added.reason);
  return added.value;
}

export async function removeSchemes(): Promise<void> {
  const { watermark } = await tessera();
  for (const { id } of watermark.schemes.all) await watermark.schemes.remove(id);
}

export const check = (schemes: readonly string[] | 'all' = 'all'): Thenable<unknown> =>
  vscode.commands.executeCommand(COMMANDS.checkWatermark, { schemes });
