import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { RelayControl, RelayStatus } from '../application/ports/relay-control';
import type { RedriveRequest, RelayRunInput, RelayRunResult } from '../contracts/relay';

/** Well inside the heartbeat timeout; the SDK's throttle of 1 s sets the pace. */
const beatEveryMs = 500;

/** The activities of the relay's supervisor, bound to the relay of this process. */
export function createRelayActivities(relay: RelayControl) {
  return {
    /** Relays for `runMs`, beating; returns what was done in that time. */
    relayOutbox: (input: RelayRunInput) => superviseRelay(relay, input),
    /** Makes dead rows due again; returns how many. An operator typed the request. */
    redriveOutbox: async (request: RedriveRequest) => relay.redrive(requestedIds(request)),
  };
}

export type RelayActivities = ReturnType<typeof createRelayActivities>;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws ApplicationFailure, final: repeating a mistyped request makes it no better */
function requestedIds(request: unknown): readonly string[] | undefined {
  const isObject = typeof request === 'object' && request !== null && !Array.isArray(request);
  const fields: Record<string, unknown> = isObject ? { ...request } : { request };
  const { ids, ...others } = fields;
  const areIds = ids === undefined || (Array.isArray(ids) && ids.every(isUuid));
  if (areIds && Object.keys(others).length === 0) return ids;
  const wanted = 'redrive takes nothing, or {"ids":[...]} with UUIDs of outbox_events';
  throw ApplicationFailure.nonRetryable(wanted, 'InvalidRedrive');
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && uuid.test(value);
}

/**
 * Crash point: killed anywhere, the heartbeats end, and the supervisor's next attempt relays from
 * another process as soon as the lease has run out.
 */
async function superviseRelay(relay: RelayControl, input: RelayRunInput): Promise<RelayRunResult> {
  const context = Context.current();
  const before = relay.status();
  const attachment = relay.attach();
  const endsAtMs = performance.now() + input.runMs;
  try {
    while (performance.now() < endsAtMs) {
      context.heartbeat(relay.status());
      await context.sleep(beatEveryMs);
    }
    await attachment.stop();
    return runResult(before, relay.status());
  } catch (error) {
    if (!(error instanceof CancelledFailure)) throw error;
    return await cancelled(context, error, async (stop) => {
      if (stop) await attachment.stop();
      return runResult(before, relay.status());
    });
  } finally {
    attachment.detach();
  }
}

/**
 * The SDK cancels for several reasons. Only a request (a pause) and this process's own shutdown stop
 * the drain. Anything else means that Temporal is out of reach or has given the run to another
 * process; the lease decides then.
 */
async function cancelled(
  context: Context,
  failure: CancelledFailure,
  end: (stop: boolean) => Promise<RelayRunResult>,
): Promise<RelayRunResult> {
  const details = context.cancellationDetails;
  // A pause wants to know what was done, so the run ends as a result and not as a failure.
  if (details?.cancelRequested === true) return end(true);
  if (details?.workerShutdown === true) {
    await end(true);
    throw ApplicationFailure.retryable('the worker shuts down', 'WorkerShutdown');
  }
  throw failure;
}

function runResult(before: RelayStatus, after: RelayStatus): RelayRunResult {
  return {
    published: after.published - before.published,
    refused: after.refused - before.refused,
    dead: after.dead - before.dead,
    oldestUnpublishedMs: after.oldestUnpublishedMs,
    window: after.window,
  };
}
