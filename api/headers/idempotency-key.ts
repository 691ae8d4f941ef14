import { containsCardNumber } from '../../domain/card-numbers';
import { Problem } from '../problems/problem';
import type { HeaderParameter } from '../routing/header-parameter';

// Visible ASCII without the space: node joins a repeated header with ", ", which so is refused.
const pattern = /^[\x21-\x7e]{1,255}$/;

/** @throws Problem when the key is missing, malformed, or looks like a card number */
export function parseIdempotencyKey(header: string | undefined): string {
  if (header === undefined) throw new Problem('idempotency_key_missing');
  if (!pattern.test(header)) throw new Problem('idempotency_key_invalid');
  if (containsCardNumber(header)) {
    throw new Problem('card_number_refused', {
      detail: 'The Idempotency-Key header contains what may be a card number.',
    });
  }
  return header;
}

/** The header of every request that changes something. */
export const idempotencyKey: HeaderParameter<string> = {
  name: 'Idempotency-Key',
  description: 'Random for each new request, and the same whenever that request is repeated.',
  isRequired: true,
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
  problems: [
    'idempotency_key_missing',
    'idempotency_key_invalid',
    'card_number_refused',
    'idempotency_key_in_progress',
    'idempotency_key_reused',
  ],
  parse: parseIdempotencyKey,
};
