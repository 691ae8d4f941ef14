import { createHmac, randomUUID } from 'node:crypto';
import path from 'node:path';
import { Client } from 'pg';
import { createCatchUp } from '../../activities/catch-up';
import { createDatabase } from '../../adapters/postgres/client';
import { createKeptEvents } from '../../adapters/postgres/kept-events';
import { createProviderCursors } from '../../adapters/postgres/provider-cursors';
import { createWebhookVerifier } from '../../adapters/stripe/webhook-verifier';
import { systemClock } from '../../adapters/system/clock';
import { createSagaNews } from '../../adapters/temporal/saga-news';
import { startSagaWorker } from '../../adapters/temporal/saga-worker';
import { createEventLeftovers } from '../../application/apply-provider-event';
import { createEventIntake } from '../../application/take-events';
import type { CatchUpInput, CatchUpResult, SagaBudgets } from '../../contracts/saga';
import { workflowTypes } from '../../contracts/workflow-names';
import { eventually } from '../support/eventually';
import { silenceTemporal, silentLog } from '../support/silent-log';
import { fromStack, testNamespace } from '../support/stack-environment';
import { startApi } from './api-rig.fixture';
import { allOn, createSagaRig } from './saga-rig.fixture';

/** The saga rig with an API that the sandbox sends its webhooks to, applied by the API itself. */
export async function createNewsRig(options: { readonly budgets?: Partial<SagaBudgets> } = {}) {
  silenceTemporal();
  const rig = await createSagaRig({ ...options, withWorker: false });
  const { worker, applying, close: closeWorker } = await startWorker(rig);
  const sql = new Client({ connectionString: rig.databaseUrl });
  await sql.connect();
  const secrets: string[] = [];
  const api = await startApi({
    database: { url: rig.databaseUrl, sql, close: () => sql.end() },
    receive: { flags: { ...allOn, asyncCommands: false }, applying },
    synchronize: { sagaNews: applying.sagas, waitCapMs: 2_000 },
    app: {
      webhooks: {
        verify: (webhook) => createWebhookVerifier({ secrets, clock: systemClock }).verify(webhook),
      },
    },
  });
  const secret = await subscribe(rig.sandboxUrl, `${api.url}/v1/webhooks/stripe`);
  secrets.push(secret);
  return {
    ...rig,
    api,
    applying,
    apiKey: () => api.newKey(rig.merchantId),
    /** A webhook fault of the sandbox. */
    disturb: (fault: object) => rig.control('POST', 'webhooks', fault),
    calm: () => rig.control('DELETE', 'webhooks'),
    /** The stored events of an intent, oldest first. */
    stored: (intentId: string | null) => storedEvents(sql, intentId),
    /** Waits until an event of the type has come to an outcome. */
    heard: (intentId: string | null, type: string) =>
      eventually(async () => {
        const event = (await storedEvents(sql, intentId)).find((stored) => stored.type === type);
        if (typeof event?.outcome !== 'string') throw new Error(`${type} is not applied`);
        return event;
      }),
    facts: async (paymentId: string) => {
      const { rows } = await sql.query<{ type: string }>(
        'SELECT event_type AS type FROM payment_facts WHERE payment_id = $1 ORDER BY version',
        [paymentId],
      );
      return rows.map(({ type }) => type);
    },
    /** What the sweeper does about stored events. */
    sweep: () => createEventLeftovers(applying).deliver({ ageMs: 0, limit: 100 }),
    catchUp: (input: Partial<CatchUpInput> = {}): Promise<CatchUpResult> =>
      rig.temporal.workflow.execute(workflowTypes.catchUpEvents, {
        workflowId: `catch-up:${randomUUID()}`,
        taskQueue: rig.taskQueue,
        args: [{ firstLookMs: 3_600_000, overlapMs: 60_000, windowMs: 600_000, ...input }],
      }),
    /** Sends an event of one's own making, signed as the provider signs. */
    send: (event: object) => sendEvent(`${api.url}/v1/webhooks/stripe`, { event, secret }),
    async close() {
      await worker.shutdown();
      await api.close();
      await sql.end();
      await closeWorker();
      await rig.close();
    },
  };
}

export type NewsRig = Awaited<ReturnType<typeof createNewsRig>>;

async function startWorker(rig: Awaited<ReturnType<typeof createSagaRig>>) {
  const where = { address: fromStack('TEMPORAL_ADDRESS'), namespace: testNamespace() };
  const database = createDatabase({
    databaseUrl: rig.databaseUrl,
    poolSize: 4,
    applicationName: 'news-rig',
    log: silentLog,
  });
  const applying = {
    events: createKeptEvents(database.prisma),
    sagas: createSagaNews({ client: rig.temporal, taskQueue: rig.taskQueue, timeoutMs: 5_000 }),
    metrics: { applied: () => undefined, caughtUp: () => undefined },
    log: silentLog,
  };
  const catchUp = createCatchUp({
    provider: rig.deps.provider,
    eventIntake: createEventIntake(applying),
    cursors: createProviderCursors(database.prisma),
    log: silentLog,
  });
  const worker = await startSagaWorker({
    ...where,
    taskQueue: rig.taskQueue,
    activities: { ...rig.activities, catchUp },
    workflows: { workflowsPath: path.join(__dirname, '../../workflows') },
    identity: rig.taskQueue,
    shutdownGraceMs: 1_000,
  });
  return { worker, applying, close: () => database.close() };
}

/** Makes the sandbox send its events there. @returns the signing secret */
async function subscribe(sandboxUrl: string, url: string): Promise<string> {
  const response = await fetch(`${sandboxUrl}/v1/webhook_endpoints`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_rig' },
    body: new URLSearchParams({ url, 'enabled_events[]': '*' }),
  });
  const { secret } = (await response.json()) as { secret?: string };
  if (secret === undefined) throw new Error(`no endpoint: ${response.status}`);
  return secret;
}

interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly outcome: string | null;
  readonly processed: boolean;
}

async function storedEvents(sql: Client, intentId: string | null): Promise<StoredEvent[]> {
  const { rows } = await sql.query<StoredEvent>(
    `SELECT id, type, outcome, processed_at IS NOT NULL AS processed FROM stripe_events
     WHERE provider_intent_id = $1 ORDER BY received_at, id`,
    [intentId],
  );
  return rows;
}

async function sendEvent(
  url: string,
  { event, secret }: { readonly event: object; readonly secret: string },
) {
  const body = JSON.stringify(event);
  const seconds = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'stripe-signature': `t=${seconds},v1=${digest}` },
    body,
  });
  return response.status;
}
