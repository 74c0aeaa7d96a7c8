// The page's data block: translations arrive as they are and cannot break out of it.
import { describe, expect, it, vi } from 'vitest';
import { contentSecurityPolicy, translationsBlock } from '../../../src/panel/panelHtml';

vi.mock('vscode', () => ({}));

const contentOf = (block: string): string => {
  const match = /^<script type="application\/json" id="translations">([^<]*)<\/script>$/.exec(block);
  if (match?.[1] === undefined) throw new Error(`Not one block: ${block}`);
  return match[1];
};

describe('translations in the page', () => {
  it('are absent without a bundle', () => {
    expect(translationsBlock(undefined)).toBe('');
  });

  it('are read back as they were, whatever they say', () => {
    const bundle = {
      Tokens: '</script><script>alert(1)</script>',
      'Line {0}': '<!-- <script> --> ]]> "quoted" \\u003c \u2028 行 {0}',
      '</SCRIPT >': '&lt;',
    };
    expect(JSON.parse(contentOf(translationsBlock(bundle)))).toEqual(bundle);
  });

  it('need no nonce: the policy allows no script without one', () => {
    expect(contentSecurityPolicy('n0nce', 'vscode-resource:')).toContain("script-src 'nonce-n0nce';");
    expect(contentSecurityPolicy('n0nce', 'vscode-resource:')).not.toContain('unsafe');
  });
});
