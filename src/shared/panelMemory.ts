// What the inspector remembers across hiding, reloading and restarting the window. The webview writes it with
// setState; VS Code hands it to the serializer, which reads the file to open again. It may come from an older version
// or from a damaged store, so every field is read on its own and falls back to its default.
import { draftLimit, draftMethods, whyParts } from './draftsProtocol';
import type { WhyPart } from './draftsProtocol';
import { compareLimit, viewIds } from './panelProtocol';
import type { ViewId } from './panelProtocol';

export const tokenLayouts = ['text', 'table'] as const;
export type TokenLayout = (typeof tokenLayouts)[number];

export interface PanelMemory {
  /** Inspected document, '' when there was none. */
  readonly uri: string;
  readonly pinned: boolean;
  readonly view: ViewId;
  readonly layout: TokenLayout;
  readonly whitespace: boolean;
  /** First token in sight: an index, since pixels mean nothing after a resize. */
  readonly anchor: number;
  /** Token that has the keyboard. */
  readonly active: number;
  /** Choices of the Compare view, in order. */
  readonly compared: readonly string[];
  /** Method and number of the Drafts view; '' and 0: those of the settings. */
  readonly draftMethod: (typeof draftMethods)[number] | '';
  readonly draftCount: number;
  readonly draftSeed: number;
  /** Part in sight below the drafts. */
  readonly why: WhyPart;
}

export const emptyMemory: PanelMemory = {
  uri: '',
  pinned: false,
  view: 'tokens',
  layout: 'text',
  whitespace: true,
  anchor: 0,
  active: 0,
  compared: ['o200k_base', 'cl100k_base', 'gpt2'],
  draftMethod: '',
  draftCount: 0,
  draftSeed: 0,
  why: 'covers',
};

/** Reads a stored state; anything missing or odd is replaced by its default. */
export function parsePanelMemory(value: unknown): PanelMemory {
  if (typeof value !== 'object' || value === null) return emptyMemory;
  const fields = value as Readonly<Record<string, unknown>>;
  const oneOf = <T extends string>(allowed: readonly T[], key: string, fallback: T): T =>
    allowed.find((candidate) => candidate === fields[key]) ?? fallback;
  const flag = (key: string, fallback: boolean): boolean => {
    const candidate = fields[key];
    return typeof candidate === 'boolean' ? candidate : fallback;
  };
  const index = (key: string): number => {
    const candidate = fields[key];
    return typeof candidate === 'number' && Number.isSafeInteger(candidate) && candidate >= 0 ? candidate : 0;
  };
  const names = (key: string, fallback: readonly string[]): readonly string[] => {
    const candidate = fields[key];
    if (!Array.isArray(candidate)) return fallback;
    const valid = candidate
      .filter((name): name is string => typeof name === 'string' && name !== '')
      .slice(0, compareLimit);
    return valid.length > 0 ? valid : fallback;
  };
  return {
    uri: typeof fields['uri'] === 'string' ? fields['uri'] : emptyMemory.uri,
    pinned: flag('pinned', emptyMemory.pinned),
    view: oneOf(viewIds, 'view', emptyMemory.view),
    layout: oneOf(tokenLayouts, 'layout', emptyMemory.layout),
    whitespace: flag('whitespace', emptyMemory.whitespace),
    anchor: index('anchor'),
    active: index('active'),
    compared: names('compared', emptyMemory.compared),
    draftMethod: oneOf([...draftMethods, ''] as const, 'draftMethod', ''),
    draftCount: Math.min(draftLimit, index('draftCount')),
    draftSeed: Math.min(0xffff_ffff, index('draftSeed')),
    why: oneOf(whyParts, 'why', emptyMemory.why),
  };
}
