import { applyEventCommand } from '../contracts/messages';
import type { FeatureFlags } from '../contracts/flags';
import { exchanges, routingKeys } from '../contracts/topology';
import { applyProviderEvent, judge } from './apply-provider-event';
import type { ApplyEventDeps } from './apply-provider-event';
import type { Log } from './ports/log';
import { messageHeaders } from './ports/message-headers';
import type { MessagePublisher } from './ports/message-publisher';
import type { OutboxSignal } from './ports/outbox-signal';
import type { OutboxMessage } from './ports/payment-intake';
import type { ProviderEvent, ProviderEventStore } from './ports/provider-webhooks';
import type { Clock, IdSource } from './ports/system';

export interface ReceiveEventDeps {
  readonly events: ProviderEventStore;
  readonly signal: OutboxSignal;
  readonly publisher: MessagePublisher;
  /** Of this process: a webhook belongs to no request that could have brought its own. */
  readonly flags: FeatureFlags;
  /** For a process that hands nothing to others. */
  readonly applying: ApplyEventDeps;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: Log;
}

/** `kept`: nothing can be done about it yet. `queued`: what applies it is on its way. */
export const receipts = ['ignored', 'already_shown', 'kept', 'queued', 'repeated'] as const;

export type Receipt = (typeof receipts)[number];

export type ReceiveEvent = (event: ProviderEvent, traceparent: string | null) => Promise<Receipt>;

/**
 * Takes in a verified webhook: stored with the command that applies it, and answered before anybody
 * acts on it. One whose claim is stored already is closed at once, so that a plain payment costs
 * neither a command nor a look at the provider. What is lost after the commit is found by the sweeper.
 * @throws DependencyUnavailable when the database gives no answer; the provider sends it again
 */
export function createReceiveEvent(deps: ReceiveEventDeps): ReceiveEvent {
  return async (event, traceparent) => {
    const receipt = await receiptOf(deps, event);
    const command = receipt === 'queued' ? commandOf(deps, event, traceparent) : null;
    const { outboxPattern } = deps.flags;
    const isNew = await deps.events.add({
      event,
      outcome: receipt === 'queued' || receipt === 'kept' ? null : receipt,
      command: outboxPattern && deps.flags.asyncCommands ? command : null,
    });
    if (!isNew) return 'repeated';
    if (command !== null) await handOn(deps, event, command);
    return receipt;
  };
}

async function receiptOf(
  { events }: ReceiveEventDeps,
  event: ProviderEvent,
): Promise<Exclude<Receipt, 'repeated'>> {
  if (judge(event, null) === 'ignore') return 'ignored';
  const course = judge(event, await events.subjectOf(event));
  if (course === 'shown') return 'already_shown';
  return course === null || course === 'wait' ? 'kept' : 'queued';
}

function commandOf(
  { ids, clock, flags }: ReceiveEventDeps,
  event: ProviderEvent,
  traceparent: string | null,
): OutboxMessage {
  const id = ids.uuid();
  const data = { event_id: event.id };
  const command = applyEventCommand({ id, occurredAt: clock.now(), traceparent, data });
  return {
    id,
    type: command.type,
    exchange: exchanges.commands,
    routingKey: routingKeys.processPayment,
    payload: command,
    headers: messageHeaders({ traceparent, flags }),
    aggregateVersion: null,
  };
}

/** The event is stored: nothing here may make the provider send it again. */
async function handOn(
  { flags, signal, publisher, applying, log }: ReceiveEventDeps,
  event: ProviderEvent,
  command: OutboxMessage,
): Promise<void> {
  if (!flags.asyncCommands) {
    await applyProviderEvent(applying, event.id).catch((error: unknown) => {
      log.warn({ eventId: event.id, error: String(error) }, 'webhook not applied yet');
    });
    return;
  }
  if (flags.outboxPattern) return signal.notify();
  const outcome = await publisher.publish(command);
  if (outcome.kind === 'confirmed') return;
  log.warn({ eventId: event.id, reason: outcome.reason }, 'webhook not applied yet');
}
