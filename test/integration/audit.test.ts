import { connectStripe } from '../../adapters/stripe/stripe-provider';
import { runCommand } from '../support/command';
import { auditFindings } from './audit.fixture';
import { createSagaRig } from './saga-rig.fixture';
import type { SagaRig } from './saga-rig.fixture';

jest.setTimeout(60_000);

let rig: SagaRig;
let stripe: ReturnType<typeof connectStripe>;

beforeAll(async () => {
  rig = await createSagaRig();
  stripe = connectStripe({ apiKey: 'sk_test_rig', apiUrl: rig.sandboxUrl, timeoutMs: 5_000 });
});
afterAll(() => rig?.close());

const findings = () => auditFindings(rig);

/** Does what only a bug could, with the triggers that would not let it turned off. */
async function plant(...statements: readonly string[]): Promise<void> {
  const client = await rig.pool.connect();
  try {
    await client.query('SET session_replication_role = replica');
    for (const statement of statements) await client.query(statement);
    await client.query('SET session_replication_role = DEFAULT');
  } finally {
    client.release();
  }
}

/** What the audit says of a bug, and that it says nothing once the bug is taken back. */
async function foundWhile(planted: string, takenBack: string): Promise<string[]> {
  await plant(planted);
  const found = await findings();
  await plant(takenBack);
  expect(await findings()).toEqual([]);
  return found.map(({ rule, paymentId }) => `${rule} ${paymentId}`);
}

const runAudit = () =>
  runCommand('operate/audit.js', {
    env: {
      DATABASE_URL: rig.databaseUrl,
      STRIPE_API_KEY: 'sk_test_rig',
      STRIPE_API_URL: rig.sandboxUrl,
    },
  });

test('payments of every outcome, undone ones too, break no rule', async () => {
  const paid = await rig.pay();
  await rig.pay({ paymentMethod: 'pm_card_chargeDeclined' });
  const held = await rig.accept({ captureMethod: 'manual' });
  const captured = await rig.accept({ captureMethod: 'manual' });
  await rig.start(held);
  await rig.start(captured);
  await rig.reaches(held, 'authorized');
  await rig.reaches(captured, 'authorized');
  await rig.ask(captured, 'capture', 400);
  await rig.settled(captured);
  const canceled = await rig.accept({ captureMethod: 'manual' });
  await rig.start(canceled);
  await rig.reaches(canceled, 'authorized');
  await rig.ask(canceled, 'cancel');
  await rig.settled(canceled);
  expect(await findings()).toEqual([]);
  const { code, lines } = await runAudit();
  expect(lines).toEqual(['5 payments, 5 intents of the provider: 0 findings']);
  expect(code).toBe(0);
  expect(await rig.read(paid)).toMatchObject({ status: 'succeeded' });
});

test('a second charge under another key is found, and the command fails with rule, payment and evidence', async () => {
  const paymentId = await rig.pay();
  const second = await stripe.paymentIntents.create({
    amount: 1_250,
    currency: 'eur',
    allowed_payment_method_types: ['card'],
    payment_method: 'pm_card_visa',
    confirm: true,
    metadata: { paysaga_payment_id: paymentId },
  });
  const { code, lines } = await runAudit();
  expect(code).toBe(1);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(`I1 ${paymentId} charged twice: {"stored":{"id":"pi_`);
  expect(lines[0]).toContain(second.id);
  expect(lines[1]).toMatch(/: 1 findings$/);
  await stripe.refunds.create({ payment_intent: second.id });
  expect(await findings()).toEqual([]);
});

test('money on an intent that its payment never stored is found', async () => {
  const paymentId = await rig.pay();
  const { provider_intent_id: intentId } = await rig.read(paymentId);
  const found = await foundWhile(
    `UPDATE payments SET provider_intent_id = NULL WHERE id = '${paymentId}'`,
    `UPDATE payments SET provider_intent_id = '${intentId}' WHERE id = '${paymentId}'`,
  );
  // From both sides: the payment claims money without an intent, the intent has no payment.
  expect(found).toEqual([`I2 ${paymentId}`, `I2 ${paymentId}`]);
});

