import { createReconciliationDesk } from '../../adapters/postgres/reconciliation-desk';
import { timeOrderedIds } from '../../adapters/system/ids';
import { SagaUnavailable } from '../../application/ports/saga-starter';
import { createStartReconciliation } from '../../application/start-reconciliation';
import type { NewRun } from '../../application/ports/reconciliation-store';
import { get, openDatabase, post, startApi } from './api-rig.fixture';
import type { Api, OpenDatabase } from './api-rig.fixture';

let database: OpenDatabase;
let api: Api;
let operator: string;
const started: NewRun[] = [];
let temporalIsAway = false;

beforeAll(async () => {
  database = await openDatabase();
  api = await startApi({
    database,
    app: {
      startReconciliation: (window) =>
        createStartReconciliation({
          reconciliations: createReconciliationDesk(api.prisma),
          ids: timeOrderedIds,
          starter: {
            start: async (run) => {
              if (temporalIsAway) throw new SagaUnavailable('away');
              started.push(run);
            },
            finished: () => Promise.reject(new Error('nobody waits')),
          },
        })(window),
    },
  });
  operator = await api.newKey('mer_operator', ['operate']);
  await api.newKey('mer_other', ['read']);
});
afterAll(async () => {
  await api.close();
  await database.close();
});

const url = (path = '') => `${api.url}/v1/reconciliations${path}`;
const window = { from: '2026-11-24T00:00:00Z', to: '2026-11-25T00:00:00Z' };
const ask = (body: object, secret = operator) =>
  post(api, { secret, path: '/v1/reconciliations', body });

/** A run that was completed, with a drift of each owner. */
async function storeRun(digit: string): Promise<string> {
  const id = `rec_${digit.repeat(32)}`;
  await database.sql.query(
    `INSERT INTO reconciliation_runs (id, origin, window_from, window_to, phase, intents, completed_at)
     VALUES ($1, 'schedule', now() - interval '1 day', now(), 'done', 7, now())`,
    [id],
  );
  for (const merchant of ['operator', 'other']) {
    const payment = `pay_${merchant.padEnd(32, digit)}`;
    await database.sql.query(
      `INSERT INTO payments (id, merchant_id, status, version, amount_minor, currency,
         payment_method, flags) VALUES ($1, $2, 'pending', 1, 100, 'EUR', 'pm_x', '{}')`,
      [payment, `mer_${merchant}`],
    );
    await addDrift(id, { n: merchant === 'other' ? 2 : 1, type: 'amount', payment });
  }
  await addDrift(id, { n: 3, type: 'missing_here', payment: 'pay_unknown' });
  return id;
}

async function addDrift(run: string, of: { n: number; type: string; payment: string }) {
  await database.sql.query(
    `INSERT INTO reconciliation_drifts (id, run_id, type, subject, payment_id, evidence, state)
     VALUES ($1, $2, $3, $4, $4, '{"here": null, "there": {"amount": 5}}', $5)`,
    [
      `drf_${of.n}${run.slice(5)}`,
      run,
      of.type,
      of.payment,
      of.type === 'amount' ? 'repaired' : 'open',
    ],
  );
}

it('runs and their drifts are listed page by page, each merchant seeing its own payments', async () => {
  const [older, newer] = [await storeRun('1'), await storeRun('2')];
  const first = await get(url('?limit=1'), operator);
  expect(first.json()).toMatchObject({ has_more: true, data: [{ id: newer }] });
  const second = await get(url(`?limit=1&starting_after=${newer}`), operator);
  expect(second.json()).toMatchObject({
    has_more: false,
    data: [
      {
        id: older,
        status: 'completed',
        origin: 'schedule',
        intents: 7,
        drift: { found: 3, repaired: 2, by_type: { amount: 2, missing_here: 1 } },
      },
    ],
  });
  expect((await get(url(`/${older}`), operator)).json()).toEqual(second.json().data[0]);
  // Of the three, one is of another merchant's payment and one of no payment here.
  const page = await get(url(`/${older}/drifts?limit=1`), operator);
  expect(page.json()).toMatchObject({
    has_more: false,
    data: [{ id: `drf_1${older.slice(5)}`, type: 'amount', state: 'repaired' }],
  });
  const rest = await get(url(`/${older}/drifts?starting_after=drf_1${older.slice(5)}`), operator);
  expect(rest.json()).toMatchObject({ has_more: false, data: [] });
});

it('a run is started with its window, and can be read at once', async () => {
  const answer = await ask(window);
  expect(answer.status).toBe(202);
  expect(answer.json()).toMatchObject({ status: 'running', origin: 'manual', intents: 0 });
  const { id } = answer.json();
  expect(started).toEqual([
    { id, origin: 'manual', from: new Date(window.from), to: new Date(window.to) },
  ]);
  expect((await get(url(`/${id}`), operator)).json()).toEqual(answer.json());
});

it('a run that cannot be started is stored by nobody', async () => {
  temporalIsAway = true;
  const answer = await ask(window);
  temporalIsAway = false;
  expect([answer.status, answer.json()]).toMatchObject([503, { code: 'service_unavailable' }]);
  const { rows } = await database.sql.query(
    `SELECT count(*)::int AS n FROM reconciliation_runs WHERE origin = 'manual'`,
  );
  expect(rows[0].n).toBe(started.length);
});

it('another scope, a run that does not exist, and a window that is none are refused', async () => {
  const reader = await api.newKey('mer_reader', ['read', 'write', 'refund']);
  expect((await get(url(), reader)).status).toBe(403);
  expect((await ask(window, reader)).status).toBe(403);
  for (const path of [`/rec_${'f'.repeat(32)}`, '/rec_x', `/rec_${'f'.repeat(32)}/drifts`]) {
    const { status, json } = await get(url(path), operator);
    expect([status, json()]).toMatchObject([404, { code: 'reconciliation_not_found' }]);
  }
  for (const body of [
    { ...window, to: window.from },
    { ...window, to: '2027-11-25T00:00:00Z' },
    { ...window, from: '2026-11-24' },
    { from: window.from },
  ]) {
    expect((await ask(body)).status).toBe(400);
  }
});
