import { createHmac, randomUUID } from 'node:crypto';
import type { OutboundMessage } from '../../application/ports/message-publisher';
import { SagaUnavailable } from '../../application/ports/saga-starter';
import { applyEventCommandSchema } from '../../contracts/schemas/messages';
import { openDatabase, post, send, settle, startApi, webhookSecret } from './api-rig.fixture';
import type { Api, OpenDatabase } from './api-rig.fixture';
import { allOn } from './saga-rig.fixture';

let database: OpenDatabase;
let api: Api;
let secret: string;

beforeAll(async () => {
  database = await openDatabase();
  api = await startApi({ database });
  secret = await api.newKey('mer_webhooks');
});
afterAll(async () => {
  await api.close();
  await database.close();
});

async function paymentIn(status: string): Promise<string> {
  const { id } = (await post(api, { secret })).json();
  await settle(database, { paymentId: id, to: status });
  return id;
}

interface Told {
  readonly paymentId: string;
  readonly type?: string;
}

async function deliver(to: Api, { paymentId, type = 'payment_intent.succeeded' }: Told) {
  const id = `evt_${randomUUID()}`;
  const seconds = Math.floor(Date.now() / 1000);
  const metadata = { paysaga_payment_id: paymentId };
  const object = { id: `pi_${paymentId}`, object: 'payment_intent', status: 'succeeded', metadata };
  const body = JSON.stringify({ id, object: 'event', type, created: seconds, data: { object } });
  const digest = createHmac('sha256', webhookSecret).update(`${seconds}.${body}`).digest('hex');
  const { status } = await send(`${to.url}/v1/webhooks/stripe`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Stripe-Signature': `t=${seconds},v1=${digest}`,
    },
    body,
  });
  return { id, status };
}

async function written(eventId: string) {
  const { rows } = await database.sql.query(
    'SELECT outcome, processed_at IS NOT NULL AS processed FROM stripe_events WHERE id = $1',
    [eventId],
  );
  const { rows: commands } = await database.sql.query(
    'SELECT payload FROM outbox_events WHERE aggregate_id = $1',
    [eventId],
  );
  return { event: rows[0], commands: commands.map(({ payload }) => payload) };
}

test('one that a saga waits for is stored with the command that applies it', async () => {
  const { id, status } = await deliver(api, { paymentId: await paymentIn('requires_action') });
  expect(status).toBe(200);
  const { event, commands } = await written(id);
  expect(event).toEqual({ outcome: null, processed: false });
  expect(commands).toHaveLength(1);
  expect(applyEventCommandSchema.parse(commands[0]).data).toEqual({ event_id: id });
});

test('event and command are stored together or not at all', async () => {
  await database.sql.query(`
    CREATE FUNCTION refuse_commands() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'planted'; END $$;
    CREATE TRIGGER no_commands BEFORE INSERT ON outbox_events FOR EACH ROW
      WHEN (NEW.type = 'payment.commands.apply_provider_event.v1')
      EXECUTE FUNCTION refuse_commands();`);
  const { id, status } = await deliver(api, { paymentId: await paymentIn('requires_action') });
  await database.sql.query('DROP TRIGGER no_commands ON outbox_events');
  expect(status).toBe(500);
  expect(await written(id)).toEqual({ event: undefined, commands: [] });
});

test.each([
  ['says what the row says already', 'succeeded', undefined, 'already_shown'],
  ['can change nothing', 'requires_action', 'payment_intent.created', 'ignored'],
  ['is about a payment whose saga is at work', 'processing', undefined, null],
])('one that %s costs no command', async (_what, status, type, outcome) => {
  const paymentId = await paymentIn(status);
  const { id } = await deliver(api, { paymentId, ...(type === undefined ? {} : { type }) });
  expect(await written(id)).toEqual({
    event: { outcome, processed: outcome !== null },
    commands: [],
  });
});

test('without the outbox the command is published once the event is stored', async () => {
  const published: unknown[] = [];
  const publish = async (message: OutboundMessage) => {
    const { data } = applyEventCommandSchema.parse(message.payload);
    published.push((await written(data.event_id)).event);
    return { kind: 'confirmed' } as const;
  };
  const flags = { ...allOn, outboxPattern: false };
  const own = await startApi({ database, receive: { flags, publisher: { publish } } });
  const { id } = await deliver(own, { paymentId: await paymentIn('requires_action') });
  await own.close();
  expect(published).toEqual([{ outcome: null, processed: false }]);
  expect((await written(id)).commands).toEqual([]);
});

test('one that cannot be handed on is answered as stored all the same', async () => {
  const flags = { ...allOn, outboxPattern: false };
  const publish = () => Promise.resolve({ kind: 'unavailable', reason: 'away' } as const);
  const own = await startApi({ database, receive: { flags, publisher: { publish } } });
  expect(await deliver(own, { paymentId: await paymentIn('failed') })).toMatchObject({
    status: 200,
  });
  await own.close();
});

test('with commands off it is applied here, and a Temporal that is away changes no answer', async () => {
  const flags = { ...allOn, asyncCommands: false };
  const own = await startApi({ database, receive: { flags } });
  const { id, status } = await deliver(own, { paymentId: await paymentIn('requires_action') });
  await own.close();
  expect(status).toBe(200);
  // The rig's sagas refuse to be told, as a Temporal would that does not answer.
  expect(await written(id)).toEqual({ event: { outcome: null, processed: false }, commands: [] });
});

test('a look at a provider that Temporal cannot take is a 503, and the key stays free', async () => {
  const away = () => Promise.reject(new SagaUnavailable('away'));
  const sagaNews = { tellPayment: away, tellRefund: away, applyFact: away, factApplied: away };
  const own = await startApi({ database, synchronize: { sagaNews } });
  const paymentId = await paymentIn('succeeded');
  const request = {
    method: 'POST',
    headers: { Authorization: `Bearer ${secret}`, 'Idempotency-Key': 'look-1' },
  };
  const url = `/v1/payments/${paymentId}/sync`;
  const answers = [
    await send(`${own.url}${url}`, request),
    await send(`${own.url}${url}`, request),
  ];
  await own.close();
  expect(answers.map(({ status }) => status)).toEqual([503, 503]);
});
