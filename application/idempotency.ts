import { createHash } from 'node:crypto';
import { laterFields } from '../contracts/payment-request';
import { RequestRefused } from './errors';
import type { Answer, StoredKey } from './ports/idempotency-store';

/** SHA-256, in hex, of the validated body: spacing and the order of fields make no difference. */
export function bodySha256(request: object): string {
  const later = new Map(Object.entries(laterFields));
  const said = Object.entries(request).filter(
    ([name, value]) => !later.has(name) || later.get(name) !== value,
  );
  return createHash('sha256')
    .update(canonicalJson(Object.fromEntries(said)))
    .digest('hex');
}

function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
}

export type KeyDecision =
  | { readonly kind: 'replay'; readonly answer: Answer }
  /** The first request was lost while it waited: answer from the present state of what it made. */
  | { readonly kind: 'resume'; readonly subjectId: string };

/**
 * What a request gets whose key was used before.
 * @throws RequestRefused `idempotency_key_reused` | `idempotency_key_in_progress`
 */
export function decideRepeated(stored: StoredKey, sha256: string): KeyDecision {
  if (stored.bodySha256 !== sha256) throw new RequestRefused('idempotency_key_reused');
  if (stored.lock.kind === 'held') throw keyInProgress(stored.lock.remainingMs);
  if (stored.lock.kind === 'final' || stored.subjectId === null) {
    return { kind: 'replay', answer: stored.answer };
  }
  return { kind: 'resume', subjectId: stored.subjectId };
}

/** The refusal for a key whose first request still waits for at most `remainingMs`. */
export function keyInProgress(remainingMs: number): RequestRefused {
  const retryAfterSeconds = Math.max(1, Math.ceil(remainingMs / 1_000));
  return new RequestRefused('idempotency_key_in_progress', { retryAfterSeconds });
}
