import type {
  ReconciliationDesk,
  ReconciliationStarter,
  RunRecord,
} from './ports/reconciliation-desk';
import type { IdSource } from './ports/system';

export interface StartReconciliationDeps {
  readonly reconciliations: ReconciliationDesk;
  readonly starter: ReconciliationStarter;
  readonly ids: IdSource;
}

export type StartReconciliation = (window: {
  readonly from: Date;
  readonly to: Date;
}) => Promise<RunRecord>;

/**
 * Starts a run of a window. Crash point: after the start, before the row: the run writes its own.
 * @throws SagaUnavailable | DependencyUnavailable; a run that was started all the same harms nothing
 */
export function createStartReconciliation(deps: StartReconciliationDeps): StartReconciliation {
  return async ({ from, to }) => {
    const id = `rec_${deps.ids.uuid().replaceAll('-', '')}`;
    const run = { id, origin: 'manual', from, to } as const;
    await deps.starter.start(run);
    await deps.reconciliations.add(run);
    const begun = await deps.reconciliations.find(id);
    if (begun === null) throw new Error('a run that was stored is not there');
    return begun;
  };
}
