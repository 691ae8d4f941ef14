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
