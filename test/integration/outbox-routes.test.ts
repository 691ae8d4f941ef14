import { randomUUID } from 'node:crypto';
import { get, openDatabase, post, send, startApi } from './api-rig.fixture';
import type { Api, OpenDatabase } from './api-rig.fixture';

let database: OpenDatabase;
let api: Api;
const notify = jest.fn();

beforeAll(async () => {
  database = await openDatabase();
  api = await startApi({ database, accept: { signal: { notify } } });
});
afterAll(async () => {
  await api.close();
  await database.close();
});

interface Message {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly subject: string;
}

/** A merchant with one payment, whose event and command wait to be published. */
async function merchantWithPayment() {
  const secret = await api.newKey(`mer_${randomUUID().slice(0, 8)}`, ['write', 'operate']);
  const payment: string = (await post(api, { secret })).json().id;
  const [event, command]: Message[] = (await list(secret)).data;
  return { secret, payment, event: event!, command: command! };
}

async function list(secret: string, query = '') {
  const answer = await get(`${api.url}/v1/outbox?${query}`, secret);
  expect(answer.status).toBe(200);
  return answer.json() as { data: Message[]; has_more: boolean };
}

const idsOf = ({ data }: { readonly data: readonly Message[] }) => data.map(({ id }) => id);

const die = (id: string, error: string) =>
  database.sql.query(
    `UPDATE outbox_events SET attempts = 5, dead_at = now(), last_error = $2 WHERE id = $1`,
    [id, error],
  );

function redrive(secret: string, body: object) {
  return send(`${api.url}/v1/outbox/redrive`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

describe('the outbox', () => {
  it('is listed in the order of publishing, page by page, without headers', async () => {
    const { secret, payment, event, command } = await merchantWithPayment();
    expect(event).toMatchObject({
      type: 'payment.accepted.v1',
      state: 'waiting',
      subject: payment,
    });
    expect(Object.keys(event)).not.toContain('headers');
    const first = await list(secret, 'limit=1');
    expect([idsOf(first), first.has_more]).toEqual([[event.id], true]);
    const second = await list(secret, `limit=1&starting_after=${event.id}`);
    expect([idsOf(second), second.has_more]).toEqual([[command.id], false]);
  });

  it('is narrowed by state, type and payment, and leaves published messages out', async () => {
    const { secret, payment, event, command } = await merchantWithPayment();
    await die(command.id, 'NO_ROUTE');
    expect(idsOf(await list(secret, 'state=waiting'))).toEqual([event.id]);
    expect(idsOf(await list(secret, 'state=dead'))).toEqual([command.id]);
    expect(idsOf(await list(secret, `type=${event.type}&payment=${payment}`))).toEqual([event.id]);
    expect(idsOf(await list(secret, `payment=pay_${'0'.repeat(32)}`))).toEqual([]);
    await database.sql.query('UPDATE outbox_events SET published_at = now() WHERE id = $1', [
      event.id,
    ]);
    expect(idsOf(await list(secret))).toEqual([command.id]);
  });

  it('of another merchant is not seen, but the service’s own messages are', async () => {
    await merchantWithPayment();
    const secret = await api.newKey('mer_onlooker', ['operate']);
    expect((await list(secret)).data).toEqual([]);
    const id = randomUUID();
    await database.sql.query(
      `INSERT INTO outbox_events (id, aggregate_id, type, exchange, routing_key, payload)
       VALUES ($1, 'reconciliation', 'x.v1', 'payment.events', 'x.v1', '{}')`,
      [id],
    );
    expect(idsOf(await list(secret))).toEqual([id]);
    await database.sql.query('DELETE FROM outbox_events WHERE id = $1', [id]);
  });
});

describe('a redrive', () => {
  it('is dry unless it says otherwise', async () => {
    const { secret, command } = await merchantWithPayment();
    await die(command.id, 'NO_ROUTE');
    notify.mockClear();
    const answer = await redrive(secret, { ids: [command.id] });
    expect(answer.json()).toEqual({
      object: 'outbox_redrive',
      dry_run: true,
      count: 1,
      ids: [command.id],
      has_more: false,
    });
    expect(idsOf(await list(secret, 'state=dead'))).toEqual([command.id]);
    expect(notify).not.toHaveBeenCalled();
  });

  it.each([
    ['ids', ({ id }: Message) => ({ ids: [id] })],
    ['type', ({ type }: Message) => ({ type })],
    ['cause', () => ({ error_contains: 'no_route' })],
  ])('by %s makes dead messages due, wakes the relay, and may be repeated', async (_by, named) => {
    const { secret, event, command } = await merchantWithPayment();
    await die(command.id, '312 NO_ROUTE');
    notify.mockClear();
    const body = { ...named(command), dry_run: false };
    expect((await redrive(secret, body)).json()).toMatchObject({ count: 1, ids: [command.id] });
    expect(notify).toHaveBeenCalledTimes(1);
    expect(idsOf(await list(secret, 'state=waiting'))).toEqual([event.id, command.id]);
    expect((await redrive(secret, body)).json()).toMatchObject({ count: 0, ids: [] });
    expect(notify).toHaveBeenCalledTimes(1);
  });

  it('is in the audit trail with what it revived, and one that is dry is not', async () => {
    const { secret, command } = await merchantWithPayment();
    await die(command.id, 'NO_ROUTE');
    await redrive(secret, { ids: [command.id] });
    await redrive(secret, { ids: [command.id], dry_run: false });
    const { data } = (await get(`${api.url}/v1/audit`, secret)).json();
    expect(data).toMatchObject([
      { action: 'redrive_outbox', outcome: 'done', details: { revived: [command.id] } },
      { action: 'redrive_outbox', outcome: 'started', details: { ids: [command.id] } },
    ]);
  });

  it('touches neither what does not fit, nor another merchant’s', async () => {
    const { secret, command } = await merchantWithPayment();
    const other = await merchantWithPayment();
    await die(command.id, 'NO_ROUTE');
    const attempts = [
      await redrive(secret, { type: command.type, error_contains: 'refused', dry_run: false }),
      await redrive(other.secret, { ids: [command.id], dry_run: false }),
    ];
    expect(attempts.map((answer) => answer.json().count)).toEqual([0, 0]);
    expect(idsOf(await list(secret, 'state=dead'))).toEqual([command.id]);
  });

  it.each([
    [{}, ''],
    [{ dry_run: false }, ''],
    [{ ids: [] }, '/ids'],
    [{ ids: ['x'] }, '/ids/0'],
    [{ type: 'a', everything: true }, '/everything'],
  ])('of %j is refused', async (body, pointer) => {
    const secret = await api.newKey('mer_onlooker', ['operate']);
    const answer = await redrive(secret, body);
    expect([answer.status, answer.json().errors[0].pointer]).toEqual([400, pointer]);
  });

  it('needs a key that may operate', async () => {
    const secret = await api.newKey('mer_onlooker', ['read', 'write', 'refund']);
    expect((await redrive(secret, { type: 'a' })).status).toBe(403);
    expect((await get(`${api.url}/v1/outbox`, secret)).status).toBe(403);
  });
});
