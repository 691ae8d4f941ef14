import type { Response } from 'express';
import type { KeyedResult } from '../../application/keyed-request';
import type { IdempotencyScope } from '../../application/ports/idempotency-store';
import { callerOf } from '../middleware/request-context';

/** The scope of an idempotency key that came with the request to `path`. */
export function keyScope(response: Response, path: string, key: string): IdempotencyScope {
  return { merchantId: callerOf(response).merchantId, method: 'POST', path, key };
}

/** Sends a stored answer as it was stored, and says so when it is that of an earlier request. */
export function sendKeyed(response: Response, { answer, replayed }: KeyedResult): void {
  response.status(answer.statusCode).set(answer.headers).type('json');
  if (replayed) response.set('Idempotent-Replayed', 'true');
  response.send(answer.body);
}
