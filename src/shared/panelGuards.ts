// Checks of everything that arrives from the webview. The webview is ours, yet a page is a page: the host takes only
// well-formed messages whose numbers are in range, and answers nothing else.
import { draftLimit, draftMethods } from './draftsProtocol';
import { compareLimit, pageLimit } from './panelProtocol';
import { isTokenizerDrop } from './tokenizerDrop';
import type {
  PanelRequestName,
  PanelRequestParams,
  WebviewMessage,
  WebviewNotice,
  WebviewRequest,
} from './panelProtocol';

import { evidencePageLimit, watermarkActions } from './watermarkProtocol';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whole numbers from 0 that every array index and 32-bit id fits in. */
const isIndex = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;

const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';

/** Ids of encodings are short names; 'file:' ones end in a digest. */
const isShortText = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 200;

const noticeGuards: { readonly [T in WebviewNotice['type']]: (message: Fields) => boolean } = {
  ready: () => true,
  focusEditor: () => true,
  showWholeFile: () => true,
  retry: () => true,
  openLog: () => true,
  cancel: (message) => isIndex(message['id']),
  setEncoding: (message) => isShortText(message['encoding']),
  setPinned: (message) => isFlag(message['pinned']),
  revealLine: (message) => isIndex(message['generation']) && isIndex(message['line']),
  reveal: (message) =>
    isIndex(message['generation']) && isIndex(message['index']) && isFlag(message['focus']),
};

const requestGuards: {
  readonly [N in PanelRequestName]: (params: Fields) => params is Fields & PanelRequestParams<N>;
} = {
  tokenPage: (params): params is Fields & PanelRequestParams<'tokenPage'> =>
    isIndex(params['first']) &&
    isIndex(params['count']) &&
    params['count'] > 0 &&
    params['count'] <= pageLimit,
  compare: (params): params is Fields & PanelRequestParams<'compare'> => {
    const choices: unknown = params['choices'];
    return (
      Array.isArray(choices) &&
      choices.length > 0 &&
      choices.length <= compareLimit &&
      choices.every(isShortText)
    );
  },
  addTokenizers: (params): params is Fields & PanelRequestParams<'addTokenizers'> => isTokenizerDrop(params),
  surprise: (params): params is Fields & PanelRequestParams<'surprise'> => isIndex(params['first']),
  revealText: (params): params is Fields & PanelRequestParams<'revealText'> =>
    isIndex(params['from']) && isIndex(params['to']) && params['from'] <= params['to'],
  draftsSetup: (params): params is Fields & PanelRequestParams<'draftsSetup'> =>
    Object.keys(params).length === 0,
  drafts: (params): params is Fields & PanelRequestParams<'drafts'> =>
    draftMethods.some((method) => method === params['method']) &&
    isIndex(params['count']) &&
    params['count'] > 0 &&
    params['count'] <= draftLimit &&
    isIndex(params['seed']),
  modelCommand: (params): params is Fields & PanelRequestParams<'modelCommand'> =>
    params['command'] === 'choose' || params['command'] === 'restart',
  acceptDraft: (params): params is Fields & PanelRequestParams<'acceptDraft'> =>
    isIndex(params['run']) && isIndex(params['draft']) && params['draft'] < draftLimit,
  tokenFacts: (params): params is Fields & PanelRequestParams<'tokenFacts'> => isIndex(params['index']),
  findId: (params): params is Fields & PanelRequestParams<'findId'> =>
    isIndex(params['id']) &&
    isIndex(params['from']) &&
    (params['direction'] === 'next' || params['direction'] === 'previous'),
  watermarkState: (params): params is Fields & PanelRequestParams<'watermarkState'> =>
    Object.keys(params).length === 0,
  watermarkCheck: (params): params is Fields & PanelRequestParams<'watermarkCheck'> => {
    const schemes: unknown = params['schemes'];
    return (
      Array.isArray(schemes) &&
      schemes.length <= 1000 &&
      schemes.every(isShortText) &&
      isFlag(params['selection'])
    );
  },
  watermarkTokens: (params): params is Fields & PanelRequestParams<'watermarkTokens'> =>
    isShortText(params['scheme']) &&
    isIndex(params['first']) &&
    isIndex(params['count']) &&
    params['count'] > 0 &&
    params['count'] <= evidencePageLimit,
  watermarkToken: (params): params is Fields & PanelRequestParams<'watermarkToken'> =>
    isShortText(params['scheme']) && isIndex(params['index']),
  watermarkReveal: (params): params is Fields & PanelRequestParams<'watermarkReveal'> =>
    isIndex(params['start']) && isIndex(params['end']) && params['start'] <= params['end'],
  watermarkAction: (params): params is Fields & PanelRequestParams<'watermarkAction'> =>
    watermarkActions.some((action) => action === params['action']) &&
    (params['scheme'] === '' || isShortText(params['scheme'])),
};

const isRequest = (message: Fields): boolean => {
  const { name, params } = message;
  if (!isIndex(message['id']) || !isIndex(message['generation'])) return false;
  if (typeof name !== 'string' || !Object.hasOwn(requestGuards, name) || !isFields(params)) return false;
  return requestGuards[name as PanelRequestName](params);
};

/** The message, when it is one of ours and well formed; undefined for anything else. */
export function parseWebviewMessage(value: unknown): WebviewMessage | undefined {
  if (!isFields(value)) return undefined;
  const type = value['type'];
  if (type === 'request') return isRequest(value) ? (value as unknown as WebviewRequest) : undefined;
  if (typeof type !== 'string' || !Object.hasOwn(noticeGuards, type)) return undefined;
  return noticeGuards[type as WebviewNotice['type']](value) ? (value as unknown as WebviewNotice) : undefined;
}
