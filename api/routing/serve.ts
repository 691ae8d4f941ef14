import type { Express, RequestHandler } from 'express';
import { requireScope } from '../middleware/authentication';
import { limitByAddress } from '../middleware/rate-limit';
import { methodNotAllowed } from '../middleware/method-not-allowed';
import type { Route, RouteDeps } from './route';

/** Serves the routes, and nothing else: an address that exists refuses every other method. */
export function serve(app: Express, routes: readonly Route[], deps: RouteDeps): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const ofPath = routes.filter((route) => route.path === path);
    const served = app.route(toExpressPath(path));
    for (const route of ofPath) {
      served[route.method](...guards(route, deps), ...route.handlers(deps));
    }
    const methods = ofPath.map(({ method }) => method.toUpperCase());
    served.all(methodNotAllowed(...methods.toSorted()));
  }
}

/** Of `/v1/payments/{id}`: `/v1/payments/:id`. */
export function toExpressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function guards({ scope, isUnlimited }: Route, deps: RouteDeps): RequestHandler[] {
  if (scope !== null) return [requireScope(deps, scope)];
  return isUnlimited ? [] : [limitByAddress(deps.rateLimits.byAddress)];
}
