import type { RequestHandler, Response } from 'express';
import type { RateLimiter } from '../../application/ports/rate-limiter';
import { Problem } from '../problems/problem';
import { addressOf } from './client-address';

/** Counts a request and tells the caller how he stands. @throws Problem `rate_limited` */
export async function countRequest(
  response: Response,
  { limiter, subject }: { readonly limiter: RateLimiter; readonly subject: string },
): Promise<void> {
  const verdict = await limiter.take(subject);
  const seconds = String(verdict.resetSeconds);
  response.set({
    'RateLimit-Limit': String(verdict.limit),
    'RateLimit-Remaining': String(verdict.remaining),
    'RateLimit-Reset': seconds,
  });
  if (!verdict.isAllowed)
    throw new Problem('rate_limited', { headers: { 'Retry-After': seconds } });
}

/** For routes without a key: counts by the address that asks. */
export function limitByAddress(limiter: RateLimiter): RequestHandler {
  return async (request, response, next) => {
    await countRequest(response, { limiter, subject: addressOf(request) });
    next();
  };
}
