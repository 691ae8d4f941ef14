import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** An id in Stripe's manner, such as `pi_3Nx...`; 24 characters, unique for all practical ends. */
export function newId(prefix: string): string {
  let text = '';
  for (const byte of randomBytes(24)) text += ALPHABET.charAt(byte % ALPHABET.length);
  return `${prefix}_${text}`;
}

/** The id of a field that is an id or, expanded, an object; empty when there is none. */
export function idOf(value: string | { id: string } | null): string {
  return typeof value === 'string' ? value : (value?.id ?? '');
}
