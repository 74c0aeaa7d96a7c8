// The drafts as one tree: what they begin with in common is drawn once, and a node branches where they part. This is the tree
// that one forward verifies. Runs of tokens without a branch are one node, so that depth means decisions, not tokens.
import { draftCount, tokenCount } from './countedNames';
import { visible } from './draftCards';
import { element } from './elements';
import { l10n } from './language';
import { whyPart } from './whyPart';
import type { NumberFormat } from './numberFormat';
import type { PanelTreeNode } from '../src/shared/draftsProtocol';

export interface TreeRun {
  readonly tokens: readonly { readonly text: string; readonly logProb: number }[];
  readonly drafts: readonly number[];
  readonly children: readonly TreeRun[];
}

/** Joins every chain of nodes with a single child. */
export function treeRuns(nodes: readonly PanelTreeNode[]): readonly TreeRun[] {
  return nodes.map((node) => {
    const tokens = [{ text: node.text, logProb: node.logProb }];
    let at = node;
    // A draft that ends here is a branch as well, although it has no child.
    for (let [next] = at.children; next !== undefined; [next] = at.children) {
      if (at.children.length > 1 || next.drafts.length < at.drafts.length) break;
      at = next;
      tokens.push({ text: at.text, logProb: at.logProb });
    }
    return { tokens, drafts: node.drafts, children: treeRuns(at.children) };
  });
}

export function draftTree(nodes: readonly PanelTreeNode[], format: NumberFormat): HTMLElement {
  const runs = treeRuns(nodes);
  const count = countNodes(nodes);
  const drafts = new Set(nodes.flatMap((node) => node.drafts)).size;
  const apart = nodes.reduce((sum, node) => sum + tokensOf(node), 0);
  return whyPart(
    drafts === 0
      ? l10n.t('There are no drafts to draw.')
      : l10n.t(
          '{0} with {1} are a tree of {2}: what they share is computed once.',
          draftCount(drafts, format),
          tokenCount(apart, format),
          count === 1 ? l10n.t('1 node') : l10n.t('{0} nodes', format.whole(count)),
        ),
    element(
      'div',
      { class: 'draft-tree', tabindex: 0, role: 'group', 'aria-label': l10n.t('Tree of the drafts') },
      element(
        'ul',
        { class: 'tree-level root', role: 'list' },
        element(
          'li',
          { class: 'tree-node' },
          element('span', { class: 'tree-root' }, l10n.t('cursor')),
          element('ul', { class: 'tree-level', role: 'list' }, ...runs.map((run) => runNode(run, format))),
        ),
      ),
    ),
  );
}

function runNode({ tokens, drafts, children }: TreeRun, format: NumberFormat): HTMLElement {
  const names = drafts.map((d) => String(d + 1)).join(', ');
  const noun = drafts.length === 1 ? l10n.t('draft') : l10n.t('drafts');
  return element(
    'li',
    { class: 'tree-node' },
    element(
      'span',
      { class: 'tree-run' },
      element(
        'span',
        { class: 'tree-drafts', title: noun },
        element('span', { class: 'live' }, `${noun} `),
        names,
      ),
      ...tokens.map(({ text, logProb }) => {
        const probability = Math.exp(logProb);
        const node = element(
          'span',
          { class: 'tree-token', title: `${format.percent(probability)} (${format.nats(logProb)})` },
          element('span', { class: 'tree-text' }, visible(text) || '∅'),
          element('span', { class: 'tree-share' }, format.percent(probability)),
        );
        node.style.setProperty('--probability', probability.toFixed(4));
        return node;
      }),
    ),
    children.length === 0
      ? null
      : element(
          'ul',
          { class: 'tree-level', role: 'list' },
          ...children.map((child) => runNode(child, format)),
        ),
  );
}

const countNodes = (nodes: readonly PanelTreeNode[]): number =>
  nodes.reduce((sum, { children }) => sum + 1 + countNodes(children), 0);
/** Tokens of all drafts through a node, each draft counted for itself. */
const tokensOf = ({ drafts, children }: PanelTreeNode): number =>
  drafts.length + children.reduce((sum, child) => sum + tokensOf(child), 0);
