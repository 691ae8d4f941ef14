import type { AuditOutcome } from '../contracts/audit';
import type { AuditTrail, NewAuditEntry } from './ports/audit-trail';
import type { Log } from './ports/log';
import type { IdSource } from './ports/system';

export interface AuditDeps {
  readonly audit: AuditTrail;
  readonly ids: IdSource;
  readonly log: Log;
}

/** Who does what, before it is done. */
export type AuditedAction = Omit<NewAuditEntry, 'id' | 'outcome'>;

/** What came of it; the details are added to those of the action. */
export interface ActionResult<Result> {
  readonly outcome: Exclude<AuditOutcome, 'started'>;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly result: Result;
}

/**
 * Does what an operator asks for, and leaves it in the trail: once before, so that an action whose
 * entry cannot be written is not done, and once after, with what came of it.
 * @throws DependencyUnavailable when the first entry cannot be written; and what `act` throws
 */
export async function audited<Result>(
  deps: AuditDeps,
  action: AuditedAction,
  act: () => Promise<ActionResult<Result>>,
): Promise<Result> {
  await deps.audit.write(auditEntry(deps, action, 'started'));
  try {
    const { outcome, details, result } = await act();
    await noteOutcome(deps, withDetails(action, details), outcome);
    return result;
  } catch (error) {
    await noteOutcome(deps, action, 'failed');
    throw error;
  }
}

/** An entry of the trail. */
export function auditEntry(
  { ids }: Pick<AuditDeps, 'ids'>,
  action: AuditedAction,
  outcome: AuditOutcome,
): NewAuditEntry {
  return { ...action, id: ids.uuid(), outcome };
}

/**
 * Writes what came of an action that is in the trail already. It is done by now, so that an entry
 * which cannot be written is kept in the log and fails nobody.
 */
export async function noteOutcome(
  deps: AuditDeps,
  action: AuditedAction,
  outcome: Exclude<AuditOutcome, 'started'>,
): Promise<void> {
  const entry = auditEntry(deps, action, outcome);
  try {
    await deps.audit.write(entry);
  } catch (error) {
    deps.log.error({ entry, error: String(error) }, 'the outcome of an action is not in the trail');
  }
}

/** The action, with what is known of it now. */
export function withDetails(
  action: AuditedAction,
  details: AuditedAction['details'] = {},
): AuditedAction {
  return { ...action, details: { ...action.details, ...details } };
}
