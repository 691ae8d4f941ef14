import { setTimeout as delay } from 'node:timers/promises';
import { ensureRelaySupervisor, relayAssignment } from '../adapters/temporal/relay-supervisor';
import type { RelaySupervisorOptions } from '../adapters/temporal/relay-supervisor';
import type { Log } from '../application/ports/log';
import type { Relay } from '../application/relay/relay';

export interface SuperviseOptions extends RelaySupervisorOptions {
  readonly relay: Relay;
  readonly identity: string;
  readonly log: Log;
  readonly stop: AbortSignal;
}

const lookEveryMs = 5_000;
const retryMs = 1_000;

/**
 * Keeps the supervisor workflow started, and ends a drain that Temporal no longer wants here. Such a
 * drain went on by its lease while Temporal was out of reach; meanwhile the run was given to another
 * process, or paused, and nothing but a look at the workflow tells.
 */
export async function superviseRelay(options: SuperviseOptions): Promise<void> {
  let looksUnwanted = 0;
  while (!options.stop.aborted) {
    const looked = await look(options);
    looksUnwanted = looked === 'unwanted' ? looksUnwanted + 1 : 0;
    // Twice, because between two runs there is a moment in which nobody is wanted.
    if (looksUnwanted >= 2) {
      options.log.warn({}, 'the relay was given to another process or paused; stopping here');
      await options.relay.stopIfDetached();
    }
    const waitMs = looked === 'unknown' ? retryMs : lookEveryMs;
    await delay(waitMs, undefined, { signal: options.stop }).catch(() => undefined);
  }
}

async function look(options: SuperviseOptions): Promise<'wanted' | 'unwanted' | 'unknown'> {
  const { relay, identity, log } = options;
  try {
    await ensureRelaySupervisor(options);
    if (!relay.isRunning() || relay.isAttached()) return 'wanted';
    const assignment = await relayAssignment(options);
    const elsewhere = assignment.kind === 'assigned' && assignment.identity !== identity;
    return elsewhere || assignment.kind === 'paused' ? 'unwanted' : 'wanted';
  } catch (error) {
    log.debug({ reason: String(error) }, 'the relay supervisor was not looked at');
    return 'unknown';
  }
}
