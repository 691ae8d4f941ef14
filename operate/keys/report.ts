import { keyState } from '../../application/api-key-administration';
import type { Rotated } from '../../application/api-key-administration';
import type { RegisteredKey } from '../../application/ports/api-key-register';

/** How long a key is valid, in words. */
export function untilText(expiresAt: Date | null): string {
  return expiresAt === null
    ? 'valid until it is revoked'
    : `valid until ${expiresAt.toISOString()}`;
}

/** Which key took which one's place, and until when both are live. */
export function rotationText({ made, replaced, replacedEndsAt, expiresAt }: Rotated): string {
  return (
    `${made.id} replaces ${replaced.id} of ${replaced.merchantId}, ${untilText(expiresAt)}\n` +
    `${replaced.id} (...${replaced.lastFour}) ends at ${replacedEndsAt.toISOString()}; ` +
    'until then both are live'
  );
}

/** One line for each key, under a line of headings. */
export function keyTable(keys: readonly RegisteredKey[], now: Date): string {
  const lines = [
    ['id', 'key', 'merchant', 'scopes', 'state'],
    ...keys.map((key) => [
      key.id,
      `psk_...${key.lastFour}`,
      key.merchantId,
      key.scopes.join(','),
      stateText(key, now),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) => `${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`)
    .join('');
}

function stateText(key: RegisteredKey, now: Date): string {
  const state = keyState(key, now);
  const since = state === 'revoked' ? key.revokedAt : key.expiresAt;
  const until =
    since === null ? '' : `${state === 'live' ? ' until' : ' since'} ${since.toISOString()}`;
  return `${state}${until}${key.replacedBy === null ? '' : `, replaced by ${key.replacedBy}`}`;
}
