// Builds everything around watermarks: saved schemes and keys, checks, heat map and hover, hidden characters, the tool for
// agents. Nothing here does I/O before the user asks for it.
import * as vscode from 'vscode';
import { registerWatermarkTool } from './agent/watermarkTool';
import type { CommandTable } from './commands';
import type { TokenizerChoice } from './editor/encodingChoices';
import { tokenizerChoices } from './editor/tokenizerChoices';
import type { TokenizerLibrary } from './editor/tokenizerLibrary';
import { WatermarkPlanting } from './editor/watermarkPlanting';
import { choosePlanting } from './editor/watermarkPlantingPick';
import { HiddenCharacterReports } from './editor/hiddenCharacterReports';
import { WatermarkAudit } from './editor/watermarkAudit';
import { auditWatermark } from './editor/watermarkAuditPick';
import { WatermarkChecks } from './editor/watermarkChecks';
import {
  checkActiveEditor,
  findHiddenCharacters,
  manageSchemes,
  removeHiddenCharacters,
  removeScheme,
  renameScheme,
  type WatermarkCommandParts,
} from './editor/watermarkCommands';
import { createWatermarkHeat, type WatermarkHeat } from './editor/watermarkHeat';
import { registerWatermarkHover } from './editor/watermarkHover';
import { addWatermarkScheme } from './editor/watermarkSchemeInput';
import { WatermarkSchemeStore } from './editor/watermarkSchemeStore';
import type { EngineClient } from './engine/engineClient';
import { COMMANDS } from './ids';
import type { LocalModel } from './localModel';
import { WatermarkFeature } from './panel/watermarkFeature';
import type { WatermarkAction } from './shared/watermarkProtocol';

export interface WatermarkSurfaces {
  readonly schemes: WatermarkSchemeStore;
  readonly checks: WatermarkChecks;
  readonly heat: WatermarkHeat;
  readonly hidden: HiddenCharacterReports;
  readonly planting: WatermarkPlanting;
  readonly audit: WatermarkAudit;
  /** The host's part of the panel's view. */
  readonly feature: WatermarkFeature;
  readonly commands: CommandTable;
  dispose(): void;
}

/** @param engine an engine whose work may take long: not the one that counts the open documents. */
export function createWatermarkSurfaces(
  context: vscode.ExtensionContext,
  engine: EngineClient,
  library: TokenizerLibrary,
  localModel: LocalModel,
  showView: () => void,
): WatermarkSurfaces {
  const tokenizers = (): readonly TokenizerChoice[] => tokenizerChoices(library);
  const schemes = new WatermarkSchemeStore(context.globalState, context.secrets);
  const checks = new WatermarkChecks(engine, schemes);
  const heat = createWatermarkHeat(checks);
  const hidden = new HiddenCharacterReports(engine);
  const planting = new WatermarkPlanting(schemes, checks, context.workspaceState);
  const parts: WatermarkCommandParts = {
    store: schemes,
    checks,
    hidden,
    memory: context.workspaceState,
    tokenizers,
  };
  const modelParts = { store: schemes, planting, localModel, library };
  const plant = (): Promise<void> => choosePlanting(modelParts);
  const audit = new WatermarkAudit(vscode.Uri.joinPath(context.extensionUri, 'dist'), schemes, localModel);
  const startAudit = (): Promise<void> => auditWatermark(modelParts, audit, showView);
  const commands: CommandTable = {
    [COMMANDS.checkWatermark]: async (given) => {
      const finding = await checkActiveEditor(parts, given);
      if (finding === undefined) return undefined;
      heat.choose(undefined);
      heat.show(true);
      showView();
      return finding.verdict;
    },
    [COMMANDS.addWatermarkScheme]: () => addWatermarkScheme(schemes, tokenizers()),
    [COMMANDS.manageWatermarkSchemes]: () => manageSchemes(parts),
    [COMMANDS.toggleWatermarkHeat]: () => heat.show(!heat.visible),
    [COMMANDS.clearWatermark]: () => {
      // With the keyboard in the panel no editor is active: then everything in sight is meant.
      const { activeTextEditor, visibleTextEditors } = vscode.window;
      for (const { document } of activeTextEditor ? [activeTextEditor] : visibleTextEditors)
        checks.forget(document.uri.toString());
    },
    [COMMANDS.findHiddenCharacters]: () => findHiddenCharacters(parts),
    [COMMANDS.removeHiddenCharacters]: () => removeHiddenCharacters(parts),
    [COMMANDS.plantWatermark]: plant,
    [COMMANDS.auditWatermark]: startAudit,
  };
  const act = async (
    action: WatermarkAction,
    id: string,
    document: vscode.TextDocument | undefined,
  ): Promise<void> => {
    const saved = schemes.find(id);
    switch (action) {
      case 'addScheme':
        await addWatermarkScheme(schemes, tokenizers());
        return;
      case 'renameScheme':
        if (saved !== undefined) await renameScheme(schemes, saved);
        return;
      case 'removeScheme':
        if (saved !== undefined) await removeScheme(schemes, saved);
        return;
      case 'toggleHeat':
        heat.choose(saved?.id);
        heat.show(saved !== undefined || !heat.visible);
        return;
      case 'clear':
        if (document !== undefined) checks.forget(document.uri.toString());
        return;
      case 'findHidden':
        if (document !== undefined) await hidden.look(document);
        return;
      case 'removeHidden':
        if (document !== undefined) await hidden.removeAll(document);
        return;
      case 'plant':
        await plant();
        return;
      case 'audit':
        await startAudit();
    }
  };
  const feature = new WatermarkFeature({ store: schemes, checks, heat, hidden, planting, audit, act });
  const owned = vscode.Disposable.from(
    schemes,
    checks,
    heat,
    hidden,
    feature,
    planting,
    audit,
    registerWatermarkHover(checks, heat),
    registerWatermarkTool(checks, schemes),
  );
  return {
    schemes,
    checks,
    heat,
    hidden,
    planting,
    audit,
    feature,
    commands,
    dispose: () => {
      owned.dispose();
    },
  };
}
