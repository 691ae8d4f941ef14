import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';

/** Activities that do nothing: what is left is Temporal's own cost. */
export interface BareActivities {
  regularNoop(): Promise<void>;
  localNoop(): Promise<void>;
}

const { regularNoop } = proxyActivities<BareActivities>({ startToCloseTimeout: '10 s' });
const { localNoop } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: '10 s' });

/** The yardstick of bench/saga.ts: the saga's shape, one regular and one local activity, empty. */
export async function bareWorkflow(): Promise<void> {
  await regularNoop();
  await localNoop();
}
