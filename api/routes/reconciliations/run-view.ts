import type { DriftRecord, RunRecord } from '../../../application/ports/reconciliation-desk';
import type { ApiDrift, ApiReconciliation } from '../../../contracts/api-reconciliation';

/** A run as the API shows it. */
export function toApiReconciliation(run: RunRecord): ApiReconciliation {
  return {
    id: run.id,
    object: 'reconciliation',
    status: run.completedAt === null ? 'running' : 'completed',
    origin: run.origin,
    from: run.from.toISOString(),
    to: run.to.toISOString(),
    intents: run.intents,
    refunds: run.refunds,
    foreign_objects: run.foreignObjects,
    in_flight: run.inFlight,
    drift: run.drift,
    started_at: run.startedAt.toISOString(),
    completed_at: run.completedAt?.toISOString() ?? null,
  };
}

/** A drift as the API shows it. */
export function toApiDrift(drift: DriftRecord): ApiDrift {
  return {
    id: drift.id,
    object: 'drift',
    type: drift.type,
    state: drift.state,
    payment: drift.paymentId,
    subject: drift.subject,
    evidence: drift.evidence,
    found_at: drift.foundAt.toISOString(),
    repaired_at: drift.repairedAt?.toISOString() ?? null,
  };
}