test('figures that the provider does not confirm are found, and books that do not say the same', async () => {
  const paymentId = await rig.pay();
  const set = (minor: number) =>
    `UPDATE payments SET captured_minor = ${minor} WHERE id = '${paymentId}'`;
  expect(await foundWhile(set(1_249), set(1_250))).toEqual([`I11 ${paymentId}`, `I2 ${paymentId}`]);
});

test('a refund that nobody wrote down is found', async () => {
  const paymentId = await rig.pay();
  const { provider_intent_id: intentId } = await rig.read(paymentId);
  await stripe.refunds.create({ payment_intent: intentId ?? '', amount: 100 });
  expect((await findings()).map(({ rule }) => rule)).toEqual(['I2']);
  await plant(
    `UPDATE payments SET refunded_minor = 100 WHERE id = '${paymentId}'`,
    `INSERT INTO ledger_entries (payment_id, version, account, amount_minor, currency)
     VALUES ('${paymentId}', 3, 'provider_balance', -100, 'EUR'),
       ('${paymentId}', 3, 'merchant_payable', 100, 'EUR')`,
  );
  expect(await findings()).toEqual([]);
});

test('an event that was written with no transition, or lost with one, is found', async () => {
  const paymentId = await rig.pay();
  const last = `aggregate_id = '${paymentId}' AND type = 'payment.succeeded.v1'`;
  await plant(`CREATE TABLE IF NOT EXISTS lost AS SELECT * FROM outbox_events WHERE ${last}`);
  const lost = await foundWhile(
    `DELETE FROM outbox_events WHERE ${last}`,
    `INSERT INTO outbox_events (id, aggregate_id, aggregate_version, type, exchange, routing_key, payload)
     SELECT id, aggregate_id, aggregate_version, type, exchange, routing_key, payload FROM lost`,
  );
  expect(lost).toEqual([`I4 ${paymentId}`]);
  const extra = await foundWhile(
    `INSERT INTO outbox_events (id, aggregate_id, aggregate_version, type, exchange, routing_key, payload)
     SELECT gen_random_uuid(), aggregate_id, 99, type, exchange, routing_key, payload FROM lost`,
    `DELETE FROM outbox_events WHERE aggregate_id = '${paymentId}' AND aggregate_version = 99`,
  );
  expect(extra).toEqual([`I4 ${paymentId}`]);
});

test('a published event whose row is gone is no finding', async () => {
  const paymentId = await rig.pay();
  await plant(
    `UPDATE payment_transitions SET published_at = now() WHERE payment_id = '${paymentId}'`,
    `DELETE FROM outbox_events WHERE aggregate_id = '${paymentId}'`,
  );
  expect(await findings()).toEqual([]);
});

test('a status that was written past the history, or a history that was rewritten, is found', async () => {
  const paymentId = await rig.pay({ paymentMethod: 'pm_card_chargeDeclined' });
  const set = (status: string) =>
    `UPDATE payments SET status = '${status}' WHERE id = '${paymentId}'`;
  expect(await foundWhile(set('canceled'), set('failed'))).toEqual([`I7 ${paymentId}`]);
  const from = (status: string) =>
    `UPDATE payment_transitions SET from_status = '${status}'
      WHERE payment_id = '${paymentId}' AND to_status = 'failed'`;
  expect(await foundWhile(from('succeeded'), from('processing'))).toEqual([`I7 ${paymentId}`]);
});

test('a payment that failed and still holds money is found', async () => {
  const paymentId = await rig.accept({ captureMethod: 'manual' });
  await rig.start(paymentId);
  await rig.reaches(paymentId, 'authorized');
  const set = (status: string) =>
    `UPDATE payments SET status = '${status}' WHERE id = '${paymentId}'`;
  const found = await foundWhile(set('failed'), set('authorized'));
  expect(new Set(found)).toEqual(
    new Set([`I7 ${paymentId}`, `I8 ${paymentId}`, `I2 ${paymentId}`]),
  );
});

test('an audit that cannot be finished says so with a code of its own', async () => {
  await rig.fault({ match: { route: 'payment_intents.list' }, action: { kind: 'reset_before' } });
  const { code, output } = await runAudit();
  await rig.clearFaults();
  expect(output).toContain('connection');
  expect(code).toBe(2);
});
