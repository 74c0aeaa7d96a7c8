// As much of VS Code's API as inline completions touch, with plain values behind it, so that what the provider decides can be
// tested without an editor. What VS Code makes of its answers is tested in the real one (test/integration).
export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
  translate(lines: number, characters: number): Position {
    return new Position(this.line + lines, this.character + characters);
  }
  isEqual(other: Position): boolean {
    return this.line === other.line && this.character === other.character;
  }
  isBefore(other: Position): boolean {
    return this.line < other.line || (this.line === other.line && this.character < other.character);
  }
}

export class Range {
  constructor(
    readonly start: Position,
    readonly end: Position,
  ) {}
  with(start: Position = this.start, end: Position = this.end): Range {
    return new Range(start, end);
  }
  contains(place: Position): boolean {
    return !place.isBefore(this.start) && !this.end.isBefore(place);
  }
}

export class InlineCompletionItem {
  constructor(
    readonly insertText: string,
    readonly range?: Range,
  ) {}
}

export const InlineCompletionTriggerKind = { Invoke: 0, Automatic: 1 } as const;
export const FilePermission = { Readonly: 1 } as const;
export const l10n = { t: (text: string): string => text };

export class TabInputText {
  constructor(readonly uri: { toString(): string }) {}
}

export class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };
  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class CancellationTokenSource {
  readonly #cancelled = new EventEmitter<void>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.#cancelled.event };
  cancel(): void {
    this.token.isCancellationRequested = true;
    this.#cancelled.fire();
  }
}

/** What a test sets. */
export const world = {
  settings: new Map<string, unknown>(),
  writable: new Map<string, boolean>(),
  readOnlyFiles: new Set<string>(),
};

export const window: {
  activeTextEditor: unknown;
  tabGroups: { all: readonly { readonly tabs: readonly { readonly input: unknown }[] }[] };
} = { activeTextEditor: undefined, tabGroups: { all: [] } };
export const workspace = {
  textDocuments: [] as TextDocument[],
  asRelativePath: (uri: { toString(): string }): string => uri.toString().replace(/^[a-z]+:\/*/, ''),
  getConfiguration: () => ({ get: (name: string): unknown => world.settings.get(name) }),
  fs: {
    isWritableFileSystem: (scheme: string): boolean | undefined => world.writable.get(scheme),
    stat: (uri: { toString(): string }) =>
      Promise.resolve({ permissions: world.readOnlyFiles.has(uri.toString()) ? FilePermission.Readonly : 0 }),
  },
};

/** A document of one text; `at` gives the position of an offset. */
export class TextDocument {
  readonly version = 1;
  readonly isUntitled = false;
  readonly languageId = 'typescript';
  readonly uri: { readonly scheme: string; toString(): string };

  constructor(
    readonly text: string,
    name = 'file:///code.ts',
  ) {
    this.uri = { scheme: name.slice(0, name.indexOf(':')), toString: () => name };
  }

  get #lines(): string[] {
    return this.text.split(/\r\n|\n/);
  }
  get lineCount(): number {
    return this.#lines.length;
  }
  lineAt(line: number): { readonly text: string; readonly range: Range } {
    const text = this.#lines[line] ?? '';
    return { text, range: new Range(new Position(line, 0), new Position(line, text.length)) };
  }
  #startOf(line: number): number {
    let at = 0;
    for (let i = 0; i < line; i++) at = this.text.indexOf('\n', at) + 1;
    return at;
  }
  offsetAt({ line, character }: Position): number {
    return this.#startOf(line) + character;
  }
  positionAt(offset: number): Position {
    const at = Math.max(0, Math.min(offset, this.text.length));
    const line = this.text.slice(0, at).split('\n').length - 1;
    return new Position(line, at - this.#startOf(line));
  }
  getText(range?: Range): string {
    return range === undefined
      ? this.text
      : this.text.slice(this.offsetAt(range.start), this.offsetAt(range.end));
  }
}
