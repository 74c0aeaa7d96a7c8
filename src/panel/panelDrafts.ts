// Drafts as the Drafts view shows them: ids replaced by texts, byte distributions as 257 numbers, the place of the cursor in
// words. Nothing is computed here that the decoder has not said.
import type * as vscode from 'vscode';
import { decodeUtf8 } from '../core/text/utf8';
import type { DraftExplanation, DraftTreeNode } from '../core/decoding/draftExplanation';
import type { DocumentDrafts } from '../editor/draftService';
import type { DraftView } from '../engine/draftProtocol';
import { nameOf } from './panelDocument';
import type {
  PanelDraft,
  PanelDrafts,
  PanelNextByte,
  PanelTreeNode,
  PanelWhy,
} from '../shared/draftsProtocol';

/** UTF-16 units of the cursor's line that travel to the page. */
const BEFORE_SHOWN = 120;
const AFTER_SHOWN = 60;

/** What the page gets for one run. */
export function panelDrafts(
  document: vscode.TextDocument,
  run: number,
  answer: DocumentDrafts,
  model: string,
): PanelDrafts {
  const { position, why, tokenTexts } = answer;
  const line = document.lineAt(position.line).text;
  return {
    run,
    version: answer.version,
    file: nameOf(document).name,
    line: position.line,
    column: position.character,
    before: line.slice(Math.max(0, position.character - BEFORE_SHOWN), position.character),
    after: line.slice(position.character, position.character + AFTER_SHOWN),
    drafts: answer.drafts.map(panelDraft),
    method: answer.method,
    seed: answer.seed,
    model,
    layout: answer.layout,
    notes: answer.notes,
    promptTokens: answer.promptTokens,
    milliseconds: answer.timings.totalMs,
    endShare: answer.endShare,
    why: why === undefined ? null : panelWhy(why, (id) => tokenTexts[id] ?? `#${id}`),
  };
}

function panelDraft({ text, tokens, logProb, exact, stop }: DraftView): PanelDraft {
  return {
    text,
    logProb,
    exact,
    stop,
    tokens: tokens.map((token) => ({
      text: token.text,
      whole: token.wholeText,
      id: token.id,
      overhang: token.overhang,
      logProb: token.logProb,
    })),
  };
}

function panelWhy(why: DraftExplanation, textOf: (id: number) => string): PanelWhy {
  const { tail, covers, nextByte, steps, tree } = why;
  return {
    tail: decodeUtf8(tail),
    covers: covers.map(({ left, overhang, share, tokens }) => ({
      left: left.map(textOf),
      overhang: decodeUtf8(tail.subarray(tail.length - overhang)),
      share,
      tokens: tokens.map((token) => ({ text: textOf(token.id), share: token.share })),
    })),
    nextByte: {
      exact: outcomes(nextByte.exact),
      allPaths: nextByte.allPaths === undefined ? null : outcomes(nextByte.allPaths),
      tokenLevel: nextByte.tokenLevel === undefined ? null : outcomes(nextByte.tokenLevel),
      healing: nextByte.healing === undefined ? null : outcomes(nextByte.healing),
    } satisfies PanelNextByte,
    steps: steps.map(({ tokens, gamma, parents }) => ({
      tokens: tokens.map((id) => ({ id, text: textOf(id) })),
      gamma,
      parents,
    })),
    tree: tree.map((node) => treeNode(node, textOf)),
  };
}

/** Bytes 0 to 255, then the end. */
function outcomes({ bytes, end }: { readonly bytes: Float64Array; readonly end: number }): Float64Array {
  const all = new Float64Array(257);
  all.set(bytes);
  all[256] = end;
  return all;
}

function treeNode(node: DraftTreeNode, textOf: (id: number) => string): PanelTreeNode {
  return {
    text: textOf(node.id),
    logProb: node.logProb,
    drafts: node.drafts,
    children: node.children.map((child) => treeNode(child, textOf)),
  };
}
