import type { RequestHandler } from 'express';
import type { Authenticate } from '../../application/authenticate';
import { RequestRefused } from '../../application/errors';
import type { Scope } from '../../contracts/api-payment';
import { parseBearer } from '../headers/bearer';
import { setCaller } from './request-context';

/** Lets a request pass whose key is live and has the scope. */
export function requireScope(authenticate: Authenticate, scope: Scope): RequestHandler {
  return async (request, response, next) => {
    const caller = await authenticate(parseBearer(request.get('Authorization')));
    setCaller(response, caller);
    if (!caller.scopes.includes(scope)) throw new RequestRefused('insufficient_scope');
    next();
  };
}
