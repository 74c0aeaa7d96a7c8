// The description of a tokenizer file as a read-only document: what it is, its parts, its special tokens, its fingerprint,
// and how sure its numbers are. Address: tessera-tokenizer:/NAME.txt?<sha256>.
import * as vscode from 'vscode';
import { descriptionRows, roundTripText } from '../core/tokenizers/formats/descriptionRows';
import type { StoredTokenizer } from '../engine/keptTokenizers';
import { RUNTIME_IDS } from '../ids';
import type { TokenizerLibrary } from './tokenizerLibrary';

/** Special tokens written out; some files have more than a thousand reserved ones. */
const SHOWN_SPECIALS = 200;
const NAME_COLUMN = 18;

export interface TokenizerDocuments {
  show(entry: StoredTokenizer): Promise<void>;
  dispose(): void;
}

export function createTokenizerDocuments(library: TokenizerLibrary): TokenizerDocuments {
  const registration = vscode.workspace.registerTextDocumentContentProvider(RUNTIME_IDS.tokenizerScheme, {
    provideTextDocumentContent: (uri) => contentOf(library, uri.query),
  });
  return {
    show: async (entry) => {
      const uri = vscode.Uri.from({
        scheme: RUNTIME_IDS.tokenizerScheme,
        path: `/${entry.name.replaceAll(/[\\/:]/g, ' ')}.txt`,
        query: entry.sha256,
      });
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
    },
    dispose: () => {
      registration.dispose();
    },
  };
}

async function contentOf(library: TokenizerLibrary, sha256: string): Promise<string> {
  const entry = (await library.load()).find((one) => one.sha256 === sha256);
  const gone = vscode.l10n.t('This tokenizer file is no longer kept, or its copy is damaged. Add it again.');
  if (entry === undefined) return gone;
  const reply = await library.describe(sha256);
  if (!reply.ok) return vscode.l10n.t('The tokenizer file cannot be described: {0}', reply.error.message);
  if (reply.value === null) return gone;
  const { description, provenance, roundTrip } = reply.value;
  const numbers = new Intl.NumberFormat(vscode.env.language);
  const rows: (readonly [string, string])[] = [
    ['file', `${entry.fileName} (${numbers.format(entry.bytes)} bytes)`],
    ['sha256', entry.sha256],
    ['added', entry.origin === undefined ? entry.added : `${entry.added}, from ${entry.origin}`],
    ...descriptionRows(description, SHOWN_SPECIALS),
    ['round trip', roundTripText(roundTrip)],
    ['numbers', `${provenance.exactness} (${provenance.source})`],
    ['in settings', `"tessera.encoding": "file:${entry.sha256}"`],
    ['', `"tessera.encoding": "file:${entry.name}"`],
  ];
  return `${entry.name}\n\n${rows.map(([name, value]) => `${name.padEnd(NAME_COLUMN)}${value}\n`).join('')}`;
}
