import type { Request, RequestHandler } from 'express';
import type { Authenticate, Caller } from '../../application/authenticate';
import { RequestRefused } from '../../application/errors';
import type { Scope } from '../../contracts/api-payment';
import { parseBearer } from '../headers/bearer';
import type { AppDeps } from '../dependencies';
import { addressOf } from './client-address';
import { countRequest } from './rate-limit';
import { setCaller } from './request-context';

/** The holder of the key that the request carries. @throws RequestRefused */
export function identify(authenticate: Authenticate, request: Request): Promise<Caller> {
  return authenticate(parseBearer(request.get('Authorization')), addressOf(request));
}

/** Lets a request pass whose key is live, below its limit, and has the scope. */
export function requireScope(
  { authenticate, rateLimits }: Pick<AppDeps, 'authenticate' | 'rateLimits'>,
  scope: Scope,
): RequestHandler {
  return async (request, response, next) => {
    const caller = await identify(authenticate, request);
    setCaller(response, caller);
    await countRequest(response, { limiter: rateLimits.byKey, subject: caller.keyId });
    if (!caller.scopes.includes(scope)) throw new RequestRefused('insufficient_scope');
    next();
  };
}
