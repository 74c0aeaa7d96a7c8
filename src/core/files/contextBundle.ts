// "Copy as context": the chosen files as one text, each under a header with its path, to paste into a prompt.
// Fences grow so that no file can close its own block.

export interface BundledFile {
  /** Path as the reader should see it, with forward slashes. */
  readonly path: string;
  readonly content: string;
}

/** One text: for each file a line with its path, then its content in a fenced block. */
export function contextBundle(files: readonly BundledFile[]): string {
  return files
    .map(({ path, content }) => {
      const longest = Math.max(2, ...[...content.matchAll(/`{3,}/g)].map((match) => match[0].length));
      const fence = '`'.repeat(longest + 1);
      const extension = /\.([A-Za-z0-9]+)$/.exec(path)?.[1] ?? '';
      const end = content === '' || content.endsWith('\n') ? '' : '\n';
      return `${path}\n${fence}${extension}\n${content}${end}${fence}\n`;
    })
    .join('\n');
}
