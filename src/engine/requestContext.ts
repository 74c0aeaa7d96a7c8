// What a request handler in the token worker gets besides its parameters, and how it answers.
import type {
  EngineErrorCode,
  EngineProgress,
  EngineReply,
  RequestName,
  RequestParams,
  RequestResult,
} from './engineProtocol';

export interface RequestContext {
  /** True once the caller gave up. Long loops ask every few milliseconds and answer 'cancelled'. */
  cancelled(): boolean;
  progress(progress: EngineProgress): void;
}

export type RequestHandler<N extends RequestName> = (
  params: RequestParams<N>,
  context: RequestContext,
) => Promise<EngineReply<RequestResult<N>>> | EngineReply<RequestResult<N>>;

/** A handler for each of the named requests. */
export type RequestHandlers<N extends RequestName> = { readonly [Name in N]: RequestHandler<Name> };

export function answer<T>(value: T): EngineReply<T> {
  return { ok: true, value };
}

export function refuse(code: EngineErrorCode, message: string): EngineReply<never> {
  return { ok: false, error: { code, message } };
}
