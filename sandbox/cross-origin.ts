import type { IncomingMessage } from 'node:http';

export function isPreflight(request: IncomingMessage): boolean {
  return request.method === 'OPTIONS' && request.headers.origin !== undefined;
}

/** Lets any page ask, as Stripe does: the key in the request is what opens anything. */
export function crossOrigin(request: IncomingMessage): Record<string, string> {
  if (request.headers.origin === undefined) return {};
  return {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers':
      'authorization, content-type, idempotency-key, stripe-account, stripe-version, x-requested-with',
    'access-control-expose-headers': 'request-id, idempotent-replayed, stripe-should-retry',
    'access-control-max-age': '600',
  };
}
