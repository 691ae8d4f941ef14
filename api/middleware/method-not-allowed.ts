import type { RequestHandler } from 'express';
import { Problem } from '../problems/problem';

/** Ends a route: whatever method came this far is none that it takes. */
export function methodNotAllowed(...allowed: readonly string[]): RequestHandler {
  return () => {
    throw new Problem('method_not_allowed', { headers: { Allow: allowed.join(', ') } });
  };
}
