import type { ApiRedrive, RedriveRequest } from '../contracts/api-outbox';
import type { OutboxDesk } from './ports/outbox-desk';
import type { OutboxSignal } from './ports/outbox-signal';

export interface RedriveCommand {
  readonly merchantId: string;
  /** The id of the key that asks. */
  readonly actor: string;
  readonly request: RedriveRequest;
}

export type RedriveOutbox = (command: RedriveCommand) => Promise<ApiRedrive>;

/**
 * Makes dead messages due again and wakes the relay, or only says which ones that would be. Repeating
 * it is harmless: a message that is not dead any more is not touched.
 */
export function createRedriveOutbox(deps: {
  readonly outbox: OutboxDesk;
  readonly signal: OutboxSignal;
  /** The most messages of one call. */
  readonly limit: number;
}): RedriveOutbox {
  return async ({ merchantId, request }) => {
    const { ids: named, type, error_contains: errorContains, dry_run: isDryRun } = request;
    const rows = { merchantId, ids: named, type, errorContains, limit: deps.limit };
    const ids = await (isDryRun ? deps.outbox.findDead(rows) : deps.outbox.reviveDead(rows));
    if (!isDryRun && ids.length > 0) deps.signal.notify();
    return {
      object: 'outbox_redrive',
      dry_run: isDryRun,
      count: ids.length,
      ids,
      has_more: ids.length === deps.limit,
    };
  };
}
