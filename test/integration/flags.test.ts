import { randomUUID } from 'node:crypto';
import type { OutboundMessage } from '../../application/ports/message-publisher';
import type { FeatureFlags } from '../../contracts/flags';
import { processPaymentCommand, processPaymentCommandType } from '../../contracts/messages';
import { createCommandHandler, startsSaga } from '../../workers/process-command';
import { silentCommandMetrics } from '../support/silent-metrics';
import { silentLog } from '../support/silent-log';
import { createSagaRig, plantRefusal } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';

jest.setTimeout(60_000);

const published: OutboundMessage[] = [];
let rig: SagaRig;

beforeAll(async () => {
  rig = await createSagaRig({
    publisher: {
      publish: async (message) => {
        published.push(message);
        return { kind: 'confirmed' };
      },
    },
  });
});

afterAll(() => rig?.close());

const onOff = [true, false];
const combinations: FeatureFlags[] = onOff.flatMap((asyncCommands) =>
  onOff.flatMap((outboxPattern) =>
    onOff.flatMap((retryLogic) =>
      onOff.map((compensation) => ({ asyncCommands, outboxPattern, retryLogic, compensation })),
    ),
  ),
);

function named(flags: FeatureFlags): string {
  const on = Object.entries(flags).flatMap(([name, isOn]) => (isOn ? [name] : []));
  return on.length === 0 ? 'all off' : on.join(' + ');
}

describe.each(combinations.map((flags) => [named(flags), flags] as const))('%s', (_, flags) => {
  test('a payment succeeds and its events leave by the way of its flags, in order', async () => {
    const paymentId = await rig.accept({ flags });
    await begin(paymentId, flags);
    expect(await rig.settled(paymentId)).toMatchObject({ status: 'succeeded', captured: 1_250 });
    await rig.closed(paymentId);
    const events = ['payment.processing.v1', 'payment.succeeded.v1'];
    const rows = await outboxRows(paymentId);
    expect(rows.map((row) => row.type)).toEqual(flags.outboxPattern ? events : []);
    expect(sent(paymentId)).toEqual(flags.outboxPattern ? [] : events);
    for (const row of rows) {
      expect(row.headers).toEqual(flags.retryLogic ? {} : { 'paysaga-max-attempts': '1' });
    }
  });

  test('a charge that cannot be recorded is given back, or parked where nothing is undone', async () => {
    const paymentId = await rig.accept({ flags });
    await plantRefusal(rig, paymentId);
    await begin(paymentId, flags);
    const expected = flags.compensation
      ? { status: 'failed', failure_code: 'recording_failed', captured: 1_250, refunded: 1_250 }
      : { status: 'needs_review', failure_code: 'recording_failed', captured: 1_250, refunded: 0 };
    expect(await rig.settled(paymentId)).toMatchObject(expected);
    expect(await rig.ledger(paymentId)).toMatchObject([
      { captured: 1_250, refunded: flags.compensation ? 1_250 : 0 },
    ]);
  });

  test('a decline ends failed, with the intent canceled and without a second confirm', async () => {
    const paymentId = await rig.accept({ flags, paymentMethod: 'pm_card_chargeDeclined' });
    await begin(paymentId, flags);
    expect(await rig.settled(paymentId)).toMatchObject({
      status: 'failed',
      failure_code: 'card_declined',
      decline_code: 'generic_decline',
      captured: 0,
    });
    expect(await rig.ledger(paymentId)).toMatchObject([{ status: 'canceled', captured: 0 }]);
    expect(await confirms(paymentId)).toBe(1);
  });

  test('a confirm whose answer is lost is repeated, or after one attempt given back or parked', async () => {
    const paymentId = await rig.accept({ flags });
    await rig.fault({
      match: { route: 'payment_intents.confirm', idempotencyKey: paymentId },
      action: { kind: 'apply_then_reset' },
    });
    await begin(paymentId, flags);
    const failure_code = 'provider_unavailable';
    const afterOneAttempt = flags.compensation
      ? { status: 'failed', failure_code, captured: 1_250, refunded: 1_250 }
      : { status: 'needs_review', failure_code, captured: 1_250, refunded: 0 };
    expect(await rig.settled(paymentId)).toMatchObject(
      flags.retryLogic ? { status: 'succeeded', captured: 1_250, refunded: 0 } : afterOneAttempt,
    );
    expect(await confirms(paymentId)).toBe(1);
    expect(await rig.ledger(paymentId)).toMatchObject([{ charges: 1 }]);
  });

  test('a confirm that never arrived ends failed after one attempt, or succeeds by a second', async () => {
    const paymentId = await rig.accept({ flags });
    await rig.fault({
      match: { route: 'payment_intents.confirm', idempotencyKey: paymentId },
      action: { kind: 'reset_before' },
    });
    await begin(paymentId, flags);
    // Nothing is held or captured, so also without compensation there is nothing to park.
    expect(await rig.settled(paymentId)).toMatchObject(
      flags.retryLogic
        ? { status: 'succeeded', captured: 1_250 }
        : { status: 'failed', failure_code: 'provider_unavailable', captured: 0 },
    );
    expect(await confirms(paymentId)).toBe(flags.retryLogic ? 2 : 1);
  });
});

/** Starts the saga as the flag says: by a command, or directly as the API does. */
async function begin(paymentId: string, flags: FeatureFlags): Promise<void> {
  if (!flags.asyncCommands) {
    await rig.start(paymentId);
    return;
  }
  const id = randomUUID();
  const command = processPaymentCommand({
    id,
    occurredAt: new Date(),
    traceparent: null,
    data: {
      payment_id: paymentId,
      merchant_id: rig.merchantId,
      amount: 1_250,
      currency: 'EUR',
      idempotency_key: randomUUID(),
      flags,
    },
  });
  const handle = createCommandHandler({
    handlers: { [processPaymentCommandType]: startsSaga(rig.sagas) },
    log: silentLog,
    metrics: silentCommandMetrics,
  });
  const content = Buffer.from(JSON.stringify(command));
  expect(await handle({ id, content, redelivered: false })).toBe('ack');
}

async function outboxRows(paymentId: string) {
  const { rows } = await rig.pool.query(
    'SELECT type, headers FROM outbox_events WHERE aggregate_id = $1 ORDER BY seq',
    [paymentId],
  );
  return rows as { type: string; headers: object }[];
}

function sent(paymentId: string): string[] {
  return published.flatMap((message) => {
    const { subject } = message.payload as { subject: string };
    return subject === paymentId ? [message.type] : [];
  });
}

async function confirms(paymentId: string): Promise<number> {
  const { provider_intent_id } = await rig.read(paymentId);
  const requests = await rig.requests(provider_intent_id ?? '');
  return requests.filter((request) => request.route === 'payment_intents.confirm').length;
}
