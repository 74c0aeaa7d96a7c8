// The user's watermark schemes: what they are goes to globalState, their keys to SecretStorage and nowhere else. Everything
// outside this file sees a key's fingerprint only, except the two calls that hand the key to a worker process.
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { type Outcome, type SchemeId, accept, refuse } from '../core/watermark/scheme';
import { keyFingerprint } from '../core/watermark/watermarkReport';
import type { TokenizerId, WatermarkSchemeParams } from '../engine/engineProtocol';
import { prepareScheme } from './watermarkSettings';

/** A scheme as it is stored and shown. Holds no key. */
export interface SavedScheme {
  readonly id: string;
  /** The user's name for it, unique. */
  readonly name: string;
  readonly schemeId: SchemeId;
  /** 'KGW (transformers, lefthash)'. */
  readonly scheme: string;
  /** JSON without the key. */
  readonly settings: string;
  readonly fingerprint: string;
  readonly tokenizer: TokenizerId;
  readonly vocabularySize: number;
  readonly distortionFree: boolean;
}

export interface NewScheme {
  readonly name: string;
  readonly settings: string;
  readonly tokenizer: TokenizerId;
  readonly vocabularySize?: number | undefined;
  /** Replaces the key of the settings. */
  readonly key?: string | undefined;
}

const STATE_KEY = 'watermark.schemes';
const SECRET_PREFIX = 'tessera.watermark.key.';
const MAX_NAME = 60;

export class WatermarkSchemeStore implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly state: vscode.Memento,
    private readonly secrets: vscode.SecretStorage,
  ) {}

  /** In the order of adding. */
  get all(): readonly SavedScheme[] {
    const stored = this.state.get<unknown>(STATE_KEY, []);
    return Array.isArray(stored) ? stored.filter(isSavedScheme) : [];
  }

  find(id: string): SavedScheme | undefined {
    return this.all.find((scheme) => scheme.id === id);
  }

  byName(name: string): SavedScheme | undefined {
    const wanted = name.trim().toLowerCase();
    return this.all.find((scheme) => scheme.name.toLowerCase() === wanted);
  }

  /** Why a name cannot be used; undefined when it can. */
  nameProblem(name: string, except?: string): string | undefined {
    if (name.trim() === '') return vscode.l10n.t('Give the scheme a name.');
    if (name.trim().length > MAX_NAME) return vscode.l10n.t('A name has at most {0} characters.', MAX_NAME);
    const taken = this.byName(name);
    return taken === undefined || taken.id === except
      ? undefined
      : vscode.l10n.t('There is a scheme of that name already.');
  }

  async add(given: NewScheme): Promise<Outcome<SavedScheme>> {
    const problem = this.nameProblem(given.name);
    if (problem !== undefined) return refuse(problem);
    const prepared = prepareScheme(given.settings, {
      key: given.key,
      vocabularySize: given.vocabularySize,
    });
    if (!prepared.ok) return prepared;
    const { scheme, settings, key } = prepared.value;
    const saved: SavedScheme = {
      id: randomUUID(),
      name: given.name.trim(),
      schemeId: scheme.id,
      scheme: scheme.name,
      settings,
      fingerprint: keyFingerprint(scheme),
      tokenizer: given.tokenizer,
      vocabularySize: scheme.vocabularySize,
      distortionFree: scheme.distortionFree,
    };
    await this.secrets.store(SECRET_PREFIX + saved.id, key);
    await this.write([...this.all, saved]);
    return accept(saved);
  }

  async rename(id: string, name: string): Promise<Outcome<null>> {
    const problem = this.nameProblem(name, id);
    if (problem !== undefined) return refuse(problem);
    await this.write(
      this.all.map((scheme) => (scheme.id === id ? { ...scheme, name: name.trim() } : scheme)),
    );
    return accept(null);
  }

  /** Forgets the scheme and its key. */
  async remove(id: string): Promise<void> {
    await this.secrets.delete(SECRET_PREFIX + id);
    await this.write(this.all.filter((scheme) => scheme.id !== id));
  }

  /** Stores a key again where it is missing; it must be the same key. */
  async restoreKey(id: string, key: string): Promise<Outcome<null>> {
    const saved = this.find(id);
    if (saved === undefined) return refuse(vscode.l10n.t('This scheme is no longer saved.'));
    const prepared = prepareScheme(saved.settings, { key, vocabularySize: saved.vocabularySize });
    if (!prepared.ok) return prepared;
    if (keyFingerprint(prepared.value.scheme) !== saved.fingerprint)
      return refuse(
        vscode.l10n.t('This is another key: its fingerprint differs from {0}.', saved.fingerprint),
      );
    await this.secrets.store(SECRET_PREFIX + id, key);
    this.changed.fire();
    return accept(null);
  }

  /** Settings and key for a worker process. Must not be shown, logged or sent to the webview. */
  async paramsOf({
    id,
    name,
    settings,
    vocabularySize,
  }: SavedScheme): Promise<Outcome<WatermarkSchemeParams>> {
    const key = await this.secrets.get(SECRET_PREFIX + id);
    if (key === undefined) {
      return refuse(
        vscode.l10n.t(
          'The key of “{0}” is not on this machine. Enter it again with Tessera: Manage Watermark Schemes.',
          name,
        ),
      );
    }
    return accept({ settings, key, vocabularySize });
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async write(schemes: readonly SavedScheme[]): Promise<void> {
    await this.state.update(STATE_KEY, schemes);
    this.changed.fire();
  }
}

function isSavedScheme(value: unknown): value is SavedScheme {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  return (
    ['id', 'name', 'schemeId', 'scheme', 'settings', 'fingerprint', 'tokenizer'].every(
      (field) => typeof fields[field] === 'string',
    ) &&
    typeof fields['vocabularySize'] === 'number' &&
    typeof fields['distortionFree'] === 'boolean'
  );
}
