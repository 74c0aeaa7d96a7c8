// Every command, view, setting, context-key and colour id, once. A unit test compares this file with package.json,
// so an id that is missing on either side fails the build instead of failing in front of a user.

/** Commands contributed in package.json, all in the category "Tessera". */
export const COMMANDS = {
  chooseEncoding: 'tessera.chooseEncoding',
  toggleBoundaries: 'tessera.toggleBoundaries',
  showTokensAsText: 'tessera.showTokensAsText',
  openInspector: 'tessera.openInspector',
  showSelectionTokens: 'tessera.showSelectionTokens',
  restartEngine: 'tessera.restartEngine',
  openLog: 'tessera.openLog',
  chooseModel: 'tessera.chooseModel',
  askProvider: 'tessera.askProvider',
  scanWorkspace: 'tessera.scanWorkspace',
  copyAsContext: 'tessera.copyAsContext',
  toggleLens: 'tessera.toggleLens',
  toggleLineHints: 'tessera.toggleLineHints',
  toggleLineHeat: 'tessera.toggleLineHeat',
  toggleBadges: 'tessera.toggleBadges',
  toggleNotebookCells: 'tessera.toggleNotebookCells',
  compareTokenizers: 'tessera.compareTokenizers',
  showWasteReport: 'tessera.showWasteReport',
  diffWithHead: 'tessera.diffWithHead',
  addTokenizerFile: 'tessera.addTokenizerFile',
  manageTokenizers: 'tessera.manageTokenizers',
  showDrafts: 'tessera.showDrafts',
  checkWatermark: 'tessera.checkWatermark',
  addWatermarkScheme: 'tessera.addWatermarkScheme',
  manageWatermarkSchemes: 'tessera.manageWatermarkSchemes',
  toggleWatermarkHeat: 'tessera.toggleWatermarkHeat',
  clearWatermark: 'tessera.clearWatermark',
  findHiddenCharacters: 'tessera.findHiddenCharacters',
  removeHiddenCharacters: 'tessera.removeHiddenCharacters',
  chooseLocalModel: 'tessera.chooseLocalModel',
  downloadModel: 'tessera.downloadModel',
  useServer: 'tessera.useServer',
  removeServerKey: 'tessera.removeServerKey',
  restartLocalModel: 'tessera.restartLocalModel',
  showModelDetails: 'tessera.showModelDetails',
  toggleSurprise: 'tessera.toggleSurprise',
  showSurprise: 'tessera.showSurprise',
  plantWatermark: 'tessera.plantWatermark',
  openDraftsView: 'tessera.openDraftsView',
  explainNextByte: 'tessera.explainNextByte',
  auditWatermark: 'tessera.auditWatermark',
} as const;

/** Webview panels and tree views. */
export const VIEWS = {
  inspector: 'tessera.inspector',
  tokenTree: 'tessera.tokenTree',
} as const;

/** Settings, full names. */
export const SETTINGS = {
  encoding: 'tessera.encoding',
  tokenizerFiles: 'tessera.tokenizerFiles',
  statusBarShow: 'tessera.statusBar.show',
  exactLimitMegabytes: 'tessera.exactLimitMegabytes',
  model: 'tessera.model',
  models: 'tessera.models',
  fileBudget: 'tessera.budget.file',
  workspaceBudget: 'tessera.budget.workspace',
  scanMaxMegabytes: 'tessera.workspace.maxFileMegabytes',
  badges: 'tessera.explorer.badges',
  lens: 'tessera.codeLens.enabled',
  lineHints: 'tessera.lineHints.enabled',
  lineHeat: 'tessera.lineHeat.enabled',
  localModelUse: 'tessera.localModel.use',
  localModelPath: 'tessera.localModel.path',
  localModelRuntime: 'tessera.localModel.runtime',
  localModelThreads: 'tessera.localModel.threads',
  localModelMemory: 'tessera.localModel.memoryMegabytes',
  localModelServerUrl: 'tessera.localModel.server.url',
  localModelServerModel: 'tessera.localModel.server.model',
  localModelHub: 'tessera.localModel.hub',
  draftsTrigger: 'tessera.drafts.trigger',
  draftsCount: 'tessera.drafts.count',
  draftsMethod: 'tessera.drafts.method',
  draftsMaxTokens: 'tessera.drafts.maxTokens',
  draftsMultiLine: 'tessera.drafts.multiLine',
  draftsDocumentWeight: 'tessera.drafts.documentWeight',
  draftsSecondModel: 'tessera.drafts.secondModel',
  notebookCells: 'tessera.notebookCells.enabled',
} as const;

/** Language-model tools, for agents. */
export const TOOLS = {
  countTokens: 'tessera_count_tokens',
  compareTokenizers: 'tessera_compare_tokenizers',
  checkWatermark: 'tessera_check_watermark',
} as const;

/** Context keys set by the extension and usable in `when` clauses of keybindings and menus. */
export const CONTEXT_KEYS = {
  boundariesVisible: 'tessera.boundariesVisible',
  engineState: 'tessera.engineState',
  panelVisible: 'tessera.panelVisible',
  scanning: 'tessera.scanning',
  watermarkHeatVisible: 'tessera.watermarkHeatVisible',
  surpriseVisible: 'tessera.surpriseVisible',
} as const;

/** Theme colours contributed for dark, light and both high-contrast kinds. */
export const COLORS = {
  tokenBandEven: 'tessera.tokenBandEven',
  tokenBandOdd: 'tessera.tokenBandOdd',
  tokenEdge: 'tessera.tokenEdge',
  tokenEdgeInsideCharacter: 'tessera.tokenEdgeInsideCharacter',
  lineHeat: 'tessera.lineHeat',
  watermarkFor: 'tessera.watermarkFor',
  watermarkForBackground: 'tessera.watermarkForBackground',
  watermarkAgainst: 'tessera.watermarkAgainst',
  watermarkAgainstBackground: 'tessera.watermarkAgainstBackground',
  watermarkRange: 'tessera.watermarkRange',
  surpriseSlight: 'tessera.surpriseSlight',
  surpriseClear: 'tessera.surpriseClear',
  surpriseStrong: 'tessera.surpriseStrong',
  surpriseExtreme: 'tessera.surpriseExtreme',
  surpriseLine: 'tessera.surpriseLine',
} as const;

/** Ids of things that exist only at run time and have no entry in package.json. */
export const RUNTIME_IDS = {
  statusItem: 'tessera.tokens',
  draftsStatusItem: 'tessera.drafts',
  tokensScheme: 'tessera-tokens',
  hiddenCharacters: 'tessera.hiddenCharacters',
  plantingItem: 'tessera.planting',
  draftInserted: 'tessera.draftInserted',
  tokenizerScheme: 'tessera-tokenizer',
  surpriseItem: 'tessera.surprise',
  modelScheme: 'tessera-model',
} as const;

export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];
export type SettingId = (typeof SETTINGS)[keyof typeof SETTINGS];
export type ColorId = (typeof COLORS)[keyof typeof COLORS];
