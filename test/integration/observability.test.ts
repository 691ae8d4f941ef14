import path from 'node:path';
import { eventually } from '../support/eventually';
import { promtool, startPrometheus } from '../support/prometheus';
import type { Prometheus } from '../support/prometheus';
import {
  deploy,
  panelQueries,
  refuseSuccess,
  selectorsOf,
  startFleet,
} from './observability.fixture';
import type { Fleet } from './observability.fixture';

const rulesFolder = path.join(deploy, 'prometheus');

/** Selectors of things that must not happen in a healthy service; the rest has to be there. */
const legitimatelyEmpty: ReadonlySet<string> = new Set([
  'http_request_duration_seconds_count{route!~"/livez|/readyz|/metrics",status=~"5.."}',
]);

let fleet: Fleet;
let prometheus: Prometheus;
let parkedId: string;

/** One payment of each kind: good, declined, retried, given back. */
async function payOfEachKind(): Promise<void> {
  await fleet.fault({
    match: { route: 'payment_intents.confirm' },
    times: 1,
    action: { kind: 'status', status: 503 },
  });
  await fleet.pay('pm_card_visa');
  await Promise.all([fleet.pay('pm_card_visa'), fleet.pay('pm_card_chargeDeclined')]);
  const allowSuccess = await refuseSuccess(fleet);
  await fleet.pay('pm_card_visa');
  await allowSuccess();
  await fleet.addUnroutable();
}

/** Charged, not recordable, and not refundable. */
async function park(): Promise<string> {
  const allowSuccess = await refuseSuccess(fleet);
  await fleet.fault({
    match: { route: 'refunds.create' },
    times: null,
    action: { kind: 'status', status: 503 },
  });
  const id = await fleet.pay('pm_card_visa');
  await allowSuccess();
  return id;
}

beforeAll(async () => {
  fleet = await startFleet();
  prometheus = await startPrometheus({
    jobs: {
      api: fleet.api.url,
      'outbox-worker': fleet.outbox.url,
      'command-worker': fleet.commands.url,
    },
    rulesFile: path.join(rulesFolder, 'alerts.yml'),
  });
  await payOfEachKind();
  // A rate needs a sample from before: what is counted first comes into being with its count.
  await eventually(async () => {
    const [ended] = await prometheus.query('sum(paysaga_payments_ended_total)');
    const [dead] = await prometheus.query('sum(paysaga_outbox_dead_total)');
    if (ended?.value !== 4 || dead?.value !== 1) throw new Error('the first payments are not seen');
  });
  await payOfEachKind();
  parkedId = await park();
  // Three processes and a Prometheus come up in it, which may first have to be installed.
}, 300_000);
afterAll(async () => {
  await prometheus.stop();
  await fleet.close();
});

test('the alert rules are valid, and fire and stay quiet as their own tests say', () => {
  expect(promtool(['check', 'config', 'prometheus.yml'], rulesFolder)).toMatchObject({ code: 0 });
  const { code, output } = promtool(['test', 'rules', 'alerts.test.yml'], rulesFolder);
  expect({ code, output }).toMatchObject({ code: 0 });
});

test.each(panelQueries())('panel "$name" shows figures: $expression', async ({ expression }) => {
  await eventually(async () => {
    const samples = await prometheus.query(expression);
    expect(samples).not.toEqual([]);
    expect(samples.filter(({ value }) => Number.isFinite(value))).not.toEqual([]);
  });
});

test('each series that an alert rule reads exists, unless it stands for a failure', async () => {
  const { output } = promtool(['check', 'rules', 'alerts.yml'], rulesFolder);
  const rules = await eventually(async () => {
    const found = await prometheus.rules();
    expect(found.filter(({ health }) => health !== 'ok')).toEqual([]);
    return found;
  });
  expect(output).toContain(`${rules.length} rules found`);
  expect(rules.filter(({ query }) => selectorsOf(query).length === 0)).toEqual([]);
  const selectors = [...new Set(rules.flatMap(({ query }) => selectorsOf(query)))];
  const missing: string[] = [];
  for (const each of selectors) {
    if ((await prometheus.query(each)).length === 0) missing.push(each);
  }
  expect(missing.filter((each) => !legitimatelyEmpty.has(each))).toEqual([]);
});

test('a parked payment fires its alert, and nothing else does that should not', async () => {
  const firing = await eventually(async () => {
    const samples = await prometheus.query('ALERTS{alertstate="firing"}');
    const names = samples.map(({ metric }) => metric['alertname'] ?? '');
    expect(names).toContain('PaymentsNeedReview');
    return new Set(names);
  });
  // The unroutable rows of this test are dead, and their copies are dead letters.
  expect(firing).toEqual(new Set(['DeadLetters', 'OutboxDeadRows', 'PaymentsNeedReview']));
});

test('the logs tell the way of a payment through every process, by its id and its trace', async () => {
  const { rows } = await fleet.sql.query('SELECT traceparent FROM payments WHERE id = $1', [
    parkedId,
  ]);
  const traceId = String(rows[0].traceparent).split('-')[1];
  const linesOf = (log: string) =>
    log
      .split('\n')
      .filter((line) => line.includes(parkedId))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const api = linesOf(fleet.api.log());
  expect(api).toMatchObject([{ message: 'request', paymentId: parkedId, traceId }]);
  const published = linesOf(fleet.outbox.log()).filter(
    ({ message }) => message === 'outbox batch published',
  );
  expect(JSON.stringify(published)).toContain(`"paymentId":"${parkedId}","traceId":"${traceId}"`);
  const commands = linesOf(fleet.commands.log());
  const known = { paymentId: parkedId, workflowId: `payment:${parkedId}`, traceId };
  for (const line of [
    { ...known, message: 'command taken', idempotencyKey: expect.any(String) },
    { ...known, message: 'saga step done', step: 'authorizePayment' },
    { ...known, message: 'saga step failed: final', step: 'recordOutcome', fault: 'StoreRefused' },
    { ...known, message: 'saga step failed: retry', step: 'releaseFunds', mode: 'undo' },
    { paymentId: parkedId, traceId, message: 'payment parked: an operator is needed' },
  ]) {
    expect(commands).toContainEqual(expect.objectContaining(line));
  }
});

test('each process says in the same words that it lives', async () => {
  for (const { url } of [fleet.api, fleet.outbox, fleet.commands]) {
    const answer = await fetch(`${url}/livez`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'alive' }]);
  }
});

test('every line of every process is JSON, the lines of the Temporal SDK too', () => {
  for (const { log } of [fleet.api, fleet.outbox, fleet.commands]) {
    const lines = log().trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ message: expect.any(String) });
  }
});
