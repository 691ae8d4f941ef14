import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Caller } from '../../application/authenticate';
import { containsCardNumber } from '../../domain/card-numbers';
import { parseTraceparent } from '../headers/traceparent';

export interface RequestContext {
  /** The caller's X-Request-Id when it is usable, else ours; echoed in each answer. */
  readonly requestId: string;
  /** The caller's, or that of the request's own span where spans are made. */
  readonly traceparent: string | null;
}

const usableId = /^[\w.:-]{1,128}$/;
const contexts = new WeakMap<Response, RequestContext>();
const callers = new WeakMap<Response, Caller>();

/** Gives each request its id and trace. It comes first, so that every error can name the request. */
export const requestContext: RequestHandler = (request, response, next) => {
  const given = request.get('X-Request-Id') ?? '';
  const requestId = usableId.test(given) && !containsCardNumber(given) ? given : randomUUID();
  contexts.set(response, { requestId, traceparent: parseTraceparent(request.get('traceparent')) });
  response.set('X-Request-Id', requestId);
  next();
};

/** The context of the request that the response answers. */
export function contextOf(response: Response): RequestContext {
  return contexts.get(response) ?? { requestId: 'unknown', traceparent: null };
}

/** Puts the request's own span between the caller's and what the request causes. */
export function setTraceparent(response: Response, traceparent: string): void {
  contexts.set(response, { ...contextOf(response), traceparent });
}

/** Notes who calls; only the authentication does. */
export function setCaller(response: Response, caller: Caller): void {
  callers.set(response, caller);
}

/** The caller, or null where no key was checked. */
export function knownCaller(response: Response): Caller | null {
  return callers.get(response) ?? null;
}

/** @throws when the route has no authentication, which is a bug and must not pass in silence */
export function callerOf(response: Response): Caller {
  const caller = callers.get(response);
  if (caller === undefined) throw new Error('the route was not authenticated');
  return caller;
}
