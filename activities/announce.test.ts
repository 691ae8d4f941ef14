import type { OutboundMessage, PublishOutcome } from '../application/ports/message-publisher';
import { StoreRefused } from '../application/ports/saga-store';
import type { SagaPayment } from '../application/ports/saga-store';
import { faultTypes } from '../contracts/saga';
import { announce, announceProgress } from './announce';
import type { ActivityDependencies } from './dependencies';

const confirmed: PublishOutcome = { kind: 'confirmed' };
const away: PublishOutcome = { kind: 'unavailable', reason: 'no connection' };

function message(id: string): OutboundMessage {
  return { id, type: 't', exchange: 'e', routingKey: 'r', payload: {}, headers: {} };
}

function world(outcomes: PublishOutcome[]) {
  const waiting = ['first', 'second'];
  const published: string[] = [];
  const signals: string[] = [];
  // Only what announcing touches; a call of anything else fails the test by itself.
  const deps = {
    store: {
      unpublishedEvents: async () => waiting.map(message),
      markPublished: async (id: string) => void waiting.splice(waiting.indexOf(id), 1),
    },
    publisher: {
      publish: async ({ id }: OutboundMessage) => {
        published.push(id);
        return outcomes.shift() ?? confirmed;
      },
    },
    outboxSignal: { notify: () => void signals.push('notified') },
    log: { warn: () => undefined, error: () => undefined },
  } as unknown as ActivityDependencies;
  return { deps, waiting, published, signals };
}

function payment(flags: { outboxPattern: boolean; retryLogic: boolean }): SagaPayment {
  return { paymentId: 'pay_1', flags } as unknown as SagaPayment;
}

const direct = payment({ outboxPattern: false, retryLogic: true });

test('with the outbox nothing is published here, the relay is only woken', async () => {
  const { deps, published, signals } = world([]);
  await announce(deps, payment({ outboxPattern: true, retryLogic: true }));
  expect([published, signals]).toEqual([[], ['notified']]);
});

test('without the outbox every event that was left behind goes out, oldest first', async () => {
  const { deps, waiting, published } = world([]);
  await announce(deps, direct);
  expect([published, waiting]).toEqual([['first', 'second'], []]);
});

test('an event that is not confirmed stays, holds its successors back, and fails the step', async () => {
  const { deps, waiting, published } = world([away]);
  await expect(announce(deps, direct)).rejects.toMatchObject({
    type: faultTypes.publishUnavailable,
  });
  expect([published, waiting]).toEqual([['first'], ['first', 'second']]);
});

test('without retry logic one attempt is made, and the event stays unpublished as the evidence', async () => {
  const { deps, waiting, published } = world([away]);
  await announce(deps, payment({ outboxPattern: false, retryLogic: false }));
  expect([published, waiting]).toEqual([['first'], ['first', 'second']]);
});

test('a database that refuses to show the events does not end the charge', async () => {
  const refusing = { unpublishedEvents: () => Promise.reject(new StoreRefused('22P02')) };
  const deps = { ...world([]).deps, store: refusing } as unknown as ActivityDependencies;
  await expect(announceProgress(deps, direct)).resolves.toBeUndefined();
});

test('a broker that is away does not hold up the charge', async () => {
  const { deps, waiting } = world([away]);
  await announceProgress(deps, direct);
  expect(waiting).toEqual(['first', 'second']);
});
