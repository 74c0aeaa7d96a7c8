// The parts of a document that are worth a count of their own: Markdown sections and blocks, and templated prompts
// inside strings. Functions and classes come from the editor's own symbols and are not found here.

export interface PromptSection {
  readonly kind: 'heading' | 'fence' | 'template';
  readonly title: string;
  /** UTF-16 range of the whole part; a section runs to the next heading of its level or above. */
  readonly start: number;
  readonly end: number;
  /** Offset of the line on which a lens belongs. */
  readonly anchor: number;
}

/** Headings (with all below them) and fenced blocks of a Markdown text. */
export function markdownSections(text: string): PromptSection[] {
  const sections: PromptSection[] = [];
  const open: { level: number; title: string; start: number }[] = [];
  let fence: { mark: string; title: string; start: number } | undefined;
  const close = (level: number, at: number): void => {
    while (open.length > 0 && open.at(-1)!.level >= level) {
      const { title, start } = open.pop()!;
      sections.push({ kind: 'heading', title, start, end: at, anchor: start });
    }
  };
  for (const { line, start } of linesOf(text)) {
    const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    if (fence !== undefined) {
      const closes = mark !== null && mark[1]!.startsWith(fence.mark) && mark[2]!.trim() === '';
      if (!closes) continue;
      sections.push({
        kind: 'fence',
        title: fence.title,
        start: fence.start,
        end: start + line.length,
        anchor: fence.start,
      });
      fence = undefined;
    } else if (mark !== null) {
      fence = { mark: mark[1]!, title: mark[2]!.trim(), start };
    } else {
      const heading = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/.exec(line);
      if (heading === null) continue;
      close(heading[1]!.length, start);
      open.push({ level: heading[1]!.length, title: heading[2] ?? '', start });
    }
  }
  close(0, text.length);
  return sections.sort((a, b) => a.start - b.start);
}

/** Template literals and triple-quoted strings of at least `minLength` UTF-16 units: where code keeps its prompts. */
export function templateSections(text: string, minLength = 120): PromptSection[] {
  const sections: PromptSection[] = [];
  const opener = /`|"""|'''/g;
  for (let match = opener.exec(text); match !== null; match = opener.exec(text)) {
    const quote = match[0];
    let end = match.index + quote.length;
    while (end < text.length && !text.startsWith(quote, end)) end += text[end] === '\\' ? 2 : 1;
    if (end >= text.length) break;
    const inside = text.slice(match.index + quote.length, end);
    if (inside.length >= minLength) {
      const title = inside.trim().split(/\r?\n/, 1)[0]!.slice(0, 40);
      sections.push({ kind: 'template', title, start: match.index + quote.length, end, anchor: match.index });
    }
    opener.lastIndex = end + quote.length;
  }
  return sections;
}

function* linesOf(text: string): Generator<{ line: string; start: number }> {
  let start = 0;
  for (const line of text.split('\n')) {
    yield { line: line.endsWith('\r') ? line.slice(0, -1) : line, start };
    start += line.length + 1;
  }
}
