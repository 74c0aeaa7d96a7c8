// Drafts as VS Code's inline completions. Automatic requests get one draft, explicit ones all of them, in the same order.
// What was drafted once stays valid while the user types it, word by word or key by key: the rest comes from the cache,
// without the model. With the trigger 'onRequest' the model is asked only when the user asks, and typing only continues
// what is on the screen. Nothing here ever shows a message box.
import * as vscode from 'vscode';
import { DraftCache, type DraftMatch } from '../core/decoding/draftCache';
import { draftSettings, type DraftSettings } from '../draftSettings';
import type { SettingMemory } from '../settingsMemory';
import type { DraftView } from '../engine/draftProtocol';
import { cursorText, partialWord } from './cursorText';
import { isReadOnlyFile, reasonForSilence } from './draftPlaces';
import type { DraftService } from './draftService';
import type { DraftStatus } from './draftStatus';
import type { DraftPlanting } from './watermarkPlanting';

export interface DraftCompletions extends vscode.InlineCompletionItemProvider {
  provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]>;
  /** Forgets all drafts: another model or other settings answer from now on. */
  forget(): void;
}

interface CachedText {
  readonly text: string;
}

/** The place that a draft starts from, as text; with an item chosen in the suggest list as if it were accepted. */
interface DraftPlace {
  readonly prefix: string;
  readonly suffix: string;
  readonly insertedFirst: string;
  /** What an item replaces, and the text it starts with. */
  readonly range: vscode.Range;
  readonly lead: string;
}

/** Natural log of one in a thousand. */
const LEAST_FIRST_LOG_PROB = Math.log(1e-3);
const DEBOUNCE_MS = 120;
const CACHED_PLACES = 32;
/** With the trigger 'onRequest': how long after the last sign of interest typing still brings a cached rest. */
const INTEREST_MS = 60_000;

export function createDraftCompletions(
  service: Pick<DraftService, 'drafts'>,
  status: Pick<DraftStatus, 'problem' | 'note'>,
  planting?: Pick<DraftPlanting, 'accepted'>,
  settings: Pick<SettingMemory<DraftSettings>, 'of'> = { of: draftSettings },
): DraftCompletions {
  const cache = new DraftCache<CachedText>(CACHED_PLACES);
  /** The document in which the user asked for drafts and has followed them since. */
  let followed: { readonly uri: string; readonly until: number } | undefined;

  const follow = (uri: string): void => {
    followed = { uri, until: Date.now() + INTEREST_MS };
  };

  /** Asks the model; cached drafts stay in front so that what is on the screen does not jump. */
  async function write(
    document: vscode.TextDocument,
    position: vscode.Position,
    place: DraftPlace,
    cached: readonly DraftMatch<CachedText>[],
    explicit: boolean,
    token: vscode.CancellationToken,
  ): Promise<boolean> {
    const { insertedFirst } = place;
    const wishes = insertedFirst === '' ? {} : { insertedFirst };
    const reply = await service.drafts(document, position, wishes, token);
    if (!reply.ok) {
      if (reply.error.code !== 'cancelled') status.problem(reply.error.message);
      return false;
    }
    const texts = new Set([
      ...cached.filter(({ replaceAfter }) => replaceAfter === 0).map(({ rest }) => rest),
      ...reply.value.drafts.filter(worthOffering).map(({ text }) => text),
    ]);
    const { count } = settings.of(document);
    cache.add(
      place.prefix,
      place.suffix,
      [...texts].slice(0, count).map((text) => ({ text })),
    );
    if (explicit && texts.size === 0) status.note(vscode.l10n.t('The model would add nothing here.'));
    return true;
  }

  async function provide(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    const gone = (): boolean => token.isCancellationRequested;
    if (gone() || reasonForSilence(document, position) !== undefined) return [];
    const explicit = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    const { trigger, count } = settings.of(document);
    const uri = document.uri.toString();
    const following = followed?.uri === uri && Date.now() < followed.until;
    if (!explicit && trigger === 'onRequest' && !following) return [];
    const place = draftPlace(document, position, context.selectedCompletionInfo);
    let matches = cache.lookup(place.prefix, place.suffix);
    const complete = cache.has(place.prefix, place.suffix);
    if (explicit) follow(uri);
    if (explicit ? !complete : matches.length === 0 && !complete) {
      if (!explicit && trigger === 'onRequest') {
        followed = undefined;
        return [];
      }
      if (!explicit && !(await waited(DEBOUNCE_MS, token))) return [];
      if (await isReadOnlyFile(document)) return [];
      if (!(await write(document, position, place, matches, explicit, token))) return [];
      matches = cache.lookup(place.prefix, place.suffix);
    }
    if (gone()) return [];
    if (following) follow(uri);
    return matches
      .slice(0, explicit ? count : 1)
      .map(
        ({ rest, replaceAfter }) =>
          new vscode.InlineCompletionItem(
            place.lead + rest,
            place.range.with(undefined, place.range.end.translate(0, replaceAfter)),
            planting?.accepted(document, place.range.start, place.lead + rest),
          ),
      );
  }

  return {
    provideInlineCompletionItems: provide,
    forget: () => {
      cache.clear();
      followed = undefined;
    },
  };
}

/** Only drafts whose first token the model itself finds possible: three drafts are no end in themselves. */
function worthOffering({ tokens }: DraftView): boolean {
  const first = tokens[0]?.logProb ?? 0;
  // A server that gives no log-probabilities leaves nothing to judge by.
  return Number.isNaN(first) || first > LEAST_FIRST_LOG_PROB;
}

/**
 * Where drafts start. With an item selected in the suggest list they go on from that item, as VS Code demands; otherwise
 * from the cursor. The replaced range covers the partial word, so that an item survives typing and fits the word's start.
 */
function draftPlace(
  document: vscode.TextDocument,
  position: vscode.Position,
  selected: vscode.SelectedCompletionInfo | undefined,
): DraftPlace {
  const uri = document.uri.toString();
  const { prefix, suffix } = cursorText(document, position);
  const word = partialWord(document, position);
  const key = `${uri}\n${prefix}`;
  if (selected === undefined || !selected.range.contains(position))
    return { prefix: key, suffix, insertedFirst: '', range: word, lead: document.getText(word) };
  const typed = document.getText(new vscode.Range(selected.range.start, position));
  const text = selected.text.replaceAll('\r\n', '\n');
  const after = document.getText(new vscode.Range(position, selected.range.end));
  // An item that would change what is typed cannot be gone on from by inserting.
  if (!text.startsWith(typed) || after !== '')
    return { prefix: key, suffix, insertedFirst: '', range: word, lead: document.getText(word) };
  const insertedFirst = text.slice(typed.length);
  return { prefix: key + insertedFirst, suffix, insertedFirst, range: selected.range, lead: selected.text };
}

/** Resolves after a pause; false when it was cut short. */
function waited(milliseconds: number, token: vscode.CancellationToken): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      listening.dispose();
      resolve(true);
    }, milliseconds);
    const listening = token.onCancellationRequested(() => {
      clearTimeout(timer);
      listening.dispose();
      resolve(false);
    });
  });
}
