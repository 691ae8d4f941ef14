import type { ApiRedrive, RedriveRequest } from '../contracts/api-outbox';
import { audited } from './audited-action';
import type { AuditDeps } from './audited-action';
import type { DeadRows, OutboxDesk } from './ports/outbox-desk';
import type { OutboxSignal } from './ports/outbox-signal';

export interface RedriveCommand {
  readonly merchantId: string;
  /** The id of the key that asks. */
  readonly actor: string;
  readonly request: RedriveRequest;
}

export type RedriveOutbox = (command: RedriveCommand) => Promise<ApiRedrive>;

interface RedriveDeps extends AuditDeps {
  readonly outbox: OutboxDesk;
  readonly signal: OutboxSignal;
  /** The most messages of one call. */
  readonly limit: number;
}

/**
 * Makes dead messages due again and wakes the relay, or only says which ones that would be. Repeating
 * it is harmless: a message that is not dead any more is not touched. What is done is in the trail.
 */
export function createRedriveOutbox(deps: RedriveDeps): RedriveOutbox {
  return async ({ merchantId, actor, request }) => {
    const { ids: named, type, error_contains: errorContains, dry_run: isDryRun } = request;
    const rows = { merchantId, ids: named, type, errorContains, limit: deps.limit };
    const ids = await (isDryRun ? deps.outbox.findDead(rows) : revive(deps, actor, rows));
    return {
      object: 'outbox_redrive',
      dry_run: isDryRun,
      count: ids.length,
      ids,
      has_more: ids.length === deps.limit,
    };
  };
}

function revive(deps: RedriveDeps, actor: string, rows: DeadRows): Promise<readonly string[]> {
  const { merchantId, ids: named, type, errorContains } = rows;
  const action = {
    merchantId,
    actor,
    action: 'redrive_outbox' as const,
    paymentId: null,
    details: { ids: named, type, error_contains: errorContains },
  };
  return audited(deps, action, async () => {
    const ids = await deps.outbox.reviveDead(rows);
    if (ids.length > 0) deps.signal.notify();
    return { outcome: 'done', details: { revived: ids }, result: ids };
  });
}
