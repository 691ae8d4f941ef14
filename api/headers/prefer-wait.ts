import type { HeaderParameter } from '../routing/header-parameter';

const preference = /^\s*wait\s*=\s*(?:"(\d{1,9})"|(\d{1,9}))\s*(?:;.*)?$/i;
const anyWait = /^\s*wait\s*(?:[=;]|$)/i;

/**
 * The seconds of `Prefer: wait=N` (RFC 7240), or null. The first `wait` counts; a malformed one is
 * ignored, because a preference must never make a request fail.
 */
export function parsePreferWait(header: string | undefined): number | null {
  const first = (header ?? '').split(',').find((part) => anyWait.test(part));
  const match = preference.exec(first ?? '');
  const digits = match?.[1] ?? match?.[2];
  return digits === undefined ? null : Number(digits);
}

/** How long the caller would wait for an outcome, in seconds. */
export const preferWait: HeaderParameter<number | null> = {
  name: 'Prefer',
  description:
    '`wait=10` holds the answer back until the outcome is known, for at most so many seconds ' +
    '(RFC 7240). The server grants less if less is its limit.',
  isRequired: false,
  schema: { type: 'string', examples: ['wait=10'] },
  problems: [],
  parse: parsePreferWait,
};
